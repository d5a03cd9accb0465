"""peerpool.report with layers of reinsurance, and with more than one pool."""

import itertools
from dataclasses import replace

import pytest

from peerpool.audit.verdict import DIFFERS, Check
from peerpool.ledger import IN, OUT
from peerpool.report import Journal, page
from peerpool.report.flows import LAYERS, LEFT, SHARED
from peerpool.report.marks import marks
from peerpool.report.sankey import sankey
from peerpool.report.tower import Story as TowerStory
from peerpool.report.tower import story_of, summed_up, tower_figure
from peerpool.report.words import Money, People
from peerpool.terms import Layer
from peerpool.units import DAY, ZERO_ADDRESS
from tests.python.pool_story import ASSET, START, UNIT, Story, role, whole_life
from tests.python.test_ledger_layers import REINSURED, bound, recovered, reinsured, struck
from tests.python.test_report import Tree, drawn, flows, plain, year

PREMIUM, RECOVERY, COLLATERAL, BOND = (
    (IN, kind) for kind in ("premium", "recovery", "collateral", "bond")
)


def catastrophe() -> Story:
    """A year to its end: 200 of premiums, 25 ceded, 400 paid, 225 of it drawn, 15 repaid."""
    story = recovered(struck(), START + 30 * DAY, 15 * UNIT)
    story.tell(START + 400 * DAY, "Settled", surplus=0)
    story.also("Shared", to_cause=0, to_members=0)
    for layer, amount in ((1, 20 * UNIT), (2, 45 * UNIT)):
        story.tell(
            START + 401 * DAY,
            "LayerRedeemed",
            layer=layer,
            receiver=role("reinsurer"),
            amount=amount,
        )
    return story


def prefixes(story: Story):
    """The story after each transaction of it."""
    for n in range(1, len(story.events) + 1):
        if n < len(story.events) and story.events[n].tx == story.events[n - 1].tx:
            continue
        part = Story(story.terms)
        part.events, part.block = story.events[:n], story.events[n - 1].block
        yield part


def found(story: Story) -> dict[tuple, int]:
    """Flows in whole tokens, by both ends."""
    return {(f.source, f.target): f.amount / UNIT for f in flows(story)}


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(drawn(catastrophe()))


# --- flows ------------------------------------------------------------------


def test_flows__of_a_catastrophe__in_full():
    assert found(catastrophe()) == {
        (PREMIUM, SHARED): 175,
        (PREMIUM, LAYERS): 25,
        (RECOVERY, LAYERS): 15,
        (COLLATERAL, LAYERS): 250,
        (LAYERS, SHARED): 225,
        (LAYERS, (OUT, "redemption")): 65,
        (SHARED, (OUT, "award")): 400,
        (BOND, (OUT, "bond back")): 5,
    }


def test_flows__with_layers__what_enters_is_what_leaves_or_is_left():
    for story in prefixes(catastrophe()):
        ledger = story.ledger()
        streams = flows(story)
        assert all(f.amount > 0 for f in streams)
        entered = sum(f.amount for f in streams if f.source[0] == IN)
        ended = sum(f.amount for f in streams if f.target[0] in (OUT, LEFT))
        assert entered == ended == sum(ledger.came_in().values())
        for node in (SHARED, LAYERS):
            came = sum(f.amount for f in streams if f.target == node)
            assert came == sum(f.amount for f in streams if f.source == node)
        assert not [f for f in streams if (f.source, f.target) == (SHARED, LAYERS)]


def test_flows__collateral_that_lies_there__is_left():
    assert found(bound())[LAYERS, (LEFT, "layer")] == 275


