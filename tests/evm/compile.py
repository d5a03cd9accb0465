"""Vyper sources to bytecode and ABI: peerpool.compiled, under the name that tests have for it."""

from peerpool.compiled import EVM_VERSION, ROOT, Artefact, compile_contract

__all__ = ["EVM_VERSION", "ROOT", "Artefact", "compile_contract"]
