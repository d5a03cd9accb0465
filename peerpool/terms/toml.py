"""Terms files: TOML in people's units. pools/demo.toml shows every key."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from eth_utils import keccak

from peerpool.errors import PeerpoolError, shown
from peerpool.files import read_bytes, read_text
from peerpool.terms.model import Layer, Terms, TermsError, Tier
from peerpool.units import (
    ETHER,
    ZERO_ADDRESS,
    Asset,
    UnitError,
    parse_address,
    parse_amount,
    parse_date,
    parse_duration,
    parse_moment,
    parse_percent,
)

_KEYS = (
    "pool.name",
    "pool.asset",
    "pool.organiser",
    "pool.wording",
    "pool.wording_hash",
    "period.cover_start",
    "period.enrolment_end",
    "period.expiry",
    "period.reporting_period",
    "joining.min_members",
    "joining.max_members",
    "joining.members_may_invite",
    "joining.gate",
    "joining.fee",
    "joining.commission",
    "claims.voting_period",
    "claims.waiting_period",
    "claims.deductible",
    "claims.bond",
    "claims.quorum",
    "claims.approval",
    "claims.silent_consent_limit",
    "claims.arbiter",
    "claims.appeal_period",
    "claims.ruling_period",
    "pledges.desk",
    "reinsurance.reinsurer",
    "reinsurance.max_cession",
    "surplus.claim_free_refund",
    "surplus.cause",
    "surplus.cause_share",
    "surplus.unclaimed_after",
)
_ROW_KEYS = {"tier": ("name", "premium", "cover_limit"), "layer": ("limit", "premium")}
_SECTIONS = (*dict.fromkeys(key.split(".")[0] for key in _KEYS), *_ROW_KEYS)
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_REQUIRED = object()


@dataclass(frozen=True)
class TermsFile:
    """What a terms file holds: the terms, and what of it a pool does not keep."""

    path: Path
    terms: Terms
    asset: Asset
    tier_names: tuple[str, ...]


def read(
    path: str | Path,
    *,
    asset: Asset | Callable[[str], Asset],
    now: int,
    names: Mapping[str, str] | None = None,
) -> TermsFile:
    """Read a terms file. It is not checked by the rules of the chain: that is `check`.

    asset: the asset itself, which the file must then name by symbol or address, or a function that
        asks the chain for symbol and decimals of an address (it is not asked for "ETH").
    now: Unix seconds from which relative dates ("in 7 days") count.
    names: addresses for the names that stand in the file in place of addresses.

    Raises TermsError("terms: <file>: <key>: ...") for the first thing that is wrong.
    """
    with _Reader.of(Path(path), now, names or {}) as reader:
        return reader.file(asset)


def load(
    path: str | Path,
    *,
    asset: Asset | Callable[[str], Asset],
    now: int,
    names: Mapping[str, str] | None = None,
) -> Terms:
    """Return the terms alone of what `read` reads."""
    return read(path, asset=asset, now=now, names=names).terms


def tier_names(path: str | Path) -> tuple[str, ...]:
    """Return the names of the tiers in a terms file, in order; the rest may be incomplete.

    Raises TermsError("terms: <file>: <key>: ...").
    """
    with _Reader.of(Path(path), 0, {}) as reader:
        return reader.tier_names()


class _KeyProblem(Exception):
    """`key: problem`, still without the file."""


class _Reader:
    """The values of one file by dotted key, and what is needed to understand them."""

    def __init__(
        self, path: Path, tree: dict[str, Any], now: int, names: Mapping[str, str]
    ) -> None:
        self.path = path
        self.now = now
        self.names = names
        self.values = _flattened(tree)
        self.tier_count = len(tree.get("tier", []))
        self.layer_count = len(tree.get("layer", []))

    @classmethod
    @contextmanager
    def of(cls, path: Path, now: int, names: Mapping[str, str]) -> Iterator["_Reader"]:
        """Open a file: whatever is wrong with a key is said with the file's name."""
        tree = _tree(path)
        try:
            yield cls(path, tree, now, names)
        except _KeyProblem as problem:
            raise TermsError(f"terms: {path}: {problem}") from None

    def file(self, asset: Asset | Callable[[str], Asset]) -> TermsFile:
        money = self._get("pool.asset", lambda value: self._asset(value, asset))
        cover_start = self._get("period.cover_start", lambda value: parse_date(value, self.now))

        def date(value: object) -> int:
            return parse_moment(value, cover_start, self.now)

        def amount(value: object) -> int:
            return parse_amount(value, money)

        get = self._get
        terms = Terms(
            asset=money.address,
            cover_start=cover_start,
            enrolment_end=get("period.enrolment_end", date, cover_start),
            expiry=get("period.expiry", date),
            min_members=get("joining.min_members", _whole),
            reporting_period=get("period.reporting_period", parse_duration),
            voting_period=get("claims.voting_period", parse_duration),
            waiting_period=get("claims.waiting_period", parse_duration, 0),
            deductible=get("claims.deductible", amount, 0),
            claim_bond=get("claims.bond", amount, 0),
            quorum_bps=get("claims.quorum", parse_percent),
            approval_bps=get("claims.approval", parse_percent),
            silent_consent_limit=get("claims.silent_consent_limit", amount, 0),
            arbiter=get("claims.arbiter", self._address, ZERO_ADDRESS),
            appeal_period=get("claims.appeal_period", parse_duration, 0),
            ruling_period=get("claims.ruling_period", parse_duration, 0),
            claim_free_refund=get("surplus.claim_free_refund", _yes_or_no, False),
            organiser=get("pool.organiser", self._address),
            gate=get("joining.gate", self._address, ZERO_ADDRESS),
            members_may_invite=get("joining.members_may_invite", _yes_or_no, False),
            fee_bps=get("joining.fee", parse_percent, 0),
            commission_bps=get("joining.commission", parse_percent, 0),
            max_members=get("joining.max_members", _whole),
            cause=get("surplus.cause", self._address, ZERO_ADDRESS),
            cause_bps=get("surplus.cause_share", parse_percent, 0),
            unclaimed_after=get("surplus.unclaimed_after", parse_duration, 0),
            desk=get("pledges.desk", self._address, ZERO_ADDRESS),
            reinsurer=get("reinsurance.reinsurer", self._address, ZERO_ADDRESS),
            max_cession_bps=get("reinsurance.max_cession", parse_percent, 0),
            wording_hash=self._wording_hash(),
            name=get("pool.name", _text),
            tiers=tuple(
                Tier(get(f"tier[{i}].premium", amount), get(f"tier[{i}].cover_limit", amount))
                for i in range(self.tier_count)
            ),
            reinsurance=tuple(
                Layer(get(f"layer[{i}].limit", amount), get(f"layer[{i}].premium", amount))
                for i in range(self.layer_count)
            ),
        )
        return TermsFile(self.path, terms, money, self.tier_names())

    def _get(self, key: str, convert: Callable[[object], Any], default: object = _REQUIRED) -> Any:
        if key not in self.values:
            if default is _REQUIRED:
                raise _KeyProblem(f"missing key {key}")
            return default
        try:
            return convert(self.values[key])
        except PeerpoolError as problem:
            raise _KeyProblem(f"{key}: {problem}") from None

    def tier_names(self) -> tuple[str, ...]:
        names: list[str] = []
        for i in range(self.tier_count):
            name = self._get(f"tier[{i}].name", _tier_name)
            if name in names:
                raise _KeyProblem(f"tier[{i}].name: {shown(name)} is the name of another tier")
            names.append(name)
        return tuple(names)

    def _wording_hash(self) -> bytes:
        given = {"pool.wording", "pool.wording_hash"} & self.values.keys()
        if len(given) == 2:
            raise _KeyProblem("pool.wording and pool.wording_hash: only one of them is needed")
        if "pool.wording_hash" in given:
            return self._get("pool.wording_hash", _hash)
        return self._get("pool.wording", self._hash_of_file)

    def _hash_of_file(self, value: object) -> bytes:
        path = self.path.parent / _text(value)
        content = read_bytes(path, "wording", TermsError)
        if not content:
            raise TermsError(f"wording: {path}: is empty")
        return keccak(content)

    def _asset(self, value: object, asset: Asset | Callable[[str], Asset]) -> Asset:
        text = _text(value)
        if isinstance(asset, Asset):
            if text == asset.symbol or self.names.get(text, text).lower() == asset.address.lower():
                return asset
            raise UnitError(f"asset: {shown(text)} is not {asset.symbol} at {asset.address}")
        return ETHER if text == ETHER.symbol else asset(self._address(text))

    def _address(self, value: object) -> str:
        text = _text(value)
        if text.startswith("0x"):
            return parse_address(text)
        if text not in self.names:
            raise UnitError(f"address: none given for the name {shown(text)}")
        return parse_address(self.names[text])


