"""The membership as a locked token: ERC-721 with metadata, ERC-5192, ERC-165; EIP-5267."""

import json

import pytest
from brownie import ZERO_ADDRESS, chain

from peerpool.terms import Tier

from ..clock import at
from ..refusal import refuses
from ..stage import only

PREFIX = "data:application/json;utf8,"
NO_POLICY = "policy: no such policy"
LOCKED = "policy: cannot be moved"


def transfers(receipt):
    """Return (from, to, id) of the pool's Transfer events."""
    return [tuple(e.values()) for e in receipt.events["Transfer"]]


# --- events


@pytest.mark.spec("N1")
def test_transfer__join(stage, pool, late_joiner):
    receipt = stage.join(late_joiner)
    assert transfers(receipt) == [(ZERO_ADDRESS, late_joiner, 7)]
    assert receipt.events["Transfer"][0].address == pool
    assert only(receipt, "Joined")["id"] == 7
    # as wallets look for it: all three indexed
    [log] = [x for x in receipt.logs if len(x["topics"]) == 4 and not x["data"].strip(b"\0")]
    assert log["topics"][0].hex().removeprefix("0x").startswith("ddf252ad")


@pytest.mark.spec("N1")
def test_transfer__leave(pool, claimant):
    receipt = pool.leave({"from": claimant})
    assert transfers(receipt) == [(claimant, ZERO_ADDRESS, 1)]


@pytest.mark.spec("N1")
def test_transfer__change_wallet(pool, claimant, new_wallet):
    receipt = pool.change_wallet(new_wallet, {"from": claimant})
    assert transfers(receipt) == [(claimant, new_wallet, 1)]


# --- ERC-721


@pytest.mark.spec("N1")
def test_owner_and_balance(pool, members, outsider):
    for i, person in enumerate(members, start=1):
        assert pool.ownerOf(i) == person
        assert pool.balanceOf(person) == 1
    assert pool.balanceOf(outsider) == 0


def test_owner__follows_the_wallet(pool, claimant, new_wallet):
    pool.change_wallet(new_wallet, {"from": claimant})
    assert pool.ownerOf(1) == new_wallet
    assert (pool.balanceOf(claimant), pool.balanceOf(new_wallet)) == (0, 1)


@pytest.mark.spec("N3")
@pytest.mark.parametrize("token_id", [0, 7, 2**32, 2**256 - 1])
@pytest.mark.parametrize("view", ["ownerOf", "tokenURI", "getApproved", "locked"])
def test_policy__no_such_policy__reverts(pool, outsider, view, token_id):
    refuses(NO_POLICY, getattr(pool, view), token_id, {"from": outsider})


@pytest.mark.spec("N3")
@pytest.mark.parametrize("view", ["ownerOf", "tokenURI", "getApproved", "locked"])
def test_policy__who_left__reverts(pool, claimant, view):
    pool.leave({"from": claimant})
    refuses(NO_POLICY, getattr(pool, view), 1, {"from": claimant})
    assert pool.balanceOf(claimant) == 0


@pytest.mark.spec("N3")
def test_balance__zero_address__reverts(pool, outsider):
    refuses("policy: owner is the zero address", pool.balanceOf, ZERO_ADDRESS, {"from": outsider})


@pytest.mark.spec("N2")
def test_approvals__there_are_none(pool, claimant, outsider):
    assert pool.getApproved(1) == ZERO_ADDRESS
    assert pool.isApprovedForAll(claimant, outsider) is False


def test_name_and_symbol(stage, pool):
    assert (pool.name(), pool.symbol()) == (stage.terms.name, "POLICY")


# --- it stays where it is


