"""Re-entrancy between a pool and its layers: from token hooks and from receivers of Ether.

Money that arrives in the pool is counted by the layer: a hook that moves the pool's balance by
itself must not make one unit count twice (Cream Finance 2021, imBTC 2020).
"""

from __future__ import annotations

import pytest

from tests.attacks.arena import DAY, IPOOL, OUTSIDER, TERMS, WORDS, ZERO, Arena
from tests.attacks.test_dispatch import calldata
from tests.attacks.test_gas import execute
from tests.evm.chain import Reverted
from tests.evm.contract import _interface, deploy
from tests.evm.signing import address_of
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
    settle,
)

REFUSED, SUCCEEDED = 2, 3
HOLDER = HOLDERS[0]
PLENTY = 10**6
# of a layer, what reads nothing of the pool
OWN_VIEWS = {"name", "symbol", "number", "pool", "totalSupply", "balanceOf", "allowance", "asset"}


def layer_call(name: str, *args: object) -> bytes:
    """Calldata of a function of a layer; without arguments: an example."""
    spec = next(f for (n, _), f in _interface(ILAYER).functions.items() if n == name)
    example = tuple(OUTSIDER if kind == "address" else 1 for kind in spec.inputs)
    return spec.encode(args or example)


def pool_call(name: str, *args: object) -> bytes:
    """Calldata of a function of a pool."""
    (spec,) = (f for (n, _), f in _interface(IPOOL).functions.items() if n == name)
    return spec.encode(args)


@pytest.fixture
def hooked(a: Arena) -> Arena:
    """A pool of a token with hooks; the token itself is a member and may pay for anything."""
    a.token = deploy(a.chain, "tests/layers/TokenWithHooks.vy", "Money", "MON", 6, sender=OUTSIDER)
    a.create(**ROUND)
    join_all(a)
    a.join(a.token.address, payer=OUTSIDER)
    approve = next(f for (n, _), f in a.token._interface.functions.items() if n == "approve").encode
    a.token.send("mint", a.token.address, PLENTY, sender=OUTSIDER)
    for spender in (a.pool, layer(a), layer(a, 2)):
        allowance = approve((spender.address, PLENTY))
        a.token.send("act", a.token.address, allowance, sender=OUTSIDER)
    return a


def hooks(a: Arena) -> dict[str, tuple[str, bytes]]:
    """What moves the pool's balance, or could book what has just come."""
    one, two = layer(a).address, layer(a, 2).address
    invitation = a.invite(address_of(9))
    return {
        "donate": (a.pool.address, pool_call("donate", 3)),
        "absorb": (a.pool.address, pool_call("absorb")),
        "join": (a.pool.address, pool_call("join", *invitation, ZERO)),
        "leave": (a.pool.address, pool_call("leave")),
        "deposit": (one, layer_call("deposit", 3, a.token.address)),
        "deposit in the other": (two, layer_call("deposit", 3, a.token.address)),
        "mint in the other": (two, layer_call("mint", 3, a.token.address)),
        "absorb of the layer": (one, layer_call("absorb")),
        "absorb of the other": (two, layer_call("absorb")),
        "add_collateral": (a.pool.address, pool_call("add_collateral", 1, 3)),
        "redeem_layer": (a.pool.address, pool_call("redeem_layer", 1, 3, OUTSIDER)),
    }


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("shortfall", [0, 3, 1000])
def test_deposit__counts_nothing_twice_whatever_a_hook_does(
    hooked: Arena, after: bool, shortfall: int
) -> None:
    """Also where the token delivers less, and the hook makes up for it in another name."""
    a = hooked
    for number in (1, 2):
        a.token.send("mint", layer(a, number).address, 3, sender=OUTSIDER)
    begin = a.chain.snapshot()
    outcomes = {}
    for name, (target, data) in hooks(a).items():
        a.chain.revert(begin)
        a.token.send("set_up", after, shortfall, sender=OUTSIDER)
        a.token.send("arm", target, data, sender=OUTSIDER)
        try:
            deposit(a, 1500)
            outcomes[name] = a.token.view("outcome")
        except Reverted as failure:
            outcomes[name] = failure.reason
            assert layer(a).view("totalSupply") == 0
        audit(a)
    # strays of the other layer that arrive meanwhile are nobody's: they may stand in for what lacks
    backed = outcomes.pop("absorb of the other")
    assert backed in (SUCCEEDED, "token: received another amount")
    refused = {"token: received another amount"}
    assert set(outcomes.values()) <= (refused if shortfall else refused | {REFUSED})


