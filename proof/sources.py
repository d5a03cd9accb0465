"""Digests of the files that a result was found with, so that an old one is known as such.

Of Vyper they are of its words: comments, docstrings and the wrapping of lines change no result.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRACTS = ("contracts/*.vy", "contracts/modules/*.vy", "interfaces/*.vyi")


def digest(patterns: Iterable[str], root: Path = ROOT) -> str:
    """Return a digest of files by name and content."""
    whole = sha256()
    for file in sorted({file for pattern in patterns for file in root.glob(pattern)}):
        whole.update(f"{file.relative_to(root).as_posix()}\0".encode())
        whole.update(sha256(_content(file)).digest())
    return whole.hexdigest()[:16]


def words(text: str) -> Iterator[tuple[int, str]]:
    """Give the words of Vyper, begins and ends of lines and blocks among them, with their lines."""
    begins_line = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL):
            continue
        if token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
            begins_line = True
            yield token.start[0], tokenize.tok_name[token.type]
        elif not (begins_line and token.type == tokenize.STRING):
            begins_line = False
            yield token.start[0], token.string


def _content(file: Path) -> bytes:
    if file.suffix not in (".vy", ".vyi"):
        return file.read_bytes()
    return "\n".join(word for _, word in words(file.read_text(encoding="utf-8"))).encode()


def contracts_digest(root: Path = ROOT) -> str:
    """Return the digest of everything that goes on chain, mocks apart."""
    return digest(CONTRACTS, root)
