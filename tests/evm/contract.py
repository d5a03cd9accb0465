"""A contract on a chain of this process: calls by name, structs by field, events by name."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_utils import keccak
from faster_eth_abi.abi import decode, encode

from peerpool.compiled import Artefact, compile_contract

from .chain import GAS_LIMIT, Chain, Log, Receipt

Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class Event:
    """One decoded log: emitter, name, and arguments by name (addresses in lower case)."""

    address: str
    name: str
    args: dict[str, Any]

    def __getattr__(self, field: str) -> Any:
        try:
            return self.args[field]
        except KeyError:
            raise AttributeError(field) from None


@dataclass(frozen=True)
class Result:
    """What a transaction returned, said and cost; `receipt` has other contracts' logs too."""

    value: Any
    events: tuple[Event, ...]
    gas_used: int
    receipt: Receipt


class _Function:
    def __init__(self, entry: dict[str, Any]) -> None:
        self.inputs = [_type(part) for part in entry["inputs"]]
        self.outputs = [_type(part) for part in entry["outputs"]]
        self.readers = [_reader(part) for part in entry["outputs"]]
        self.selector = _keccak(f"{entry['name']}({','.join(self.inputs)})")[:4]

    def encode(self, args: tuple[Any, ...]) -> bytes:
        return self.selector + encode(self.inputs, args)

    def decode(self, output: bytes) -> Any:
        values = decode(self.outputs, output)
        read = tuple(reader(value) for reader, value in zip(self.readers, values, strict=True))
        return read[0] if len(read) == 1 else read or None


class _EventType:
    def __init__(self, entry: dict[str, Any]) -> None:
        self.name = entry["name"]
        self.topic = int.from_bytes(
            _keccak(f"{self.name}({','.join(_type(part) for part in entry['inputs'])})"), "big"
        )
        self.indexed = [(p["name"], _type(p)) for p in entry["inputs"] if p["indexed"]]
        self.plain = [(p["name"], _type(p)) for p in entry["inputs"] if not p["indexed"]]
        self.plain_types = [kind for _, kind in self.plain]

    def decode(self, log: Log) -> Event:
        args: dict[str, Any] = {}
        for (name, kind), topic in zip(self.indexed, log.topics[1:], strict=True):
            args[name] = decode([kind], topic.to_bytes(32, "big"))[0]
        values = decode(self.plain_types, log.data)
        args.update(zip((name for name, _ in self.plain), values, strict=True))
        return Event(log.address, self.name, args)


class _Interface:
    """An ABI made ready for use; shared by all contracts that have it."""

    def __init__(self, abi: list[dict[str, Any]]) -> None:
        self.functions = {
            (entry["name"], len(entry["inputs"])): _Function(entry)
            for entry in abi
            if entry["type"] == "function"
        }
        types = [_EventType(entry) for entry in abi if entry["type"] == "event"]
        self.events = {kind.topic: kind for kind in types}
        self.constructor = next(
            (
                [_type(p) for p in entry["inputs"]]
                for entry in abi
                if entry["type"] == "constructor"
            ),
            [],
        )


class Contract:
    """A deployed contract."""

    def __init__(self, chain: Chain, path: str, address: str) -> None:
        self.chain = chain
        self.address = address
        self._interface = _interface(path)

    def send(
        self, function: str, *args: Any, sender: str, value: int = 0, gas: int = GAS_LIMIT
    ) -> Result:
        """Call a function in a transaction.

        Raises:
            Reverted: with the reason word for word.
        """
        spec = self._interface.functions[function, len(args)]
        receipt = self.chain.transact(sender, self.address, spec.encode(args), value, gas)
        events = self.events_of(receipt)
        return Result(spec.decode(receipt.output), events, receipt.gas_used, receipt)

    def view(self, function: str, *args: Any, sender: str = "0x" + "00" * 20) -> Any:
        """Return what a function returns, and undo what it did.

        Raises:
            Reverted: with the reason word for word.
        """
        spec = self._interface.functions[function, len(args)]
        return spec.decode(self.chain.call(self.address, spec.encode(args), sender))

    def events_of(self, receipt: Receipt) -> tuple[Event, ...]:
        """Return this contract's own events of a transaction, in order."""
        events = self._interface.events
        return tuple(
            events[log.topics[0]].decode(log) for log in receipt.logs if log.address == self.address
        )


def deploy(chain: Chain, path: str, *args: Any, sender: str) -> Contract:
    """Create a contract from its source ("contracts/Pool.vy").

    Raises:
        Reverted: the constructor failed.
    """
    artefact = compile_contract(path)
    data = artefact.bytecode + encode(_interface(path).constructor, args)
    receipt = chain.transact(sender, "", data)
    assert receipt.created is not None
    return Contract(chain, path, receipt.created)


@cache
def _interface(path: str) -> _Interface:
    artefact: Artefact = compile_contract(path)
    return _Interface(artefact.abi)


def _keccak(signature: str) -> bytes:
    return keccak(text=signature)


def _type(part: dict[str, Any]) -> str:
    if not part["type"].startswith("tuple"):
        return part["type"]
    inner = ",".join(_type(component) for component in part["components"])
    return f"({inner}){part['type'][5:]}"


def _reader(part: dict[str, Any]) -> Reader:
    """Return what turns a decoded value into namedtuples wherever the ABI has a struct."""
    if not part["type"].startswith("tuple"):
        return lambda value: value
    components = part["components"]
    row = namedtuple("Struct", [component["name"] for component in components], rename=True)
    readers = [_reader(component) for component in components]

    def read_struct(value: Any) -> Any:
        return row(*(reader(item) for reader, item in zip(readers, value, strict=True)))

    if part["type"] == "tuple":
        return read_struct
    return lambda values: tuple(read_struct(value) for value in values)