@pytest.mark.parametrize("entry", ["deposit", "mint"])
def test_deposit__finds_the_layer_s_doors_locked(a: Arena, entry: str) -> None:
    token = a.use_token("TokenThatReenters")
    a.create(**ROUND)
    join_all(a)
    shares = layer(a)
    a.fund(HOLDER, 1000, shares.address)
    before = a.chain.snapshot()
    for name in sorted({name for name, _ in _interface(ILAYER).functions} - OWN_VIEWS):
        a.chain.revert(before)
        token.send("arm", shares.address, layer_call(name), sender=OUTSIDER)
        shares.send(entry, 1000, HOLDER, sender=HOLDER)
        outcome = token.view("outcome"), token.view("words")
        view = name.startswith(("max", "preview", "convert", "total", "decimals"))
        assert outcome == (REFUSED, 0) or view, (name, outcome)
        assert shares.view("totalSupply") == shares.view("balanceOf", HOLDER) == 1000
        audit(a)


@pytest.mark.spec("M18")
@pytest.mark.parametrize("entry", ["withdraw", "redeem"])
def test_payee_of_a_redemption__finds_every_door_locked(a: Arena, entry: str) -> None:
    """Of the pool, of the layer, and of the layer above; The DAO's shape."""
    wallet = a.mock("WalletThatReenters")
    a.create(**ROUND)
    join_all(a)
    for number in (1, 2):
        deposit(a, 500, HOLDER, number)
        deposit(a, 400, wallet.address, number, payer=OUTSIDER)
    a.start()
    settle(a)
    one, two = layer(a), layer(a, 2)
    names = {name for name, _ in _interface(ILAYER).functions}
    targets = [(one, name, layer_call(name)) for name in sorted(names - OWN_VIEWS)]
    own = (100, wallet.address, wallet.address)
    targets += [
        (shares, name, layer_call(name, *own))
        for shares in (one, two)
        for name in ("withdraw", "redeem")
    ]
    if entry == "redeem":
        pool_names = sorted({name for name, _ in _interface(IPOOL).functions})
        targets += [(a.pool, name, calldata(name)) for name in pool_names]
    before = a.chain.snapshot()
    for target, name, data in targets:
        a.chain.revert(before)
        wallet.send("arm", target.address, data, sender=OUTSIDER)
        arguments = (300, wallet.address, wallet.address)
        call = layer_call(entry, *arguments)
        wallet.send("execute", one.address, 0, call, sender=OUTSIDER)
        outcome = wallet.view("outcome")
        assert outcome == REFUSED or name in ("terms", "transfer", "approve"), (name, outcome)
        assert two.view("balanceOf", wallet.address) == 400
    audit(a)


def test_shares_that_were_burnt__cannot_be_moved_while_they_are_paid(a: Arena) -> None:
    """Redeem all, and sell the same shares from the receiver's hook."""
    wallet = a.mock("WalletThatReenters")
    a.create(**ROUND)
    join_all(a)
    deposit(a, 400, wallet.address, payer=OUTSIDER)
    deposit(a, 600, HOLDER)
    a.start()
    settle(a)
    shares = layer(a)
    for name, args in (
        ("transfer", (OUTSIDER, 1)),
        ("redeem", (1, wallet.address, wallet.address)),
        ("withdraw", (1, OUTSIDER, wallet.address)),
    ):
        before = a.chain.snapshot()
        wallet.send("arm", shares.address, layer_call(name, *args), sender=OUTSIDER)
        call = layer_call("redeem", 400, wallet.address, wallet.address)
        wallet.send("execute", shares.address, 0, call, sender=OUTSIDER)
        assert wallet.view("outcome") == REFUSED, name
        assert a.chain.balance(wallet.address) == 440
        assert shares.view("balanceOf", OUTSIDER) == 0
        a.chain.revert(before)


