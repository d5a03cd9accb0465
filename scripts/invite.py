"""Sign invitations for everybody in a roster, as the organiser of a pool. Nothing is sent."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from brownie import accounts, web3
from brownie.network.account import LocalAccount
from web3.exceptions import Web3Exception

from peerpool import abi, chain, invitations, roster, typed_data
from peerpool.errors import PeerpoolError
from peerpool.files import read_text
from peerpool.invitations import Invitations
from peerpool.terms import Terms, tier_names
from peerpool.units import format_date, parse_address, parse_moment

DEPLOYMENTS = Path(__file__).resolve().parents[1] / "deployments"


class InviteError(PeerpoolError):
    """Nobody can be invited like this: `invite: problem`."""


def invite(
    pool: str, roster_path: Path, names: Sequence[str], account: Any, deadline: int
) -> Invitations:
    """Return signed invitations for everybody in the roster.

    names: of all tiers of the pool; or none, then the roster has their numbers. account: Brownie's,
    of the organiser. deadline: the last Unix second to use them. Raises InviteError, RosterError.
    """
    terms, now = pool_terms(pool), chain.now(web3)
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


def pool_terms(pool: str) -> Terms:
    """Ask a pool for its terms. Raises InviteError if there is none."""
    if not chain.has_code(web3, pool):
        raise InviteError(f"invite: {pool} has no code on chain {web3.eth.chain_id}")
    contract = web3.eth.contract(address=web3.to_checksum_address(pool), abi=abi.load("Pool"))
    try:
        return Terms.from_tuple(contract.functions.terms().call())
    except (ValueError, Web3Exception) as error:
        raise InviteError(f"invite: {pool} is not a pool") from error


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
        print(f"{len(signed.rows)} invitations to {signed.pool}, until {until}: {path}")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("invite", description=__doc__)
    parser.add_argument("roster", type=Path, help="CSV file with the columns member and tier")
    parser.add_argument("pool", help="address, or the manifest that deploy wrote")
    parser.add_argument("--account", help="account of Brownie's that is the organiser")
    parser.add_argument("--deadline", default="14 days", help='from now, or a date ("14 days")')
    parser.add_argument("--terms", type=Path, help="terms file, for the names of the tiers")
    parser.add_argument("--out", type=Path, help="where to write (beside the manifest)")
    parser.add_argument("--replace", action="store_true", help="overwrite an older file")
    parser.add_argument("--json", action="store_true", help="print the file")
    if arguments[:1] == ("--",):  # how `brownie run` is told that the options are ours
        arguments = arguments[1:]
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> tuple[Path, Invitations]:
    pool, names, path = _pool(options.pool)
    path = options.out or path
    names = tier_names(options.terms) if options.terms else names
    account = _account(options.account, pool_terms(pool).organiser)
    now = chain.now(web3)
    deadline = parse_moment(options.deadline, now, now)
    signed = invite(pool, options.roster, names, account, deadline)
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
        raise InviteError(f"invite: {path} has {lost} others; --replace it, or name another --out")


def _pool(text: str) -> tuple[str, Sequence[str], Path]:
    """Return a pool's address, the names of its tiers where known, and where invitations go."""
    chain_id = web3.eth.chain_id
    if not text.endswith(".json"):
        pool = parse_address(text)
        return pool, (), DEPLOYMENTS / str(chain_id) / f"{pool}.invitations.json"
    path = Path(text)
    try:
        kept = json.loads(read_text(path, "invite", InviteError))
        pool, pool_chain = parse_address(kept["pool"]["address"]), kept["chain_id"]
    except (InviteError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InviteError):
            raise
        raise InviteError(f"invite: {path}: is not the manifest of a pool") from None
    if pool_chain != chain_id:
        raise InviteError(f"invite: {path}: is of chain {pool_chain}, this is chain {chain_id}")
    return pool, kept.get("tier_names", ()), path.with_suffix(".invitations.json")


def _account(name: str | None, organiser: str) -> Any:
    if name is None:
        if account := next((a for a in accounts if a.address == organiser), None):
            return account
        raise InviteError(f"invite: name the --account of the organiser {organiser}")
    try:
        return accounts.load(name)
    except FileNotFoundError:
        raise InviteError(f"invite: Brownie has no account {name}") from None
    except ValueError:
        raise InviteError(f"invite: wrong password for the account {name}") from None
