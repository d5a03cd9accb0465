"""What a run has shown, as JSON and as text; refusals that the interfaces declare beside it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from peerpool.compiled import ROOT
from tests.stateful import promises
from tests.unit.test_errors_are_all_tested import promised

from .workers import Tally

BEGUN, ENDED = "a pool began", "a pool was brought to its end"


def declared() -> dict[str, set[str]]:
    """Return the error messages that each interface declares."""
    return {file.stem: promised([file]) for file in sorted((ROOT / "interfaces").glob("*.vyi"))}


def as_json(tally: Tally) -> dict[str, Any]:
    """Return everything counted, and what was not reached."""
    refusals = {refusal for _, refusal in tally.calls if refusal}
    names = [name for name, *_ in promises.listing()]
    return {
        "calls": tally.calls.total(),
        "lives": tally.lives,
        "pools": tally.reached[BEGUN],
        "pools_ended": tally.reached[ENDED],
        "functions": _by_function(tally.calls),
        "refusals": dict(sorted(_by_refusal(tally.calls).items())),
        "refusals_never_reached": {
            interface: sorted(words - refusals) for interface, words in declared().items()
        },
        "refusals_declared": {interface: len(words) for interface, words in declared().items()},
        "situations": dict(sorted(tally.reached.items())),
        "promises": {name: tally.kept[name] for name in sorted({*names, *tally.kept})},
    }


def _by_function(calls: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    functions: dict[str, dict[str, int]] = {}
    for (function, refusal), count in sorted(calls.items()):
        row = functions.setdefault(function, {"succeeded": 0, "refused": 0})
        row["refused" if refusal else "succeeded"] += count
    return functions


def _by_refusal(calls: Counter[tuple[str, str]]) -> Counter[str]:
    refusals: Counter[str] = Counter()
    for (_, refusal), count in calls.items():
        if refusal:
            refusals[refusal] += count
    return refusals


def as_text(report: dict[str, Any]) -> str:
    """Return the report for people."""
    lines = [
        f"{report['calls']:,} calls in {report['lives']:,} lives of {report['pools']:,} pools, "
        f"{report['pools_ended']:,} of them driven to their end by an outsider",
        "",
        f"{'succeeded':>10} {'refused':>10}  function",
    ]
    for name, row in report["functions"].items():
        lines.append(f"{row['succeeded']:>10,} {row['refused']:>10,}  {name}")
    lines += _table("refused because", report["refusals"])
    lines += _table("situations", report["situations"])
    lines += _table("promises, and how often each was looked at", report["promises"])
    lines.append("")
    for interface, never in report["refusals_never_reached"].items():
        total = report["refusals_declared"][interface]
        lines.append(f"{interface}: {total - len(never)} of {total} refusals reached; never:")
        lines += [f"           {words}" for words in never]
    return "\n".join(lines)


def _table(title: str, rows: dict[str, int]) -> list[str]:
    ordered = sorted(rows.items(), key=lambda row: (-row[1], row[0]))
    return ["", f"{'times':>10}  {title}", *(f"{count:>10,}  {name}" for name, count in ordered)]
