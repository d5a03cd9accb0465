"""Whether a pool runs the code of this checkout, on the terms that it says.

A pool is an EIP-1167 stub with its terms and the addresses of its layers behind it; docs/design.md,
"How a pool is created", tells which contracts it runs. Each of them is compiled here and compared
with what the chain has, immutables included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from eth_abi import encode
from eth_abi.exceptions import DecodingError
from eth_utils import is_address, keccak, to_checksum_address

from peerpool import abi, clone, manifest
from peerpool.audit.blocks import Log
from peerpool.audit.decode import Decoder
from peerpool.audit.logs import raw_log
from peerpool.audit.verdict import PROVED, Check, checked
from peerpool.compiled import CORE, EVM_VERSIONS, ROOT, Part, compile_contract, part
from peerpool.deployment import code_hash, source
from peerpool.errors import PeerpoolError
from peerpool.files import read_bytes
from peerpool.ledger.codec import CODEC, events_by_topic
from peerpool.ledger.events import Event
from peerpool.rpc import Node, RpcRefused
from peerpool.terms import Terms, TermsError
from peerpool.units import ZERO_ADDRESS, counted
from peerpool.views import Question, ViewError, ask

STUB = len(clone.stub(ZERO_ADDRESS))
WORD = 32
# A pool runs the first, and each passes on to the next what it does not know.
OFFICES = ("implementation", "back_office", "treaty_office", "policy_office")


class CodeError(PeerpoolError):
    """What is not that pool: `pool: problem`, or `factory: ...` or `manifest: ...`."""


class WordingError(PeerpoolError):
    """A file that cannot be read: `wording: problem`."""


@dataclass(frozen=True)
class PoolCode:
    """What the code of a pool says. `layers`: addresses, 1 first."""

    code: bytes
    implementation: str
    encoded_terms: bytes
    terms: Terms
    layers: tuple[str, ...]


def read(node: Node, pool: str, block: int) -> PoolCode:
    """Return what the code at the address says.

    Raises CodeError where it is not that of a pool, RpcError.
    """
    code = code_at(node, pool, hex(block))
    if not code:
        if code_at(node, pool, "latest"):
            raise CodeError(
                f"pool: {pool} has no code as of block {block}; it has now: --block latest"
            )
        raise CodeError(f"pool: {pool} has no code: another chain, or another address?")
    implementation = to_checksum_address(code[10:30].ljust(20, b"\0"))
    if code[:STUB] != clone.stub(implementation):
        raise CodeError(f"pool: {pool} is not a pool: its code is no clone with terms behind it")
    if len(code) == STUB:
        raise CodeError(
            f"pool: {pool} is not a pool: a clone without terms, as a layer's shares are"
        )
    data = code[STUB:-1]
    try:
        [values] = CODEC.decode([_terms_type()], data)
        terms = Terms.from_tuple(values)
        end = len(data) - WORD * len(terms.reinsurance)
        words = [data[at : at + WORD] for at in range(end, len(data), WORD)]
        layers = tuple(to_checksum_address(word[-20:]) for word in words)
        is_exact = clone.code(implementation, data[:end], layers) == code
    except (DecodingError, ValueError, OverflowError):
        is_exact = False
    if not is_exact:
        raise CodeError(
            f"pool: {pool} is not a pool, or one of another version: {_who(node, pool, block)}"
        )
    return PoolCode(code, implementation, data[:end], terms, layers)


def check_code(
    node: Node,
    pool: str,
    found: PoolCode,
    block: int,
    created: int,
    kept: Mapping[str, Any] | None = None,
) -> Check:
    """Compare all code that the pool runs, and what the factory said when it created it.

    block: of which. created: the block in which the pool was. kept: its manifest, if there is one.
    """
    proof = _Proof(node, pool, found, block, created)
    proof.look(_evm_hint(kept))
    if kept is not None:
        proof.compare_with_manifest(kept)
    return checked("code", proof.differences, proof.proved)


def check_wording(terms: Terms, file: Path) -> Check:
    """Compare the hash of the policy wording with that in the terms. Raises WordingError."""
    digest = keccak(read_bytes(file, "wording", WordingError))
    if digest == terms.wording_hash:
        return Check("wording", PROVED, (f"{file}: its hash 0x{digest.hex()} is in the terms",))
    difference = (
        f"{file}: its hash is 0x{digest.hex()}, the terms have 0x{terms.wording_hash.hex()}"
    )
    return checked("wording", [difference])


def parts_of(node: Node, found: PoolCode, block: int) -> dict[str, str]:
    """Return where the parts of the core are to which a pool's code leads, by step: not judged."""
    addresses, address = {}, found.implementation
    for step in OFFICES:
        addresses[step] = address
        address = _last(code_at(node, address, hex(block)))
    if found.layers:
        stub = code_at(node, found.layers[0], hex(block))
        addresses["layer_implementation"] = _last(stub[:30])
    return addresses


