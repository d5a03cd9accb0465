"""py-evm's Prague computation, running stretches of code that were translated to Python."""

from __future__ import annotations

from eth.abc import ComputationAPI, MessageAPI, StateAPI, TransactionContextAPI
from eth.constants import STACK_DEPTH_LIMIT
from eth.exceptions import Halt, StackDepthLimit, VMError
from eth.vm.code_stream import CodeStream
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.logic.invalid import InvalidOpcode
from eth.vm.memory import Memory
from eth.vm.opcode_values import JUMPI
from eth.vm.stack import Stack

from .stretches import Program, program


class WordStack(Stack):
    """A stack of integers only: translated code wants no bytes."""

    def push_bytes(self, value: bytes) -> None:
        self.push_int(int.from_bytes(value, "big"))


class Computation(PragueComputation):
    """Runs translated code, and py-evm's interpreter where that gives up."""

    def __init__(
        self, state: StateAPI, message: MessageAPI, transaction_context: TransactionContextAPI
    ) -> None:
        # what py-evm's does, but for the code stream: it is only made where py-evm interprets
        self.state, self.msg, self.transaction_context = state, message, transaction_context
        self.accounts = state.accounts
        self._gas_meter = self._configure_gas_meter()
        self.children, self.accounts_to_delete, self.beneficiaries = [], [], []
        self._stack, self._memory, self._log_entries = WordStack(), Memory(), []
        self.data_floor_cost = 0
        state.mark_address_warm(state.coinbase)

    def get_gas_refund(self) -> int:
        """Return what is given back for storage that was cleared."""
        if self._error:
            return self.msg.refund
        children = sum([child.get_gas_refund() for child in self.children])
        return self.msg.refund + self._gas_meter.gas_refunded + children

    @classmethod
    def apply_message(
        cls,
        state: StateAPI,
        message: MessageAPI,
        transaction_context: TransactionContextAPI,
        parent_computation: ComputationAPI | None = None,
    ) -> ComputationAPI:
        """Do what py-evm's does; one that moves value is left to it."""
        given = state, message, transaction_context, parent_computation
        if message.should_transfer_value and message.value:
            return super().apply_message(*given)
        if message.depth > STACK_DEPTH_LIMIT:
            raise StackDepthLimit("Stack depth limit reached")
        snapshot = state.accounts.record()
        state.accounts.touch_account(message.storage_address)
        computation = cls.apply_computation(*given)
        if computation._error:
            state.accounts.discard(snapshot)
        return computation

    @classmethod
    def apply_computation(
        cls,
        state: StateAPI,
        message: MessageAPI,
        transaction_context: TransactionContextAPI,
        parent_computation: ComputationAPI | None = None,
    ) -> ComputationAPI:
        """Do what py-evm's does, but for the loop."""
        computation = cls(state, message, transaction_context)
        if parent_computation is not None:
            computation.contracts_created = parent_computation.contracts_created
        elif computation.is_origin_computation:
            computation.contracts_created = []
        try:
            if message.is_create:
                if parent_computation is None:
                    cls.consume_initcode_gas_cost(computation)
                computation.contracts_created.append(message.storage_address)
            precompile = cls._precompiles.get(message.code_address)
            if not precompile:
                computation._run()
            elif not message.is_delegation:
                precompile(computation)
        except VMError as error:
            computation._error = error
            if error.burns_gas:
                computation._gas_meter.gas_remaining = 0
            if error.erases_return_data:
                computation.return_data = b""
        return computation

    def _run(self) -> None:
        code = program(self.msg.code)
        stretches = code.stretches
        stack, memory, meter = self._stack.values, self._memory._bytes, self._gas_meter
        pc = 0
        try:
            while pc >= 0:
                stretch = stretches.get(pc) or code.translate(pc)
                pc = stretch(self, stack, memory, meter)
            self._interpret(code, ~pc)
        except Halt:
            pass

    def _interpret(self, code: Program, pc: int) -> None:
        self.code = CodeStream(self.msg.code)
        self.code.program_counter = pc
        for opcode in self.code:
            at = self.code.program_counter
            (self.opcodes.get(opcode) or InvalidOpcode(opcode))(computation=self)
            if code.trace:
                code.trace.runs.add(at - 1)
                if opcode == JUMPI:
                    is_next = self.code.program_counter == at
                    (code.trace.passed if is_next else code.trace.taken).add(at - 1)
