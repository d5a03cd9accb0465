"""EVM code as Python functions, one for each stretch of instructions that run from first to last.

py-evm looks at one instruction at a time, which costs ten times as much as what most of them do. A
stretch is translated when it is first run. It begins where the code can be entered, follows jumps
whose target is known, leaves at a JUMPI that is taken, and ends with the first instruction that is
left to py-evm (calls, writes, logs, returns). It runs only if gas and stack surely suffice;
otherwise py-evm interprets from there, so that failures are its own, too.

The functions get the computation, its stack, its memory and its gas meter, and return the program
counter to go on from, or ~ of it where py-evm has to take over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from types import CodeType
from typing import Any

from eth.abc import ComputationAPI, GasMeterAPI, OpcodeAPI
from eth.constants import GAS_COPY, GAS_SHA3WORD
from eth.exceptions import Halt, Revert
from eth.vm.forks.berlin.constants import COLD_SLOAD_COST, WARM_STORAGE_READ_COST
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth_hash.auto import keccak
from eth_utils import int_to_big_endian

from .calls import QUICK
from .gas import BIG, MEMORY_COSTS, access, address_of, grow, growth
from .trace import Trace, trace_of

Stretch = Callable[[ComputationAPI, list[int], bytearray, GasMeterAPI], int]
Word = int | str  # a known figure, or the variable that has it

WORD = 2**256 - 1
TOO_MUCH = 2**300  # gas
LONGEST = 300  # instructions in a stretch
STACK_LIMIT = 1024
STOP, POP, JUMP, JUMPI, PC, GAS, JUMPDEST = 0x00, 0x50, 0x56, 0x57, 0x58, 0x5A, 0x5B
MOVES = (JUMPI, JUMPDEST, POP, PC, GAS)
PUSH0, PUSH1, PUSH32, DUP1, DUP16, SWAP1, SWAP16 = 0x5F, 0x60, 0x7F, 0x80, 0x8F, 0x90, 0x9F

# What an instruction pushes, by what it pops (a first). Comparisons give a bool, which does as a
# word until it meets the stack.
PUSHES = {
    "ADD": "({a} + {b}) & WORD",
    "MUL": "({a} * {b}) & WORD",
    "SUB": "({a} - {b}) & WORD",
    "DIV": "{a} // {b} if {b} else 0",
    "SDIV": "sdiv({a}, {b})",
    "MOD": "{a} % {b} if {b} else 0",
    "SMOD": "smod({a}, {b})",
    "ADDMOD": "({a} + {b}) % {c} if {c} else 0",
    "MULMOD": "({a} * {b}) % {c} if {c} else 0",
    "LT": "{a} < {b}",
    "GT": "{a} > {b}",
    "SLT": "signed({a}) < signed({b})",
    "SGT": "signed({a}) > signed({b})",
    "EQ": "{a} == {b}",
    "ISZERO": "not {a}",
    "AND": "{a} & {b}",
    "OR": "{a} | {b}",
    "XOR": "{a} ^ {b}",
    "NOT": "{a} ^ WORD",
    "BYTE": "({b} >> 248 - 8 * {a}) & 255 if {a} < 32 else 0",
    "SHL": "({b} << {a}) & WORD if {a} < 256 else 0",
    "SHR": "{b} >> {a} if {a} < 256 else 0",
    "SAR": "(signed({b}) >> min({a}, 255)) & WORD",
    "SHA3": "word(keccak(bytes(m[{a}:{a} + {b}])), 'big')",
    "ADDRESS": "word(o.msg.storage_address, 'big')",
    "CALLER": "word(o.msg.sender, 'big')",
    "CALLVALUE": "o.msg.value",
    "CALLDATASIZE": "len(o.msg.data)",
    "CALLDATALOAD": "word(o.msg.data[{a}:{a} + 32].ljust(32, ZERO), 'big')",
    "CODESIZE": "len(o.msg.code)",
    "RETURNDATASIZE": "len(o.return_data)",
    "TIMESTAMP": "o.state.execution_context.timestamp",
    "CHAINID": "o.state.execution_context.chain_id",
    "MLOAD": "word(m[{a}:{a} + 32], 'big')",
    "SLOAD": "o.accounts.load(o.msg.storage_address, {a})",
    "EXTCODESIZE": "len(code(o, {a}))",
    "SELFBALANCE": "o.accounts.get_balance(o.msg.storage_address)",
    "TLOAD": "word(o.accounts.get_transient_storage(o.msg.storage_address, {a}), 'big')",
}
COMPARISONS = {"LT", "GT", "SLT", "SGT", "EQ", "ISZERO"}

# What one that pushes nothing does.
DOES = {
    "MSTORE": "m[{a}:{a} + 32] = ({b}).to_bytes(32, 'big')",
    "CALLDATACOPY": "m[{a}:{a} + {c}] = o.msg.data[{b}:{b} + {c}].ljust({c}, ZERO)",
    "CODECOPY": "m[{a}:{a} + {c}] = o.msg.code[{b}:{b} + {c}].ljust({c}, ZERO)",
    "EXTCODECOPY": "m[{b}:{b} + {d}] = code(o, {a})[{c}:{c} + {d}].ljust({d}, ZERO)",
    "RETURNDATACOPY": "m[{a}:{a} + {c}] = o.return_data[{b}:{b} + {c}]",
    "MCOPY": "m[{a}:{a} + {c}] = m[{b}:{b} + {c}]",
    "TSTORE": "o.accounts.set_transient_storage(o.msg.storage_address, {a}, bytes_of({b}))",
    "RETURN": "o.output = bytes(m[{a}:{a} + {b}])",
    "REVERT": "o.output = bytes(m[{a}:{a} + {b}])",
}
ENDS = {"RETURN": "raise Halt('RETURN')", "REVERT": "raise Revert(o.output)"}

# The memory that it needs: where from, and how much.
NEEDS = {
    "MLOAD": ("{a}", "32"),
    "MSTORE": ("{a}", "32"),
    "SHA3": ("{a}", "{b}"),
    "CALLDATACOPY": ("{a}", "{c}"),
    "CODECOPY": ("{a}", "{c}"),
    "EXTCODECOPY": ("{b}", "{d}"),
    "RETURNDATACOPY": ("{a}", "{c}"),
    "MCOPY": ("max({a}, {b})", "{c}"),
    "RETURN": ("{a}", "{b}"),
    "REVERT": ("{a}", "{b}"),
}

# What it costs besides memory and the figure in py-evm's table.
COSTS = {
    "SHA3": "GAS_SHA3WORD * ({b} + 31 >> 5)",
    "CALLDATACOPY": "GAS_COPY * ({c} + 31 >> 5)",
    "CODECOPY": "GAS_COPY * ({c} + 31 >> 5)",
    "EXTCODECOPY": "GAS_COPY * ({d} + 31 >> 5) + access(o, address({a}))",
    "RETURNDATACOPY": "GAS_COPY * ({c} + 31 >> 5) if {b} + {c} <= len(o.return_data) else TOO_MUCH",
    "MCOPY": "GAS_COPY * ({c} + 31 >> 5)",
    "SLOAD": "WARM if o.accounts.is_storage_warm(o.msg.storage_address, {a}) else COLD",
    "EXTCODESIZE": "access(o, address({a}))",
    "TSTORE": "TOO_MUCH if o.msg.is_static else 0",
}


ARITY = {name: len(set(re.findall(r"{([a-d])}", text))) for name, text in (PUSHES | DOES).items()}


def signed(word: int) -> int:
    """Return what a word means in two's complement."""
    return word - 2**256 if word >> 255 else word