def _last(code: bytes) -> str:
    return to_checksum_address(code[-20:].rjust(20, b"\0"))


class _Proof:
    """The parts found on the way, and what is wrong with them."""

    def __init__(self, node: Node, pool: str, found: PoolCode, block: int, created: int) -> None:
        self.node, self.pool, self.found, self.block = node, pool, found, block
        self.created = created
        self.addresses: dict[str, str] = {}  # of parts of the core, by step
        self.evm_version = ""
        self.differences: list[str] = []
        self.proved: list[str] = []

    def look(self, hint: str | None) -> None:
        if not self._offices(hint):
            return
        if self._creation():
            self._layers()
        self._views()
        names = ", ".join(each.contract for each in CORE if each.step in self.addresses)
        commit = source(ROOT)["commit"]
        self.proved += [
            f"a clone of Pool.vy at {self.found.implementation}; its terms, and the addresses of"
            f" its {counted(len(self.found.layers), 'layer')}, are in its code",
            f"{names} are what contracts/ compiles to (for {self.evm_version})"
            + (f", commit {commit}" if commit else ""),
            f"created in block {self.created} by the factory {self.addresses.get('factory')}; terms"
            f" hash 0x{clone.terms_hash(self.found.encoded_terms).hex()}",
        ]

    def _offices(self, hint: str | None) -> bool:
        """Follow the four parts of a pool's code; return whether all are ours."""
        address = self.found.implementation
        code = self._code(address)
        versions = sorted(EVM_VERSIONS, key=lambda version: version != hint)
        for self.evm_version in versions:
            if self._is_ours(part("implementation"), code):
                break
        else:
            who = _who(self.node, self.pool, self.block)
            self.differences.append(
                f"code: another version, or no pool of Peerpool: it runs {address}, which is not"
                f" Pool.vy of this checkout; {who}"
            )
            return False
        for step, following in pairwise((*OFFICES, "")):
            words = self._immutables(step, address, code)
            if words is None:
                return False
            self.addresses[step] = address
            if following:
                address, code = words[-1], self._code(words[-1])
        return True

    def _creation(self) -> bool:
        """Find the factory's word for it; return whether it can be believed."""
        logs = self._created_logs("PoolCreated")
        factories = [log for log in logs if self._is_factory(to_checksum_address(log.address))]
        if not factories:
            others = ", ".join(sorted({to_checksum_address(log.address) for log in logs}))
            self.differences.append(
                f"factory: none of this checkout's says that it created the pool in block"
                f" {self.created}"
                + (f"; {others} does, and is no factory of ours" if others else "")
            )
            return False
        event = _event(factories[0])
        self.addresses["factory"] = to_checksum_address(factories[0].address)
        terms_hash = clone.terms_hash(self.found.encoded_terms)
        self._same("factory: terms hash", event["terms_hash"].hex(), terms_hash.hex())
        self._same("factory: organiser", event["organiser"], self.found.terms.organiser)
        created = {
            args["layer"]: args["shares"]
            for log in self._created_logs("LayerCreated", self.addresses["factory"])
            if (args := _event(log))
        }
        self._same("factory: layers", created, dict(enumerate(self.found.layers, start=1)))
        is_pool = self._ask(
            Question("PoolFactory", self.addresses["factory"], "is_pool", (self.pool,))
        )
        self._same("factory: is_pool", is_pool, True)
        return True

    def _is_factory(self, address: str) -> bool:
        code = self._code(address)
        if not self._is_ours(part("factory"), code):
            return False
        implementation, layer = _words(part("factory"), code)
        self.addresses["layer_implementation"] = layer
        return implementation == self.found.implementation

    def _layers(self) -> None:
        implementation = self.addresses["layer_implementation"]
        self._immutables("layer_implementation", implementation, self._code(implementation))
        for number, address in enumerate(self.found.layers, start=1):
            place = f"layer {number}: {address}"
            if self._code(address) != clone.stub(implementation):
                self.differences.append(f"{place} is no clone of {implementation}")
                continue
            for name, expected in (("pool", self.pool), ("number", number)):
                told = self._ask(Question("ReinsuranceLayer", address, name))
                self._same(f"{place}: {name}", told, expected)

    def _views(self) -> None:
        """What the pool says of itself, by its own code."""
        query = Question("Pool", self.pool, "terms").query
        raw = self.node.call("eth_call", query, hex(self.block), kind=str)
        self._same("terms()", raw.removeprefix("0x"), self.found.encoded_terms.hex())
        for number, address in enumerate(self.found.layers, start=1):
            told = self._ask(Question("Pool", self.pool, "layer", (number,)))
            self._same(f"layer({number}): shares", told and told["shares"], address)

    def compare_with_manifest(self, kept: Mapping[str, Any]) -> None:
        """A manifest that says something else is of another pool, or was changed."""
        try:
            pool, core = kept["pool"], kept["core"]["contracts"]
            promised = manifest.rebuilt_code(pool, core["implementation"]["address"])
            self._same("manifest: the pool's code", code_hash(self.found.code), code_hash(promised))
            self._same("manifest: code hash", code_hash(self.found.code), pool["runtime_code_hash"])
            self._same("manifest: block", self.created, pool["block"])
            for step, address in self.addresses.items():
                self._same(f"manifest: {step}", address, core[step]["address"])
            commit = kept["core"]["source"]["commit"]
            if self.differences and commit != source(ROOT)["commit"]:
                self.differences.append(f"manifest: its core was built from commit {commit}")
        except (KeyError, TypeError, TermsError):
            self.differences.append("manifest: is not the manifest of a pool")

    # --- one at a time --------------------------------------------------------------

    def _is_ours(self, which: Part, code: bytes) -> bool:
        """Whether code is that of a part, whatever addresses it keeps."""
        words = _words(which, code)
        runtime = compile_contract(which.path, self.evm_version).runtime
        return code == runtime + encode(["address"] * len(words), words)

    def _immutables(self, step: str, address: str, code: bytes) -> Sequence[str] | None:
        """Return the addresses that a part keeps, None if it is not ours."""
        which = part(step)
        if not self._is_ours(which, code):
            self.differences.append(
                f"code: another version? The {step.replace('_', ' ')} {address} is not"
                f" {which.contract}.vy of this checkout (for {self.evm_version})"
            )
            return None
        self.addresses.setdefault(step, address)
        words = _words(which, code)
        if which.keeps_itself:
            self._same(f"code: {step.replace('_', ' ')}: its own address", words[0], address)
        return words

    def _code(self, address: str) -> bytes:
        return code_at(self.node, address, hex(self.block))

    def _ask(self, question: Question) -> Any:
        try:
            return ask(self.node, hex(self.block), question)
        except (RpcRefused, ViewError) as error:
            self.differences.append(f"{question.function}() of {question.address}: {error}")
            return None

    def _created_logs(self, name: str, factory: str | None = None) -> list[Log]:
        """Logs of factories about the pool, of the block that it was created in."""
        [topic] = [t for t, e in _factory_events().items() if e["name"] == name]
        block = hex(self.created)
        query: dict[str, Any] = {
            "fromBlock": block,
            "toBlock": block,
            "topics": ["0x" + topic.hex(), f"0x{self.pool[2:].lower():0>64}"],
        }
        if factory:
            query["address"] = factory
        logs = self.node.call("eth_getLogs", query, kind=list[Log])
        if not all(is_address(log.address) for log in logs):
            raise CodeError("factory: the node gives a log of an address that is none")
        return logs

    def _same(self, what: str, found: Any, expected: Any) -> None:
        if found != expected:
            self.differences.append(f"{what} is {found}, not {expected}")


