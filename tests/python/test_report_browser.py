"""The report in a browser: axe finds nothing, phones do not scroll sideways, print is light."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check
from peerpool.report import over_time, page, tables
from peerpool.units import DAY
from tests.python.browser import browser, violations
from tests.python.pool_story import START, UNIT, Story, cancelled, whole_life
from tests.python.test_report import year
from tests.python.test_report_layers import catastrophe

WIDTHS = {"desk": 1200, "phone": 360}
CHECKS = (
    Check("code", PROVED, ("of this repository",)),
    Check("money", UNPROVED, ("the node keeps no old state",)),
    Check("state", DIFFERS, tuple(f"member {i}: premium: 1, not 2" for i in range(9))),
)


def crowd() -> Story:
    """More members and claims than tables show unfolded, if those are three."""
    story = Story()
    for i in range(1, 6):
        story.joined(START - DAY + i, i, f"member {i}")
    for i in range(1, 5):
        story.filed(START + i * DAY, i, f"member {i}", i * UNIT)
        story.resolved(START + i * DAY + 60, i, status=2 + i % 3, award=0, amount=0)
    return story


PAGES = {
    "a life": [year(whole_life(), *CHECKS, texts=["claimant: 8"])],
    "two pools": [year(whole_life()), year(catastrophe())],
    "cancelled": [year(cancelled().tell(START + DAY, "Absorbed", amount=UNIT))],
    "nothing": [year(Story())],
    "crowd": [year(crowd())],
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patched:
        for name, years in PAGES.items():
            if name == "crowd":
                patched.setattr(tables, "MOST_OPEN", 3)
                patched.setattr(over_time, "MOST_TOLD", 3)
            (folder / f"{name}.html").write_text(page(years), encoding="utf-8")
    return folder


@pytest.fixture
def shown(chromium: Browser, folder: Path):
    """A function that shows a page, everything unfolded, and checks that it said nothing odd."""
    opened = []

    def show(name: str, scheme: str = "light", width: int = WIDTHS["desk"]) -> Page:
        complaints = []
        found = chromium.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
        opened.append(found)
        found.on("console", lambda message: complaints.append(message.text))
        found.on("request", lambda request: complaints.append(request.url))
        found.goto((folder / f"{name}.html").as_uri())
        assert complaints == [found.url]  # it asked for itself alone, and had nothing to say
        found.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        return found

    yield show
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    "name, scheme, width",
    [
        ("two pools", "light", "desk"),
        ("a life", "dark", "desk"),
        ("a life", "light", "phone"),
        ("crowd", "light", "desk"),
        ("cancelled", "dark", "phone"),
        ("nothing", "light", "desk"),
    ],
)
def test_axe__finds_nothing(shown, name, scheme, width):
    assert violations(shown(name, scheme, WIDTHS[width])) == []


def test_axe__finds_what_is_wrong(shown):
    """So that nothing found means something."""
    found = shown("cancelled")
    found.evaluate("document.body.append(document.createElement('img'))")
    found.evaluate("document.querySelector('h1').style.color = '#bbb'")
    assert {text.split(":")[0] for text in violations(found)} >= {"color-contrast", "image-alt"}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_page__nothing_is_wider_than_the_window(shown, name, width):
    found = shown(name, width=width)
    assert found.evaluate("document.documentElement.scrollWidth") <= width
    wider = """[...document.querySelectorAll('svg, svg text')].filter(e =>
        e.getBoundingClientRect().right > innerWidth + 1).map(e => e.textContent.slice(0, 60))"""
    assert found.evaluate(wider) == []


@pytest.mark.parametrize("width, kind", [(1200, "wide"), (360, "narrow")])
def test_page__of_each_figure_one_is_shown(shown, width, kind):
    found = shown("two pools", width=width)
    visible = "[...document.querySelectorAll('figure > div')].filter(e => e.offsetHeight)"
    assert set(found.evaluate(f"{visible}.map(e => e.className)")) == {kind}


def test_page__text_of_a_figure__covers_no_other(shown):
    """Of the labels beside the flows, wide and narrow."""
    boxes = """selector => [...document.querySelectorAll(selector)].map(e => {
        const {left, right, top, bottom} = e.getBoundingClientRect()
        return {text: e.textContent, left, right, top, bottom}})"""
    for width in WIDTHS.values():
        found = shown("two pools", width=width)
        for i in (1, 2):
            kind = "" if width > 500 else "-narrow"
            texts = found.evaluate(boxes, f"#year{i}-flow{kind} > text")
            assert len(texts) > 5
            for a in texts:
                for b in texts:
                    apart = (
                        a["right"] <= b["left"] + 1
                        or b["right"] <= a["left"] + 1
                        or a["bottom"] <= b["top"] + 3
                        or b["bottom"] <= a["top"] + 3
                    )
                    assert a is b or apart, (a, b)


def test_print__is_light_whatever_the_screen_is(shown):
    found = shown("a life", "dark")
    colours = """[document.body, document.querySelector('.result.differs')].map(e =>
        [getComputedStyle(e).color, getComputedStyle(document.body).backgroundColor])"""
    dark = found.evaluate(colours)
    found.emulate_media(media="print")
    assert found.evaluate(colours) == [
        ["rgb(0, 0, 0)", "rgb(255, 255, 255)"],
        ["rgb(179, 38, 30)", "rgb(255, 255, 255)"],
    ]
    assert dark[0] == ["rgb(233, 231, 226)", "rgb(20, 23, 26)"]


def test_print__makes_pages(shown):
    paper = shown("a life").pdf(format="A4", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF-")
    assert 2 <= paper.count(b"/Type /Page\n") <= 8
