"""Messages between contracts: py-evm's CALL, DELEGATECALL and STATICCALL without the ceremony."""

from __future__ import annotations

from collections.abc import Callable

from eth.abc import ComputationAPI
from eth.constants import GAS_CALLSTIPEND, GAS_CALLVALUE, GAS_NEWACCOUNT, STACK_DEPTH_LIMIT
from eth.exceptions import OutOfGas, WriteProtection
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth.vm.message import Message
from eth.vm.opcode_values import CALL, DELEGATECALL, STATICCALL

from .gas import access, address_of, grow, growth

DELEGATION = b"\xef\x01\x00"  # an account whose code is another's (EIP-7702)


class Frame(Message):
    """A message whose parts are known to be right."""

    __slots__ = ("code_address", "is_create", "is_delegation", "storage_address")

    def __init__(
        self,
        gas: int,
        to: bytes,
        sender: bytes,
        value: int,
        data: bytes,
        code: bytes,
        code_address: bytes,
        depth: int = 0,
        is_transfer: bool = True,
        is_static: bool = False,
    ) -> None:
        self.gas, self.to, self.sender, self.value = gas, to, sender, value
        self.data, self.code, self.depth = data, code, depth
        self.storage_address, self.code_address = to, code_address
        self.should_transfer_value, self.is_static = is_transfer, is_static
        self.is_create = self.is_delegation = False
        self.refund = 0


def _call(computation: ComputationAPI) -> None:
    stack, msg = computation._stack.values, computation.msg
    gas, to, value, *places = stack[:-8:-1]
    address = address_of(to)
    code = computation.state.get_code(address)
    if code.startswith(DELEGATION):
        PRAGUE_OPCODES[CALL](computation)
        return
    del stack[-7:]
    if msg.is_static and value:
        raise WriteProtection("Cannot modify state while inside of a STATICCALL context")
    extra = 0
    if value:
        is_new = computation.state.account_is_empty(address)
        extra = GAS_CALLVALUE + (GAS_NEWACCOUNT if is_new else 0)
    gas = _pay(computation, gas, address, extra, *places)
    frame = Frame(
        gas + (GAS_CALLSTIPEND if value else 0),
        address,
        msg.storage_address,
        value,
        bytes(computation._memory._bytes[places[0] : places[0] + places[1]]),
        code,
        address,
        msg.depth + 1,
        True,
        msg.is_static,
    )
    is_poor = value > 0 and computation.state.get_balance(msg.storage_address) < value
    _run(computation, frame, is_poor, *places[2:])


def _delegate_call(computation: ComputationAPI) -> None:
    stack, msg = computation._stack.values, computation.msg
    gas, to, *places = stack[:-7:-1]
    address = address_of(to)
    code = computation.state.get_code(address)
    if code.startswith(DELEGATION):
        PRAGUE_OPCODES[DELEGATECALL](computation)
        return
    del stack[-6:]
    frame = Frame(
        _pay(computation, gas, address, 0, *places),
        msg.storage_address,
        msg.sender,
        msg.value,
        bytes(computation._memory._bytes[places[0] : places[0] + places[1]]),
        code,
        address,
        msg.depth + 1,
        False,
        msg.is_static,
    )
    _run(computation, frame, False, *places[2:])


def _static_call(computation: ComputationAPI) -> None:
    stack, msg = computation._stack.values, computation.msg
    gas, to, *places = stack[:-7:-1]
    address = address_of(to)
    code = computation.state.get_code(address)
    if code.startswith(DELEGATION):
        PRAGUE_OPCODES[STATICCALL](computation)
        return
    del stack[-6:]
    frame = Frame(
        _pay(computation, gas, address, 0, *places),
        address,
        msg.storage_address,
        0,
        bytes(computation._memory._bytes[places[0] : places[0] + places[1]]),
        code,
        address,
        msg.depth + 1,
        False,
        True,
    )
    _run(computation, frame, False, *places[2:])


def _pay(
    computation: ComputationAPI,
    gas: int,
    address: bytes,
    extra: int,
    in_at: int,
    in_size: int,
    out_at: int,
    out_size: int,
) -> int:
    """Pay for memory, the account and the call; return the gas that goes along (EIP-150)."""
    memory, meter = computation._memory._bytes, computation._gas_meter
    left = meter.gas_remaining - access(computation, address) - extra
    for at, size in ((in_at, in_size), (out_at, out_size)):
        left -= growth(memory, at, size)
        if left < 0:
            raise OutOfGas("call")
        grow(memory, at, size)
    computation.state.mark_address_warm(address)
    given = min(gas, left - left // 64)
    meter.gas_remaining = left - given
    return given


def _run(
    computation: ComputationAPI, frame: Frame, is_poor: bool, out_at: int, out_size: int
) -> None:
    stack, meter = computation._stack.values, computation._gas_meter
    if is_poor or frame.depth > STACK_DEPTH_LIMIT:
        computation.return_data = b""
        meter.gas_remaining += frame.gas
        stack.append(0)
        return
    child = computation.apply_message(
        computation.state, frame, computation.transaction_context, parent_computation=computation
    )
    computation.children.append(child)
    error = child._error
    stack.append(0 if error else 1)
    computation.return_data = b"" if error and error.erases_return_data else child._output
    output = computation.return_data[:out_size]
    computation._memory._bytes[out_at : out_at + len(output)] = output
    meter.gas_remaining += child._gas_meter.gas_remaining  # 0 if it was burnt


QUICK: dict[int, Callable[[ComputationAPI], None]] = {
    CALL: _call,
    DELEGATECALL: _delegate_call,
    STATICCALL: _static_call,
}
