"""The code that clones run: called itself, it takes no money."""

import pytest
from brownie import Pool
from brownie.exceptions import VirtualMachineError

from ..refusal import refuses, refuses_to_deploy
from ..stage import EVIDENCE, URI

BACK_OFFICE = {
    "donate": (1,),
    "return_donation": ("0x" + "11" * 20,),
    "absorb": (),
    "settle": (),
    "sweep": (),
    "withdraw": ("0x" + "11" * 20,),
    "terms": (),
    "summary": (),
    "phase": (),
}


@pytest.mark.parametrize("name", BACK_OFFICE)
def test_implementation__back_office_is_closed(implementation, outsider, name):
    """What it does not have itself it passes on for a pool only."""
    method = getattr(implementation, name)
    refuses("pool: is an implementation", method, *BACK_OFFICE[name], {"from": outsider})


def test_implementation__nobody_is_a_member(implementation, outsider):
    with pytest.raises(VirtualMachineError):
        implementation.file_claim(1, 1, EVIDENCE, URI, {"from": outsider, "value": 1})
    assert implementation.balance() == 0


@pytest.mark.parametrize("where", ["pool", "implementation", "back_office", "factory", "lens"])
def test_plain_ether_is_refused(core, pool, outsider, where):
    target = pool if where == "pool" else getattr(core, where)
    had = target.balance()
    with pytest.raises(VirtualMachineError):
        outsider.transfer(target.address, 1)
    assert target.balance() == had


def test_unknown_function_is_refused(pool, outsider):
    with pytest.raises(VirtualMachineError):
        outsider.transfer(pool.address, 0, data="0x12345678")


def test_constructor__back_office_has_no_code__reverts(deployer, outsider):
    refuses_to_deploy("pool: back office has no code", Pool, outsider, deployer)
