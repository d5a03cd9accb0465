"""What py-evm runs of the contracts' code, instruction by instruction, and which sides it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from eth.abc import ComputationAPI, MessageAPI, StateAPI, TransactionContextAPI
from eth.vm.code_stream import CodeStream
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth.vm.opcode_values import JUMPI, STOP

from tests.evm.chain import Chain

from .coverage_map import Map
from .coverage_source import Line, Point, Side


@dataclass
class Run:
    """What was run of one contract: program counters as in its map, and sides taken."""

    map: Map
    counters: set[int] = field(default_factory=set)
    sides: set[Side] = field(default_factory=set)

    @property
    def lines(self) -> set[Line]:
        """Return where the statements begin that were reached."""
        ran = {line for pc, line in self.map.lines.items() if pc in self.counters}
        shown: set[Line | Side] = {*ran, *self.sides, *self._entered()}
        return ran | {line for line, ways in self.map.implied.items() if shown.intersection(ways)}

    def _entered(self) -> set[Line]:
        return {line for pc, line in self.map.functions.items() if pc in self.counters}


@contextmanager
def tracing(maps: Iterable[Map]) -> Iterator[list[Run]]:
    """Look on while chains run the contracts' code; yield what there is to see, which grows."""
    runs = [Run(code) for code in maps]
    known: dict[bytes, tuple[Run, int] | None] = {}

    def run_of(code: bytes) -> tuple[Run, int] | None:
        """Return which contract it is, and what to add to a program counter for its map."""
        if code not in known:
            known[code] = next(_matches(code, runs), None)
        return known[code]

    base = Chain.state_class
    opcodes = {**base.computation_class.opcodes, JUMPI: _jumpi}
    own = {"run_of": staticmethod(run_of), "opcodes": opcodes}
    computation = type("Computation", (_Traced, base.computation_class), own)
    state = type("State", (base,), {"computation_class": computation})
    with patch.object(Chain, "state_class", state):
        yield runs


def _matches(code: bytes, runs: list[Run]) -> Iterator[tuple[Run, int]]:
    """Arguments of a constructor, and immutables, stand behind the code that the compiler made."""
    for run in runs:
        if code.startswith(run.map.creation):
            yield run, 0
        elif code.startswith(run.map.runtime):
            yield run, run.map.offset


class _Traced(PragueComputation):
    """Runs the contracts' code in py-evm's own loop, and other code as it would be."""

    run_of: Callable[[bytes], tuple[Run, int] | None]

    def __init__(
        self, state: StateAPI, message: MessageAPI, transaction_context: TransactionContextAPI
    ) -> None:
        super().__init__(state, message, transaction_context)
        self.latest: dict[Point, Side] = {}  # in this frame
        if found := type(self).run_of(message.code):
            self.run, self.offset = found
            self.code = _Stream(message.code, self.run.counters, self.offset)

    @classmethod
    def apply_computation(
        cls,
        state: StateAPI,
        message: MessageAPI,
        transaction_context: TransactionContextAPI,
        parent_computation: ComputationAPI | None = None,
    ) -> ComputationAPI:
        """Run a message."""
        given = state, message, transaction_context, parent_computation
        if cls.run_of(message.code) is None:
            return super().apply_computation(*given)
        return PragueComputation.apply_computation.__func__(cls, *given)

    def look(self) -> None:
        """Note what the JUMPI that comes now decides."""
        pc = self.code.program_counter - 1 + self.offset
        *rest, condition, _ = self._stack.values[-3:]  # and the target, on top
        run = self.run
        if outcomes := run.map.jumps.get(pc):
            side, lasts = outcomes[bool(condition)]
            run.sides.add(side)
            self.latest[side.point] = side
            for last in lasts:
                if all(self.latest.get(guard.point) == guard for guard in last.guards):
                    run.sides.add(last.side)
        elif (bound := run.map.bounds.get(pc)) and rest == [bound[0]]:
            run.sides.add(bound[1])


class _Stream(CodeStream):
    """Code that notes which of its instructions are read."""

    def __init__(self, code: bytes, counters: set[int], offset: int) -> None:
        super().__init__(code)
        self.counters, self.offset = counters, offset

    def __iter__(self) -> Iterator[int]:
        code, offset, note = self._raw_code_bytes, self.offset, self.counters.add
        while (pc := self.program_counter) < len(code):
            note(pc + offset)
            self.program_counter = pc + 1
            yield code[pc]
        yield STOP


def _jumpi(computation: ComputationAPI) -> None:
    if isinstance(computation.code, _Stream):
        computation.look()
    PRAGUE_OPCODES[JUMPI](computation=computation)
