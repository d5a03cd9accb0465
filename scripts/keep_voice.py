"""What a keeper tells: lines for a person, or a JSON object on each line."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from peerpool.keeper.keeper import DONE, FAILED, PLANNED, Pass
from peerpool.keeper.purse import Purse
from peerpool.keeper.steps import Outcome
from peerpool.units import ETHER, counted, format_amount

STYLES = {FAILED: "red", DONE: "green"}


@dataclass
class Voice:
    """Tells on stdout what happens; on a terminal it also shows what is being done."""

    as_json: bool
    pools: int
    purse: Purse
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))

    @contextmanager
    def working(self) -> Iterator[Callable[[str], None]]:
        """A line at the bottom of the terminal, which the function gets a text for."""
        if self.as_json:
            yield lambda text: None  # noqa: ARG005
        else:
            with self.console.status("Looking") as status:
                yield status.update

    def tell(self, outcome: Outcome) -> None:
        """One outcome, a line."""
        if self.as_json:
            print(json.dumps(as_tree(outcome)), flush=True)
        else:
            self.console.print(told(outcome), style=STYLES.get(outcome.result), markup=False)

    def end(self, done: Pass, pause: float | None = None) -> None:
        """A pass is over. A person is told of the first, and where something was due."""
        if self.as_json:
            spent = {"gas": self.purse.gas, "wei": str(self.purse.wei)}
            about = {"pass": done.number, "error": done.error, "spent": spent}
            counts = {"counts": dict(sorted(done.counts.items()))}
            print(json.dumps(about | counts), flush=True)
            return
        if done.error:
            self.console.print(done.error, style="red", markup=False)
        if done.counts or done.error or done.number == 1:
            self.console.print(self._sum(done, pause), markup=False)

    def _sum(self, done: Pass, pause: float | None) -> str:
        parts = [f"{count} {name}" for name, count in sorted(done.counts.items())]
        said = ", ".join(parts) or (
            "not finished" if done.error else "nothing worth a transaction is due"
        )
        pools = counted(self.pools, "pool")
        spent = f"; spent {format_amount(self.purse.wei, ETHER)}" if self.purse.gas else ""
        again = "" if pause is None else f"; again in {pause:.0f} s"
        return f"pass {done.number} over {pools}: {said}{spent}{again}"


def told(outcome: Outcome) -> str:
    """An outcome as a line for a person."""
    gas = f"{outcome.gas:,}".replace(",", " ")
    texts = [f"{outcome.step.kept.name}: {outcome.step}: {outcome.result}"]
    if outcome.gas:
        up_to = "up to " if outcome.result == PLANNED else ""
        texts.append(f"{up_to}{gas} gas, {format_amount(outcome.cost, ETHER)}")
    if outcome.problem:
        texts.append(outcome.problem)
    if outcome.transaction:
        texts.append(outcome.transaction)
    return ", ".join(texts)


def as_tree(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON; wei are a decimal string, as they may be many."""
    return {
        "pool": outcome.step.kept.address,
        "name": outcome.step.kept.name,
        "call": outcome.step.function,
        "arguments": list(outcome.step.arguments),
        "result": outcome.result,
        "problem": outcome.problem,
        "transaction": outcome.transaction,
        "gas": outcome.gas,
        "wei": str(outcome.cost),
    }