def sdiv(a: int, b: int) -> int:
    """Divide towards zero."""
    quotient = abs(signed(a)) // abs(signed(b)) if b else 0
    return (quotient if a >> 255 == b >> 255 else -quotient) & WORD


def smod(a: int, b: int) -> int:
    """Return the remainder, with the sign of what is divided."""
    remainder = abs(signed(a)) % abs(signed(b)) if b else 0
    return (-remainder if a >> 255 else remainder) & WORD


def code(computation: ComputationAPI, word: int) -> bytes:
    """Return an account's code; it is warm from then on."""
    address = address_of(word)
    computation.state.mark_address_warm(address)
    return computation.state.get_code(address)


NAMES: dict[str, Any] = {
    "WORD": WORD,
    "ZERO": b"\x00",
    "TOO_MUCH": TOO_MUCH,
    "GAS_COPY": GAS_COPY,
    "GAS_SHA3WORD": GAS_SHA3WORD,
    "WARM": WARM_STORAGE_READ_COST,
    "COLD": COLD_SLOAD_COST,
    "Halt": Halt,
    "Revert": Revert,
    "word": int.from_bytes,
    "keccak": lru_cache(maxsize=1 << 16)(keccak),
    "signed": signed,
    "sdiv": sdiv,
    "smod": smod,
    "MEMORY_COSTS": MEMORY_COSTS,
    "bytes_of": int_to_big_endian,
    "access": access,
    "address": address_of,
    "code": code,
    "growth": growth,
    "grow": grow,
}


