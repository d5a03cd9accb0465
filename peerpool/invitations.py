"""Signed invitations, in the JSON file that the organiser hands out.

    {"pool": "0x…", "chain_id": 1, "organiser": "0x…", "invitations": [
        {"member": "0x…", "tier": 0, "deadline": 1800000000, "signature": "0x…"}]}

Always in this order, members as in the roster, so that two files can be compared.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peerpool import typed_data
from peerpool.errors import ProblemList
from peerpool.fields import Fields
from peerpool.files import read_text, write_text
from peerpool.units import UINT256_MAX

_KEYS = ("pool", "chain_id", "organiser", "invitations")
_ROW_KEYS = ("member", "tier", "deadline", "signature")


class InvitationError(ProblemList):
    """Invitations that the pool would not take; `problems` lists all that is wrong with them."""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems)


_FIELDS = Fields("invitations", InvitationError)


@dataclass(frozen=True)
class Invitation:
    """A member, the number of a tier, the last second to use it (Unix), a signature.

    64 bytes (EIP-2098), which cost less calldata to join with, or 65.
    """

    member: str
    tier: int
    deadline: int
    signature: bytes

    def as_tuple(self) -> tuple[str, int, int]:
        """Return the struct that `join` takes; the signature is its second argument."""
        return (self.member, self.tier, self.deadline)


@dataclass(frozen=True)
class Invitations:
    """The invitations of one pool on one chain, all signed by its organiser."""

    pool: str
    chain_id: int
    organiser: str
    rows: tuple[Invitation, ...]


def issue(
    members: Iterable[tuple[str, int]],
    *,
    chain_id: int,
    pool: str,
    organiser: str,
    deadline: int,
    sign: Callable[[typed_data.Message], bytes],
) -> Invitations:
    """Invite (member, tier) pairs; `sign` turns a message into 65 bytes, as the organiser.

    Raises InvitationError("invitations: ...") if `sign` signed as somebody else.
    """
    rows = []
    for member, tier in members:
        message = typed_data.invitation(chain_id, pool, member, tier, deadline)
        signature = typed_data.compact(sign(message))
        rows.append(Invitation(member, tier, deadline, signature))
    invitations = Invitations(pool, chain_id, organiser, tuple(rows))
    check(invitations)
    return invitations


def check(invitations: Invitations) -> None:
    """Verify every signature. Raises InvitationError("invitations: row 2: ..."), all at once."""
    problems: list[str] = []
    members: dict[str, int] = {}
    for number, row in enumerate(invitations.rows, start=1):
        first = members.setdefault(row.member, number)
        if first != number:
            problems.append(f"row {number}: member {row.member} is already in row {first}")
        message = typed_data.invitation(
            invitations.chain_id, invitations.pool, row.member, row.tier, row.deadline
        )
        try:
            signer = typed_data.recover(message, row.signature)
        except typed_data.SignatureError as problem:
            problems.append(f"row {number}: {problem}")
            continue
        if signer != invitations.organiser:
            problems.append(f"row {number}: signature is not the organiser's")
    if problems:
        raise InvitationError(*(f"invitations: {problem}" for problem in problems))


def write(path: str | Path, invitations: Invitations) -> None:
    """Write the file in one step, replacing an older one."""
    tree = {
        "pool": invitations.pool,
        "chain_id": invitations.chain_id,
        "organiser": invitations.organiser,
        "invitations": [
            {
                "member": row.member,
                "tier": row.tier,
                "deadline": row.deadline,
                "signature": f"0x{row.signature.hex()}",
            }
            for row in invitations.rows
        ],
    }
    write_text(Path(path), json.dumps(tree, indent=2) + "\n")


def read(path: str | Path) -> Invitations:
    """Read the file and verify every signature in it.

    Raises InvitationError("invitations: ...").
    """
    try:
        tree = json.loads(read_text(Path(path), "invitations", InvitationError))
    except InvitationError:
        raise
    except (ValueError, RecursionError) as problem:
        raise InvitationError(f"invitations: is not JSON: {problem}") from None
    _same_keys(tree, _KEYS, "")
    if not isinstance(tree["invitations"], list):
        raise InvitationError("invitations: invitations: is not a list")
    invitations = Invitations(
        pool=_FIELDS.address(tree["pool"], "pool"),
        chain_id=_FIELDS.number(tree["chain_id"], UINT256_MAX, "chain_id"),
        organiser=_FIELDS.address(tree["organiser"], "organiser"),
        rows=tuple(_row(row, i) for i, row in enumerate(tree["invitations"], start=1)),
    )
    check(invitations)
    return invitations


def _row(tree: Any, number: int) -> Invitation:
    place = f"row {number}"
    _same_keys(tree, _ROW_KEYS, f"{place}: ")
    return Invitation(
        member=_FIELDS.address(tree["member"], f"{place}: member"),
        tier=_FIELDS.number(tree["tier"], 255, f"{place}: tier"),
        deadline=_FIELDS.number(tree["deadline"], UINT256_MAX, f"{place}: deadline"),
        signature=_FIELDS.hex(tree["signature"], f"{place}: signature"),
    )


def _same_keys(tree: Any, keys: tuple[str, ...], place: str) -> None:
    if not isinstance(tree, dict) or sorted(tree) != sorted(keys):
        raise InvitationError(f"invitations: {place}is not an object of {', '.join(keys)}")
