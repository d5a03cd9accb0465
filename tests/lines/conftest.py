"""The arena of tests/attacks, as new for each life."""

from tests.attacks.conftest import a

__all__ = ["a"]
