"""Beancount's own checking program, which lies beside the linters: nothing here imports it."""

import subprocess
from pathlib import Path

LINT = Path(__file__).parents[2] / ".venv-lint" / "bin"


def problems(books: Path) -> str:
    """What `bean-check` says of the file; nothing is good."""
    return run([_program("bean-check")], books)


def run(command: list[str], books: Path) -> str:
    done = subprocess.run([*command, books.name], cwd=books.parent, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert bool(said) == bool(done.returncode), f"exit code {done.returncode}: {said}"
    return said


def python() -> str:
    """The interpreter that has Beancount."""
    return _program("python")


def _program(name: str) -> str:
    path = LINT / name
    assert path.exists(), f"{path} is missing: `make lint` installs it"
    return str(path)
