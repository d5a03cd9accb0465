"""A payee, or a token, that calls the pool back while money moves.

The lock answers without a word, where every other refusal of the pool has words, and the same
call from outside is accepted or refused with words: so each refusal below is the lock's. Past
cases: The DAO (2016); Curve's pools, whose Vyper compiler gave each function a lock of its own
(2023, GHSA-5824-cm3x-3c38).
"""

import pytest
from brownie import ZERO_ADDRESS
from brownie.exceptions import VirtualMachineError

from ..clock import HOUR, at
from ..layers import reinsured
from ..stage import EVIDENCE, REASON, URI

NOT_ARMED, ARMED, REFUSED, SUCCEEDED = range(4)

CALLS = {
    "join": ((ZERO_ADDRESS, 0, 0), b"", ZERO_ADDRESS),
    "join_with_permit": ((ZERO_ADDRESS, 0, 0), b"", ZERO_ADDRESS, (0, 0, 0, bytes(32), bytes(32))),
    "leave": (),
    "donate": (1,),
    "return_donation": (ZERO_ADDRESS,),
    "absorb": (),
    "file_claim": (1, 1, EVIDENCE, URI),
    "file_claim_for": (ZERO_ADDRESS, 1, 1, EVIDENCE, URI),
    "vote": (1, 10, REASON),
    "cast_ballots": (1, 10, REASON, []),
    "cast_ballot_for": (1, ZERO_ADDRESS, 10, REASON, b""),
    "reduce_claim": (1, 1),
    "resolve": (1,),
    "accept": (1,),
    "appeal": (1,),
    "rule": (1, 10, REASON),
    "settle_window": (0,),
    "pay_award": (1,),
    "bind_reinsurance": (),
    "add_collateral": (1, 1),
    "redeem_layer": (1, 1, ZERO_ADDRESS),
    "absorb_layer": (1,),
    "layer": (1,),
    "pledge": (ZERO_ADDRESS, 1),
    "release": (ZERO_ADDRESS, 1),
    "call_guarantee": (ZERO_ADDRESS, 1),
    "recover": (1, 1),
    "change_wallet": (ZERO_ADDRESS,),
    "change_wallet_for": (ZERO_ADDRESS, ZERO_ADDRESS, 0, b"", b""),
    "support_recovery": (ZERO_ADDRESS, ZERO_ADDRESS, []),
    "begin_recovery": (ZERO_ADDRESS, ZERO_ADDRESS),
    "object_to_recovery": (),
    "finish_recovery": (ZERO_ADDRESS,),
    "approve": (ZERO_ADDRESS, 1),
    "setApprovalForAll": (ZERO_ADDRESS, True),
    "transferFrom": (ZERO_ADDRESS, ZERO_ADDRESS, 1),
    "safeTransferFrom": (ZERO_ADDRESS, ZERO_ADDRESS, 1),
    "settle": (),
    "refund": (ZERO_ADDRESS,),
    "refund_many": (1, 10),
    "sweep": (),
    "withdraw": (ZERO_ADDRESS,),
    "terms": (),
    "phase": (),
    "summary": (),
    "quote_premium": (0,),
    "member": (ZERO_ADDRESS,),
    "member_at": (1,),
    "payer_of": (ZERO_ADDRESS,),
    "claim": (1,),
    "tally": (1,),
    "has_voted": (1, ZERO_ADDRESS),
    "window": (0,),
    "award_due": (1,),
    "refund_due": (ZERO_ADDRESS,),
    "credit_of": (ZERO_ADDRESS,),
    "earnings_of": (ZERO_ADDRESS,),
    "donation_of": (ZERO_ADDRESS,),
    "pledge_of": (ZERO_ADDRESS,),
    "wallet_nonce": (ZERO_ADDRESS,),
    "name": (),
    "symbol": (),
    "tokenURI": (1,),
    "balanceOf": (ZERO_ADDRESS,),
    "ownerOf": (1,),
    "getApproved": (1,),
    "isApprovedForAll": (ZERO_ADDRESS, ZERO_ADDRESS),
    "locked": (1,),
    "supportsInterface": ("0x01ffc9a7",),
    "eip712Domain": (),
}


def test_calls__are_all_there_are(pool):
    functions = {entry["name"] for entry in pool.abi if entry["type"] == "function"}
    assert functions == set(CALLS)


@pytest.fixture(scope="module")
def wallet(core, deployer, WalletThatReenters):
    """A member that calls back when it is paid."""
    return deployer.deploy(WalletThatReenters)


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, wallet, payer):
    """An active pool in Ether: the wallet's claim is open, and was voted for."""
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    stage.file(wallet, 100 * stage.u)
    stage.vote(1, 10, [*members[:2], *stage.voters])
    yield stage
    stages.remove(stage)