def _words(which: Part, code: bytes) -> list[str]:
    """Return the addresses that a part keeps, behind what the compiler gives."""
    rest = code[-WORD * which.immutables :] if which.immutables else b""
    return [
        to_checksum_address(rest[at + 12 : at + WORD].rjust(20, b"\0"))
        for at in range(0, len(rest), WORD)
    ]


def code_at(node: Node, address: str, block: str) -> bytes:
    """Return the code of an account as of a block (a number in hex, or a tag)."""
    return bytes.fromhex(node.call("eth_getCode", address, block, kind=str)[2:])


def _terms_type() -> str:
    return clone.terms_type(abi.load("PoolFactory"))


def _factory_events() -> dict[bytes, Mapping[str, Any]]:
    return events_by_topic(abi.load("PoolFactory"))


def _event(log: Log) -> Event:
    try:
        return Decoder(abi.load("PoolFactory")).event(raw_log(log, 0))
    except ValueError as error:
        raise CodeError(f"factory: its log cannot be read: {error}") from None


def _who(node: Node, pool: str, block: int) -> str:
    """What the contract says of itself, if it has a domain for signatures as pools have."""
    try:
        _, name, version, *_ = ask(node, hex(block), Question("Pool", pool, "eip712Domain"))
    except (RpcRefused, ViewError):
        return "it does not say what it is"
    return f'it says it is "{name}", version "{version}"'


def _evm_hint(kept: Mapping[str, Any] | None) -> str | None:
    try:
        return str(kept["core"]["compiler"]["evm_version"]) if kept else None
    except (KeyError, TypeError):
        return None