class Program:
    """One contract's code, and its stretches so far by the program counter they begin at."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self.trace: Trace | None = trace_of(code)
        self.stretches: dict[int, Stretch] = {}
        self.targets = _jump_destinations(code)
        self.names = {**NAMES, "targets": self.targets, "trace": self.trace}

    def translate(self, begin: int) -> Stretch:
        """Return the stretch that begins at a program counter."""
        scope: dict[str, Any] = {}
        exec(_compiled(_Writer(self, begin).write()), self.names, scope)
        self.stretches[begin] = scope["stretch"]
        return scope["stretch"]

    def opcode(self, pc: int) -> int:
        """Return the instruction there; behind the end there is STOP."""
        return self.code[pc] if pc < len(self.code) else STOP


@lru_cache(maxsize=512)
def program(code: bytes) -> Program:
    """Return the program of this code. Clones come and go: only the last ones are kept."""
    return Program(code)


@cache
def _compiled(source: str) -> CodeType:
    return compile(source, "<stretch>", "exec")


def _jump_destinations(code: bytes) -> frozenset[int]:
    found, pc = [], 0
    while pc < len(code):
        opcode = code[pc]
        if opcode == JUMPDEST:
            found.append(pc)
        pc += opcode - PUSH0 + 1 if PUSH1 <= opcode <= PUSH32 else 1
    return frozenset(found)


class _Writer:
    """Writes the source of one stretch."""

    def __init__(self, program: Program, begin: int) -> None:
        self.program = program
        self.begin = self.pc = begin
        self.lines: list[str] = []
        self.stack: list[Word] = []  # the top of the stack, as far as it was looked at
        self.below = 0  # how many words of it lay there before
        self.highest = 0
        self.bools: set[Word] = set()
        self.variables = 0
        self.used = 0  # gas, but for what is only known when it runs: that is taken off g
        self.memory = 0  # bytes that there surely are
        self.seen: set[int] = set()

    def write(self) -> str:
        """Return the source."""
        self._note("runs", self.begin)
        while self._instruction():
            pass
        fits = f"{self.below} <= len(s) <= {STACK_LIMIT - self.highest}"
        head = [
            "def stretch(o, s, m, meter):",
            " g = meter.gas_remaining",
            f" if g < {self.used} or not {fits}: return {~self.begin}",
            *(f" e{depth} = s[-{depth}]" for depth in range(1, self.below + 1)),
        ]
        # what a stretch takes in all is only known at its end
        return "\n".join(head + self.lines).replace("TOTAL", str(self.used))

    def _instruction(self) -> bool:
        """Write one instruction; return whether the stretch goes on."""
        pc, opcode = self.pc, self.program.opcode(self.pc)
        if pc in self.seen or len(self.seen) >= LONGEST:
            self._leave(str(pc))
            return False
        self.seen.add(pc)
        operation = PRAGUE_OPCODES.get(opcode)
        name = getattr(operation, "mnemonic", "")
        if opcode == JUMP:
            return self._jump()
        if name in NEEDS or name in COSTS:
            self._pay(name)
        elif not (name in PUSHES or opcode in MOVES or is_shift(opcode)):
            self._leave_to(opcode, operation)
            return False
        self.pc += 1
        self.used += operation.gas_cost
        self._move(pc, opcode, name)
        if name in ENDS:
            self.lines += [f" meter.gas_remaining = g - {self.used}", f" {ENDS[name]}"]
        return name not in ENDS

    def _move(self, pc: int, opcode: int, name: str) -> None:
        if opcode == JUMPI:
            self._branch(pc)
        elif opcode == JUMPDEST:
            self._note("runs", pc)
        elif opcode == POP:
            self._pop()
        elif opcode == PC:
            self._push(pc)
        elif opcode == GAS:
            self._assign(f"g - {self.used}")
        elif is_shift(opcode):
            self._shift(opcode)
        elif name in PUSHES:
            self._express(name)
        else:
            self.lines.append(" " + DOES[name].format(**self._operands(name)))

    # --- the stack ------------------------------------------------------------

    def _shift(self, opcode: int) -> None:
        if opcode <= PUSH32:
            size = opcode - PUSH0
            data = self.program.code[self.pc : self.pc + size]
            self._push(int.from_bytes(data.ljust(size, b"\x00"), "big"))
            self.pc += size
        elif opcode <= DUP16:
            self._reach(opcode - DUP1 + 1)
            self._push(self.stack[DUP1 - opcode - 1])
        else:
            other = SWAP1 - opcode - 2
            self._reach(-other)
            self.stack[-1], self.stack[other] = self.stack[other], self.stack[-1]

    def _reach(self, depth: int) -> None:
        while len(self.stack) < depth:
            self.below += 1
            self.stack.insert(0, f"e{self.below}")

    def _pop(self) -> Word:
        self._reach(1)
        return self.stack.pop()

    def _push(self, word: Word) -> None:
        self.stack.append(word)
        self.highest = max(self.highest, len(self.stack) - self.below)

    def _operands(self, name: str) -> dict[str, Word]:
        """Pop what an instruction pops."""
        return {"abcd"[i]: self._pop() for i in range(ARITY[name])}

    def _assign(self, expression: str) -> str:
        self.variables += 1
        name = f"v{self.variables}"
        self.lines.append(f" {name} = {expression}")
        self._push(name)
        return name

    def _express(self, name: str) -> None:
        words = self._operands(name)
        text = PUSHES[name].format(**words)
        is_pure = name not in NEEDS and name not in COSTS and "o." not in text
        if is_pure and all(isinstance(word, int) for word in words.values()):
            self._push(int(eval(text, NAMES)))
            return
        variable = self._assign(text)
        both_bools = name in ("AND", "OR", "XOR") and self.bools.issuperset(words.values())
        if name in COMPARISONS or both_bools:
            self.bools.add(variable)

    def _flush(self, indent: str = " ") -> None:
        """Write what makes the real stack what it has to be here."""
        kept = 0
        while kept < min(self.below, len(self.stack)):
            if self.stack[kept] != f"e{self.below - kept}":
                break
            kept += 1
        if self.below > kept:
            self.lines.append(f"{indent}del s[-{self.below - kept}:]")
        words = [f"+{word}" if word in self.bools else str(word) for word in self.stack[kept:]]
        if len(words) == 1:
            self.lines.append(f"{indent}s.append({words[0]})")
        elif words:
            self.lines.append(f"{indent}s += ({', '.join(words)})")

    # --- gas that depends -----------------------------------------------------

    def _pay(self, name: str) -> None:
        """Take it, and have the memory; leave it to py-evm if there is not enough for all."""
        needs, price = NEEDS.get(name), COSTS.get(name, "")
        self._reach(ARITY[name])
        words = {"abcd"[i]: self.stack[-1 - i] for i in range(ARITY[name])}
        at, size = (_evaluated(text.format(**words)) for text in needs or ("0", "0"))
        end = 0
        if isinstance(at, int) and isinstance(size, int):
            end = at + size + 31 & -32 if size else 0
            if end <= self.memory:
                needs = None
            elif end <= BIG:
                self.memory = end
        terms = [f"({price.format(**words)})"] if price else []
        if needs and 0 < end <= BIG:
            self._have(end)
        elif needs:
            terms.append(f"growth(m, {at}, {size})")
        if not terms:
            return
        self.lines.append(f" n = {' + '.join(terms)}")
        self.lines.append(" if g - n < TOTAL:")
        self._leave(str(~self.pc), "  ")
        self.lines.append(" g -= n")
        if needs and not 0 < end <= BIG:
            self.lines.append(f" grow(m, {at}, {size})")

    def _have(self, end: int) -> None:
        """Have memory up to there: most of the time there is enough."""
        self.lines.append(f" if len(m) < {end}:")
        self.lines.append(f"  n = MEMORY_COSTS[{end >> 5}] - MEMORY_COSTS[len(m) >> 5]")
        self.lines.append("  if g - n < TOTAL:")
        self._leave(str(~self.pc), "   ")
        self.lines.append("  g -= n")
        self.lines.append(f"  m.extend(bytes({end} - len(m)))")

    # --- jumps and ends -----------------------------------------------------------

    def _note(self, what: str, pc: int, indent: str = " ") -> None:
        """Tell the trace, if there is one."""
        if self.program.trace:
            self.lines.append(f"{indent}trace.{what}.add({pc})")

    def _leave(self, to: str, indent: str = " ") -> None:
        self._flush(indent)
        self.lines.append(f"{indent}meter.gas_remaining = g - {self.used}")
        self.lines.append(f"{indent}return {to}")

    def _leave_to(self, opcode: int, operation: OpcodeAPI | None) -> None:
        """End with an instruction of py-evm's."""
        if operation is None:  # there is no such instruction
            self._leave(str(~self.pc))
            return
        self.program.names[f"op{opcode}"] = QUICK.get(opcode, operation)
        self._flush()
        self.lines.append(f" meter.gas_remaining = g - {self.used}")
        self.lines.append(f" op{opcode}(o)")
        self.lines.append(f" return {self.pc + 1}")

    def _jump(self) -> bool:
        """Go on at the target if it is known; a bad one is py-evm's to refuse."""
        self._reach(1)
        target = self.stack[-1]
        if isinstance(target, int) and target not in self.program.targets:
            self._leave(str(~self.pc))
            return False
        if not isinstance(target, int):
            self.lines.append(f" if {target} not in targets:")
            self._leave(str(~self.pc), "  ")
        self.stack.pop()
        self.used += PRAGUE_OPCODES[JUMP].gas_cost
        if not isinstance(target, int):
            self._leave(str(target))
            return False
        self.pc = target
        return True

    def _branch(self, pc: int) -> None:
        target, condition = self._pop(), self._pop()
        self.lines.append(f" if {condition}:")
        if isinstance(target, int) and target in self.program.targets:
            self._note("taken", pc, "  ")
            self._leave(str(target), "  ")
        else:
            self.stack += [1, target]
            self.used -= PRAGUE_OPCODES[JUMPI].gas_cost
            self._leave(str(~pc), "  ")
            self.used += PRAGUE_OPCODES[JUMPI].gas_cost
            del self.stack[-2:]
        self._note("passed", pc)
        self._note("runs", pc + 1)


def is_shift(opcode: int) -> bool:
    """Return whether it only moves words on the stack."""
    return PUSH0 <= opcode <= SWAP16


def _evaluated(text: str) -> Word:
    """Return the figure that an expression without variables is, or the expression."""
    try:
        return int(eval(text, {}))
    except NameError:
        return text
