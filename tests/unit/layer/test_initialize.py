"""A layer is its pool's from the transaction that creates it."""

import pytest
from brownie import ZERO_ADDRESS
from brownie.exceptions import VirtualMachineError

from scripts.core import layer_at

from ..layers import reinsured
from ..refusal import refuses


@pytest.mark.spec("T16")
def test_initialize__by_the_factory(make_stage):
    stage = make_stage((), **reinsured(10**16, (1, 2, 3, 4), (0, 0, 0, 0)))
    for number in (1, 2, 3, 4):
        assert stage.layer(number).pool() == stage.pool
        assert stage.layer(number).number() == number


@pytest.mark.spec("T16")
@pytest.mark.parametrize("role", ["outsider", "organiser", "deployer", "reinsurer"])
def test_initialize__already_initialised__reverts(stage, layer, request, role):
    who = request.getfixturevalue(role)
    error = "layer: already initialised"
    for pool in (stage.pool, who, ZERO_ADDRESS):
        refuses(error, layer.initialize, pool, 1, {"from": who})


@pytest.mark.spec("T16")
def test_initialize__of_the_implementation__reverts(core, outsider):
    """It is nobody's layer, and can be made nobody's."""
    implementation = layer_at(core.layer_implementation.address)
    args = (outsider, 1, {"from": outsider})
    refuses("layer: already initialised", implementation.initialize, *args)
    args = (1, outsider, {"from": outsider, "value": 1})
    with pytest.raises(VirtualMachineError):
        implementation.deposit(*args)
    assert implementation.balance() == 0


def test_plain_ether_is_refused(layer, outsider):
    with pytest.raises(VirtualMachineError):
        outsider.transfer(layer.address, 1)
    assert layer.balance() == 0