@pytest.mark.parametrize("what", ["resolve", "refund", "settle"])
def test_payee_of_the_pool__finds_the_layers_locked(a: Arena, what: str) -> None:
    """Bind, draw and redeem inside a payment: an award's, a refund's, the cause's."""
    wallet = a.mock("WalletThatReenters")
    causes = {"cause": wallet.address, "cause_bps": 5000, "unclaimed_after": 180 * DAY}
    a.create(**ROUND, **(causes if what == "settle" else {}))
    join_all(a)
    a.join(wallet.address, payer=OUTSIDER)
    deposit(a, 900, wallet.address, payer=OUTSIDER)
    deposit(a, 300, HOLDER, 2)
    a.start()
    call: tuple = ("settle",)
    if what == "resolve":
        execute(a, wallet, "file_claim", 4100, a.chain.time, WORDS, "")
        a.vote(1, list(MEMBERS))
        call = ("resolve", 1)
    else:
        a.reporting_end()
    if what == "refund":
        a.by_anyone("settle")
        call = ("refund", wallet.address)
    one, two = layer(a), layer(a, 2)
    targets = [
        (a.pool, pool_call("bind_reinsurance")),
        (a.pool, pool_call("absorb_layer", 1)),
        (a.pool, pool_call("layer", 1)),
        *((one, layer_call(n, 1, wallet.address, wallet.address)) for n in ("withdraw", "redeem")),
        *((shares, layer_call("totalAssets")) for shares in (one, two)),
        *((shares, layer_call("maxRedeem", HOLDER)) for shares in (one, two)),
    ]
    before = a.chain.snapshot()
    seen = set()
    for target, data in targets:
        a.chain.revert(before)
        wallet.send("arm", target.address, data, sender=OUTSIDER)
        a.by_anyone(*call)
        assert wallet.view("outcome") == REFUSED
        seen.add(picture(a))
    assert len(seen) == 1
    audit(a)


@pytest.mark.parametrize("entry", ["donate", "file_claim", "join", "recover"])
def test_bind__inside_anything_that_takes_tokens__is_locked_out(a: Arena, entry: str) -> None:
    """The pool calls bind_reinsurance itself, from within its lock: nobody else may."""
    token = a.use_token("TokenThatReenters")
    open_tower(a, claim_bond=5, enrolment_end=TERMS.expiry)
    a.start()
    a.file(MEMBERS[0], 10)
    invitation = a.invite(address_of(9))
    call = {
        "donate": ("donate", 10),
        "file_claim": ("file_claim", 10, a.chain.time, WORDS, ""),
        "join": ("join", *invitation, ZERO),
        "recover": ("recover", 1, 10),
    }[entry]
    sender = MEMBERS[1] if entry == "file_claim" else OUTSIDER
    a.fund(sender, 1000)
    before = a.chain.snapshot()
    a.pool.send(*call, sender=sender)
    a.refusal("bind_reinsurance")
    expected = picture(a)
    a.chain.revert(before)
    token.send("arm", a.pool.address, pool_call("bind_reinsurance"), sender=OUTSIDER)
    a.pool.send(*call, sender=sender)
    assert token.view("outcome") == REFUSED
    a.refusal("bind_reinsurance")
    assert picture(a) == expected
    audit(a)


@pytest.mark.parametrize("asset", ["ether", "token"])
def test_bind__inside_a_payment_of_fees__is_locked_out(a: Arena, asset: str) -> None:
    """withdraw pays while the premium is not ceded yet."""
    if asset == "token":
        a.use_token("TokenThatReenters")
    open_tower(a, fee_bps=1000)
    a.start()
    a.by_anyone("bind_reinsurance")
    expected = picture(a)[1:]
    a.reset()
    ambush = a.use_token("TokenThatReenters") if asset == "token" else a.mock("WalletThatReenters")
    open_tower(a, fee_bps=1000)
    a.start()
    ambush.send("arm", a.pool.address, pool_call("bind_reinsurance"), sender=OUTSIDER)
    assert a.pool.send("withdraw", ambush.address, sender=a.terms.organiser).value == 300
    assert (ambush.view("outcome"), ambush.view("words")) == (REFUSED, 0)
    a.by_anyone("bind_reinsurance")
    assert picture(a)[1:] == expected
    audit(a)


def test_open_tower__and_hooks_at_rest__change_nothing(hooked: Arena) -> None:
    """The same token, its hook not armed: or the refusals above would show nothing."""
    a = hooked
    deposit(a, 1500)
    a.token.send("arm", a.pool.address, pool_call("phase"), sender=OUTSIDER)
    deposit(a, 500)
    assert a.token.view("outcome") == SUCCEEDED
    assert layer(a).view("totalAssets") == 2000
    with pytest.raises(Reverted, match="layer: above its limit"):
        deposit(a, 1)
    audit(a)
