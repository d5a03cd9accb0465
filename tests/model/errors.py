"""How the model refuses."""


class ModelError(Exception):
    """A call that a rule forbids; the text is the contract's reason, word for word."""


def require(condition: bool, reason: str) -> None:
    """Raise ModelError(reason) unless the condition holds."""
    if not condition:
        raise ModelError(reason)
