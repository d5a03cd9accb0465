"""Mutants against tests: who kills whom."""

from __future__ import annotations

import gc
import hashlib
import json
import multiprocessing
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf
from multiprocessing.connection import Connection, wait
from pathlib import Path

from vyper.ast import FunctionDef, Module
from vyper.exceptions import VyperException

from peerpool.compiled import ROOT, Artefact, compile_contract
from proof.sources import words
from tests.evm import trace
from tests.evm.trace import Trace

from .compiler import Compiler, Function
from .operators import Mutant, mutants
from .results import (
    DUPLICATE,
    INVALID,
    KILLED,
    SAME,
    SURVIVED,
    TIMED_OUT,
    UNFINISHED,
    Results,
    Verdict,
)
from .suite import LONGEST_COMPILATION, Child, Suite, TookTooLong, use
from .tracing import Place, places, warm_up

SAVE_EVERY = 30.0  # seconds
PATIENCE, PATIENCE_MORE = 10, 30.0  # times what a test takes as it is, and seconds


@dataclass
class Subject:
    """Contracts of a project and all mutants of their files, but for those of `helpers`: contracts
    of tests, which show a module by itself.
    """

    root: Path
    contracts: Sequence[str]
    helpers: Sequence[str]
    compiler: Compiler
    texts: dict[str, str] = field(default_factory=dict)
    mutants: dict[str, Mutant] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        root: Path,
        contracts: Sequence[str],
        helpers: Sequence[str] = (),
        told: Callable[[], None] = lambda: None,
    ) -> Subject:
        """Compile the contracts and find the mutants."""
        subject = cls(root, [*contracts, *helpers], helpers, Compiler(root))
        for path in subject.contracts:
            for file, module in subject.compiler.original(path).modules.items():
                if file in subject.texts or file in helpers or not file.endswith(".vy"):
                    continue
                text = subject.texts[file] = (root / file).read_text(encoding="utf-8")
                found = mutants(file, text, module)
                subject.mutants.update((mutant.id, mutant) for mutant in found)
            told()
        return subject

    def parts(self) -> dict[str, str]:
        """Return digests of each function, and of what is outside of functions in each file."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for file, text in self.texts.items():
            owner = {
                line: function.name
                for function in self._tree(file).get_children(FunctionDef)
                for line in range(_first_line(function), function.end_lineno + 1)
            }
            for line, word in words(text):
                found[f"{file} {owner.get(line, '(constant)')}"].append(word)
        return {
            part: hashlib.sha256("\n".join(its_words).encode()).hexdigest()[:12]
            for part, its_words in found.items()
        }

    def _tree(self, file: str) -> Module:
        originals = map(self.compiler.original, self.contracts)
        return next(each.modules[file] for each in originals if file in each.modules)

    def artefact(self, path: str, bytecode: bytes) -> Artefact:
        """Return a contract, as it is but for its code."""
        return Artefact(Path(path).stem, self.compiler.original(path).abi, bytecode)

    def bytecode(self, mutant: Mutant) -> dict[str, bytes]:
        """Return the code of the contracts that the mutant changes.

        Raises:
            VyperException: it is faulty.
        """
        text = mutant.apply(self.texts[mutant.file])
        changed = {}
        for path in self.contracts:
            original = self.compiler.original(path)
            function = (mutant.file, mutant.function)
            if mutant.function:
                concerned = function in original.functions
            else:
                concerned = mutant.file in original.modules
            if not concerned:
                continue
            code = self.compiler.mutant(path, mutant.file, text, mutant.function or mutant.constant)
            if code != original.bytecode:
                changed[path] = code
        return changed

    def functions(self, mutant: Mutant) -> set[Function]:
        """Return the functions that the mutant changes; none: any may be."""
        found: set[Function] = set()
        if mutant.function == "__init__":
            return found
        if mutant.function:
            return {(mutant.file, mutant.function)}
        for original in map(self.compiler.original, self.contracts):
            if mutant.file in original.modules:
                changed = self.compiler.changed(original, mutant.file, mutant.constant)
                if changed is None:
                    return set()
                found |= changed & original.functions
        return found


Seen = tuple[float, frozenset[Place]]  # of a test: its seconds, and the statements that it runs


def trace_all(
    suite: Suite, subject: Subject, kept: Path, told: Callable[[], None]
) -> dict[str, Seen]:
    """Run each test alone on the contracts as they are; return what those that pass run of them.

    `kept` has what was found before on these contracts, and is written anew. On others it is of
    no use: statements are known by their number in a function.
    """
    originals = {path: subject.compiler.original(path) for path in subject.contracts}
    contracts = _digest({path: original.runtime for path, original in originals.items()})
    found = _traced_before(suite, contracts, kept)
    codes = {original.runtime: original.places for original in originals.values()}
    traces = trace.start()
    use({path: subject.artefact(path, each.bytecode) for path, each in originals.items()})
    helpers = {item.path.parent / "*.vy" for item in suite.items.values()}
    for pattern in (*sorted(helpers), ROOT / "contracts/mocks/*.vy", ROOT / "interfaces/*.vyi"):
        for path in pattern.parent.glob(pattern.name):
            compile_contract(path.relative_to(ROOT).as_posix())
    warm_up()
    saved = time.monotonic()
    for name in suite.items:
        if name not in found and (seen := _trace(suite, name, traces, codes)):
            found[name] = seen
        told()
        if time.monotonic() - saved > SAVE_EVERY:
            _save_traces(suite, contracts, found, kept)
            saved = time.monotonic()
    _save_traces(suite, contracts, found, kept)
    return {name: seen for name, seen in found.items() if seen[1]}


def _save_traces(suite: Suite, contracts: str, found: dict[str, Seen], kept: Path) -> None:
    table = sorted({place for _, places in found.values() for place in places})
    number = {place: i for i, place in enumerate(table)}
    tests = {
        name: (_version(suite, name), seconds, sorted(number[place] for place in places))
        for name, (seconds, places) in found.items()
    }
    kept.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"contracts": contracts, "places": table, "tests": tests})
    kept.write_text(text, encoding="utf-8")


def _traced_before(suite: Suite, contracts: str, kept: Path) -> dict[str, Seen]:
    old = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    if old.get("contracts") != contracts:
        return {}
    table = [tuple(place) for place in old["places"]]
    return {
        name: (seconds, frozenset(table[i] for i in numbers))
        for name, (version, seconds, numbers) in old["tests"].items()
        if name in suite.items and version == _version(suite, name)
    }


def _version(suite: Suite, name: str) -> str:
    return _file_digest(suite.items[name].path)


@cache
def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _trace(
    suite: Suite, name: str, traces: dict[bytes, Trace], codes: dict[bytes, dict[int, Place]]
) -> Seen | None:
    def work(child: Child) -> None:
        for seen in traces.values():
            seen.runs.clear()
        [(_, passed, seconds)] = suite.run([name])
        if passed:
            child.tell(seconds=seconds, places=sorted(places(traces, codes)))

    child = Child(work)
    try:
        answer = child.hear()
    finally:
        child.end()
    return answer and (answer["seconds"], frozenset(map(tuple, answer["places"])))


class Hunt:
    """Runs mutants, and learns which tests kill."""

    def __init__(
        self,
        suite: Suite,
        subject: Subject,
        results: Results,
        tests: dict[str, Seen],
        patience: float = inf,
    ) -> None:
        self.suite, self.subject, self.results, self.tests = suite, subject, results, tests
        self._patience = patience
        self._kills: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._by_code: dict[str, str] = {}
        self._sound: dict[str, bool] = {}
        for name, verdict in results.verdicts.items():
            self._learn(subject.mutants[name], verdict)
        originals = map(subject.compiler.original, subject.contracts)
        self._coded = {place for original in originals for place in original.places.values()}
        self._reached: defaultdict[Place, set[str]] = defaultdict(set)
        self._share: dict[tuple[str, str], float] = {}
        for test, (_, found) in tests.items():
            for place in found:
                self._reached[place].add(test)
            files = Counter(file for file, _, _ in found)
            self._share |= {(test, file): n / len(found) for file, n in files.items()}

    def run(self, mutant: Mutant) -> Verdict:
        """Return the verdict on a mutant."""
        every = self.tests_for(mutant)
        names = [name for name in every if self.tests[name][0] < self._patience / 4]
        child = Child(lambda child: self._fight(child, mutant, names))
        try:
            verdict = self._judge(child, mutant, names)
            if verdict.verdict == SURVIVED and len(names) < len(every):
                verdict = Verdict(UNFINISHED, f"{len(names)} of {len(every)}", verdict.code)
        finally:
            child.end()
        self._learn(mutant, verdict)
        return verdict

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Return the tests that can tell, those first that promise most kills in a second."""
        place = mutant.file, *mutant.place
        if place in self._coded:
            chosen = self._reached.get(place, set())
        else:  # all that run the functions; of types, and of what is run once only: the file
            functions = self.subject.functions(mutant)
            chosen = set().union(
                *(
                    tests
                    for (file, function, _), tests in self._reached.items()
                    if ((file, function) in functions if functions else file == mutant.file)
                )
            )
        killers = self._kills[mutant.file, mutant.function]
        neighbours = self._kills[mutant.file, ""]
        # Cases of one test tell much the same: each promises less than the one before. A test of
        # little but the file tells more of it than one of a whole life.
        cases: Counter[str] = Counter()
        promise = {}
        for name in sorted(chosen, key=lambda name: self.tests[name][0]):
            test = name.partition("[")[0]
            cases[test] += 1
            kills = killers[name] + neighbours[name] / 20 + 0.1 / cases[test]
            kills += self._share.get((name, mutant.file), 0) ** 2 / 5
            promise[name] = kills / self.tests[name][0]
        return sorted(chosen, key=lambda name: (-promise[name], name))

    def _fight(self, child: Child, mutant: Mutant, names: Sequence[str]) -> None:
        gc.disable()
        try:
            code = self.subject.bytecode(mutant)
        except VyperException:
            return child.tell(invalid=True)
        gc.enable()
        child.tell(code=_digest(code))
        if not child.hear():
            return None
        use({path: self.subject.artefact(path, code[path]) for path in code})
        for name, passed, _ in self.suite.run(names):
            child.tell(test=name, passed=passed)
            if not passed:
                return None
        return child.tell(done=True)

    def _judge(self, child: Child, mutant: Mutant, names: Sequence[str]) -> Verdict:
        try:
            compiled = child.hear(LONGEST_COMPILATION)
        except TookTooLong:
            return Verdict(UNFINISHED, "not compiled")
        # What the compiler panics over is no mutant either.
        if not compiled or "invalid" in compiled:
            return Verdict(INVALID)
        code = compiled["code"]
        if not code:
            return Verdict(SAME)
        if self._by_code.get(code, mutant.id) != mutant.id:
            return Verdict(DUPLICATE, self._by_code[code], code)
        child.tell(go=True)
        began = time.monotonic()
        for count, name in enumerate(names):
            if time.monotonic() - began > self._patience:
                return Verdict(UNFINISHED, f"{count} of {len(names)}", code)
            try:
                message = child.hear(PATIENCE * self.tests[name][0] + PATIENCE_MORE)
            except TookTooLong:
                return Verdict(TIMED_OUT, name, code)
            if not message or not message["passed"]:
                if self._is_sound(name):
                    return Verdict(KILLED, name, code)
                del self.tests[name]
                for tests in self._reached.values():
                    tests.discard(name)
                return self.run(mutant)
        return Verdict(SURVIVED, str(len(names)), code)

    def _is_sound(self, name: str) -> bool:
        """Return whether a test passes, now and every time, on the contracts as they are."""
        if name not in self._sound:

            def work(child: Child) -> None:
                runs = [*self.suite.run([name]), *self.suite.run([name])]
                child.tell(passed=all(passed for _, passed, _ in runs))

            child = Child(work)
            try:
                answer = child.hear()
            finally:
                child.end()
            self._sound[name] = bool(answer and answer["passed"])
        return self._sound[name]

    def _learn(self, mutant: Mutant, verdict: Verdict) -> None:
        if verdict.code and verdict.verdict != DUPLICATE:
            self._by_code.setdefault(verdict.code, mutant.id)
        if verdict.verdict == KILLED:
            self._kills[mutant.file, mutant.function][verdict.by] += 1
            self._kills[mutant.file, ""][verdict.by] += 1


