"""peerpool.report.journal: what it keeps, how little that is, and the loss ratio drawn from it."""

from dataclasses import replace
from itertools import groupby

import pytest

from peerpool.report import Journal
from peerpool.report.journal import MOST_MOMENTS, MOST_POINTS, MOST_POSTINGS, Line, Point
from peerpool.report.loss import Earned, LossRatio, loss_figure, loss_ratio
from peerpool.report.words import Money
from peerpool.units import DAY
from tests.python.pool_story import ASSET, START, TERMS, UNIT, Story, cancelled, role, whole_life
from tests.python.test_ledger_layers import bound
from tests.python.test_report import Tree, drawn, plain
from tests.python.test_report_layers import catastrophe


def point(time: int, funds: int) -> Point:
    return Point(time, funds, 0, 0)


# --- the line of the figures ----------------------------------------------------


def test_line__few_points__are_all_there():
    line, points = Line(), [point(START + i, i) for i in range(100)]
    for each in points:
        line.add(each)
    assert line.points == points


def test_line__many_points__keep_peaks_and_the_last():
    line = Line(most=100)
    for i in range(5000):
        line.add(point(START + 60 * i, 10**9 if i in (1234, 4000) else i))
    points = line.points
    assert len(points) <= 100
    assert points[-1] == point(START + 60 * 4999, 4999)
    assert [p.time for p in points if p.funds == 10**9] == [START + 60 * 1234, START + 60 * 4000]
    assert [p.time for p in points] == sorted(p.time for p in points)


def test_line__several_in_a_second__the_highest_and_the_last():
    line = Line()
    for funds in (1, 7, 3, 2):
        line.add(point(START, funds))
    assert [p.funds for p in line.points] == [7, 2]


# --- what a journal keeps -------------------------------------------------------


