"""The root of every error that is meant for the person at the keyboard."""

from collections.abc import Sequence
from datetime import date


class PeerpoolError(ValueError):
    """Input that cannot be used. The message is `subject: problem`, ready to be printed."""


class ProblemList(PeerpoolError):
    """Several problems found at once.

    `problems` has each one's message; the error's own message is all of them, a line each.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def shown(value: object) -> str:
    """Quote somebody's input for a message: safe to print, and no longer than a line."""
    if isinstance(value, date):
        text = str(value)
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = f'"{value}"' if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 80 else f"{text[:77]}..."
