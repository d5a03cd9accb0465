"""Which statements of the contracts a test runs: a mutant meets only tests that can tell."""

from __future__ import annotations

from vyper.evm.opcodes import get_opcodes

from tests.attacks.arena import Arena
from tests.evm.contract import Contract
from tests.evm.stretches import program
from tests.evm.trace import Trace
from tests.stateful.world import World

Place = tuple[str, str, int]  # a file, a function, and the number of a statement in it
ENDS = frozenset(
    get_opcodes()[name][0] for name in ("JUMP", "JUMPI", "STOP", "RETURN", "REVERT", "INVALID")
)
PUSH1, PUSH32 = get_opcodes()["PUSH1"][0], get_opcodes()["PUSH32"][0]


def places(traces: dict[bytes, Trace], known: dict[bytes, dict[int, Place]]) -> frozenset[Place]:
    """Return the statements that were run; `known` has those of each contract's runtime code."""
    found: set[Place] = set()
    for code, trace in traces.items():
        # What is created has its immutables behind its code.
        statements = next((of for start, of in known.items() if code.startswith(start)), None)
        for begin in trace.runs if statements else ():
            found.update(statements[at] for at in _run(code, begin) if at in statements)
    return frozenset(found)


def _run(code: bytes, begin: int) -> list[int]:
    """Return the program counters from one to the next jump or end."""
    counters, at = [], begin
    while at < len(code):
        counters.append(at)
        if code[at] in ENDS:
            break
        at += 1 + (code[at] - PUSH1 + 1 if PUSH1 <= code[at] <= PUSH32 else 0)
    return counters


def warm_up() -> None:
    """Translate the contracts that tests deploy, once for all processes forked from this one."""
    for stage in (Arena(), World()):
        for contract in vars(stage).values():
            if isinstance(contract, Contract):
                code = program(stage.chain.code(contract.address))
                for begin in code.targets:
                    code.translate(begin)
