"""A copy of the tiny project beside this file, and Brownie run in it in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BROWNIE = Path(sys.executable).with_name("brownie")


@dataclass(frozen=True)
class Tiny:
    """A Brownie project in a folder of its own, for somebody with an empty home."""

    path: Path
    home: Path

    @classmethod
    def new(cls, folder: Path) -> "Tiny":
        project = Path(__file__).parent / "project"
        tiny = cls(folder / "project", folder / "home")
        shutil.copytree(project, tiny.path, ignore=shutil.ignore_patterns("__pycache__"))
        tiny.home.mkdir()
        for name in ("brownie_hooks.py", "brownie_chains.py", "brownie-config.yaml"):
            shutil.copy(ROOT / name, tiny.path)
        (tiny.path / "node_modules").symlink_to(ROOT / "node_modules")
        (tiny.path / "tests").mkdir()
        return tiny

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        variables = {"CHAIN": "anvil"} | os.environ | {"HOME": str(self.home)} | environment
        return subprocess.Popen(
            [BROWNIE, *arguments],
            cwd=self.path,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def brownie(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Exit code and output."""
        process = self.start(*arguments, **environment)
        text, _ = process.communicate(timeout=120)
        return process.returncode, text

    def compiled(self, **environment: str) -> set[str]:
        """Compile; return the paths that were compiled."""
        code, text = self.brownie("compile", **environment)
        assert code == 0, text
        return {line.strip() for line in text.splitlines() if line.startswith("  contracts/")}

    def artefact(self, name: str) -> dict[str, Any]:
        return json.loads((self.path / "build" / "contracts" / f"{name}.json").read_text())

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.path / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def last_json(text: str) -> dict[str, Any]:
    """What the probe printed."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    assert lines, text
    return json.loads(lines[-1])
