"""What people sign in a random life, well or with a flaw, and whom a signature speaks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_abi.abi import encode
from eth_utils import keccak

from tests.attacks.papers import N, ballot, change, recovery, short, sign
from tests.evm.chain import CHAIN_ID
from tests.evm.signing import DOMAIN_TYPE
from tests.model.core import ZERO

from .world import KEY_OF, PEOPLE, PERMITTING, World

if TYPE_CHECKING:
    from .mirror import Mirror

PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
# of ballots and of support; for each somebody has signed, but not this
FLAWS = ("claim", "award", "pool", "chain", "garbage", "malleated")
SUPPORT_FLAWS = ("old", "new", "nonce", "pool", "garbage")
GARBAGE = (3**100, 5**80)
WHOLE = 2**256 - 1
NOBODY = "0x" + "de" * 20


@dataclass(frozen=True)
class Ballot:
    """Who signs it, and what is wrong with it."""

    signer: str
    flaw: str = ""
    is_short: bool = False


@dataclass(frozen=True)
class Support:
    """Who signs it, and what is wrong with it."""

    signer: str
    flaw: str = ""


@dataclass(frozen=True)
class Permit:
    """For how much, what is wrong with it, and whether somebody brings it in first."""

    value: int
    flaw: str = ""
    is_used_before: bool = False


# --- whom a signature speaks for ------------------------------------------------


def key_of(account: str, world: World) -> str:
    """Return the account whose key signs for one: the owner of a wallet, or itself."""
    return PEOPLE[0] if account == world.signer else account


def can_sign(account: str, world: World) -> bool:
    """Return whether anything can be signed for the account."""
    return key_of(account, world) in KEY_OF


def is_signed_by(account: str, paper: Ballot, world: World) -> bool:
    """Return whether a ballot is one of the account.

    The wallet takes its owner's long form only, and does not look for malleated ones.
    """
    if account == world.signer and paper.flaw in ("", "malleated"):
        is_long = not paper.is_short or paper.flaw == "malleated"
        return key_of(paper.signer, world) == PEOPLE[0] and is_long
    return not paper.flaw and account == key_of(paper.signer, world)


def signed_by(signature: bytes, key: int, organiser: str, world: World) -> str:
    """Return who has signed an invitation: the organiser's wallet takes the long form only."""
    is_wallets = organiser == world.signer and len(signature) == 65
    return organiser if is_wallets and key == KEY_OF[PEOPLE[0]] else PEOPLE[key - 1]


# --- signing ----------------------------------------------------------------------


def _ballot_digest(mirror: Mirror, claim_id: int, award: int, reason: bytes, flaw: str) -> bytes:
    pool = mirror.world.factory.address if flaw == "pool" else mirror.pool.address
    others = [other.pool.address for other in mirror.world.mirrors if other is not mirror]
    if flaw == "pool" and others:
        pool = others[0]
    if flaw == "claim":
        claim_id = claim_id + 1 if claim_id < WHOLE else 0
    if flaw == "award":
        award = award + 1 if award < 10 else 9
    return ballot(pool, claim_id, award, reason, CHAIN_ID + (flaw == "chain"))


def sign_ballot(mirror: Mirror, claim_id: int, award: int, reason: bytes, paper: Ballot) -> bytes:
    """Return a ballot's signature, 64 or 65 bytes."""
    digest = _ballot_digest(mirror, claim_id, award, reason, paper.flaw)
    signer = KEY_OF[key_of(paper.signer, mirror.world)]
    if paper.flaw == "garbage":
        return b"\x01" * 65
    if paper.is_short and paper.flaw != "malleated":
        r, vs = short(signer, digest)
        return r.to_bytes(32, "big") + vs.to_bytes(32, "big")
    signature = sign(signer, digest)
    return _malleated(signature) if paper.flaw == "malleated" else signature


def _malleated(signature: bytes) -> bytes:
    s = N - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def sign_ballot_short(
    mirror: Mirror, claim_id: int, award: int, reason: bytes, paper: Ballot
) -> tuple[int, int]:
    """Return a ballot's signature as EIP-2098 has it."""
    if paper.flaw == "garbage":
        return GARBAGE
    digest = _ballot_digest(mirror, claim_id, award, reason, paper.flaw)
    r, vs = short(KEY_OF[key_of(paper.signer, mirror.world)], digest)
    return (r, vs ^ 1 << 255) if paper.flaw == "malleated" else (r, vs)


def sign_change(
    mirror: Mirror, old: str, new: str, deadline: int, flaw: str
) -> tuple[bytes, bytes]:
    """Return the signatures of both accounts; flaw "old" or "new": that one's is of something
    else, "nonce": both are of another nonce."""
    nonce = mirror.model.nonces[old] + (flaw == "nonce")

    def sign_as(account: str, is_flawed: bool) -> bytes:
        signer = KEY_OF.get(key_of(account, mirror.world), KEY_OF[PEOPLE[-1]])
        until = deadline ^ 1 if is_flawed else deadline
        return sign(signer, change(mirror.pool.address, old, new, nonce, until))

    return sign_as(old, flaw == "old"), sign_as(new, flaw == "new")


def sign_support(mirror: Mirror, old: str, new: str, paper: Support) -> tuple[int, int]:
    """Return one member's signature for a recovery."""
    flaw = paper.flaw
    if flaw == "garbage":
        return GARBAGE
    digest = recovery(
        mirror.world.factory.address if flaw == "pool" else mirror.pool.address,
        NOBODY if flaw == "old" else old,
        NOBODY if flaw == "new" else new,
        mirror.model.nonces[old] + (flaw == "nonce"),
    )
    return short(KEY_OF[paper.signer], digest)


def sign_permit(mirror: Mirror, caller: str, permit: Permit) -> tuple[int, int, int, bytes, bytes]:
    """Return a permit of the caller for the pool."""
    world = mirror.world
    token = world.token.address if world.token else ZERO
    deadline = mirror.now - 1 if permit.flaw == "late" else mirror.now
    others = [person for person in PEOPLE if person != caller]
    signer = others[0] if permit.flaw == "another" else caller
    nonce = world.permits[caller] + (permit.flaw == "nonce")
    names = [DOMAIN_TYPE, keccak(text=PERMITTING), keccak(text="1"), CHAIN_ID, token]
    domain = keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], names))
    fields = [keccak(text=PERMIT), caller, mirror.pool.address, permit.value, nonce, deadline]
    words = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
    struct = keccak(encode(words, fields))
    signature = sign(KEY_OF.get(signer, KEY_OF[PEOPLE[-1]]), keccak(b"\x19\x01" + domain + struct))
    return permit.value, deadline, signature[64], signature[:32], signature[32:64]
