"""peerpool.report on hand-made events: what the page says, and what it must never do."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from eth_utils import keccak

from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check, Verdict
from peerpool.ledger import IN, OUT, Kept
from peerpool.report import Journal, Year, over_time, page, tables
from peerpool.report.flows import SHARED, Flow, is_dust, label
from peerpool.report.markup import h, serialise
from peerpool.report.words import Money, People, day, percent, shortened, tenths
from peerpool.units import DAY, ETHER, Asset
from tests.python.pool_story import ASSET, START, TERMS, UNIT, Story, cancelled, role, whole_life

VOID = {"meta", "br"}
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;\u202egnp.exe\x00'


class Tree(HTMLParser):
    """Checks that every element is closed in order; keeps elements, texts and rows of tables."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.paths: list[tuple[str, ...]] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self.summaries: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.paths.append((*self.open, tag))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "summary":
            self.summaries.append("")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if "summary" in self.open:
            self.summaries[-1] += data
        if {"td", "th"} & set(self.open) and not {"title", "desc"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, start: str) -> list[str]:
        [found] = [row for row in self.rows if row[0].startswith(start)]
        return found


NAMES = {role(name): name for name in ("claimant", "employee", "referred", "leaver", "employer")}


CHECKS = (Check("code", PROVED, ("of this repository",)), Check("state", PROVED))


def verdict(*checks: Check) -> Verdict:
    """A verdict of these checks; of two that are proved, if there are none."""
    return Verdict(role("pool"), 31337, 7, checks or CHECKS)


def year(story: Story, *checks: Check, asset: Asset = ASSET, **options) -> Year:
    journal = Journal()
    ledger = story.ledger(journal, asset=asset)
    return Year(ledger, journal, verdict(*checks), **{"names": NAMES} | options)


def drawn(story: Story, *checks: Check, **options) -> str:
    return page([year(story, *checks, **options)])


def flows(story: Story) -> list[Flow]:
    journal = Journal()
    ledger = story.ledger(journal)
    return journal.sums.flows(ledger)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(drawn(whole_life(), tier_names=["city", "cargo"], texts=["claimant: 8", "unused"]))


def test_page__headline(tree):
    text = plain(tree.text)
    assert "Bicycle cover: where every unit of money went" in text
    assert "They paid 300 EURX in premiums; 70 EURX went to 2 losses" in text
    assert "201 EURX (67 %) came back to the members" in text
    assert "455 EURX came in, 454.999997 EURX went out, 0.000003 EURX is left" in text


def test_page__members(tree):
    assert tree.row("claimant")[1:7] == ["city", "100.00", "30.00", "67.00", "0", "−3.00"]
    assert tree.row("employee")[1:7] == ["city", "100.00", "40.00", "67.00", "0", "+7.00"]
    assert tree.row("referred")[1:7] == ["city", "100.00", "0", "67.00", "5.00", "−38.00"]
    assert tree.row("leaver")[1:7] == ["city", "0", "0", "0", "0", "0"]
    assert "paid by employer" in tree.row("employee")[0]
    assert tree.rows[[row[0] for row in tree.rows].index("All")][2:7] == [
        "300.00",
        "70.00",
        "201.00",
        "5.00",
        "−34.00",
    ]


def test_page__claims(tree):
    first, second, third = (tree.row(start) for start in ("1 ", "2 ", "3 "))
    assert [first[i] for i in (1, 2, 5, 6)] == ["40.00", "30.00", "30.00", "30.00"]
    assert [second[i] for i in (1, 2, 5, 6)] == ["60.00", "50.00", "40.00", "40.00"]
    assert plain(second[4]) == "8 tenths"
    assert "claimant, 8 of 10: claimant: 8" in plain(second[3])
    assert plain(third[4]) == "rejectedbond of 5 EURX kept"


def test_page__money_adds_up(tree):
    assert tree.row("All that came in")[1] == tree.row("All of it")[1] == "455.000000"
    assert tree.row("Dust")[1] == "0.000003"
    assert tree.row("Premiums back")[1] == "100.000000"


def test_page__text_shows_only_where_it_hashes_to_what_is_on_chain(tree):
    assert "unused" not in tree.text
    assert "referred, 6 of 10: 0x" in tree.text


def test_page__every_posting_is_listed(tree):
    assert plain(tree.text).count("from outside, premium") == 9
    kept = Kept()
    whole_life().ledger(kept)
    assert f"{len(kept.moves)} postings, in double entry" in map(plain, tree.summaries)


