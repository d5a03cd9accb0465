"""Sign invitations for everybody in a roster, as the organiser of a pool. Nothing is sent."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from brownie import accounts, web3
from brownie.network.account import LocalAccount

from peerpool import chain, invitations, roster, typed_data
from peerpool.errors import PeerpoolError
from peerpool.invitations import Invitations
from peerpool.terms import tier_names
from peerpool.units import counted, format_date, parse_moment
from scripts.account import add_account
from scripts.arguments import parser_of
from scripts.lookup import Named, find_pool, load_account, terms_of

DEPLOYMENTS = Path(__file__).resolve().parents[1] / "deployments"


class InviteError(PeerpoolError):
    """Nobody can be invited like this: `invite: problem`."""


def invite(
    pool: str, roster_path: Path, names: Sequence[str], account: Any, deadline: int
) -> Invitations:
    """Return signed invitations for everybody in the roster.

    names: of all tiers of the pool; or none, then the roster has their numbers. account: Brownie's,
    of the organiser. deadline: the last Unix second to use them. Raises InviteError, FindError,
    RosterError.
    """
    terms, now = terms_of(pool), chain.now(web3)
    if account.address != terms.organiser:
        raise InviteError(f"invite: {account.address} is not the organiser {terms.organiser}")
    if terms.enrolment_end <= now:
        raise InviteError("invite: enrolment is over")
    if deadline < now:
        raise InviteError(f"invite: the deadline {format_date(deadline)} is in the past")
    if len(names) not in (0, len(terms.tiers)):
        raise InviteError(f"invite: {len(names)} names for the {len(terms.tiers)} tiers of {pool}")
    rows = roster.load(roster_path, names or [""] * len(terms.tiers))
    return invitations.issue(
        [(row.member, row.tier) for row in rows],
        chain_id=web3.eth.chain_id,
        pool=pool,
        organiser=terms.organiser,
        deadline=deadline,
        sign=signer(account),
    )


def signer(account: Any) -> Callable[[typed_data.Message], bytes]:
    """Return what signs typed data as a Brownie account: with its key, or by asking the node."""
    if isinstance(account, LocalAccount):
        return lambda message: typed_data.sign(account.private_key, message)

    def ask(message: typed_data.Message) -> bytes:
        method: Any = "eth_signTypedData_v4"
        answer = web3.provider.make_request(method, [account.address, message])
        if "result" not in answer:
            raise InviteError(f"invite: the node does not sign as {account.address}")
        return bytes.fromhex(answer["result"].removeprefix("0x"))

    return ask


# --- the command line -------------------------------------------------------


def main(*arguments: str) -> None:
    """The command; `--help` tells. Mistakes are a line each, and exit code 1."""
    options = _options(arguments)
    try:
        path, signed = _run(options)
    except PeerpoolError as error:
        sys.exit(str(error))
    if options.json:
        print(path.read_text(encoding="utf-8"), end="")
    else:
        until = format_date(signed.rows[0].deadline)
        invited = counted(len(signed.rows), "invitation")
        print(f"{invited} to {signed.pool}, until {until}: {path}")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("invite", __doc__)
    parser.add_argument("roster", type=Path, help="CSV file with the columns member and tier")
    parser.add_argument("pool", help="address, or the manifest that deploy wrote")
    add_account(parser, "the organiser", "the organiser's, if the node has its key")
    parser.add_argument(
        "--deadline",
        default="14 days",
        metavar="TIME",
        help="last time to join with it, from now or a date (%(default)s); who joins must do so"
        " before enrolment ends as well",
    )
    parser.add_argument("--terms", type=Path, help="terms file, for the names of the tiers")
    parser.add_argument("--out", type=Path, help="where to write (beside the manifest)")
    parser.add_argument("--replace", action="store_true", help="overwrite an older file")
    parser.add_argument("--json", action="store_true", help="print the file")
    if arguments[:1] == ("--",):  # how `brownie run` is told that the options are ours
        arguments = arguments[1:]
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> tuple[Path, Invitations]:
    pool = find_pool(options.pool)
    path = options.out or _path(pool)
    names = tier_names(options.terms) if options.terms else pool.tier_names
    account = _account(options, terms_of(pool.address).organiser)
    now = chain.now(web3)
    deadline = parse_moment(options.deadline, now, now)
    signed = invite(pool.address, options.roster, names, account, deadline)
    if path.exists() and not options.replace:
        _lose_nobody(path, signed)
    invitations.write(path, signed)
    return path, invitations.read(path)


def _lose_nobody(path: Path, signed: Invitations) -> None:
    """Raise InviteError if the file there has invitations that the new one would not have."""
    old = invitations.read(path)
    if (old.pool, old.chain_id) != (signed.pool, signed.chain_id):
        if old.chain_id == signed.chain_id and old.chain_id in chain.DEVELOPMENT_CHAINS:
            return  # of a chain that is gone
        lost = len(old.rows)
    else:
        lost = len({row.member for row in old.rows} - {row.member for row in signed.rows})
    if lost:
        others = counted(lost, "other")
        raise InviteError(f"invite: {path} has {others}; --replace it, or name another --out")


def _path(pool: Named) -> Path:
    """Where invitations go: beside the manifest, or by the pool's address."""
    if pool.manifest:
        return pool.manifest.with_suffix(".invitations.json")
    return DEPLOYMENTS / str(web3.eth.chain_id) / f"{pool.address}.invitations.json"


def _account(options: argparse.Namespace, organiser: str) -> Any:
    if options.account:
        return load_account(options)
    if account := next((a for a in accounts if a.address == organiser), None):
        return account
    raise InviteError(f"invite: name the --account of the organiser {organiser}")
