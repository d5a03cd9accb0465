"""What an audit leaves behind: books for Beancount, tables as CSV and Parquet, page and verdict.

    with Export(folder) as export:  # a watcher of the books, see peerpool.ledger.rebuild
        ledger = rebuild(ledger, events, [export])
        ...
        paths = export.write(ledger, verdict)

Rows are written as they come, so that a long history takes no more memory than a short one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from peerpool.audit.verdict import Verdict
from peerpool.export.beancount import BeancountWriter
from peerpool.export.tables import ExportError, TableWriter
from peerpool.ledger import Event, Ledger, Move
from peerpool.report import Journal, Year, page

__all__ = ["Export", "ExportError"]

BOOKS, PAGE, VERDICT, TABLES = "books.beancount", "report.html", "verdict.json", "tables"


class Export:
    """A watcher that writes the files of an audit into a folder, where they appear with `write`.

    Files of an earlier export are replaced. Raises ExportError("export: ...").
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True)
            self._drafts = TemporaryDirectory(prefix=".draft-", dir=folder)
        self._draft = Path(self._drafts.name)
        (self._draft / TABLES).mkdir()
        self._journal = Journal()
        self._books = BeancountWriter(self._draft / BOOKS)
        self._tables = TableWriter(self._draft / TABLES)

    def __enter__(self) -> Export:
        return self

    def __exit__(self, *_: object) -> None:
        self._books.close()
        self._tables.close()
        self._drafts.cleanup()

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:
        """Write what a transaction did."""
        with self._writing():
            for watcher in (self._journal, self._books, self._tables):
                watcher.saw(ledger, events, moves)

    def write(
        self,
        ledger: Ledger,
        verdict: Verdict,
        *,
        names: Mapping[str, str] | None = None,
        texts: Iterable[str] = (),
        tier_names: Sequence[str] = (),
    ) -> list[Path]:
        """Complete the files and put them into the folder; return their paths.

        names, texts, tier_names: as `peerpool.report.Year` has them.
        """
        year = Year(ledger, self._journal, verdict, names or {}, texts, tier_names)
        drafts = [self._draft / PAGE, self._draft / VERDICT, self._draft / BOOKS]
        tree = json.dumps(verdict.as_tree(), indent=2, ensure_ascii=False)
        with self._writing():
            drafts[0].write_text(page([year]), encoding="utf-8")
            drafts[1].write_text(f"{tree}\n", encoding="utf-8")
            self._books.finish(ledger, verdict)
            drafts += self._tables.finish(ledger, verdict)
            (self._folder / TABLES).mkdir(exist_ok=True)
            return [draft.replace(self._place(draft)) for draft in drafts]

    def _place(self, draft: Path) -> Path:
        return self._folder / draft.relative_to(self._draft)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            text = (problem.strerror or "cannot be written").lower()
            raise ExportError(f"export: {self._folder}: {text}") from None
