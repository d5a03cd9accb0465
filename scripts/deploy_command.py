"""The deploy command: reads terms, shows what they mean and cost, asks, sends, keeps a manifest."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from brownie import web3
from brownie.exceptions import VirtualMachineError
from eth_utils.crypto import keccak
from rich.console import Console
from rich.table import Table

from peerpool import chain, manifest
from peerpool.deployment import (
    DeployError,
    Journal,
    only_one,
    read_json,
    set_aside,
    slug,
    write_json,
)
from peerpool.errors import PeerpoolError
from peerpool.terms import Terms, TermsFile, check, describe, read
from peerpool.units import ETHER, format_amount
from scripts.account import add_account
from scripts.arguments import parser_of
from scripts.core import ROOT, Core, core_manifest, create_core, known_core, terms_type
from scripts.cost import estimate
from scripts.deploy import NO_SALT, create_pool_once
from scripts.lookup import payer
from scripts.once import Created, is_under_way, open_journal


@dataclass(frozen=True)
class Job:
    """One deployment, as the command line asks for it."""

    file: TermsFile
    sender: Any
    salt: bytes
    suffix: str  # tells pools of the same name apart
    deployments: Path

    @property
    def folder(self) -> Path:
        """deployments/<chain id>"""
        return self.deployments / str(web3.eth.chain_id)

    @property
    def core(self) -> Path:
        """The core's manifest."""
        return self.folder / "core.json"

    @property
    def pool(self) -> Path:
        """The pool's manifest."""
        return self.folder / f"{slug(self.file.terms.name)}{self.suffix}.json"

    def about(self) -> dict[str, Any]:
        """What makes a later run the same deployment. Dates may count from now ("in 7 days"), so
        they are left to the file that holds them."""
        dateless = replace(self.file.terms, cover_start=0, enrolment_end=0, expiry=0)
        rest = json.dumps(manifest.terms_to_json(dateless))
        return {
            "genesis": chain.genesis(web3),
            "creator": self.sender.address,
            "salt": "0x" + self.salt.hex(),
            "file_sha256": hashlib.sha256(self.file.path.read_bytes()).hexdigest(),
            "terms_but_dates_sha256": hashlib.sha256(rest.encode()).hexdigest(),
        }


@dataclass(frozen=True)
class Manners:
    """How the command talks."""

    yes: bool = False
    dry_run: bool = False
    as_json: bool = False


def deploy(job: Job, manners: Manners) -> dict[str, Any]:
    """Deploy what is missing. Returns the pool's manifest ({} after a dry run).

    Raises DeployError, TermsError, or Brownie's VirtualMachineError.
    """
    console = Console(stderr=True, quiet=manners.as_json)
    with only_one(job.folder):
        if done := _finished(job):
            console.print(f"already deployed: {job.pool}", markup=False)
            return done
        core = known_core(job.core)
        if core:
            journal_path(job.core).unlink(missing_ok=True)
        journal, terms = _resumed(job)
        if not journal.entries:
            _check(job, terms, core[0] if core else None)
        _show(console, job, terms, _gas(job, terms, journal, core))
        if manners.dry_run:
            return {}
        if not manners.yes and not agreed("Create it? It cannot be changed afterwards."):
            raise DeployError("deploy: cancelled, nothing sent")
        with console.status("Sending; each transaction is waited for"):
            return _send(console, job, terms, journal, core)


def journal_path(path: Path) -> Path:
    """Where the journal of a manifest lies."""
    return path.with_suffix(".journal.json")


def _finished(job: Job) -> dict[str, Any] | None:
    """The pool's manifest, if an earlier run wrote it."""
    kept = read_json(job.pool)
    if kept is None:
        return None
    about, genesis = job.about(), chain.genesis(web3)
    is_there = chain.has_code(web3, kept["pool"]["address"])
    if kept["about"]["genesis"] != genesis or not is_there:
        if web3.eth.chain_id in chain.DEVELOPMENT_CHAINS:  # of a chain that is gone
            return None
        raise DeployError(f"deploy: {job.pool}: that pool is not on this chain")
    if kept["about"] != about:
        raise DeployError(
            f"deploy: {job.pool} is another pool of this name; change the name, or use --salt"
        )
    journal_path(job.pool).unlink(missing_ok=True)
    return kept


def _resumed(job: Job) -> tuple[Journal, Terms]:
    """The journal, and the terms that an earlier run has sent, or else those of the file."""
    about = job.about()
    journal = open_journal(
        journal_path(job.pool), about | {"terms": manifest.terms_to_json(job.file.terms)}
    )
    if not journal.entries:
        return journal, job.file.terms
    if not is_under_way(journal.entries["pool"]):
        journal.close()
        return _resumed(job)
    terms = journal.about["terms"]
    if {**journal.about, "terms": None} != {**about, "terms": None}:
        raise DeployError(
            f"deploy: {journal.path}: a pool with other terms was begun and is on its way;"
            " run it again with those, or remove that file"
        )
    return journal, manifest.terms_from_json(terms)


