"""Doors between a pool and its layers: who may come through, and whose layer is whose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi.abi import encode

from peerpool.terms import Layer, Tier
from tests.attacks.arena import IPOOL, ORGANISER, OUTSIDER, WORDS, ZERO, Arena
from tests.evm.chain import Reverted, to_address, to_bytes
from tests.evm.contract import Contract, _interface
from tests.layers.steps import (
    HOLDERS,
    ILAYER,
    MEMBERS,
    ROUND,
    audit,
    deposit,
    join_all,
    layer,
    open_tower,
    picture,
    redeem_all,
    settle,
)

MOST = 2**256 - 1


def refused(contract: Contract, sender: str, function: str, *args: object, value: int = 0) -> str:
    """Call; return why it was refused, nothing if it was not."""
    contract.chain.give(sender, value)
    try:
        contract.send(function, *args, sender=sender, value=value)
    except Reverted as failure:
        return failure.reason
    return ""


def clone_of(a: Arena, implementation: str) -> str:
    """Deploy an EIP-1167 clone, as anybody can."""
    runtime = bytes.fromhex(
        f"363d3d373d3d3d363d73{implementation[2:]}5af43d82803e903d91602b57fd5bf3"
    )
    creator = bytes.fromhex("602d8060093d393df3") + runtime
    return a.chain.transact(OUTSIDER, "", creator).created


@pytest.mark.spec("R1")
@pytest.mark.parametrize("phase", ["enrolling", "active", "settled"])
def test_strangers__cannot_speak_for_a_layer(both: Arena, phase: str) -> None:
    """Holders, organiser, the pool, the other layer, a layer of another pool, a false one."""
    a = both
    a.create(**ROUND)
    other = a.pool
    foreign = layer(a).address
    a.pool = a.clone(WORDS)
    join_all(a)
    deposit(a, 1000)
    deposit(a, 400, number=2)
    false = clone_of(a, a.layer_implementation.address)
    Contract(a.chain, ILAYER, false).send("initialize", a.pool.address, 1, sender=OUTSIDER)
    if phase != "enrolling":
        a.start()
    if phase == "settled":
        settle(a)
    before = picture(a)
    callers = [HOLDERS[0], ORGANISER, OUTSIDER, a.pool.address, other.address, foreign, false]
    for caller in [*callers, layer(a, 2).address, a.factory.address, a.implementation.address]:
        value = 0 if a.token else 5
        reason = refused(a.pool, caller, "add_collateral", 1, 5, value=value)
        assert reason == "layer: caller is not the layer"
        reason = refused(a.pool, caller, "redeem_layer", 1, 5, OUTSIDER)
        assert reason == "layer: caller is not the layer"
    for number in (0, 3, 5, 2**8, 2**8 + 1, 2**255, MOST):
        for function, *args in (
            ("add_collateral", number, 5),
            ("redeem_layer", number, 5, OUTSIDER),
            ("absorb_layer", number),
            ("layer", number),
        ):
            for caller in (OUTSIDER, layer(a).address):
                assert refused(a.pool, caller, function, *args) == "layer: no such layer"
    assert picture(a) == before
    audit(a)


def test_false_layer__takes_deposits_for_nobody(both: Arena) -> None:
    """A clone that says it is layer 1 of the pool: the pool does not know it, the money stays."""
    a = both
    a.create(**ROUND)
    false = Contract(a.chain, ILAYER, clone_of(a, a.layer_implementation.address))
    false.send("initialize", a.pool.address, 1, sender=OUTSIDER)
    assert false.view("pool") == a.pool.address
    assert a.pool.view("layer", 1).shares != false.address
    value = a.fund(HOLDERS[0], 100, false.address)
    for function in ("deposit", "mint"):
        with pytest.raises(Reverted, match="layer: caller is not the layer"):
            false.send(function, 100, HOLDERS[0], sender=HOLDERS[0], value=value)
    assert a.balance(HOLDERS[0]) == 100
    assert a.pool.view("layer", 1).filled == 0


@pytest.mark.spec("T16")
def test_initialize__is_over_before_anybody_comes(a: Arena) -> None:
    a.create(**ROUND)
    for target in (
        layer(a, 1),
        layer(a, 2),
        Contract(a.chain, ILAYER, a.layer_implementation.address),
    ):
        for sender in (OUTSIDER, ORGANISER, a.factory.address, a.pool.address):
            for args in ((a.pool.address, 1), (ZERO, 0), (OUTSIDER, 4)):
                assert refused(target, sender, "initialize", *args) == "layer: already initialised"


def test_implementation_of_layers__holds_nothing(a: Arena) -> None:
    target = Contract(a.chain, ILAYER, a.layer_implementation.address)
    for function in ("deposit", "mint"):
        assert refused(target, OUTSIDER, function, 5, OUTSIDER, value=5) != ""
    for function in ("withdraw", "redeem"):
        assert refused(target, OUTSIDER, function, 1, OUTSIDER, OUTSIDER) != ""
    assert target.view("totalSupply") == 0
    assert a.chain.balance(target.address) == 0


@pytest.mark.spec("F3")
def test_same_terms_and_salt_of_two_creators__share_no_layer(a: Arena) -> None:
    a.create(**ROUND)
    mine = [layer(a, n).address for n in (1, 2)]
    terms = a.terms.as_tuple()
    foretold = a.factory.view("predict_layers", OUTSIDER, terms, bytes(32))
    made = a.factory.send("create_pool", terms, bytes(32), sender=OUTSIDER).value
    assert made != a.pool.address
    first = a.pool
    a.pool = Contract(a.chain, IPOOL, made)
    theirs = [layer(a, n).address for n in (1, 2)]
    assert theirs == list(foretold)
    assert not set(mine) & set(theirs)
    assert mine == list(a.factory.view("predict_layers", ORGANISER, terms, bytes(32)))
    assert [layer(a, n).view("pool") for n in (1, 2)] == [made, made]
    # what goes into one is not in the other
    deposit(a, 300)
    assert first.view("layer", 1).filled == 0
    with pytest.raises(Reverted, match="factory: pool already exists"):
        a.clone(bytes(32))


def test_money_and_shares_at_a_layer_s_address_before_it__are_no_hindrance(a: Arena) -> None:
    terms = replace(a.terms, **ROUND)
    (first, _) = a.factory.view("predict_layers", ORGANISER, terms.as_tuple(), bytes(32))
    a.chain.give(first, 9)
    a.create(**ROUND)
    assert layer(a).address == first
    deposit(a, 10)
    assert layer(a).view("totalAssets") == 10
    audit(a)


@pytest.mark.spec("F6")
@pytest.mark.parametrize("layers", range(5))
def test_code_of_a_pool__is_stub_terms_layers_and_a_zero(a: Arena, layers: int) -> None:
    rows = tuple(Layer(1000 + n, 10 * n) for n in range(layers))
    a.create(reinsurance=rows, max_cession_bps=300 if layers > 1 else 0)
    kinds = _interface("interfaces/IPoolFactory.vyi").functions["check_terms", 1].inputs
    addresses = [layer(a, n + 1).address for n in range(layers)]
    code = a.chain.code(a.pool.address)
    words = b"".join(bytes(12) + to_bytes(address) for address in addresses)
    assert code[45:] == encode(kinds, [a.terms.as_tuple()]) + words + b"\0"
    assert to_address(code[10:30]) == a.implementation.address
    for address in addresses:
        stub = a.chain.code(address)
        assert len(stub) == 45
        assert to_address(stub[10:30]) == a.layer_implementation.address


def test_longest_terms__come_through_whole(both: Arena) -> None:
    """Four layers, eight tiers, the longest name, through four parts of the code."""
    a = both
    tiers = tuple(Tier(2**93 - i, 2**100 - i) for i in range(8))
    rows = tuple(Layer(2**100 - n, 2**98 + n) for n in range(4))
    a.create(
        tiers=tiers,
        reinsurance=rows,
        name="x" * 32,
        max_cession_bps=5000,
        reinsurer=HOLDERS[0],
        members_may_invite=True,
    )
    terms = a.pool.view("terms")
    assert tuple(tuple(tier) for tier in terms.tiers) == tuple(
        (t.premium, t.cover_limit) for t in tiers
    )
    assert tuple(tuple(row) for row in terms.reinsurance) == tuple(
        (r.limit, r.premium) for r in rows
    )
    assert (terms.reinsurer, terms.max_cession_bps, terms.name) == (HOLDERS[0], 5000, "x" * 32)
    for number, row in enumerate(rows, 1):
        seen = a.pool.view("layer", number)
        assert (seen.limit, seen.premium, seen.reinsurer) == (row.limit, row.premium, HOLDERS[0])
        assert layer(a, number).view("name") == "x" * 32 + f" layer {number}"
        assert layer(a, number).view("maxDeposit", HOLDERS[0]) == row.limit
        deposit(a, row.limit, number=number)
    a.join(2, tier=7)
    a.start()
    a.by_anyone("bind_reinsurance")
    audit(a)
    settle(a)
    paid = [redeem_all(a, number, HOLDERS[:1])[0] for number in (1, 2, 3, 4)]
    assert all(got >= row.limit for got, row in zip(paid, rows, strict=True))
    audit(a)


def test_terms_written_in_an_odd_way__do_not_shift_the_layers(a: Arena) -> None:
    """Dirt behind the name and a tail behind the terms, which layers follow in the code."""
    terms = replace(a.terms, **ROUND)
    spec = _interface("interfaces/IPoolFactory.vyi").functions["create_pool", 2]
    data = bytearray(spec.encode((terms.as_tuple(), bytes(32))))
    name = data.index(b"Attacked")
    data[name + 8 : name + 32] = b"\xff" * 24
    receipt = a.chain.transact(ORGANISER, a.factory.address, bytes(data) + b"\xee" * 77)
    odd = to_address(receipt.output[12:])
    foretold = a.factory.view("predict_layers", ORGANISER, terms.as_tuple(), bytes(32))
    a.terms, a.pool = terms, Contract(a.chain, IPOOL, odd)
    assert [a.pool.view("layer", n).shares for n in (1, 2)] == list(foretold)
    with pytest.raises(Reverted, match="factory: pool already exists"):
        a.factory.send("create_pool", terms.as_tuple(), bytes(32), sender=ORGANISER)
    deposit(a, 10, number=2)
    audit(a)


def test_pool_without_layers__has_none_of_it(both: Arena) -> None:
    a = both
    a.create()
    join_all(a)
    a.start()
    for number in (0, 1, 2, 4, MOST):
        assert a.refusal("layer", number) == "layer: no such layer"
        assert a.refusal("absorb_layer", number) == "layer: no such layer"
        for function, *args in (("add_collateral", 5), ("redeem_layer", 5, OUTSIDER)):
            reason = refused(a.pool, OUTSIDER, function, number, *args)
            assert reason == "layer: no such layer"
    assert a.refusal("bind_reinsurance") == "reinsurance: nothing to bind"
    summary = a.summary()
    assert (summary.capacity, summary.drawn, summary.unbound) == (0, 0, False)


def test_ether_on_any_other_call_of_a_layer__is_refused(both: Arena) -> None:
    a = both
    open_tower(a, min_members=4)
    a.start()
    shares = layer(a)
    shares.send("approve", OUTSIDER, 10, sender=HOLDERS[0])
    for (name, _), spec in shares._interface.functions.items():
        if name in ("deposit", "mint"):
            continue
        args = [{"address": OUTSIDER, "uint256": 0}[kind] for kind in spec.inputs]
        a.chain.give(OUTSIDER, 1)
        with pytest.raises(Reverted) as failure:
            a.chain.transact(OUTSIDER, shares.address, spec.encode(tuple(args)), 1)
        assert failure.value.reason == "<empty>", name
    assert a.chain.balance(shares.address) == 0


@pytest.mark.parametrize("function", ["transfer", "approve", "deposit", "redeem"])
def test_dirty_addresses__are_no_second_name(a: Arena, function: str) -> None:
    open_tower(a)
    shares = layer(a)
    spec = next(f for (n, _), f in shares._interface.functions.items() if n == function)
    words = [
        (int(OUTSIDER, 16) | 1 << 160 if kind == "address" else 0).to_bytes(32, "big")
        for kind in spec.inputs
    ]
    with pytest.raises(Reverted):
        a.chain.transact(HOLDERS[0], shares.address, spec.selector + b"".join(words))


@pytest.mark.spec("R19")
def test_members_leave__while_reinsurers_cannot(both: Arena) -> None:
    """Cooling-off is for members; collateral stays, and comes back whole if too few are left."""
    a = both
    open_tower(a, min_members=3)
    a.pool.send("leave", sender=MEMBERS[0])
    a.start()
    assert a.refusal("bind_reinsurance") == "reinsurance: pool is cancelled"
    assert redeem_all(a, holders=HOLDERS[:1]) == [2000]
    assert redeem_all(a, 2, HOLDERS[:1]) == [1000]
    a.by_anyone("refund_many", 1, 3)
    audit(a)
    assert a.balance(a.pool.address) == 0
