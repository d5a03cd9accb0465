# pragma version 0.4.3


@external
def greet(who: address):
    pass
