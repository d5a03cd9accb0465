"""How two answers are compared."""

from __future__ import annotations


def same(contract: object, rules: object) -> None:
    """Demand that the contract says what the rules say; the message shows both."""
    if contract != rules and isinstance(contract, dict) and isinstance(rules, dict):
        contract, rules = (
            {name: value for name, value in one.items() if value != other[name]}
            for one, other in ((contract, rules), (rules, contract))
        )
    assert contract == rules, f"the contract: {contract}, the rules: {rules}"