@pytest.mark.spec("M18")
@pytest.mark.parametrize("name", CALLS)
def test_reenter__from_a_payee(stage, pool, wallet, keeper, name):
    method = getattr(pool, name)
    data = method.encode_input(*CALLS[name])
    assert says(method, *CALLS[name], {"from": wallet}) != ""
    wallet.arm(pool, data, {"from": keeper})
    pool.resolve(1, {"from": keeper})
    assert (wallet.outcome(), wallet.words()) == (REFUSED, 0)
    assert wallet.balance() == 105 * stage.u
    assert pool.claim(1)["paid"] == 100 * stage.u


@pytest.fixture(scope="module")
def token_stage(make_stage, stages, make_token, TokenThatReenters, members):
    """A pool in a token that calls back whenever it moves."""
    stage = make_stage(members, make_token(TokenThatReenters))
    yield stage
    stages.remove(stage)


@pytest.mark.spec("M18")
@pytest.mark.parametrize("name", CALLS)
def test_reenter__from_a_token(token_stage, claimant, keeper, name):
    """While it is taken: the calls that take money give the token all the gas there is."""
    token_stage.start()
    pool, token = token_stage.pool, token_stage.asset.token
    method = getattr(pool, name)
    payment = token_stage.pay(claimant, 5 * token_stage.u)
    token.arm(pool, method.encode_input(*CALLS[name]), {"from": keeper})
    pool.file_claim(*token_stage.claim_args(200 * token_stage.u), payment)
    assert (token.outcome(), token.words()) == (REFUSED, 0)
    assert pool.summary()["claims"] == 1


def test_reenter__something_else_is_free(stage, core, pool, wallet, keeper):
    """The mock does call: what is not locked answers."""
    wallet.arm(core.factory, core.factory.pool_count.encode_input(), {"from": keeper})
    pool.resolve(1, {"from": keeper})
    assert (wallet.outcome(), wallet.words()) == (SUCCEEDED, 32)


@pytest.mark.spec("M18")
def test_reenter__other_pools_are_free(stage, make_stage, pool, wallet, keeper):
    other = make_stage()
    wallet.arm(other.pool, other.pool.phase.encode_input(), {"from": keeper})
    pool.resolve(1, {"from": keeper})
    assert (wallet.outcome(), wallet.words()) == (SUCCEEDED, 32)


# --- from each place where money leaves, the most tempting call: the same again


@pytest.fixture
def again(wallet, pool, keeper):
    """Return a function that calls, checks that the wallet's same call was refused, and paid."""

    def again(method, *args, by=None):
        wallet.arm(method._address, method.encode_input(*args), {"from": keeper})
        had = wallet.balance()
        method(*args, {"from": by or keeper})
        assert (wallet.outcome(), wallet.words()) == (REFUSED, 0)
        return wallet.balance() - had

    return again


def test_reenter__leave(make_stage, wallet, claimant, keeper, again):
    stage = make_stage()
    args = (*stage.sign(claimant), ZERO_ADDRESS)
    stage.act(wallet, stage.pool.join, *args, value=100 * stage.u)
    assert again(stage.pool.leave, by=claimant) == 100 * stage.u
    assert stage.pots() == (0, 0)


def test_reenter__return_donation(make_stage, wallet, again):
    stage = make_stage()
    stage.act(wallet, stage.pool.donate, 7, value=7)
    stage.start()
    assert again(stage.pool.return_donation, wallet) == 7


def test_reenter__pay_award(stage, pool, claimant, keeper, again):
    stage.file(claimant, 900 * stage.u)
    stage.vote(2, 10)
    pool.resolve(1, {"from": keeper})
    pool.resolve(2, {"from": keeper})
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    assert again(pool.pay_award, 1) == 665 * stage.u // 10


def test_reenter__settle(make_stage, members, wallet, again):
    stage = make_stage(members[:3], cause=wallet.address)
    stage.after_reporting()
    assert again(stage.pool.settle) == 285 * stage.u // 10


def test_reenter__refund(stage, pool, wallet, keeper, again):
    pool.resolve(1, {"from": keeper})
    stage.settle()
    due = pool.refund_due(wallet)
    assert again(pool.refund, wallet) == due


def test_reenter__refund_many(stage, pool, wallet, keeper, again):
    pool.resolve(1, {"from": keeper})
    stage.settle()
    due = pool.refund_due(wallet)
    assert again(pool.refund_many, 1, 10) == due


def test_reenter__sweep(make_stage, members, wallet, again):
    stage = make_stage(members[:3], cause=wallet.address, cause_bps=0)
    at(stage.settle().timestamp + stage.terms.unclaimed_after)
    assert again(stage.pool.sweep) == 285 * stage.u


def test_reenter__withdraw(make_stage, members, organiser, wallet, again):
    stage = make_stage(members[:3])
    stage.start()
    assert again(stage.pool.withdraw, wallet, by=organiser) == 15 * stage.u


