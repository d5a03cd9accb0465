"""Files of a deployment: manifests, and the journal that makes it resumable.

`deployments/<chain id>/core.json` is the core (implementation, factory, lens) that
all pools of a chain share, `<pool name>.json` a pool with all that an auditor
needs. While one of them is being made, `<the same>.journal.json` lies beside it.
"""

import fcntl
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from peerpool.errors import PeerpoolError
from peerpool.files import write_text


class DeployError(PeerpoolError):
    """A deployment cannot go on: `deploy: problem`."""


def slug(name: str) -> str:
    """A pool's name as a file name: `Bicycle club 2027` -> `bicycle-club-2027`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "pool"


def read_json(path: Path) -> dict[str, Any] | None:
    """The file's object; None if there is no file. Raises DeployError if it is not JSON."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise DeployError(f"deploy: {path} is not JSON") from error


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write all of it or nothing."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def set_aside(path: Path) -> Path | None:
    """Give what is there a name that nobody reads or writes over: `core.json.1`. Returns that."""
    if not path.exists():
        return None
    taken = (path.with_name(f"{path.name}.{number}") for number in count(1))
    free = next(name for name in taken if not name.exists())
    return path.replace(free)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second deployment to the same chain out; a killed one keeps nobody out."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DeployError(f"deploy: another one is at work in {folder}") from error
        yield


class Journal:
    """What is about to be sent, written before it is sent.

    `entries` maps a step to its sender, nonce, predicted address, and the hash once
    it is known. `about` tells what is being deployed. Without a path it is only kept
    in memory.
    """

    def __init__(self, path: Path | None = None, about: dict[str, Any] | None = None) -> None:
        self.path = path
        kept = read_json(path) if path else None
        self.found = kept is not None
        self.about: dict[str, Any] = kept["about"] if kept else about or {}
        self.entries: dict[str, dict[str, Any]] = kept["entries"] if kept else {}

    def write(self, step: str, entry: dict[str, Any]) -> None:
        """Keep the entry of a step, on disk before this returns."""
        self.entries[step] = entry
        self._save()

    def drop(self, step: str) -> None:
        """Forget a step whose transaction created nothing."""
        del self.entries[step]
        self._save()

    def close(self) -> None:
        """The manifest is written: the journal has nothing more to tell."""
        if self.path:
            self.path.unlink(missing_ok=True)

    def _save(self) -> None:
        if self.path:
            write_json(self.path, {"about": self.about, "entries": self.entries})


def code_hash(code: bytes) -> str:
    """Keccak-256 of contract code, as `EXTCODEHASH` gives it, 0x..."""
    return "0x" + keccak(code).hex()


def source(root: Path) -> dict[str, str | None]:
    """What was compiled: commit (None unless everything in the tree is committed), and hash.

    The hash is that of `SOURCES_COMMAND`, so that anybody can repeat it in a shell.
    """
    paths = [*root.glob("contracts/**/*.vy"), *root.glob("interfaces/**/*.vyi")]
    names = sorted(path.relative_to(root).as_posix() for path in paths)
    lines = [
        f"{hashlib.sha256((root / name).read_bytes()).hexdigest()}  {name}\n"
        for name in names
        if "/mocks/" not in name
    ]
    return {
        "commit": _commit(root),
        "sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
        "sha256_of": SOURCES_COMMAND,
    }


SOURCES_COMMAND = (
    "find contracts interfaces -name '*.vy*' -not -path '*/mocks/*'"
    " | LC_ALL=C sort | xargs sha256sum | sha256sum"
)


def _commit(root: Path) -> str | None:
    def git(*arguments: str) -> str:
        run = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        )
        return run.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "contracts", "interfaces")
        return None if changed else git("rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return None
