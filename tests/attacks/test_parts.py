"""How the parts are put together: over addresses with code only, and each passes on to the next."""

from __future__ import annotations

import pytest

from tests.attacks.arena import IPOOL, ORGANISER, OUTSIDER, ZERO, Arena
from tests.evm.chain import Reverted
from tests.evm.contract import Contract, deploy

IFACTORY = "interfaces/IPoolFactory.vyi"
# contract, its arguments by who they are, and what it says of each that has no code
PARTS = {
    "Pool": {"office": "pool: back office has no code"},
    "BackOffice": {"treaty_office": "back office: treaty office has no code"},
    "TreatyOffice": {"policy_office": "treaty office: policy office has no code"},
    "PoolFactory": {
        "implementation": "factory: implementation has no code",
        "layer_implementation": "factory: layer implementation has no code",
    },
}


@pytest.mark.spec("F7")
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("nobody", [ZERO, OUTSIDER])
def test_part__over_an_address_without_code_is_not_created(
    a: Arena, part: str, nobody: str
) -> None:
    needed = PARTS[part]
    good = {role: getattr(a, role).address for role in needed}
    deploy(a.chain, f"contracts/{part}.vy", *good.values(), sender=ORGANISER)
    for role, words in needed.items():
        given = {**good, role: nobody}
        with pytest.raises(Reverted) as failure:
            deploy(a.chain, f"contracts/{part}.vy", *given.values(), sender=ORGANISER)
        assert failure.value.reason == words
    # the factory that there is goes on
    assert Contract(a.chain, IFACTORY, a.factory.address).view("pool_count") == 0


@pytest.mark.spec("F8", "M16")
def test_parts__are_those_they_were_created_over(a: Arena) -> None:
    factory = Contract(a.chain, IFACTORY, a.factory.address)
    assert factory.view("IMPLEMENTATION") == a.implementation.address
    assert factory.view("LAYER_IMPLEMENTATION") == a.layer_implementation.address
    a.create()
    # of the first part, the second, the third, the fourth
    a.join(2)
    assert a.pool.view("phase") == 0
    assert a.pool.view("donation_of", OUTSIDER) == 0
    assert a.pool.view("symbol") == "POLICY"
    implementation = Contract(a.chain, IPOOL, a.implementation.address)
    for view in ("phase", "symbol"):
        with pytest.raises(Reverted, match="pool: is an implementation"):
            implementation.view(view)


@pytest.mark.spec("T16")
def test_layer_s_code__is_nobody_s_layer(a: Arena) -> None:
    with pytest.raises(Reverted, match="layer: already initialised"):
        a.layer_implementation.send("initialize", a.factory.address, 1, sender=a.factory.address)
