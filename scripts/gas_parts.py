"""Where the gas of a transaction goes: what storage, sends, logs and calls took, by a trace."""

from typing import Any

from scripts.gas_chain import Transaction, rpc

BASE = 21_000
NEW, COLD = 20_000, 2_100
CALLS = {"CALL", "DELEGATECALL", "STATICCALL", "CALLCODE"}
# What a person would say of it; in the order of the table.
PARTS = {
    "base": "the transaction itself",
    "data": "its calldata",
    "new": "words of storage written for the first time",
    "changed": "words of storage changed",
    "read": "words of storage read",
    "code": "other contracts' code, terms read from code",
    "sent": "money sent, signatures recovered",
    "logs": "logs",
    "rest": "everything else: checks, arithmetic, memory, hashes",
    "back": "given back for storage cleared",
}


def parts(made: Transaction) -> dict[str, int]:
    """Gas by PARTS, were the transaction sent now; nothing of it given back yet."""
    data = bytes.fromhex(made["data"].removeprefix("0x"))
    found = dict.fromkeys(PARTS, 0)
    found["base"] = BASE
    found["data"] = sum(16 if byte else 4 for byte in data)
    options = {"disableMemory": True, "disableStorage": True, "disableStack": True}
    steps = rpc("debug_traceCall", made, "latest", options)["structLogs"]
    for i, step in enumerate(steps):
        gas = _own(steps, i)
        found[_kind(step, gas)] += gas
    return found


def _own(steps: list[Any], i: int) -> int:
    """Gas of a step, without that of the steps of the contract that it calls."""
    step, after = steps[i], i + 1
    if step["op"] not in CALLS:
        return step["gasCost"]
    if after < len(steps) and steps[after]["depth"] > step["depth"]:
        first = last = after
        while steps[last]["depth"] > step["depth"]:
            last += 1
        inside = steps[first]["gas"] - steps[last - 1]["gas"] + steps[last - 1]["gasCost"]
        return step["gas"] - steps[last]["gas"] - inside
    return step["gas"] - steps[after]["gas"]


def _kind(step: Any, gas: int) -> str:
    op = step["op"]
    if op == "SSTORE":
        return "new" if gas >= NEW else "changed"
    if op == "SLOAD":
        return "read"
    if op.startswith("LOG"):
        return "logs"
    if op in ("CALL", "STATICCALL"):
        return "sent"
    if op in ("DELEGATECALL", "EXTCODECOPY", "EXTCODESIZE", "EXTCODEHASH"):
        return "code"
    return "rest"