@pytest.mark.spec("N2")
@pytest.mark.parametrize("sender", ["claimant", "outsider", "organiser"])
def test_policy__cannot_be_moved(pool, claimant, outsider, request, sender):
    sender = {"from": request.getfixturevalue(sender)}
    move = (claimant, outsider, 1)
    refuses(LOCKED, pool.approve, outsider, 1, sender)
    refuses(LOCKED, pool.setApprovalForAll, outsider, True, sender)
    refuses(LOCKED, pool.transferFrom, *move, sender)
    refuses(LOCKED, pool.safeTransferFrom["address,address,uint256"], *move, sender)
    with_data = pool.safeTransferFrom["address,address,uint256,bytes"]
    refuses(LOCKED, with_data, *move, b"", sender)
    refuses(LOCKED, with_data, *move, b"\x01" * 1024, sender)


@pytest.mark.spec("N2")
def test_policy__is_locked(pool):
    assert pool.locked(6) is True


# --- tokenURI


def read(uri):
    """Return the JSON of a token URI, strictly; it needs no escape in a URI."""
    assert uri.startswith(PREFIX)
    assert uri.isascii()
    assert not set(uri) & set("#%")
    return json.loads(uri.removeprefix(PREFIX))


@pytest.mark.spec("N4")
def test_token_uri(stage, pool):
    assert read(pool.tokenURI(6)) == {
        "name": "Bicycles of Elm Street policy 6",
        "attributes": [
            {"trait_type": "tier", "value": 0},
            {"trait_type": "cover limit", "value": str(1000 * stage.u)},
            {"trait_type": "expiry", "display_type": "date", "value": stage.terms.expiry},
        ],
    }


def test_token_uri__other_tier(stage, pool, late_joiner):
    stage.join(late_joiner, tier=1)
    tier, limit, _ = read(pool.tokenURI(7))["attributes"]
    assert (tier["value"], limit["value"]) == (1, str(400 * stage.u))


@pytest.mark.spec("N4")
def test_token_uri__longest(make_stage, claimant):
    """A name of 32 characters, the eighth tier, the highest limit."""
    tiers = (*[Tier(1, 2**99)] * 7, Tier(1, 2**100))
    name = "'&<>/{}[]:,;!?*+=~^|`@$ abc ABC."
    assert len(name) == 32
    stage = make_stage(name=name, tiers=tiers, deductible=0, claim_bond=0)
    stage.join(claimant, tier=7)
    document = read(stage.pool.tokenURI(1))
    assert document["name"] == f"{name} policy 1"
    assert document["attributes"][1]["value"] == str(2**100)


# --- ERC-165, EIP-5267


@pytest.mark.spec("N5")
@pytest.mark.parametrize(
    "interface_id, expected",
    [
        ("0x01ffc9a7", True),  # ERC-165
        ("0x80ac58cd", True),  # ERC-721
        ("0x5b5e139f", True),  # its metadata
        ("0xb45a3c0e", True),  # ERC-5192
        ("0xffffffff", False),
        ("0x00000000", False),
        ("0x780e9d63", False),  # enumerable
    ],
)
def test_supports_interface(pool, interface_id, expected):
    assert pool.supportsInterface(interface_id) is expected


def test_supports_interface__is_cheap(pool, outsider):
    """ERC-165: less than 30,000 gas."""
    gas = pool.supportsInterface.estimate_gas("0x80ac58cd", {"from": outsider})
    assert gas - 21_000 < 30_000


@pytest.mark.spec("N6")
def test_eip712_domain(pool):
    fields, name, version, chain_id, contract, salt, extensions = pool.eip712Domain()
    assert str(fields) == "0x0f"
    assert (name, version, chain_id, contract) == ("Peerpool", "1", chain.id, pool)
    assert int(str(salt), 16) == 0
    assert list(extensions) == []


def test_policy__in_every_phase(stage, pool, members, keeper):
    """It is there for good, and nobody can leave with it once cover has begun."""
    at(stage.terms.cover_start)
    refuses("leave: cover has started", pool.leave, {"from": members[0]})
    stage.settle()
    pool.refund_many(1, 6, {"from": keeper})
    assert pool.ownerOf(1) == members[0]
    assert read(pool.tokenURI(1))["name"].endswith("policy 1")