def test_flows__repaid_by_a_donation_a_bond_and_a_late_joiner():
    story = struck().tell(START + 3 * DAY, "Donated", donor=role("donor"), amount=7 * UNIT)
    story.also("LayersRepaid", amount=7 * UNIT)
    story.filed(START + 4 * DAY, 2, "employee", 20 * UNIT)
    story.resolved(START + 12 * DAY, 2, status=3, award=0, amount=0)
    story.also("LayersRepaid", amount=5 * UNIT)
    late = {"fee": 2 * UNIT, "payer": role("late")}
    story.joined(START + 20 * DAY, 3, "late", **late).also("LayersRepaid", amount=90 * UNIT)
    streams = found(story)
    assert streams[(IN, "donation"), LAYERS] == 7
    assert streams[BOND, LAYERS] == 5
    assert streams[PREMIUM, LAYERS] == 25 + 90
    assert streams[PREMIUM, SHARED] == 175 + 8
    assert ((IN, "donation"), SHARED) not in streams
    assert (SHARED, LAYERS) not in streams


def test_flows__absorbed_from_a_layer_without_shares__repays_those_below():
    story = catastrophe()
    recovered(story, START + 402 * DAY, 4 * UNIT)
    story.tell(START + 403 * DAY, "LayerAbsorbed", layer=2, amount=4 * UNIT)
    story.also("LayersRepaid", amount=4 * UNIT)
    streams = found(story)
    assert streams[LAYERS, SHARED] == 225
    assert streams[RECOVERY, LAYERS] == 19
    assert streams[LAYERS, (LEFT, "layer")] == 4
    assert (LAYERS, LAYERS) not in streams


def test_flows__several_things_in_one_transaction__each_repays_its_own():
    story = struck().filed(START + 3 * DAY, 2, "employee", 10 * UNIT)
    story.tell(START + 4 * DAY, "LayersDrawn", amount=10 * UNIT)
    story.also("ClaimResolved", claim_id=2, status=2, award=10, amount=10 * UNIT)
    story.also("AwardPaid", claim_id=2, claimant=role("employee"), amount=10 * UNIT)
    story.also("Donated", donor=role("donor"), amount=7 * UNIT)
    story.also("LayersRepaid", amount=7 * UNIT)
    story.also("Recovered", claim_id=1, payer=role("thief"), amount=5 * UNIT)
    story.also("LayersRepaid", amount=5 * UNIT)
    streams = found(story)
    assert (streams[(IN, "donation"), LAYERS], streams[RECOVERY, LAYERS]) == (7, 5)
    assert streams[LAYERS, SHARED] == 235


def ribbons() -> dict[tuple, tuple[list[tuple[float, float]], float]]:
    """The upper edge of each ribbon, point by point, and how thick it is; by both ends."""
    streams = flows(catastrophe())
    labels = {node: "" for f in streams for node in (f.source, f.target)}
    words = dict.fromkeys((*streams, *labels), ("", ""))
    figure = sankey("flow", streams, labels, words, 1040, outside=True)
    found = {}
    for flow, path in zip(streams, figure.findall("path"), strict=True):
        upper, lower = (
            [tuple(map(float, part.split()[-2:])) for part in edge.split("C")]
            for edge in path.get("d")[1:].removesuffix("Z").split("L")
        )
        found[flow.source, flow.target] = upper, lower[-1][1] - upper[0][1]
    return found


def test_sankey__at_a_node__ribbons_lie_side_by_side():
    for place in (0, -1):
        ends = sorted((*points[place], thick) for points, thick in ribbons().values())
        for (x, y, thick), (next_x, next_y, _) in itertools.pairwise(ends):
            assert x < next_x or y + thick <= next_y + 0.2  # rounded to tenths


def test_sankey__what_passes_layers_and_funds__goes_through_their_columns():
    found = ribbons()
    columns = sorted({points[-1][0] for points, _ in found.values()})
    assert len(columns) == 3  # layers, funds, receivers
    stops = {ends: [x for x, _ in points] for ends, (points, _) in found.items()}
    assert columns[0] in stops[PREMIUM, SHARED]
    assert columns[1] in stops[LAYERS, (OUT, "redemption")]
    assert {*columns} < {*stops[BOND, (OUT, "bond back")]}
    above, below = (
        next(y for x, y in found[ends][0] if x == columns[0])
        for ends in ((PREMIUM, SHARED), (COLLATERAL, LAYERS))
    )
    assert above < below


# --- the tower --------------------------------------------------------------


