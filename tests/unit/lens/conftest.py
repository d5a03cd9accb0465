"""The lens, and how an action that it names is taken."""

from typing import Any

import pytest
from brownie import accounts

from ..clock import at
from ..hearing import RULING
from ..stage import REASON, Stage

NOBODY = "0x" + "00" * 20


@pytest.fixture(scope="module")
def lens(core: Any) -> Any:
    """The lens of the deployment."""
    return core.lens


@pytest.fixture
def take() -> Any:
    """Return a function that sends what a NextAction names, by whom it names."""

    def take(stage: Stage, action: Any, award: int = 10) -> Any:
        pool, argument = stage.pool, action["argument"]
        arguments = {
            "vote": (argument, award, REASON),
            "resolve": (argument,),
            "appeal": (argument,),
            "accept": (argument,),
            "rule": (argument, award, RULING),
            "pay_award": (argument,),
            "settle_window": (argument,),
            "bind_reinsurance": (),
            "settle": (),
            "refund_many": (argument, 100),
            "sweep": (),
        }[action["action"]]
        anybody = stage.voters[0] if action["action"] == "vote" else stage.keeper
        named = action["who"] != NOBODY
        sender = next(a for a in accounts if a == action["who"]) if named else anybody
        return getattr(pool, action["action"])(*arguments, {"from": sender})

    return take


@pytest.fixture
def check(take: Any) -> Any:
    """Return a function that takes the action at its first second, and finds it refused before."""

    def check(stage: Stage, action: Any, award: int = 10) -> Any:
        at(action["since"] - 1)
        with pytest.raises(Exception, match="revert"):
            take(stage, action, award)
        at(action["since"])
        return take(stage, action, award)

    return check
