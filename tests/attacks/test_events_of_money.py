"""What events of money, layers, shortages, the end and the factory say: every field, in order."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils import keccak

from peerpool.compiled import compile_contract
from peerpool.terms import Layer, Tier
from tests.attacks.arena import CAUSE, IPOOL, OUTSIDER, WITH_CAUSE, ZERO, Arena
from tests.attacks.events import event, said
from tests.evm.contract import Contract, _interface
from tests.evm.signing import address_of
from tests.layers.steps import HOLDERS, ROUND, deposit, join_all, layer

IFACTORY = "interfaces/IPoolFactory.vyi"
DONOR, OTHER = address_of(60), address_of(61)
M = [address_of(n) for n in (2, 3, 4)]
SHARES = {"fee_bps": 1100, "commission_bps": 700, "cause_bps": 2500, **WITH_CAUSE}


def test_every_event__is_looked_at_here_or_beside() -> None:
    here = [path.read_text() for path in Path(__file__).parent.glob("test_events_of_*.py")]
    seen = set(re.findall(r'\(\s*"([A-Z][A-Za-z]+)"', " ".join(here)))
    abi = compile_contract(IPOOL).abi + compile_contract(IFACTORY).abi
    assert {entry["name"] for entry in abi if entry["type"] == "event"} <= seen


@pytest.mark.spec("M3", "M5", "M12")
@pytest.mark.parametrize("phase", ["enrolling", "active", "settled"])
def test_money_from_anybody__says_how_much_from_whom(both: Arena, phase: str) -> None:
    a = both
    a.create(**SHARES)
    join_all(a)
    if phase != "enrolling":
        a.start()
    if phase == "settled":
        a.reporting_end()
        a.by_anyone("settle")
    # a quarter of what reaches the funds of a settled pool is the cause's
    shared = {"enrolling": 0, "active": 0, "settled": 1}[phase]
    given = [event("Donated", donor=DONOR, amount=403)]
    assert said(a.donate(403, DONOR)) == given + shared * [
        event("Shared", to_cause=100, to_members=303)
    ]
    if phase == "enrolling":
        return
    a.stray(42)
    result = a.by_anyone("absorb")
    assert result.value == 42
    assert said(result) == [event("Absorbed", amount=42)] + shared * [
        event("Shared", to_cause=10, to_members=32)
    ]


@pytest.mark.spec("E3", "E7", "X4", "S5", "S6", "M5")
def test_end__says_what_is_shared_refunded_withdrawn_and_swept(both: Arena) -> None:
    a = both
    a.create(**SHARES, tiers=(Tier(1000, 5000), Tier(700, 6000)))
    a.join(2, referrer=OTHER)  # fee 110, commission 70
    a.join(3, 1)  # fee 77
    a.start()
    a.reporting_end()
    assert said(a.by_anyone("settle")) == [
        event("Settled", surplus=1443),
        event("Shared", to_cause=360, to_members=1083),
    ]
    assert a.balance(CAUSE) == 360
    result = a.by_anyone("refund", M[1])
    assert said(result) == [event("Refunded", member=M[1], amount=445)]  # of 1083 * 700 / 1700
    assert result.value == a.balance(M[1]) == 445
    for account, amount in ((a.terms.organiser, 187), (OTHER, 70)):
        result = a.pool.send("withdraw", DONOR, sender=account)
        assert said(result) == [event("Withdrawn", account=account, receiver=DONOR, amount=amount)]
        assert result.value == amount
    before = a.chain.snapshot()
    result = a.by_anyone("refund_many", 1, 2)
    assert said(result) == [event("Refunded", member=M[0], amount=637)]
    assert result.value == 637
    a.chain.revert(before)
    a.at(a.chain.time + a.terms.unclaimed_after)
    result = a.by_anyone("sweep")
    assert said(result) == [event("Swept", amount=638)]
    assert result.value == 638
    assert a.balance(CAUSE) == 360 + 638


@pytest.mark.spec("W8", "U1", "U2", "M5")
def test_shortage__says_what_waits_what_there_is_and_what_is_made_up(both: Arena) -> None:
    a = both
    a.create()
    join_all(a)
    a.start()
    first, second = a.file(M[0], 4000), a.file(M[1], 5000)
    for claim_id in (first, second):
        a.vote(claim_id, [m for m in M if m != M[claim_id - 1]])
        asked = 4000 if claim_id == first else 5000
        assert said(a.by_anyone("resolve", claim_id)) == [
            event("ClaimResolved", claim_id=claim_id, status=2, award=10, amount=asked)
        ]
    a.at(a.window_end(0))
    assert said(a.by_anyone("settle_window", 0)) == [
        event("WindowSettled", window=0, awards=9000, available=3000)
    ]
    paid = {"claim_id": first, "claimant": M[0]}
    result = a.by_anyone("pay_award", first)
    assert said(result) == [event("AwardPaid", amount=1333, **paid)]
    assert result.value == 1333
    assert said(a.donate(900)) == [
        event("Donated", donor=OUTSIDER, amount=900),
        event("MadeUp", amount=900),
    ]
    result = a.by_anyone("pay_award", first)
    assert said(result) == [event("AwardPaid", amount=399, **paid)]
    assert result.value == 399
    assert said(a.donate(5500)) == [
        event("Donated", donor=OUTSIDER, amount=5500),
        event("MadeUp", amount=5100),
    ]
    assert a.summary().funds == 400
    assert said(a.by_anyone("pay_award", second)) == [
        event("AwardPaid", claim_id=second, claimant=M[1], amount=4999)
    ]


@pytest.mark.spec("R4", "R6", "R13", "R18", "M5")
def test_layers__say_what_they_get_and_pay(both: Arena) -> None:
    a = both
    a.create(**ROUND)
    join_all(a)
    for number, amount in ((1, 2000), (2, 500)):
        receipt = deposit(a, amount, number=number).receipt
        added = event("CollateralAdded", layer=number, amount=amount)
        assert [(e.name, e.args) for e in a.pool.events_of(receipt)] == [added]
    a.start()
    assert said(a.by_anyone("bind_reinsurance")) == [
        event("PremiumCeded", layer=1, filled=2000, premium=200),
        event("PremiumCeded", layer=2, filled=500, premium=25),
    ]
    a.file(M[0], 5000)  # 2775 in the funds
    a.vote(1, M[1:])
    assert said(a.by_anyone("resolve", 1)) == [
        event("LayersDrawn", amount=2225),
        event("ClaimResolved", claim_id=1, status=2, award=10, amount=5000),
        event("AwardPaid", claim_id=1, claimant=M[0], amount=5000),
    ]
    value = a.fund(DONOR, 100)
    assert said(a.pool.send("recover", 1, 100, sender=DONOR, value=value)) == [
        event("Recovered", claim_id=1, payer=DONOR, amount=100),
        event("LayersRepaid", amount=100),
    ]
    a.reporting_end()
    assert said(a.by_anyone("settle")) == [
        event("Settled", surplus=0),
        event("Shared", to_cause=0, to_members=0),
    ]
    # 200 of premium, nothing of the collateral; and 25 with 500 - 125
    for number, left in ((1, 200), (2, 400)):
        shares = layer(a, number)
        call = ("redeem", shares.view("totalSupply"), OTHER, HOLDERS[0])
        receipt = shares.send(*call, sender=HOLDERS[0]).receipt
        redeemed = event("LayerRedeemed", layer=number, receiver=OTHER, amount=left)
        assert [(e.name, e.args) for e in a.pool.events_of(receipt)] == [redeemed]
    a.donate(40)
    result = a.by_anyone("absorb_layer", 2)
    assert said(result) == [
        event("LayerAbsorbed", layer=2, amount=40),
        event("LayersRepaid", amount=40),
    ]
    assert result.value == 40
    assert a.pool.view("layer", 1).assets == 40


@pytest.mark.spec("W8", "R4", "M5")
def test_window__that_draws_on_layers_says_so(a: Arena) -> None:
    a.create(**ROUND)
    join_all(a)
    deposit(a, 1000)
    a.start()
    a.file(M[1], 10)
    a.award(M[0], 6000, M)  # 2900 in the funds, 1000 in the layer
    a.at(a.window_end(0))
    a.by_anyone("resolve", 1)
    assert said(a.by_anyone("settle_window", 0)) == [
        event("LayersDrawn", amount=1000),
        event("WindowSettled", window=0, awards=6000, available=3900),
    ]


@pytest.mark.spec("F1", "F5")
def test_factory__says_what_was_created_by_whom_with_which_terms(a: Arena) -> None:
    factory = Contract(a.chain, IFACTORY, a.factory.address)
    a.create()
    rows = tuple(Layer(1000 + i, 10) for i in range(4))
    terms = replace(a.terms, reinsurance=rows, max_cession_bps=1, name="Second")
    (spec,) = (f for (n, _), f in _interface(IFACTORY).functions.items() if n == "check_terms")
    digest = keccak(encode(spec.inputs, [terms.as_tuple()]))
    result = factory.send("create_pool", terms.as_tuple(), bytes(32), sender=OTHER)
    pool = Contract(a.chain, IPOOL, result.value)
    assert said(result) == [
        event(
            "PoolCreated",
            pool=pool.address,
            organiser=a.terms.organiser,
            creator=OTHER,
            index=1,
            terms_hash=digest,
        ),
        *(
            event(
                "LayerCreated",
                pool=pool.address,
                layer=number,
                shares=pool.view("layer", number).shares,
            )
            for number in (1, 2, 3, 4)
        ),
    ]
    shares = [pool.view("layer", number).shares for number in (1, 2, 3, 4)]
    assert len({ZERO, *shares}) == 5
    for (number, address), view in itertools.product(enumerate(shares, 1), ("pool", "number")):
        told = Contract(a.chain, "interfaces/IReinsuranceLayer.vyi", address).view(view)
        assert told == {"pool": pool.address, "number": number}[view]
    assert [factory.view("pool_at", i) for i in range(3)] == [a.pool.address, pool.address, ZERO]
    assert factory.view("pool_count") == 2
