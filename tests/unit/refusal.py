"""How tests say that something is refused."""

from typing import Any

from brownie import reverts
from brownie._config import CONFIG


def refuses(error: str, method: Any, *args: Any) -> None:
    """Check that the call reverts with exactly these words.

    It is asked with eth_call, which is several times faster than to mine a failure and to trace
    it; a coverage run, which needs traces, mines it. The last argument holds "from" and "value".
    """
    assert error, "which error?"
    with reverts(error):
        if CONFIG.argv["coverage"]:
            method.transact(*args)
        else:
            method.call(*args)
