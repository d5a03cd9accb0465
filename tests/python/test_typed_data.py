"""Typed data, against EIP-712 spelled out by hand, and signatures against their rules."""

import json

import pytest
from eth_abi import encode
from eth_account import Account
from eth_keys.constants import SECPK1_N
from eth_utils import keccak
from hypothesis import given
from hypothesis import strategies as st

from peerpool import typed_data
from peerpool.typed_data import SignatureError

KEY = keccak(b"organiser")
ORGANISER = Account.from_key(KEY).address
POOL = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
MEMBER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
INVITATION = typed_data.invitation(31337, POOL, MEMBER, 1, 1_800_000_000)
GOLDEN_INVITATION = "3d30d826f6f8d44e2f7049f614a4881ee58bd82cba6ad57c41665b1b993e985b"
GOLDEN_BALLOT = "d6f3e8c193ee0b8e8d8a73778a4d9f8e5439dfa179554f15db17c1a54336d31f"
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
words = st.integers(0, 2**256 - 1)


def by_hand(chain_id: int, pool: str, struct_type: str, types: list[str], values: list) -> bytes:
    """The digest as the EIP spells it out, from nothing but ABI coding and Keccak."""
    domain_type = (
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    )
    domain = encode(
        ["bytes32", "bytes32", "bytes32", "uint256", "address"],
        [keccak(text=domain_type), keccak(text="Peerpool"), keccak(text="1"), chain_id, pool],
    )
    struct = encode(["bytes32", *types], [keccak(text=struct_type), *values])
    return keccak(b"\x19\x01" + keccak(domain) + keccak(struct))


@given(words, addresses, addresses, st.integers(0, 255), words)
def test_invitation__digest__is_that_of_the_eip(chain_id, pool, member, tier, deadline):
    assert typed_data.digest(
        typed_data.invitation(chain_id, pool, member, tier, deadline)
    ) == by_hand(
        chain_id,
        pool,
        "Invitation(address member,uint8 tier,uint256 deadline)",
        ["address", "uint8", "uint256"],
        [member, tier, deadline],
    )


@given(words, addresses, words, st.integers(0, 255), st.binary(min_size=32, max_size=32))
def test_ballot__digest__is_that_of_the_eip(chain_id, pool, claim_id, award, reason):
    assert typed_data.digest(typed_data.ballot(chain_id, pool, claim_id, award, reason)) == by_hand(
        chain_id,
        pool,
        "Ballot(uint256 claimId,uint8 award,bytes32 reason)",
        ["uint256", "uint8", "bytes32"],
        [claim_id, award, reason],
    )


@given(words, addresses, addresses, addresses, words, words)
def test_wallet_change__digest__is_that_of_the_eip(chain_id, pool, old, new, nonce, deadline):
    assert typed_data.digest(
        typed_data.wallet_change(chain_id, pool, old, new, nonce, deadline)
    ) == by_hand(
        chain_id,
        pool,
        "WalletChange(address oldWallet,address newWallet,uint256 nonce,uint256 deadline)",
        ["address", "address", "uint256", "uint256"],
        [old, new, nonce, deadline],
    )


@given(words, addresses, addresses, addresses, words)
def test_wallet_recovery__digest__is_that_of_the_eip(chain_id, pool, old, new, nonce):
    assert typed_data.digest(
        typed_data.wallet_recovery(chain_id, pool, old, new, nonce)
    ) == by_hand(
        chain_id,
        pool,
        "WalletRecovery(address oldWallet,address newWallet,uint256 nonce)",
        ["address", "address", "uint256"],
        [old, new, nonce],
    )


def test_digest__golden__stays():
    ballot = typed_data.ballot(31337, POOL, 1, 7, b"\x22" * 32)
    assert typed_data.digest(INVITATION).hex() == GOLDEN_INVITATION
    assert typed_data.digest(ballot).hex() == GOLDEN_BALLOT


def test_messages__as_json__are_the_same():
    ballot = typed_data.ballot(31337, POOL, 1, 7, b"\x22" * 32)
    for message in (INVITATION, ballot):
        assert typed_data.digest(json.loads(json.dumps(message))) == typed_data.digest(message)


@pytest.mark.parametrize(
    "other",
    [
        typed_data.invitation(1, POOL, MEMBER, 1, 1_800_000_000),
        typed_data.invitation(31337, MEMBER, MEMBER, 1, 1_800_000_000),
        typed_data.invitation(31337, POOL, POOL, 1, 1_800_000_000),
        typed_data.invitation(31337, POOL, MEMBER, 0, 1_800_000_000),
        typed_data.invitation(31337, POOL, MEMBER, 1, 1_800_000_001),
    ],
    ids=["chain", "pool", "member", "tier", "deadline"],
)
def test_recover__other_message__is_somebody_else(other):
    signature = typed_data.sign(KEY, INVITATION)
    assert typed_data.recover(INVITATION, signature) == ORGANISER
    assert typed_data.recover(other, signature) != ORGANISER


@given(st.binary(min_size=32, max_size=32))
def test_compact__back_and_forth__is_the_same_signer(seed):
    key = keccak(seed)
    signature = typed_data.sign(key, INVITATION)
    short = typed_data.compact(signature)
    assert (len(signature), len(short)) == (65, 64)
    assert typed_data.expand(short) == signature
    assert typed_data.recover(INVITATION, short) == Account.from_key(key).address


@pytest.mark.parametrize(
    ("r", "vs", "v", "s"),
    [
        (
            "68a020a209d3d56c46f38cc50a33f704f4a9a10a59377f8dd762ac66910e9b90",
            "7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea52064",
            27,
            "7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea52064",
        ),
        (
            "9328da16089fcba9bececa81663203989f2df5fe1faa6291a45381c81bd17f76",
            "939c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f550793",
            28,
            "139c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f550793",
        ),
    ],
)
def test_compact__examples_of_the_eip__agree(r, vs, v, s):
    """The two test cases of EIP-2098."""
    signature = bytes.fromhex(r + s) + bytes([v])
    assert typed_data.compact(signature) == bytes.fromhex(r + vs)
    assert typed_data.expand(bytes.fromhex(r + vs)) == signature


def test_recover__unfit_signature__is_refused():
    signature = typed_data.sign(KEY, INVITATION)
    s = int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + (SECPK1_N - s).to_bytes(32, "big") + bytes([55 - signature[64]])
    zero_v = signature[:64] + bytes([signature[64] - 27])
    for unfit, message in {
        b"": "signature: 0 bytes, not 65",
        signature + b"\0": "signature: 66 bytes, not 65",
        twin: "signature: s is in the upper half",
        zero_v: f"signature: v is {zero_v[64]}, not 27 or 28",
        bytes(64) + b"\x1b": "signature: belongs to no key",
        bytes(64): "signature: belongs to no key",
        b"\xff" * 32 + signature[32:]: "signature: belongs to no key",
    }.items():
        with pytest.raises(SignatureError) as caught:
            typed_data.recover(INVITATION, unfit)
        assert str(caught.value) == message


def test_expand__wrong_length__is_refused():
    with pytest.raises(SignatureError) as caught:
        typed_data.expand(bytes(65))
    assert str(caught.value) == "signature: 65 bytes, not 64"