def _check(job: Job, terms: Terms, core: Core | None) -> None:
    check(terms, chain.now(web3), lambda address: chain.has_code(web3, address))
    if not core:
        return
    core.factory.check_terms(terms.as_tuple())
    pool = core.factory.predict_pool(job.sender, terms.as_tuple(), job.salt)
    if chain.has_code(web3, pool):
        raise DeployError(
            f"deploy: {pool} is this very pool, though {job.pool} is missing; other commands take"
            " the address; for another pool change the name, or use --salt"
        )


def _gas(job: Job, terms: Terms, journal: Journal, core: Any) -> dict[str, int]:
    if journal.entries:
        return {}  # sent already
    return estimate(core[0] if core else None, terms, job.sender, job.salt)


def _show(console: Console, job: Job, terms: Terms, gas: dict[str, int]) -> None:
    price = web3.eth.gas_price
    cost = sum(gas.values()) * price
    table = Table(title=f"A pool on chain {web3.eth.chain_id}", show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for row in describe(terms, job.file.asset, job.file.tier_names):
        table.add_row(*row)
    table.add_section()
    for step, amount in gas.items():
        table.add_row(f"create {step.replace('_', ' ')}", f"about {amount:,} gas".replace(",", " "))
    table.add_row("cost", f"about {format_amount(cost, ETHER)} at {price / 10**9:g} gwei")
    table.add_row("paid by", job.sender.address)
    console.print(table, markup=False)
    if job.sender.balance() < cost:
        raise DeployError(
            f"deploy: {job.sender.address} has {format_amount(int(job.sender.balance()), ETHER)},"
            f" about {format_amount(cost, ETHER)} needed for gas"
        )


def agreed(question: str) -> bool:
    """Ask the person at the keyboard; anything but yes is no."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _send(console: Console, job: Job, terms: Terms, journal: Journal, core: Any) -> dict[str, Any]:
    contracts, core_kept = core or _core(console, job)
    created = create_pool_once(contracts, terms, job.sender, job.salt, journal)
    layers = contracts.factory.predict_layers(job.sender, terms.as_tuple(), job.salt)
    kept = _manifest(job, terms, created, layers, core_kept)
    _keep(console, job.pool, kept)
    journal.close()
    return kept


def _core(console: Console, job: Job) -> tuple[Core, dict[str, Any]]:
    journal = open_journal(journal_path(job.core), {"genesis": chain.genesis(web3)})
    core, created = create_core(job.sender, journal)
    kept = core_manifest(created)
    _keep(console, job.core, kept)
    journal.close()
    return core, kept


def _keep(console: Console, path: Path, kept: dict[str, Any]) -> None:
    """Write a manifest. One that is there is of another deployment, perhaps on a living chain."""
    if older := set_aside(path):
        line = f"{path}: another deployment's was there, and is {older.name} now"
        console.print(line, markup=False, soft_wrap=True)
    write_json(path, kept)


def _manifest(
    job: Job, terms: Terms, created: Created, layers: Sequence[str], core: dict[str, Any]
) -> dict[str, Any]:
    shown = describe(terms, job.file.asset, job.file.tier_names)
    pool = manifest.pool_entry(web3, created.address, created.mined, job.salt, layers)
    return {
        "format": manifest.FORMAT,
        "chain_id": web3.eth.chain_id,
        "pool": pool | manifest.terms_entry(terms, terms_type(), shown),
        "asset": asdict(job.file.asset),
        "tier_names": list(job.file.tier_names),
        "core": core,
        "about": job.about(),
    }


# --- the command line -------------------------------------------------------


def run(arguments: Sequence[str]) -> None:
    """Deploy as the arguments say; a mistake is one line and exit code 1."""
    options = _options([argument for argument in arguments if argument != "--"])
    try:
        manners = Manners(options.yes, options.dry_run, options.json)
        kept = deploy(_job(options), manners)
    except PeerpoolError as error:
        sys.exit(str(error))
    except VirtualMachineError as error:
        sys.exit(f"deploy: {error.revert_msg or error.message}")
    if options.json:
        print(json.dumps(kept, indent=2))
    elif kept:
        print(f"{kept['pool']['address']}")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("deploy", "Deploy a pool from a terms file.")
    parser.add_argument("terms", type=Path, help="terms file, such as pools/demo.toml")
    add_account(parser, "who pays and is the creator")
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME=ADDRESS",
        help="address of a name in the terms file",
    )
    parser.add_argument("--salt", help="any text, for another pool with the same name")
    parser.add_argument(
        "--deployments",
        type=Path,
        default=ROOT / "deployments",
        metavar="FOLDER",
        help="where manifests are kept (default: deployments)",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="show, and send nothing")
    parser.add_argument("--json", action="store_true", help="print the manifest, no tables")
    return parser.parse_args(arguments)


def _job(options: argparse.Namespace) -> Job:
    file = read(
        options.terms,
        asset=lambda address: chain.read_asset(web3, address),
        now=chain.now(web3),
        names=dict(_name(text) for text in options.name),
    )
    salt = keccak(text=options.salt) if options.salt else NO_SALT
    suffix = f"-{slug(options.salt)}" if options.salt else ""
    return Job(file, payer(options), salt, suffix, options.deployments)


def _name(text: str) -> tuple[str, str]:
    name, equals, address = text.partition("=")
    if not equals:
        raise DeployError(f"deploy: --name {text} is not NAME=ADDRESS")
    return name, address
