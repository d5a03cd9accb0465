"""Two tiny projects: one that tests may change, one that they only look at."""

from pathlib import Path

import pytest

from .tiny import Tiny


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A project as compiled once, not to be changed."""
    tiny = Tiny.new(tmp_path_factory.mktemp("built"))
    tiny.compiled()
    return tiny


@pytest.fixture
def tiny(tmp_path: Path, built: Tiny) -> Tiny:
    """A project of one's own, compiled already."""
    tiny = Tiny.new(tmp_path)
    for file in (built.path / "build").rglob("*.json"):
        target = tiny.path / file.relative_to(built.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return tiny
