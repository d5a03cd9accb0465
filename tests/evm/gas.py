"""What memory and accounts cost, and the memory itself."""

from __future__ import annotations

from eth.abc import ComputationAPI
from eth.vm.computation import memory_gas_cost
from eth.vm.forks.berlin.constants import COLD_ACCOUNT_ACCESS_COST, WARM_STORAGE_READ_COST

BIG = 1 << 16
MEMORY_COSTS = [memory_gas_cost(size) for size in range(0, BIG + 1, 32)]


def address_of(word: int) -> bytes:
    """Return the address in a word."""
    return (word & 2**160 - 1).to_bytes(20, "big")


def access(computation: ComputationAPI, address: bytes) -> int:
    """Return what it costs to look at an account."""
    is_warm = computation.state.is_address_warm(address)
    return WARM_STORAGE_READ_COST if is_warm else COLD_ACCOUNT_ACCESS_COST


def growth(memory: bytearray, at: int, size: int) -> int:
    """Return what it costs to have this much memory."""
    end = at + size + 31 & -32
    if end <= len(memory) or not size:
        return 0
    if end > BIG:
        return memory_gas_cost(end) - memory_gas_cost(len(memory))
    return MEMORY_COSTS[end >> 5] - MEMORY_COSTS[len(memory) >> 5]


def grow(memory: bytearray, at: int, size: int) -> None:
    """Have this much memory."""
    end = at + size + 31 & -32
    if end > len(memory) and size:
        memory.extend(bytes(end - len(memory)))
