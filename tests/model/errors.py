"""How the model refuses."""


class ModelError(Exception):
    """A call that a rule forbids; its text is a reason of the interface, word for word.

    Where several rules are broken at once no document says which one is named: `reasons` has all.
    """

    def __init__(self, *reasons: str) -> None:
        super().__init__(" | ".join(reasons))
        self.reasons = reasons


def require(condition: bool, reason: str) -> None:
    """Raise ModelError(reason) unless the condition holds."""
    if not condition:
        raise ModelError(reason)


def require_all(*demands: tuple[bool, str]) -> None:
    """Raise one ModelError with the reasons of all (condition, reason) that do not hold."""
    reasons = [reason for condition, reason in demands if not condition]
    if reasons:
        raise ModelError(*reasons)
