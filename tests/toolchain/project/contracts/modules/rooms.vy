# pragma version 0.4.3

from contracts.modules import doors

uses: doors


@internal
def _enter():
    doors._open()
