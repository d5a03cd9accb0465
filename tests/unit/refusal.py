"""How tests say that something is refused."""

from typing import Any

from brownie import reverts, web3
from brownie._config import CONFIG
from brownie.exceptions import VirtualMachineError
from web3.exceptions import Web3RPCError


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


def refuses_to_deploy(error: str, container: Any, *args: Any) -> None:
    """Check that the constructor reverts with exactly these words; the last argument deploys."""
    assert error, "which error?"
    *args, sender = args
    data = container.deploy.encode_input(*args)
    with reverts(error):
        try:
            web3.eth.call({"from": sender.address, "data": data})
        except (ValueError, Web3RPCError) as failure:
            raise VirtualMachineError(failure) from None
