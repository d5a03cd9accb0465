"""Translated code against py-evm itself, its own interpreter and tries: the same to the gas."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from eth.constants import BLANK_ROOT_HASH
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth.vm.forks.prague.state import PragueState
from eth.vm.opcode_values import CALL, CALLCODE, DELEGATECALL, SELFDESTRUCT, STATICCALL

from tests.evm import trace
from tests.evm.chain import Chain, Reverted, to_bytes
from tests.evm.contract import deploy
from tests.evm.state import Accounts
from tests.evm.stretches import program

PERSON = "0x" + "a1" * 20
STRANGER = b"\xb0" * 20
RICH = 10**6
PLENTY = 5_000_000  # gas
CALLS = (CALL, CALLCODE, DELEGATECALL, STATICCALL)
SIMPLE = sorted(PRAGUE_OPCODES.keys() - {*CALLS, SELFDESTRUCT})
MOVES = [0x51, 0x52, 0x53, 0x54, 0x55, 0x5C, 0x5D, 0x5E, 0x20, 0x37, 0x39, 0x3C, 0x3E]
WORDS = (0, 1, 31, 32, 33, 255, 256, 2**16, 2**160 - 1, 2**255 - 1, 2**255, 2**256 - 1)


class PyEvm(Chain):
    """A chain on py-evm's own state."""

    @staticmethod
    def state_class(accounts: Accounts, context: ExecutionContext) -> PragueState:
        return PragueState(AtomicDB(MemoryDB()), context, BLANK_ROOT_HASH)


@pytest.fixture
def chains() -> tuple[Chain, Chain]:
    both = Chain(1_800_000_000), PyEvm(1_800_000_000)
    for chain in both:
        chain.give(PERSON, RICH)
    return both


def on_both(chains: tuple[Chain, Chain], method: str, *args: Any) -> Any:
    """Do the same on both; return what both said, the gas included."""
    said = []
    for chain in chains:
        try:
            said.append(getattr(chain, method)(*args))
        except Reverted as failure:
            said.append((failure.reason, failure.gas_used))
    assert said[0] == said[1]
    return said[0]


def push(word: int) -> bytes:
    size = (word.bit_length() + 7) // 8
    return bytes([0x5F + size]) + word.to_bytes(size, "big")


def random_code(random: Random, callees: list[bytes]) -> bytes:
    """Words to begin with, then instructions that mostly make sense, with jumps between them."""
    code = bytearray(b"".join(push(random.choice((*WORDS, 5, 64, 96))) for _ in range(24)))
    jumps = []
    for _ in range(random.randrange(5, 90)):
        kind = random.random()
        if kind < 0.45:
            code += push(random.choice(WORDS) if kind < 0.1 else random.randrange(200))
        elif kind < 0.55:
            code.append(random.choice((*range(0x80, 0x86), *range(0x90, 0x95))))
        elif kind < 0.63:
            code.append(0x5B)
        elif kind < 0.69:
            jumps.append(len(code) + 1)
            code += b"\x61\0\0" + random.choice((b"\x56", b"\x57", b"\x57"))
        elif kind < 0.73:
            code += random_call(random, callees)
        elif kind < 0.88:
            code.append(random.choice(MOVES))
        else:
            code.append(random.choice(SIMPLE))
    targets = [at for at, opcode in enumerate(code) if opcode == 0x5B] or [0]
    for at in jumps:
        target = random.choice(targets) if random.random() < 0.95 else random.randrange(len(code))
        code[at : at + 2] = target.to_bytes(2, "big")
    return bytes(code)


def random_call(random: Random, callees: list[bytes]) -> bytes:
    """Return a call of a contract, a stranger or a precompile."""
    kind = random.choice(CALLS)
    code = b"".join(push(random.randrange(70)) for _ in range(4))
    if kind in (CALL, CALLCODE):
        code += push(random.choice((0, 0, 1)))
    to = random.choice((*callees, *callees, STRANGER, b"\0" * 19 + b"\4", b"\0" * 19 + b"\1"))
    gas = random.choice((b"\x5a", push(random.randrange(30_000))))
    return code + b"\x73" + to + gas + bytes([kind])


