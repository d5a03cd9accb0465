"""Events to compare with, field by field."""

from __future__ import annotations

from typing import Any

from tests.evm.contract import Result

Told = tuple[str, dict[str, Any]]


def event(name: str, **fields: Any) -> Told:
    """Return an event that is expected, with all of its fields."""
    return name, fields


def said(result: Result) -> list[Told]:
    """Return the events of a call, in order."""
    return [(each.name, each.args) for each in result.events]
