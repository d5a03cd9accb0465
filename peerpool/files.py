"""Text files in and out, with errors that say which file."""

import os
from pathlib import Path

from peerpool.errors import PeerpoolError


def read_bytes(path: Path, subject: str, error: type[PeerpoolError]) -> bytes:
    """Return the content of a file; raise `error("<subject>: <path>: ...")` if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise error(f"{subject}: {path}: no such file") from None
    except IsADirectoryError:
        raise error(f"{subject}: {path}: is a folder, not a file") from None
    except OSError as problem:
        raise error(f"{subject}: {path}: {(problem.strerror or 'unreadable').lower()}") from None


def read_text(path: Path, subject: str, error: type[PeerpoolError]) -> str:
    """Return the content of a UTF-8 file, with or without a byte order mark."""
    try:
        return read_bytes(path, subject, error).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise error(f"{subject}: {path}: is not UTF-8 text") from None


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step: whoever is killed half-way leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