def told(story: Story) -> TowerStory:
    journal = Journal()
    ledger = story.ledger(journal)
    return story_of(ledger, journal)


def stood(tower: TowerStory) -> list[tuple]:
    """Each layer as it stood, and what it has paid since, in whole tokens."""
    found = []
    for row in tower.tower.rows:
        layer = tower.layers[row.number]
        amounts = (row.attachment, row.limit, row.filled, layer.paid, layer.repaid)
        found.append(tuple(amount // UNIT for amount in amounts))
    return found


def test_story_of__as_it_stood_when_premium_was_ceded():
    story = told(catastrophe())
    assert stood(story) == [(175, 200, 200, 200, 0), (375, 100, 50, 25, 15)]
    tower = story.tower
    assert (story.is_bound, tower.members, tower.collectable) == (True, 2, 425 * UNIT)
    assert (story.funds, story.paid) == (175 * UNIT, 400 * UNIT)
    assert [story.premium(row) // UNIT for row in tower.rows] == [20, 5]
    assert [row.rate_on_line_bps for row in tower.rows] == [1000, 1000]


def test_story_of__bound_by_the_payout_itself__is_the_same():
    story = reinsured().filed(START + DAY, 1, "claimant", 400 * UNIT)
    story.tell(START + 2 * DAY, "PremiumCeded", layer=1, filled=200 * UNIT, premium=20 * UNIT)
    story.also("PremiumCeded", layer=2, filled=50 * UNIT, premium=5 * UNIT)
    story.also("LayersDrawn", amount=225 * UNIT)
    story.also("ClaimResolved", claim_id=1, status=2, award=10, amount=400 * UNIT)
    story.also("AwardPaid", claim_id=1, claimant=role("claimant"), amount=400 * UNIT)
    assert told(story).tower == told(struck()).tower


def test_story_of__bound_by_a_late_joiner__who_does_not_count():
    story = reinsured()
    story.tell(START + DAY, "PremiumCeded", layer=1, filled=200 * UNIT, premium=20 * UNIT)
    story.also("PremiumCeded", layer=2, filled=50 * UNIT, premium=5 * UNIT)
    joined = {"member": role("late"), "payer": role("late"), "premium": 100 * UNIT}
    story.also("Joined", id=3, **joined)
    assert told(story).tower.members == 2
    assert told(story).funds == 175 * UNIT


def test_story_of__somebody_left__does_not_count():
    story = Story(REINSURED).joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "leaver")
    leaver = role("leaver")
    story.tell(START - 1, "Left", member=leaver, id=2, payer=leaver, premium=100 * UNIT)
    assert told(story).tower.members == 1


def test_story_of__later_members_and_money__change_nothing():
    story = bound().joined(START + DAY, 3, "late", payer=role("late"))
    story.tell(START + DAY, "Donated", donor=role("donor"), amount=50 * UNIT)
    assert (told(story).tower.members, told(story).funds) == (2, 175 * UNIT)


def test_story_of__not_bound_yet__as_it_stands_and_at_the_terms_price():
    story = Story(replace(REINSURED, reinsurance=(*REINSURED.reinsurance, Layer(90, 9))))
    found = told(story.joined(START - DAY, 1, "claimant"))
    assert (found.is_bound, found.tower.members) == (False, 1)
    assert [found.premium(row) for row in found.tower.rows] == [20 * UNIT, 10 * UNIT, 9]
    assert found.funds == 100 * UNIT
    assert stood(found) == [(100, 200, 0, 0, 0), (100, 100, 0, 0, 0), (100, 0, 0, 0, 0)]


def test_story_of__not_bound_yet__what_will_be_ceded_is_not_there_for_claims():
    found = told(reinsured())
    assert (found.is_bound, found.funds) == (False, 175 * UNIT)
    assert found.tower.collectable == 425 * UNIT


def test_story_of__bound_and_a_layer_that_nobody_filled__was_ceded_nothing():
    story = Story(REINSURED).joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    story.tell(START - DAY, "CollateralAdded", layer=1, amount=100 * UNIT)
    story.tell(START, "PremiumCeded", layer=1, filled=100 * UNIT, premium=10 * UNIT)
    found = told(story)
    first, second = found.tower.rows
    assert (found.premium(first), first.rate_on_line_bps) == (10 * UNIT, 1000)
    assert (found.premium(second), second.rate_on_line_bps) == (0, 1000)


def test_summed_up__per_member():
    money = Money(ASSET)
    assert plain(summed_up(told(catastrophe()), money)).startswith(
        "When premium was ceded, losses of 425 EURX could be paid, 212.50 EURX for each of 2"
        " members. "
    )
    empty = told(Story(REINSURED))
    assert plain(summed_up(empty, money)).startswith("So far, losses of 0 EURX could be paid. ")


def test_summed_up__cancelled__collateral_goes_back():
    story = Story(replace(REINSURED, min_members=3)).joined(START - DAY, 1, "claimant")
    story.tell(START - DAY, "CollateralAdded", layer=1, amount=100 * UNIT)
    story.tell(START + 1, "Absorbed", amount=UNIT)
    assert summed_up(told(story), Money(ASSET)) == (
        "The pool was cancelled: layers were ceded nothing, and collateral goes back whole."
    )


@pytest.mark.parametrize("width", [1040, 340])
def test_tower_figure__areas_are_the_money(width):
    """In each box, orange is what was paid, pale orange what was repaid, by their part of it."""
    figure = tower_figure("tower", told(catastrophe()), Money(ASSET), width)
    boxes: list[list] = []
    for rect in figure.findall("rect"):
        if rect.get("class") == "limit":
            boxes.append([rect])
        else:
            boxes[-1].append(rect)
    parts = [
        {
            r.get("class"): round(float(r.get("width")) / float(box[0].get("width")), 2)
            for r in box[1:]
        }
        for box in boxes
    ]
    assert parts == [
        {"fill-orange": 0.1, "fill-orange faded": 0.15, "fill-purple": 0.25},
        {"fill-orange": 1.0},
        {"fill-orange": 1.0},
    ]
    for outline, *fills in boxes:
        for name in ("y", "height"):
            assert {fill.get(name) for fill in fills} == {outline.get(name)}
    tops = [float(box[0].get("y")) for box in boxes]
    assert tops == sorted(tops)
    assert float(figure.get("height")) > tops[-1] + float(boxes[-1][0].get("height"))
    lines = [plain(text.text) for text in figure.findall("text")]
    facts = ["limit 100 EURX, 50 EURX filled", "5 EURX premium: 10 % on line"]
    full = ["limit 200 EURX, full", "20 EURX premium: 10 % on line"]
    assert lines[:-2] == [
        "Layer 2: losses above 375 EURX",
        *(facts if width < 500 else ["; ".join(facts)]),
        "paid 25 EURX, 15 EURX of it repaid",
        "Layer 1: losses above 175 EURX",
        *(full if width < 500 else ["; ".join(full)]),
        "paid 200 EURX",
    ]
    assert lines[-2:] == [
        "Funds: the first 175 EURX",
        "after what was ceded; 175 EURX paid to members",
    ]


def test_tower_figure__drawn_on_again_after_it_was_repaid__fits_the_box():
    story = told(bound())
    story.layers[2].paid, story.layers[2].repaid = 80 * UNIT, 60 * UNIT
    figure = tower_figure("tower", story, Money(ASSET), 1040)
    outline, *fills = (float(rect.get("width")) for rect in figure.findall("rect")[:3])
    assert [round(fill / outline, 2) for fill in fills] == [0.2, 0.3]  # 20 out, 30 came back


# --- the page ---------------------------------------------------------------


def test_page__catastrophe__tells_it_first(tree):
    text = plain(tree.text)
    assert (
        "They paid 200 EURX in premiums; 400 EURX went to 1 loss, 225 EURX of it out of layers of"
        " reinsurance, to which 15 EURX came back; nothing was left for the members." in text
    )
    assert "Drawn on layers225.00 EURX15.00 repaid" in text
    assert "Ceded to layers25.00 EURXof the premiums" in text


def test_page__catastrophe__layers(tree):
    layers = [[plain(cell) for cell in row] for row in tree.rows if len(row) == 10]
    assert [" ".join(row) for row in layers[1:]] == [
        "1 175.00 200.00 200.00 20.00 10 % 200.00 0 20.00 −180.00",
        "2 375.00 100.00 50.00 5.00 10 % 25.00 15.00 45.00 −5.00",
        "All  300.00 250.00 25.00  225.00 15.00 65.00 −185.00",
    ]


def test_page__catastrophe__money_adds_up(tree):
    assert tree.row("All that came in")[1] == tree.row("All of it")[1] == "470.000000"
    assert tree.row("Collateral")[1] == "250.000000"
    assert tree.row("Redemptions")[1] == "65.000000"


def test_page__catastrophe__moments_and_postings(tree):
    text = plain(tree.text)
    for told in (
        "250 EURX of collateral deposited in 2 layers",
        "25 EURX of the premiums ceded to 2 layers",
        "400 EURX (in full) paid, 225 EURX of it by layers",
        "15 EURX of what came in went back to layers",
        "65 EURX redeemed out of 2 layers",
        "from outside, collateral of layer 1",
        "held, layer 2",
        "ceded 25 EURX",
        "repaid 15 EURX",
        "drawn 225 EURX",
    ):
        assert told in text
    assert "Surplus shared" not in text


def test_page__award_out_of_the_funds__is_not_said_to_be_drawn():
    story = bound().filed(START + DAY, 1, "claimant", 10 * UNIT)
    story.resolved(START + 2 * DAY, 1, status=2, award=10, amount=10 * UNIT)
    story.also("AwardPaid", claim_id=1, claimant=role("claimant"), amount=10 * UNIT)
    story.filed(START + 3 * DAY, 2, "employee", 300 * UNIT)
    story.tell(START + 4 * DAY, "LayersDrawn", amount=135 * UNIT)
    story.also("ClaimResolved", claim_id=2, status=2, award=10, amount=300 * UNIT)
    story.also("AwardPaid", claim_id=2, claimant=role("employee"), amount=300 * UNIT)
    journal = Journal()
    found = marks(story.ledger(journal), journal, Money(ASSET), People({}))
    texts = [plain(mark.plain()) for mark in found]
    [first] = [text for text in texts if "Claim 1 of" in text]
    [second] = [text for text in texts if "Claim 2 of" in text]
    assert "by layers" not in first
    assert second.endswith("300 EURX (in full) paid, 135 EURX of it by layers")


def test_page__with_layers_at_every_point_of_a_life():
    for story in prefixes(catastrophe()):
        tree = Tree(drawn(story))
        assert tree.row("All that came in")[1] == tree.row("All of it")[1]


def test_page__cause_and_layers__a_tile_each():
    tree = Tree(drawn(catastrophe()))
    assert "To the cause" in tree.text
    assert [a["class"] for tag, a in tree.elements if tag == "dl"] == ["numbers many"]
    story = Story(replace(REINSURED, cause=ZERO_ADDRESS, cause_bps=0, unclaimed_after=0))
    assert "To the cause" not in Tree(drawn(story)).text


def test_page__two_pools__one_page():
    tree = Tree(page([year(whole_life()), year(catastrophe())]))
    ids = [a["id"] for _, a in tree.elements if "id" in a]
    assert len(ids) == len(set(ids)) > 20
    for tag, attributes in tree.elements:
        if tag == "svg":
            assert set(attributes["aria-labelledby"].split()) <= set(ids)
    tags = [tag for tag, _ in tree.elements]
    assert (tags.count("h1"), tags.count("section"), tags.count("h2")) == (1, 2, 2)
    assert tags.count("main") == 1
    assert plain(tree.text).count("Proved: the pool") == 2
    assert "Where every unit of money went, in 2 pools" in plain(tree.text)


def test_page__two_pools__a_difference_in_one_is_said_there():
    years = [year(whole_life()), year(whole_life(), Check("money", DIFFERS))]
    text = plain(Tree(page(years)).text)
    assert text.index("Proved: ") < text.index("Differs: ")
