# pragma version 0.4.3

_is_open: bool


@internal
def _open():
    self._is_open = True


@view
@external
def is_open() -> bool:
    return self._is_open