def crowded(count: int) -> tuple[Story, Journal]:
    """Everybody donates, and everybody's claim is voted down with a reason."""
    story = Story(replace(TERMS, claim_bond=0)).joined(START - DAY, 1, "claimant")
    story.joined(START - DAY, 2, "employee")
    for i in range(1, count + 1):
        at = START + i * 600
        story.tell(at, "Donated", donor=role("supporter"), amount=count - i + 1)
        if i % 10 == 0:
            story.filed(at + 60, i // 10, "claimant", UNIT)
            story.voted(at + 70, i // 10, "employee", 0)
            story.resolved(at + 80, i // 10, status=3, award=0, amount=0)
    return story, Journal()


def test_journal__however_much_happens__keeps_little():
    story, journal = crowded(2500)
    story.ledger(journal)
    assert len(journal.moments) == MOST_MOMENTS
    assert journal.seen == 2500 + 250
    assert len(journal.postings) == MOST_POSTINGS < journal.posted
    assert len(journal.line.points) <= MOST_POINTS
    assert {m.event.name for m in journal.moments} == {"ClaimResolved"}  # a claim is about more


def test_journal__moments__those_that_moved_most_and_the_earlier_of_equals():
    story, journal = Story(), Journal()
    for i in range(2 * MOST_MOMENTS):
        amount = 5 if i % 2 else 3
        story.tell(START + i, "Donated", donor=role("supporter"), amount=amount)
    story.tell(START + 99, "Donated", donor=role("supporter"), amount=5)
    story.ledger(journal)
    assert {moment.event["amount"] for moment in journal.moments} == {5}
    times = [moment.event.time for moment in journal.moments]
    assert times == sorted(times)
    assert START + 99 not in times


def test_journal__many_reasons__are_counted():
    story, journal = Story(), Journal()
    for i in range(30):
        story.joined(START - DAY, i + 1, f"member {i}")
    story.filed(START, 1, "member 0", UNIT)
    for i in range(1, 30):
        story.voted(START + i, 1, f"member {i}", 10 if i == 29 else 2)
    text = plain(Tree(drawn(story)).text)
    story.ledger(journal)
    assert (len(journal.reasons[1]), journal.reasoned[1]) == (20, 28)
    assert "28 reasons" in text
    assert "and 8 more" in text


@pytest.mark.parametrize("count, told", [(3, "joined late and paid 30"), (4, "4 members joined")])
def test_journal__late_joiners__one_by_one_unless_many(count, told):
    story = Story().joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    for i in range(count):
        story.joined(START + i * DAY, i + 3, f"late {i}", premium=30 * UNIT)
    text = plain(Tree(drawn(story)).text)
    assert told in text
    assert ("late and paid 120 EURX" in text) == (count == 4)


def test_journal__two_awards_in_one_call__each_its_own_draw():
    story = bound().filed(START + DAY, 1, "claimant", 100 * UNIT)
    story.filed(START + DAY, 2, "employee", 100 * UNIT)
    paid = {"status": 2, "award": 10, "amount": 100 * UNIT}
    story.tell(START + 2 * DAY, "ClaimResolved", claim_id=1, **paid)
    story.also("AwardPaid", claim_id=1, claimant=role("claimant"), amount=100 * UNIT)
    story.also("LayersDrawn", amount=25 * UNIT).also("ClaimResolved", claim_id=2, **paid)
    story.also("AwardPaid", claim_id=2, claimant=role("employee"), amount=100 * UNIT)
    journal = Journal()
    story.ledger(journal)
    drawn_ = {m.event["claim_id"]: m.drawn for m in journal.moments if m.event.name == "AwardPaid"}
    assert drawn_ == {1: 0, 2: 25 * UNIT}


# --- incurred losses ------------------------------------------------------------


def test_incurred__of_a_life__step_by_step():
    """30 asked and awarded; 50 asked, 40 awarded; 100 asked and rejected."""
    journal = Journal()
    whole_life().ledger(journal)
    found = [point.incurred // UNIT for point in journal.line.points]
    assert [amount for amount, _ in groupby(found)] == [0, 30, 80, 70, 170, 70]


def test_incurred__recoveries__are_taken_off_a_claim_down_to_nothing():
    story = Story().joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    for claim, who in ((1, "claimant"), (2, "employee")):
        story.filed(START + claim, claim, who, 50 * UNIT)
        story.resolved(START + 10 + claim, claim, status=2, award=10, amount=50 * UNIT)
        story.also("AwardPaid", claim_id=claim, claimant=role(who), amount=50 * UNIT)
    for amount, left in ((20 * UNIT, 80 * UNIT), (45 * UNIT, 50 * UNIT)):
        payer = role("thief")
        story.tell(START + DAY, "Recovered", claim_id=1, payer=payer, amount=amount)
        journal = Journal()
        story.ledger(journal)
        assert journal.incurred == left


def test_incurred__reduced_claim_and_guarantee():
    story = Story().joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    story.filed(START + 1, 1, "claimant", 50 * UNIT)
    story.tell(START + 2, "ClaimReduced", claim_id=1, amount=40 * UNIT, asked=30 * UNIT)
    story.tell(START + 3, "Pledged", id=2, payee=role("loan"), amount=20 * UNIT)
    story.tell(START + 4, "GuaranteeCalled", claim_id=2, id=2, loan=role("loan"), amount=7 * UNIT)
    journal = Journal()
    story.ledger(journal)
    assert journal.incurred == 37 * UNIT


# --- the loss ratio -------------------------------------------------------------


def at(story: Story, time: int) -> tuple[LossRatio, str]:
    journal = Journal()
    ledger = story.ledger(journal, time=time)
    return loss_ratio(ledger, journal), plain(Tree(drawn(story)).text)


def test_loss_ratio__of_a_whole_life():
    ratio, text = at(whole_life(), START + 400 * DAY)
    assert ratio == LossRatio(70 * UNIT, 300 * UNIT, 70 * UNIT, 300 * UNIT)
    assert "Incurred losses to earned premiums: 23 %, 70 EURX to 300 EURX." in text
    assert "After reinsurance" not in text


def test_loss_ratio__layers_take_and_bear_their_part():
    """200 of premiums, 25 ceded; 400 awarded, 15 recovered; layers bear 225 less 15."""
    ratio, text = at(catastrophe(), START + 401 * DAY)
    assert ratio == LossRatio(385 * UNIT, 200 * UNIT, 175 * UNIT, 175 * UNIT)
    assert "Incurred losses to earned premiums: 193 %, 385 EURX to 200 EURX." in text
    assert "After reinsurance 100 %, 175 EURX to 175 EURX." in text


def test_earned__as_time_goes_by__late_joiners_from_when_they_came():
    story = Story().joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "leaver")
    leaver = role("leaver")
    story.tell(START - 1, "Left", member=leaver, id=2, payer=leaver, premium=100 * UNIT)
    story.joined(START - 1, 3, "employee", premium=165 * UNIT)
    story.joined(START + 65 * DAY, 4, "late", premium=30 * UNIT)
    earned = Earned(story.ledger())
    whole = (100 + 165) * UNIT
    assert [earned.at(START + time) for time in (-DAY, 0, 73 * DAY, 365 * DAY, 500 * DAY)] == [
        0,
        0,
        whole // 5 + 30 * UNIT * 8 // 300,
        whole + 30 * UNIT,
        whole + 30 * UNIT,
    ]
    assert earned.bends == [START, START + 65 * DAY, START + 365 * DAY]


@pytest.mark.parametrize(
    "story, told",
    [
        (Story().joined(START - DAY, 1, "claimant"), "yet: cover has not started"),
        (cancelled().tell(START, "Absorbed", amount=UNIT), "of a cancelled pool"),
    ],
)
def test_page__no_premium_is_earned__there_is_no_ratio(story, told):
    tree = Tree(drawn(story))
    assert f"No premium is earned {told}, so there is no loss ratio." in tree.text
    assert "loss" not in [a.get("id") for _, a in tree.elements]


@pytest.mark.parametrize("width", [1040, 340])
def test_loss_figure__lines_end_at_the_amounts(width):
    """On one scale: 300 earned and 70 incurred."""
    story, journal = whole_life(), Journal()
    figure = loss_figure("loss", story.ledger(journal), journal, Money(ASSET), width)
    ends = {
        path.get("class"): path.get("d").replace("L", " ").replace("V", " V ").replace("H", " H ")
        for path in figure.findall("path")
    }
    earned = float(ends["line-earned"].split()[-1])
    incurred = float(ends["line-incurred"].split(" V ")[-1].split()[0])
    bottom = float(ends["line-earned"].split()[1])
    assert (bottom - incurred) / (bottom - earned) == pytest.approx(70 / 300, abs=0.01)
    said = plain(figure.find("desc").text)
    assert said == ("Earned premiums are 300 EURX and incurred losses 70 EURX on 19 Feb 2028")


def test_loss_figure__a_thousand_late_joiners__few_points():
    story, journal = Story().joined(START - DAY, 1, "claimant"), Journal()
    story.joined(START - DAY, 2, "employee")
    for i in range(1000):
        story.joined(START + i * 3600, i + 3, f"late {i}")
    figure = loss_figure("loss", story.ledger(journal), journal, Money(ASSET), 1040)
    [line] = [p.get("d") for p in figure.findall("path") if p.get("class") == "line-earned"]
    assert line.count("L") < 80
