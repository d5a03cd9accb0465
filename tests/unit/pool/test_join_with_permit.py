"""Joining with an EIP-2612 permit in the place of an allowance."""

import pytest
from brownie import ZERO_ADDRESS, chain
from brownie.exceptions import VirtualMachineError
from eth_account import Account

from ..clock import now
from ..refusal import refuses
from ..stage import names, only

PERMIT_TYPE = [
    {"name": "owner", "type": "address"},
    {"name": "spender", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
]
DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
NOT_PERMITTED = "token: transfer failed"


@pytest.fixture(scope="module")
def stage(make_stage, stages, make_token, TokenWithPermit):
    """A pool without members, in a token that knows permits."""
    stage = make_stage(money=make_token(TokenWithPermit))
    yield stage
    stages.remove(stage)


@pytest.fixture(scope="module")
def joiner(stage, inviter, deployer):
    """Somebody with a key, with 200 tokens, and with no allowance for the pool."""
    stage.asset.token.mint(inviter, 200 * stage.u, {"from": deployer})
    return inviter


def permit(stage, owner, value, deadline=0, signer=None):
    """Return (value, deadline, v, r, s), signed for the pool."""
    token = stage.asset.token
    deadline = deadline or now() + 3600
    message = {
        "types": {"EIP712Domain": DOMAIN_TYPE, "Permit": PERMIT_TYPE},
        "primaryType": "Permit",
        "domain": {
            "name": "Test Euro",
            "version": "1",
            "chainId": chain.id,
            "verifyingContract": token.address,
        },
        "message": {
            "owner": owner.address,
            "spender": stage.pool.address,
            "value": value,
            "nonce": token.nonces(owner),
            "deadline": deadline,
        },
    }
    signed = Account.sign_typed_data((signer or owner).private_key, full_message=message)
    r, s = (n.to_bytes(32, "big") for n in (signed.r, signed.s))
    return value, deadline, signed.v, r, s


def no_permit():
    """Return a permit that nobody has signed."""
    return 100, now() + 3600, 27, b"\x01" * 32, b"\x01" * 32


def args(stage, member, a_permit):
    """Return the arguments of join_with_permit."""
    return (*stage.sign(member), ZERO_ADDRESS, a_permit)


@pytest.mark.spec("J21")
def test_join_with_permit(stage, pool, joiner):
    premium = 100 * stage.u
    call = args(stage, joiner, permit(stage, joiner, premium))
    assert pool.join_with_permit.call(*call, {"from": joiner}) == 1
    receipt = pool.join_with_permit(*call, {"from": joiner})
    assert names(receipt) == ["Joined"]
    assert only(receipt, "Joined")["premium"] == premium
    assert pool.member(joiner)["id"] == 1
    assert stage.balance(joiner) == 100 * stage.u
    assert stage.pots() == (95 * stage.u, 5 * stage.u)
    assert stage.asset.token.allowance(joiner, pool) == 0


def test_join_with_permit__for_another(stage, pool, joiner, claimant):
    """The permit is the caller's, who pays."""
    a_permit = permit(stage, joiner, 100 * stage.u)
    pool.join_with_permit(*args(stage, claimant, a_permit), {"from": joiner})
    assert pool.payer_of(claimant) == joiner


@pytest.mark.spec("J21")
def test_join_with_permit__front_run(stage, pool, joiner, outsider):
    """Somebody has seen the permit and brought it in before."""
    value, deadline, v, r, s = a_permit = permit(stage, joiner, 100 * stage.u)
    stage.asset.token.permit(joiner, pool, value, deadline, v, r, s, {"from": outsider})
    pool.join_with_permit(*args(stage, joiner, a_permit), {"from": joiner})
    assert pool.member(joiner)["id"] == 1


@pytest.mark.spec("J21")
def test_join_with_permit__used_by_another__is_of_no_use(stage, pool, joiner, outsider):
    """The permit is asked for whoever calls: a stranger does not join on the signer's money."""
    a_permit = permit(stage, joiner, 100 * stage.u)
    method = pool.join_with_permit
    refuses(NOT_PERMITTED, method, *args(stage, outsider, a_permit), {"from": outsider})


def test_join_with_permit__more_than_the_premium(stage, pool, joiner):
    a_permit = permit(stage, joiner, 150 * stage.u)
    pool.join_with_permit(*args(stage, joiner, a_permit), {"from": joiner})
    assert stage.asset.token.allowance(joiner, pool) == 50 * stage.u


def test_join_with_permit__less_than_the_premium__reverts(stage, pool, joiner):
    a_permit = permit(stage, joiner, 100 * stage.u - 1)
    method = pool.join_with_permit
    refuses(NOT_PERMITTED, method, *args(stage, joiner, a_permit), {"from": joiner})


def test_join_with_permit__expired__reverts(stage, pool, joiner):
    a_permit = permit(stage, joiner, 100 * stage.u, deadline=now() - 1)
    method = pool.join_with_permit
    refuses(NOT_PERMITTED, method, *args(stage, joiner, a_permit), {"from": joiner})


def test_join_with_permit__signed_by_another__reverts(stage, pool, joiner, organiser):
    a_permit = permit(stage, joiner, 100 * stage.u, signer=organiser)
    method = pool.join_with_permit
    refuses(NOT_PERMITTED, method, *args(stage, joiner, a_permit), {"from": joiner})


@pytest.mark.spec("J21")
def test_join_with_permit__bad_permit_but_allowed(stage, pool, joiner):
    stage.asset.token.approve(pool, 100 * stage.u, {"from": joiner})
    pool.join_with_permit(*args(stage, joiner, no_permit()), {"from": joiner})
    assert pool.member(joiner)["id"] == 1


def test_join_with_permit__invitation_is_checked(stage, pool, joiner, outsider):
    a_permit = permit(stage, joiner, 100 * stage.u)
    invitation, signature = stage.sign(outsider)
    refuses(
        "invitation: not signed by an inviter",
        pool.join_with_permit,
        (joiner.address, *invitation[1:]),
        signature,
        ZERO_ADDRESS,
        a_permit,
        {"from": joiner},
    )


def test_join_with_permit__with_ether__reverts(stage, pool, joiner):
    """It is for tokens, and takes no Ether at all."""
    call = args(stage, joiner, permit(stage, joiner, 100 * stage.u))
    with pytest.raises(VirtualMachineError):
        pool.join_with_permit(*call, {"from": joiner, "value": 1})
    assert pool.summary()["members"] == 0


def test_join_with_permit__ether_pool__reverts(make_stage, claimant):
    stage = make_stage()
    call = args(stage, claimant, no_permit())
    refuses("value: wrong amount", stage.pool.join_with_permit, *call, {"from": claimant})
    with pytest.raises(VirtualMachineError):
        stage.pool.join_with_permit(*call, {"from": claimant, "value": 100 * stage.u})


@pytest.mark.parametrize("allowed", [True, False])
def test_join_with_permit__token_without_permit(make_stage, make_token, Token, claimant, allowed):
    stage = make_stage(money=make_token(Token))
    call = args(stage, claimant, no_permit())
    if not allowed:
        refuses(NOT_PERMITTED, stage.pool.join_with_permit, *call, {"from": claimant})
        return
    stage.pool.join_with_permit(*call, stage.pay(claimant, 100 * stage.u))
    assert stage.pool.member(claimant)["id"] == 1