def creation(code: bytes) -> bytes:
    """Return what creates a contract of this code."""
    return b"\x61" + len(code).to_bytes(2, "big") + b"\x80\x60\x0a\x5f\x39\x5f\xf3" + code


@pytest.mark.filterwarnings("ignore:SELFDESTRUCT")  # data can be run as code
@pytest.mark.parametrize("seed", range(60))
def test_random_code__does_the_same_as_on_py_evm(chains: tuple[Chain, Chain], seed: int) -> None:
    random = Random(seed)
    callees: list[bytes] = []
    for _ in range(3):
        code = random_code(random, callees)
        created = on_both(chains, "transact", PERSON, "", creation(code), 0, PLENTY).created
        callees.append(to_bytes(created))
    for _ in range(4):
        to = "0x" + random.choice(callees[-2:]).hex()
        data = random.randbytes(random.choice((0, 4, 36, 100)))
        gas = random.choice((22_000, 25_000, 40_000, 60_000, 10**6))
        if random.random() < 0.3:
            on_both(chains, "call", to, data, PERSON, gas)
        else:
            on_both(chains, "transact", PERSON, to, data, random.choice((0, 0, 5)), gas)
    for address in (PERSON, *("0x" + callee.hex() for callee in (*callees, STRANGER))):
        on_both(chains, "balance", address)
        slots = [[c._state.get_storage(to_bytes(address), s) for s in range(200)] for c in chains]
        assert slots[0] == slots[1]


def test_contracts__cost_the_same_as_on_py_evm(chains: tuple[Chain, Chain]) -> None:
    """A token: code that creates, storage that is set, changed and cleared, logs, a refusal."""
    told = []
    for chain in chains:
        token = deploy(chain, "contracts/mocks/Token.vy", "Money", "MON", 6, sender=PERSON)
        other = "0x" + STRANGER.hex()
        results = [
            token.send("mint", PERSON, 7, sender=PERSON),
            token.send("transfer", other, 3, sender=PERSON),
            token.send("transfer", other, 4, sender=PERSON),
        ]
        with pytest.raises(Reverted) as refusal:
            token.send("transfer", other, 1, sender=PERSON)
        results += [refusal.value.reason, refusal.value.gas_used, token.view("balanceOf", other)]
        told.append(results)
    assert told[0] == told[1]


def test_gas__for_less_than_a_stretch_takes__is_spent_by_py_evm(
    chains: tuple[Chain, Chain],
) -> None:
    """Every amount of gas from nothing to enough for a jump, memory and a word of storage."""
    # 7 into memory at 256, a jump over a STOP, from memory into slot 0
    code = push(7) + push(256) + b"\x52" + push(10) + b"\x56\0\x5b" + push(256) + b"\x51\x5f\x55"
    created = on_both(chains, "transact", PERSON, "", creation(code), 0, PLENTY).created
    for gas in range(20_990, 21_100):
        on_both(chains, "call", created, b"", PERSON, gas)


def test_trace__says_which_code_was_run() -> None:
    """A branch that is taken for no data, and passed for some."""
    code = bytes.fromhex("36600557005b00")  # CALLDATASIZE PUSH1 5 JUMPI STOP JUMPDEST STOP
    traces = trace.start()
    try:
        chain = Chain(1)
        created = chain.transact(PERSON, "", creation(code)).created
        assert created
        chain.call(created, b"")
        seen = traces[code]
        assert (seen.runs, seen.taken, seen.passed) == ({0, 4}, set(), {3})
        chain.call(created, b"\1")
        assert (seen.runs, seen.taken, seen.passed) == ({0, 4, 5}, {3}, {3})
    finally:
        trace.stop()
        program.cache_clear()