def test_page__same_books_give_the_same_bytes():
    code = (
        "from tests.python.test_report import drawn, whole_life; import hashlib;"
        "print(hashlib.sha256(drawn(whole_life()).encode()).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(drawn(whole_life()).encode()).hexdigest()


def test_page__needs_no_network_and_runs_nothing(tree):
    tags = {tag for tag, _ in tree.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "a", "use", "image"}
    for _, attributes in tree.elements:
        assert not {"src", "href", "xlink:href", "srcset"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    css = (files("peerpool.report") / "page.css").read_text()
    assert "url(" not in css
    assert "@import" not in css
    [policy] = [a["content"] for t, a in tree.elements if a.get("http-equiv")]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_page__every_figure_tells_what_it_shows(tree):
    svgs = [i for i, (tag, _) in enumerate(tree.elements) if tag == "svg"]
    assert len(svgs) == 4 * 2 + 3 + 4  # each figure twice, ballots of 3 claims, net of 4 members
    for i in svgs:
        attributes = tree.elements[i][1]
        (title, title_attributes), (desc, desc_attributes) = tree.elements[i + 1 : i + 3]
        assert (attributes["role"], title, desc) == ("img", "title", "desc")
        labelled = f"{title_attributes['id']} {desc_attributes['id']}"
        assert attributes["aria-labelledby"] == labelled


def test_page__ids_are_unique(tree):
    ids = [a["id"] for _, a in tree.elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_page__coordinates_are_numbers_within_the_figure(tree):
    width = 0.0
    for tag, attributes in tree.elements:
        if tag == "svg":
            width = float(attributes["width"])
        if tag in ("rect", "circle", "line", "text", "tspan"):
            for name in ("x", "x1", "x2", "cx"):
                if name in attributes:
                    assert 0 <= float(attributes[name]) <= width, (tag, attributes)
            assert float(attributes.get("width", 0)) >= 0
            assert float(attributes.get("height", 0)) >= 0


@pytest.mark.parametrize("where", ["name", "uri", "symbol", "names", "texts", "verdict"])
def test_page__foreign_text_is_shown_as_text(where):
    story, options, checks = whole_life(), {}, ()
    if where == "name":
        story = Story(replace(TERMS, name=EVIL))
        story.joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    elif where == "uri":
        for event in story.events:
            if event.name == "ClaimFiled":
                event.args["uri"] = EVIL
    elif where == "symbol":
        story = Story()
        options["asset"] = Asset(ASSET.address, '<b>"&', 6)
    elif where == "names":
        options["names"] = {role("claimant"): EVIL}
    elif where == "texts":
        for event in story.events:
            if event.name == "ClaimFiled":
                event.args["evidence_hash"] = keccak(text=EVIL)
        options["texts"] = [EVIL]
    else:
        checks = (Check(EVIL, DIFFERS, (EVIL,)),)
    text = drawn(story, *checks, **options)
    tree = Tree(text)
    tags = {tag for tag, _ in tree.elements}
    assert not tags & ({"b"} if where == "symbol" else {"script", "img"})
    assert "\u202e" not in text
    assert "\x00" not in text
    shown = '<b>"&' if where == "symbol" else '"><scri'
    seen = tree.text + "".join(v or "" for _, a in tree.elements for v in a.values())
    assert shown in seen


@pytest.mark.parametrize(
    "result, line, word",
    [
        (PROVED, "Proved: the pool", "proved"),
        (UNPROVED, "Not proved: the pool", "not proved"),
        (DIFFERS, "Differs: the pool", "differs"),
    ],
)
def test_page__verdict_comes_first__with_each_check(result, line, word):
    tree = Tree(drawn(whole_life(), Check("code", PROVED), Check("money", result, ("1 wei",))))
    text = plain(tree.text)
    assert text.index(line) < text.index("Premiums") < text.index("From whom, to whom")
    assert "as of block 7" in text
    assert [plain(cell)[-len(word) :] for cell in tree.row("money")[1:]] == [word, "1 wei"]
    assert "verdict " + result in [a.get("class") for _, a in tree.elements]


def test_page__verdict_without_checks__is_not_proved():
    journal = Journal()
    ledger = whole_life().ledger(journal)
    text = page([Year(ledger, journal, Verdict(role("pool"), None, None, ()))])
    assert "Not proved: " in Tree(text).text
    assert "What was checked" not in text


def test_page__many_details_of_a_check__fold_away_and_end():
    details = tuple(f"member {i}: tier" for i in range(600))
    tree = Tree(drawn(whole_life(), Check("state", DIFFERS, details)))
    assert "595 more" in tree.text
    assert "member 499: tier" in tree.text
    assert "member 500: tier" not in tree.text
    assert "and 100 more" in tree.text


def test_page__at_every_point_of_a_life():
    story = whole_life()
    for n in range(len(story.events)):
        part = Story()
        part.events, part.block = story.events[: n + 1], story.events[n].block
        if n + 1 < len(story.events) and story.events[n + 1].tx == story.events[n].tx:
            continue  # within a transaction
        tree = Tree(drawn(part))
        assert tree.row("All that came in")[1] == tree.row("All of it")[1]


def test_page__nothing_has_happened_yet():
    text = plain(Tree(drawn(Story(), names={})).text)
    assert "0 members, cover from 15 Jan 2027 to 15 Jan 2028. Nobody is a member yet." in text
    assert "No money has moved yet." in text
    assert "The money over time" not in text
    assert "Enrolling until 15 Jan 2027." in text
    assert "Nobody filed a claim." in text


def test_page__cancelled_pool():
    story = cancelled()
    for name, payer in (("claimant", "employer"), ("employee", "employee")):
        story.tell(
            START, "PremiumReturned", member=role(name), payer=role(payer), amount=100 * UNIT
        )
    tree = Tree(drawn(story))
    assert "the pool was cancelled; premiums go back to who paid them" in tree.text
    assert "Cancelled since 15 Jan 2027" in plain(tree.text)
    assert tree.row("Refunds")[1] == "200.000000"


def test_page__no_claims():
    text = plain(Tree(drawn(Story().joined(START - DAY, 1, "claimant"))).text)
    assert "They paid 100 EURX in premiums; nobody filed a claim." in text


def test_page__awards_cut_by_a_shortage():
    """460 awarded, 200 there: 260 are missing, until 50 are made up."""
    story = Story().joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    for claim, who, amount in ((1, "claimant", 300), (2, "employee", 160)):
        story.filed(START + claim, claim, who, amount * UNIT)
        story.resolved(START + DAY + claim, claim, status=2, award=10, amount=amount * UNIT)
    short = {"window": 0, "awards": 460 * UNIT, "available": 200 * UNIT}
    story.tell(START + 9 * DAY, "WindowSettled", **short)
    story.tell(START + 10 * DAY, "Donated", donor=role("supporter"), amount=50 * UNIT)
    story.also("MadeUp", amount=50 * UNIT)
    paid = 300 * 250 * UNIT // 460
    story.tell(START + 11 * DAY, "AwardPaid", claim_id=1, claimant=role("claimant"), amount=paid)
    tree = Tree(drawn(story))
    text = plain(tree.text)
    assert "163.04 EURX went to 1 loss, to which 210 EURX more was awarded than there was." in text
    assert "Funds fell short of the awards by 260 EURX" in text
    assert tree.row("Set aside for awards")[1] == "86.956522"
    assert "136.96 not paid" in plain(tree.row("claimant")[3])


def test_page__settled_with_fees_to_be_pulled__is_not_only_dust():
    story = whole_life()
    story.events = [e for e in story.events if e.name != "Withdrawn" or e["amount"] > 6 * UNIT]
    text = plain(Tree(drawn(story)).text)
    assert "Still in the pool7.00 EURXfunds and held" in text
    assert "Still in the pool<0.01 EURXdust: 0.000003 EURX" in plain(Tree(drawn(whole_life())).text)


def test_page__many_members__a_figure_and_a_folded_table(monkeypatch):
    """Nets of who stayed: 6.999999 more than given, 3.000001 and 38.000001 less."""
    monkeypatch.setattr(tables, "MOST_OPEN", 3)
    tree = Tree(drawn(whole_life()))
    text = plain(tree.text)
    assert "4 members" in map(plain, tree.summaries)
    assert (
        "1 member got more than they gave, 7 EURX at most; 2 members gave more than they got,"
        " 38 EURX at most." in text
    )
    assert {"nets", "nets-narrow"} <= {a.get("id") for _, a in tree.elements}


@pytest.mark.parametrize("width", [1040, 340])
def test_nets_figure__columns_are_the_nets(width):
    figure = tables.nets_figure("nets", whole_life().ledger(), Money(ASSET), width)
    ahead, behind = (path.get("d") for path in figure.findall("path"))
    line = float(ahead.split()[1].split("V")[0])
    tops = [float(part.split("H")[0]) for part in ahead.split("V")[1:-1]]
    bottoms = [float(part.split("H")[0]) for part in behind.split("V")[1:-1]]
    scale = (line - tops[0]) / 7
    assert [(y - line) / scale for y in bottoms] == pytest.approx([3, 38], rel=0.02)
    assert float(behind.split("H")[-1].split("V")[0]) == width


def many_claims(count: int) -> Story:
    story = Story().joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    for i in range(count):
        story.filed(START + i * DAY, i + 1, "claimant", UNIT * (i + 1))
        story.resolved(START + i * DAY + 60, i + 1, status=4, award=0, amount=0)
    return story


def test_page__more_claims_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(over_time, "MOST_CLAIMS", 150)
    tree = Tree(drawn(many_claims(160)))
    text = plain(tree.text)
    assert text.count("as high as what it asked") == text.count("160 EURX at most; orange:") == 2
    assert text.count("10 smaller claims not drawn") == 2
    assert text.count("160 claims lapsed") == 2
    assert "160 claims" in map(plain, tree.summaries)  # of which the table has a part
    assert "60 claims that asked less left out here." in text
    assert sum(1 for row in tree.rows if plain(row[0]).endswith("ipfs://evidence")) == 100
    assert "Of 160 moments these are the 30 that moved most." in text
    assert "Claim 160 of claimant lapsed" in text
    assert "Claim 130 of claimant lapsed" not in text


def test_flows__what_enters_is_what_leaves_or_is_left():
    story = whole_life()
    for n in range(len(story.events)):
        if n + 1 < len(story.events) and story.events[n + 1].tx == story.events[n].tx:
            continue
        part = Story()
        part.events = story.events[: n + 1]
        ledger, found = part.ledger(), flows(part)
        entered = sum(f.amount for f in found if f.source[0] == IN)
        ended = sum(f.amount for f in found if f.target != SHARED)
        assert entered == ended == sum(ledger.came_in().values())
        for kind, amount in ledger.went_out().items():
            assert sum(f.amount for f in found if f.target == (OUT, kind)) == amount
        assert all(f.amount > 0 for f in found)
        through = sum(f.amount for f in found if f.target == SHARED)
        assert through == sum(f.amount for f in found if f.source == SHARED)


def test_flows__credit_waits_beside_the_awards():
    story = whole_life()
    pulled = next(i for i, e in enumerate(story.events) if e.name == "Withdrawn")
    story.events = story.events[:pulled]
    waiting = {f.source: f.amount for f in flows(story) if f.target == ("left", "credit")}
    assert waiting == {SHARED: 40 * UNIT, (IN, "bond"): 5 * UNIT}


def test_is_dust__only_what_rounding_can_leave():
    story = whole_life()
    assert is_dust(story.ledger(), sharings=1)
    story.tell(story.events[-1].time, "Absorbed", amount=UNIT)
    story.also("Shared", to_cause=0, to_members=UNIT)
    assert not is_dust(story.ledger(), sharings=2)
    assert label(("left", "funds"), dust=False) == "Still in the funds"
    assert label(("left", "funds"), dust=True) == "Dust"


@pytest.mark.parametrize(
    "amount, short",
    [
        (0, "0"),
        (1, "<0.01"),
        (-1, "−<0.01"),
        (4_999, "<0.01"),
        (5_000, "0.01"),
        (1_234_567_890, "1 234.57"),
        (-2_500_000, "−2.50"),
    ],
)
def test_money__short(amount, short):
    assert plain(Money(ASSET).short(amount)) == short


def test_money__ether_has_four_places():
    assert plain(Money(ETHER).brief(12_345 * 10**14)) == "1.2345 ETH"
    assert plain(Money(ETHER).exact(1)) == "0.000000000000000001 ETH"


def test_money__without_decimals():
    assert Money(Asset(role("token"), "POINT", 0)).short(7) == "7"


def test_people__name_or_both_ends():
    people = People({role("claimant").lower(): "claimant"})
    assert people.text(role("claimant")) == "claimant"
    other = role("employee")
    assert people.text(other) == f"{other[:6]}…{other[-4:]}"
    assert people.cell(other).get("title") == other


def test_words():
    assert plain(day(START)) == "15 Jan 2027"
    assert plain(percent(1, 3)) == "33 %"
    assert plain(percent(1, 0)) == "0 %"
    assert [plain(tenths(n)) for n in (1, 2, 10)] == ["1 tenth", "2 tenths", "in full"]
    assert shortened("ipfs://" + "a" * 60, 20) == "ipfs://aaaaaa…aaaaaa"


def test_serialise__escapes():
    text = serialise(h("p", "<b>", title='"x" & <y>'))
    assert text == '<!doctype html>\n<p title="&quot;x&quot; &amp; <y&gt;">&lt;b&gt;</p>\n'


def _palettes() -> list[dict[str, str]]:
    """The colours of light, dark and paper, as far as they are hexadecimal."""
    css = (files("peerpool.report") / "page.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block)) for block in blocks]


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(a: str, b: str) -> float:
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark", "print"])
def test_css__contrast(palette):
    """WCAG 2.2: 4.5 for text (1.4.3), 3 for what a figure is read by (1.4.11)."""
    for ground in ("paper", "card", "band"):
        for text in ("ink", "soft", "good", "bad", "ochre"):
            assert _contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
        for mark in ("blue", "orange", "green", "purple", "ochre", "grey"):
            assert _contrast(palette[mark], palette[ground]) >= 3, (mark, ground)
    for fill in ("blue", "orange", "green", "purple", "grey"):
        assert _contrast(palette["on-fill"], palette[fill]) >= 4.5, fill
