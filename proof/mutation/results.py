"""Verdicts on mutants, kept in a file between runs, and which of them are still good.

A kill is good until the mutated function changes or the killing test is gone. What nothing killed
is alive until something does, and is tried again when any contract has changed.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from proof.sources import contracts_digest

KILLED, TIMED_OUT, SURVIVED = "killed", "timed out", "survived"
UNFINISHED = "unfinished"  # alive when patience was over
BEFORE = "before"  # in place of how many tests: alive in another run, to be tried again
SAME, DUPLICATE, INVALID = "same code", "duplicate", "invalid"
ALIVE = (SURVIVED, UNFINISHED)


@dataclass
class Verdict:
    """What became of a mutant.

    `by` is the test that killed it, the mutant that it is a duplicate of, or how many tests it
    survived, or why it met none (`BEFORE`, "not compiled"); `code` a digest of its bytecode.
    """

    verdict: str
    by: str = ""
    code: str = ""


@dataclass
class Results:
    """Verdicts by mutant, and digests of what they were found with: of each function (`parts`,
    see Subject.parts), and of all contracts.
    """

    path: Path | None
    parts: dict[str, str]
    sources: str
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    _by_code: dict[str, str] = field(default_factory=dict)

    def load(self, mutants: dict[str, str], tests: Iterable[str]) -> None:
        """Take over what is still good; `mutants` has the part of each, `tests` are those now."""
        if not self.path or not self.path.is_file():
            return
        kept = json.loads(self.path.read_text(encoding="utf-8"))
        same_sources = kept["sources"] == self.sources
        existing = set(tests)
        for name, entry in kept["mutants"].items():
            verdict, part = Verdict(**entry), mutants.get(name)
            if part is None or kept["parts"].get(part) != self.parts[part]:
                continue
            good = {
                KILLED: verdict.by in existing,
                TIMED_OUT: verdict.by in existing,
                INVALID: True,
                UNFINISHED: same_sources and verdict.by != BEFORE,
            }
            if good.get(verdict.verdict, same_sources):
                self.add(name, verdict)
            elif verdict.verdict in ALIVE:
                self.add(name, Verdict(UNFINISHED, BEFORE))

    def add(self, name: str, verdict: Verdict) -> None:
        """Take a verdict; what has the code of another mutant is its duplicate."""
        if verdict.code and verdict.verdict != DUPLICATE:
            first = self._by_code.setdefault(verdict.code, name)
            verdict = verdict if first == name else Verdict(DUPLICATE, first, verdict.code)
        self.verdicts[name] = verdict

    def is_to_be_tried(self, name: str) -> bool:
        """Return whether a mutant has no verdict of today."""
        return name not in self.verdicts or self.verdicts[name].by == BEFORE

    def forget_alive(self, names: Iterable[str]) -> None:
        """Let those of these mutants that nothing killed be without a verdict."""
        for name in names:
            if name in self.verdicts and self.verdicts[name].verdict in ALIVE:
                del self.verdicts[name]

    def save(self, summary: dict[str, object]) -> None:
        """Write all verdicts, a mutant a line, if they are to be kept."""
        if not self.path:
            return
        self.path.parent.mkdir(exist_ok=True)
        head = {
            "contracts": contracts_digest(),
            "summary": summary,
            "sources": self.sources,
            "parts": self.parts,
        }
        lines = [
            f"{json.dumps(name)}: {json.dumps({k: v for k, v in asdict(verdict).items() if v})}"
            for name, verdict in sorted(self.verdicts.items())
        ]
        text = json.dumps(head, indent=1).removesuffix("\n}")
        body = ",\n".join(lines)
        new = self.path.with_suffix(".new")
        new.write_text(f'{text},\n "mutants": {{\n{body}\n }}\n}}\n', encoding="utf-8")
        new.replace(self.path)


def judged(path: Path) -> dict[str, str]:
    """Return why each mutant that cannot be killed cannot.

    Raises:
        ValueError: one is named twice, or without a reason.
    """
    reasons: dict[str, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", []):
        if not entry["reason"].strip() or not entry["mutants"]:
            raise ValueError(f"{path.name}: an entry says nothing")
        for name in entry["mutants"]:
            if name in reasons:
                raise ValueError(f"{path.name}: twice: {name}")
            reasons[name] = entry["reason"]
    return reasons