def _tree(path: Path) -> dict[str, Any]:
    text = read_text(path, "terms", TermsError)
    try:
        return tomllib.loads(text)
    except ValueError as problem:  # tomllib lets Python's complaint on huge integers through
        raise TermsError(f"terms: {path}: is not TOML: {problem}") from None


def _flattened(tree: dict[str, Any]) -> dict[str, Any]:
    """Return values by dotted key, having refused every key that does not exist."""
    values: dict[str, Any] = {}
    for section, content in tree.items():
        if section not in _SECTIONS:
            raise _KeyProblem(_unknown(section, _SECTIONS))
        if section in _ROW_KEYS:
            if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
                raise _KeyProblem(f"{section}: write [[{section}]], once for each {section}")
            for i, row in enumerate(content):
                known = [f"{section}[{i}].{leaf}" for leaf in _ROW_KEYS[section]]
                values |= _section(f"{section}[{i}]", row, known)
        elif isinstance(content, dict):
            values |= _section(section, content, _KEYS)
        else:
            raise _KeyProblem(f"{section}: write [{section}], a section")
    return values


def _section(name: str, content: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    values = {f"{name}.{leaf}": value for leaf, value in content.items()}
    for key in values:
        if key not in known:
            raise _KeyProblem(_unknown(key, known))
    return values


def _unknown(key: str, known: Iterable[str]) -> str:
    """Say that there is no such key, with the likeliest one that there is."""
    leaves = {other: other.rpartition(".")[2] for other in known}
    near = get_close_matches(key.rpartition(".")[2], leaves.values(), n=1)
    likeliest = [other for other, leaf in leaves.items() if [leaf] == near]
    return f"unknown key {key}" + (f" (did you mean {likeliest[0]}?)" if likeliest else "")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnitError(f"{shown(value)} is not text")
    return value


def _tier_name(value: object) -> str:
    text = _text(value)
    # A roster gives tiers by name or by number, and no cell may mean both.
    if not text or text != text.strip() or text.isdecimal():
        raise UnitError(f"{shown(text)} is not a name (one that is not a number)")
    return text


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnitError(f"{shown(value)} is not a whole number")
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise UnitError(f"{shown(value)} is not true or false")
    return value


def _hash(value: object) -> bytes:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise UnitError(f"{shown(value)} is not 0x and 64 hex digits")
    return bytes.fromhex(value[2:])
