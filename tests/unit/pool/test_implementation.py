"""The code that clones run: called itself, it takes no money."""

import pytest
from brownie import BackOffice, Pool, TreatyOffice
from brownie.exceptions import VirtualMachineError

from ..refusal import refuses, refuses_to_deploy
from ..stage import EVIDENCE, URI

OTHER_PARTS = {
    "donate": (1,),
    "return_donation": ("0x" + "11" * 20,),
    "absorb": (),
    "settle": (),
    "sweep": (),
    "withdraw": ("0x" + "11" * 20,),
    "terms": (),
    "summary": (),
    "phase": (),
    "bind_reinsurance": (),
    "add_collateral": (1, 1),
    "redeem_layer": (1, 1, "0x" + "11" * 20),
    "absorb_layer": (1,),
    "layer": (1,),
}


@pytest.mark.spec("M16")
@pytest.mark.parametrize("name", OTHER_PARTS)
def test_implementation__other_parts_are_closed(implementation, outsider, name):
    """What it does not have itself it passes on for a pool only."""
    method = getattr(implementation, name)
    refuses("pool: is an implementation", method, *OTHER_PARTS[name], {"from": outsider})


def test_implementation__nobody_is_a_member(implementation, outsider):
    with pytest.raises(VirtualMachineError):
        implementation.file_claim(1, 1, EVIDENCE, URI, {"from": outsider, "value": 1})
    assert implementation.balance() == 0


WHERE = [
    "pool",
    "implementation",
    "back_office",
    "treaty_office",
    "policy_office",
    "layer_implementation",
    "factory",
    "lens",
]


@pytest.mark.spec("M17")
@pytest.mark.parametrize("where", WHERE)
def test_plain_ether_is_refused(core, pool, outsider, where):
    target = pool if where == "pool" else getattr(core, where)
    had = target.balance()
    with pytest.raises(VirtualMachineError):
        outsider.transfer(target.address, 1)
    assert target.balance() == had


def test_unknown_function_is_refused(pool, outsider):
    with pytest.raises(VirtualMachineError):
        outsider.transfer(pool.address, 0, data="0x12345678")


@pytest.mark.spec("F7")
def test_constructor__back_office_has_no_code__reverts(deployer, outsider):
    refuses_to_deploy("pool: back office has no code", Pool, outsider, deployer)


@pytest.mark.spec("F7")
def test_constructor__treaty_office_has_no_code__reverts(deployer, outsider):
    error = "back office: treaty office has no code"
    refuses_to_deploy(error, BackOffice, outsider, deployer)


@pytest.mark.spec("F7")
def test_constructor__policy_office_has_no_code__reverts(deployer, outsider):
    error = "treaty office: policy office has no code"
    refuses_to_deploy(error, TreatyOffice, outsider, deployer)
