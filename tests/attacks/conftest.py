"""One chain for all attacks, taken back to the beginning before each."""

from __future__ import annotations

import pytest

from tests.attacks.arena import Arena, arena


@pytest.fixture
def a() -> Arena:
    """The arena, as new."""
    the_arena = arena()
    the_arena.reset()
    return the_arena


@pytest.fixture(params=["ether", "token"])
def both(request: pytest.FixtureRequest, a: Arena) -> Arena:
    """The arena with a pool asset of each kind."""
    if request.param == "token":
        a.use_token()
    return a