def test_reenter__join_late(stage, pool, wallet, late_joiner, outsider, keeper):
    """The change of a late joiner's premium goes back to a payer that calls back."""
    at(stage.terms.cover_start + HOUR)  # the fixtures took some seconds of it
    paid = 2 * stage.pool.quote_premium(0)
    again = pool.join.encode_input(*stage.sign(outsider), ZERO_ADDRESS)
    wallet.arm(pool, again, {"from": keeper})
    args = (*stage.sign(late_joiner), ZERO_ADDRESS)
    stage.act(wallet, pool.join, *args, value=paid)
    assert (wallet.outcome(), wallet.words()) == (REFUSED, 0)
    assert wallet.balance() == paid - pool.member(late_joiner)["premium"]


def test_reenter__donate_once_settled(make_stage, members, wallet, keeper):
    """The cause is paid, and calls back."""
    stage = make_stage(members[:3], cause=wallet.address)
    stage.settle()
    wallet.arm(stage.pool, stage.pool.donate.encode_input(1), {"from": keeper})
    stage.pool.donate(100, {"from": keeper, "value": 100})
    assert (wallet.outcome(), wallet.words()) == (REFUSED, 0)


# --- layers


def test_reenter__bind_reinsurance__while_a_token_moves(
    make_stage, make_token, TokenThatReenters, members, claimant, reinsurer, keeper
):
    """Though the pool calls it from inside its lock."""
    token = make_token(TokenThatReenters)
    stage = make_stage(members, token, **reinsured(token.unit))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    payment = stage.pay(claimant, 5 * stage.u)
    token.token.arm(stage.pool, stage.pool.bind_reinsurance.encode_input(), {"from": keeper})
    stage.pool.file_claim(*stage.claim_args(200 * stage.u), payment)
    assert (token.token.outcome(), token.token.words()) == (REFUSED, 0)
    assert stage.pool.summary()["unbound"]


@pytest.fixture
def bound(make_stage, members, wallet, reinsurer, claimant):
    """A settled pool whose layer has paid 60 of 300; half of its shares are the wallet's."""
    stage = make_stage(members, cause=wallet.address, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.layer().transfer(wallet, 150 * stage.u, {"from": reinsurer})
    stage.start()
    stage.decide(stage.file(claimant, 600 * stage.u), 10)
    stage.settle()
    return stage


@pytest.mark.parametrize("name", ["redeem", "withdraw"])
def test_reenter__redeem(bound, wallet, reinsurer, again, name):
    """The receiver calls for more while it is sent; half of 270 is left for the others."""
    amount = 150 * bound.u if name == "redeem" else 135 * bound.u
    method = getattr(bound.layer(), name)
    assert again(method, amount, wallet, reinsurer, by=reinsurer) == 135 * bound.u
    assert bound.layer().totalAssets() == 135 * bound.u


def test_reenter__absorb_layer(bound, wallet, reinsurer, donor, again):
    """The cause is paid, and calls back."""
    redeem = bound.layer().redeem
    redeem(150 * bound.u, reinsurer, reinsurer, {"from": reinsurer})
    bound.act(wallet, redeem, 150 * bound.u, reinsurer.address, wallet.address)
    bound.pool.recover(1, 50 * bound.u, bound.pay(donor, 50 * bound.u))
    assert again(bound.pool.absorb_layer, 1) == 5 * bound.u


# --- layers' own lock


@pytest.mark.parametrize("name", ["deposit", "mint", "transfer", "redeem", "absorb", "maxDeposit"])
def test_reenter__deposit(
    make_stage, make_token, TokenThatReenters, members, reinsurer, keeper, name
):
    """While the token moves, a layer answers nobody."""
    token = make_token(TokenThatReenters)
    stage = make_stage(members[:3], token, **reinsured(token.unit))
    layer, u = stage.layer(), stage.u
    payment = token.pay(layer, reinsurer, 100 * u)
    args = {
        "deposit": (u, reinsurer),
        "mint": (u, reinsurer),
        "transfer": (reinsurer, 0),
        "redeem": (0, reinsurer, token.token),
        "absorb": (),
        "maxDeposit": (reinsurer,),
    }[name]
    token.token.arm(layer, getattr(layer, name).encode_input(*args), {"from": keeper})
    layer.deposit(100 * u, reinsurer, payment)
    assert (token.token.outcome(), token.token.words()) == (REFUSED, 0)
    assert layer.totalSupply() == stage.pool.layer(1)["filled"] == 100 * u


def says(method, *args):
    """Return the words of a refusal, "" for a refusal without words, "done" for none."""
    try:
        method.call(*args)
    except VirtualMachineError as error:
        return "" if error.revert_msg == "Unknown typed error: 0x" else error.revert_msg
    return "done"
