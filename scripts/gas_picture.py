"""The picture docs/gas.svg: what each step costs here, at the best measured peer, at least."""

from collections.abc import Mapping
from html import escape
from typing import Any

from scripts.core import ROOT
from scripts.gas_report import FLOORS, ORDER, PEERS, peer, title, typical

PATH = ROOT / "docs" / "gas.svg"
WIDTH, LEFT, RIGHT, TOP = 860, 250, 90, 64
ROW, BAR, GAP = 62, 16, 3
OURS, THEIRS, FLOOR, INK, QUIET = "#1f6f8b", "#c9c4b8", "#d1495b", "#222222", "#6b6b6b"
# Creating a pool takes as much as fifty joins: it stands below, with a scale of its own.
APART = "create"


def draw(snapshot: Mapping[str, Any]) -> str:
    """SVG; the same figures give the same bytes."""
    names = [name for name in ORDER if name != APART]
    widest = max(max(typical(snapshot, name), peer(snapshot, name)) for name in names)
    height = TOP + ROW * len(ORDER) + 56
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="Helvetica, Arial, sans-serif" '
        f'role="img" aria-label="Gas of each step, here and elsewhere">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(24, 32, "What each step costs in gas", INK, 18, weight="bold"),
        *_key(),
    ]
    for i, name in enumerate(ORDER):
        own = max(typical(snapshot, name), peer(snapshot, name))
        parts += _row(snapshot, name, TOP + ROW * i, own if name == APART else widest)
    parts += [
        f'<line x1="24" x2="{WIDTH - 24}" y1="{TOP + ROW * (len(ORDER) - 1) - 6}" '
        f'y2="{TOP + ROW * (len(ORDER) - 1) - 6}" stroke="{THEIRS}" stroke-width="1"/>',
        *_notes(height),
    ]
    return "\n".join([*parts, "</svg>", ""])


def _row(snapshot: Mapping[str, Any], name: str, top: int, widest: int) -> list[str]:
    scale = (WIDTH - LEFT - RIGHT) / widest
    ours, theirs, floor = typical(snapshot, name), peer(snapshot, name), FLOORS[name]
    words = PEERS["redeem" if theirs == peer(snapshot, "redeem") else name]
    main, _, rest = title(name).partition(", ")
    parts = [
        _text(LEFT - 12, top + 13, main, INK, 14, "end"),
        _text(LEFT - 12, top + 31, rest, QUIET, 12, "end"),
        *_bar(top, ours, scale, OURS, f"{ours:,}"),
        *_bar(top + BAR + GAP, theirs, scale, THEIRS, f"{theirs:,}"),
        _text(LEFT, top + 2 * (BAR + GAP) + 11, words, QUIET, 11),
    ]
    if floor:
        x = LEFT + floor * scale
        end = top + BAR + 2
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 2}" y2="{end}" '
            f'stroke="{FLOOR}" stroke-width="2"/>'
        )
    return parts


def _bar(top: int, gas: int, scale: float, colour: str, words: str) -> list[str]:
    width = gas * scale
    return [
        f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>',
        _text(LEFT + width + 6, top + 13, words, INK, 12),
    ]


def _key() -> list[str]:
    x, parts = WIDTH - 400, []
    for words, colour, width in (
        ("Peerpool", OURS, 88),
        ("best peer measured beside it", THEIRS, 204),
        ("bare floor", FLOOR, 0),
    ):
        thick = 2 if colour == FLOOR else 12
        parts.append(f'<rect x="{x}" y="21" width="{thick}" height="12" fill="{colour}"/>')
        parts.append(_text(x + thick + 6, 32, words, INK, 12))
        x += width
    return parts


def _notes(height: int) -> list[str]:
    first = (
        "In Ether, in steady state, for any number of members from 10 to 10,000. The last pair is"
    )
    second = (
        "drawn to a scale of its own. Floor: only storage, transfer and log, in hand-written Yul."
    )
    return [_text(24, height - 32, first, QUIET, 12), _text(24, height - 14, second, QUIET, 12)]


def _text(
    x: float, y: float, words: str, colour: str, size: int, anchor: str = "start", weight: str = ""
) -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{x:.1f}" y="{y}" fill="{colour}" font-size="{size}" '
        f'text-anchor="{anchor}"{bold}>{escape(words)}</text>'
    )
