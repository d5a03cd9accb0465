"""A real browser for pages of ours: Chromium out of node_modules, driven by Playwright.

The package holds it compressed; it is unpacked once, into build/.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "node_modules" / "@sparticuz" / "chromium"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

UNPACK = """
const fs = require('fs'), zlib = require('zlib'), [from, to] = process.argv.slice(1)
fs.writeFileSync(to, zlib.brotliDecompressSync(fs.readFileSync(from)), {mode: 0o755})
"""


FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><dir>/usr/share/fonts</dir></fontconfig>
"""


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser with nothing of the user's: no settings, no network that pages could ask for."""
    folder = _unpacked()
    libraries = os.pathsep.join((str(folder / "lib"), os.environ.get("LD_LIBRARY_PATH", "")))
    env = os.environ | {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(folder)}
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=folder / "chromium", env=env, args=["--no-sandbox"]
        )
        yield found
        found.close()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page, in all of its rules."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run({resultTypes: ['violations', 'incomplete']})")
    assert result["passes"]
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:160]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


def _unpacked() -> Path:
    missing = f"{PACKAGE} is missing: `make setup` installs it"
    assert PACKAGE.exists() and AXE.exists(), missing
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    folder = ROOT / "build" / f"chromium-{version}"
    if folder.exists():
        return folder
    folder.parent.mkdir(exist_ok=True)
    draft = Path(mkdtemp(prefix=".chromium-", dir=folder.parent))
    for path in (PACKAGE / "bin").glob("*.br"):
        target = draft / path.stem
        subprocess.run(["node", "-e", UNPACK, path, target], check=True)
        if target.suffix == ".tar":
            shutil.unpack_archive(target, draft)
            target.unlink()
    (draft / "fonts.conf").write_text(FONTS)
    draft.rename(folder)
    return folder