@dataclass
class Hunts:
    """A hunt on many mutants, by processes side by side, until a moment of time.monotonic()."""

    hunt: Hunt
    mutants: Sequence[Mutant]
    until: float

    def run(self, workers: int) -> Iterator[tuple[str, Verdict]]:
        """Give names and verdicts as they come. What one process learns the others do not."""
        context = multiprocessing.get_context("fork")
        processes, ends = [], []
        for number in range(workers):
            ours, theirs = context.Pipe(duplex=False)
            part = self.mutants[number::workers]
            processes.append(context.Process(target=self._work, args=(theirs, part)))
            processes[-1].start()
            theirs.close()
            ends.append(ours)
        try:
            while ends:
                for end in wait(ends):
                    try:
                        yield end.recv()
                    except EOFError:
                        ends.remove(end)
        finally:
            for process in processes:
                process.terminate()
                process.join()

    def _work(self, end: Connection, mutants: Sequence[Mutant]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        for mutant in mutants:
            if time.monotonic() > self.until:
                break
            end.send((mutant.id, self.hunt.run(mutant)))


def in_order(all_mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """Return mutants so that every beginning of the list is a fair sample of each file."""
    by_file: defaultdict[str, list[tuple[str, Mutant]]] = defaultdict(list)
    for mutant in all_mutants:
        ticket = hashlib.sha256(f"{seed} {mutant.id}".encode()).hexdigest()
        by_file[mutant.file].append((ticket, mutant))
    ranked = [
        ((rank + 0.5) / len(group), ticket, mutant)
        for group in by_file.values()
        for rank, (ticket, mutant) in enumerate(sorted(group, key=lambda pair: pair[0]))
    ]
    return [mutant for *_, mutant in sorted(ranked, key=lambda entry: entry[:2])]


def _first_line(function: FunctionDef) -> int:
    return min(node.lineno for node in (function, *function.decorator_list))


def _digest(code: dict[str, bytes]) -> str:
    """Return a digest of changed contracts; nothing if none is."""
    if not code:
        return ""
    text = "".join(f"{path} {data.hex()} " for path, data in sorted(code.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
