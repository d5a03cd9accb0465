"""What of a cut award can be paid, to the unit, by design.md's formula in numbers of any size."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import cycle

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import HOUR, Arena
from tests.evm.signing import address_of

CREW = range(2, 12)
LARGEST = 2**100
ONE, LOW, STEP, MOST_STEPS = 2**127, 2**96, 31, 4


def divided_up(a: int, b: int) -> int:
    return -(-a // b)


@dataclass
class Cut:
    """An award of a window that was settled short, and where the factor was then."""

    award: int
    awards: int
    available: int
    factor: int
    scale: int
    epoch: int


class Formula:
    """The factor, scaled up by STEP bits so that it keeps LOW."""

    def __init__(self) -> None:
        self.unpaid, self.factor, self.scale, self.epoch = 0, ONE, 0, 0

    def settle(self, awards: list[int], available: int) -> list[Cut]:
        """A window is settled with less than its awards."""
        self.unpaid += sum(awards) - available
        now = (sum(awards), available, self.factor, self.scale, self.epoch)
        return [Cut(award, *now) for award in awards]

    def make_up(self, amount: int) -> None:
        """So much comes in."""
        left = self.unpaid - amount
        if not left:
            self.factor, self.scale, self.epoch = ONE, 0, self.epoch + 1
        else:
            product, steps = self.factor * left, 0
            while (product << STEP * steps) // self.unpaid < LOW:
                steps += 1
            self.factor = divided_up(product << STEP * steps, self.unpaid)
            self.scale += steps
        self.unpaid = left

    def payable(self, of: Cut) -> int:
        """What of an award can be paid, with what was."""
        base = of.award * of.available // of.awards
        cut = of.award * (of.awards - of.available) // of.awards
        steps = self.scale - of.scale
        if of.epoch != self.epoch:
            left = 0
        elif steps > MOST_STEPS:
            left = min(cut, 1)
        else:
            left = divided_up(cut * self.factor, of.factor << STEP * steps)
        return base + cut - left


class Life:
    """A pool that is empty, and the formula beside it. Silence is consent."""

    def __init__(self, a: Arena) -> None:
        self.a, self.formula = a, Formula()
        self.cuts: list[Cut] = []
        self.claimants = cycle(map(address_of, CREW))  # each has a limit of LARGEST
        self.window = 0
        a.use_token()
        a.create(voting_period=HOUR, silent_consent_limit=LARGEST, tiers=(Tier(1, LARGEST),))
        for number in CREW:
            a.join(number)
        a.start()
        self.settle(len(CREW))

    def settle(self, *awards: int, available: int = 0) -> None:
        """Award one each to members in a window of their own, and settle it."""
        a = self.a
        funds = a.summary().funds
        if available:
            a.donate(available)
        self.window += 1
        a.at(a.window_end(self.window - 1))
        claims = [a.file(next(self.claimants), award) for award in awards]
        a.at(a.window_end(self.window))
        for claim_id in claims:
            a.by_anyone("resolve", claim_id)
        a.by_anyone("settle_window", self.window)
        self.cuts += self.formula.settle(list(awards), available + funds)
        self.check()

    def make_up(self, amount: int) -> None:
        """Donate, of what is unpaid."""
        self.a.donate(amount)
        self.formula.make_up(amount)
        self.check()

    def check(self) -> None:
        """The pool says what the formula does."""
        assert self.a.summary().unpaid == self.formula.unpaid
        for claim_id, cut in enumerate(self.cuts, 1):
            claim = self.a.pool.view("claim", claim_id)
            due = self.a.pool.view("award_due", claim_id)
            assert claim.paid + due == self.formula.payable(cut)

    def pay(self) -> None:
        """Pay out what can be paid."""
        for claim_id in range(1, len(self.cuts) + 1):
            self.a.refusal("pay_award", claim_id)
        self.check()


@pytest.fixture
def life(a: Arena) -> Life:
    return Life(a)


@pytest.mark.spec("U1", "U2", "U3", "W8")
def test_cut_of_any_size__through_every_scale(life: Life) -> None:
    """Made up but for a part in 2**10, in 2**26, 2**40, 2**19: one scale after the other."""
    life.settle(LARGEST, LARGEST - 1, 12_345, 1)
    for bits in (10, 26, 40, 19):
        life.make_up(life.formula.unpaid - (life.formula.unpaid >> bits))
    assert life.formula.scale == 3
    life.pay()
    life.settle(2**80 + 3, 7)
    life.make_up(life.formula.unpaid - 1)
    assert life.formula.scale == 5
    life.pay()
    life.make_up(1)
    assert life.formula.epoch == 1
    life.settle(2**70, 3, available=2)
    life.make_up(2**69 + 1)


@pytest.mark.spec("U3", "U4")
def test_award_cut_by_nothing__stays_whole_however_far_the_factor_falls(life: Life) -> None:
    """An award of one unit beside a large one: no part of it is paid, and none is owed."""
    life.settle(2**90, 1, available=2**90 - 1)
    assert life.formula.payable(life.cuts[-1]) == 0
    life.make_up(1)
    for _ in range(2):
        life.settle(2**100, 3)
        life.make_up(life.formula.unpaid - 1)
    assert life.formula.scale > MOST_STEPS


@pytest.mark.spec("U3")
def test_factor__is_rounded_up_by_less_than_one(life: Life) -> None:
    """F is just below 2**97, after one step: one more and a unit of the first award were late."""
    life.settle(2**100 - 1, 2**100, 2)
    life.make_up(2**101 + 1 - 2**40)
    assert (life.formula.factor, life.formula.scale) == (2**97, 1)
    cut = life.cuts[1]
    assert divided_up(cut.award * (2**97 + 1), ONE << STEP) > divided_up(
        cut.award << 97, ONE << STEP
    )


@pytest.mark.spec("U3")
def test_factor__of_several_steps_at_once__is_exact_to_its_last_digit(life: Life) -> None:
    """All but 2 of 2**101: half of it has exactly one unit left, and would have two were any
    digit of the four steps too large.
    """
    life.settle(2**100 - 1, 2**100, 2)
    life.make_up(2**101 + 1 - 2**40)
    life.settle(2**100, 2**100 - 2**40)
    life.make_up(2**101 - 2)
    assert (life.formula.factor, life.formula.scale) == (2**121, 5)
    assert life.formula.payable(life.cuts[4]) == 2**100 - 1


@pytest.mark.spec("U3")
def test_factor__of_several_steps_at_once__loses_no_digit(life: Life) -> None:
    """All but 3 of 2**101: a third of it and a little has a little more than one unit left, and
    would have one less were any digit of the four steps lost.
    """
    life.settle(2**100 - 1, 2**100, 2**99 + 12_345)
    left = 2**40 + 3
    life.make_up(life.formula.unpaid - left)
    assert life.formula.factor % 2
    third = (2**101 + 1) // 3
    life.settle(third, 2**100, 2**100 - third - left)
    life.make_up(2**101 - 3)
    assert life.formula.payable(life.cuts[4]) == third - 2


@pytest.mark.spec("U3")
def test_factor__of_four_steps_at_once__has_digits_of_the_fourth(life: Life) -> None:
    """As above, from a factor whose product is exact after four steps, and not after three."""
    life.settle(2**100 - 1, 2**100, 2)
    before = 17_592_187_004_854
    life.make_up(2**101 + 1 - before)
    life.settle(2**100, 2**100 - before)
    life.make_up(2**101 - 2)
    assert life.formula.payable(life.cuts[4]) == 2**100 - 1


@pytest.mark.spec("U3")
def test_factor__below_the_lowest__is_stepped_up_before_it_is_rounded(life: Life) -> None:
    """Of 95 bits it would not be exact, and leave a unit more."""
    life.settle(3 * 2**98)
    life.make_up(3 * 2**98 - 2**60)
    life.settle(2**100 - 2**60)
    life.make_up(2**100 - (97 << 70))


@pytest.mark.spec("U3")
def test_factor__begins_at_just_so_much(life: Life) -> None:
    """A bit more would come to another unit here; design.md says how many it has."""
    life.settle(1, 766_950_128_357_084_062_603_153_981_364)
    life.make_up(766_950_127_999_945_078_531_558_357_927)
    life.make_up(114_448_163_262_646_183_691)


@pytest.mark.spec("U3", "U4")
def test_factor__begins_anew_once_all_is_made_up(life: Life) -> None:
    """A small one that stayed would be too coarse for a cut of 2**100."""
    life.settle(2**100)
    life.make_up(2**100 - 2**70)
    life.make_up(2**70)
    life.settle(2**100 - 7)
    life.make_up(2**100 // 3)
    life.make_up(life.formula.unpaid - 2**50)


@pytest.mark.spec("U3")
def test_part_of_a_unit_that_is_left__is_left_whole(life: Life) -> None:
    """Two of three made up: a rounding down would pay out two where a little less is sure."""
    life.settle(3)
    life.make_up(2)
    assert life.formula.payable(life.cuts[-1]) == 1


@pytest.mark.spec("U1", "U3", "U4")
@pytest.mark.parametrize("seed", range(2))
def test_random_cuts_and_make_ups__are_what_the_formula_says(life: Life, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(5):
        sizes = (1, 2, 2**20 + 1, 2**60, 2**90, 2**97)
        awards = [dice.choice(sizes) for _ in range(dice.randint(1, 3))]
        life.settle(*awards, available=0 if life.formula.unpaid else dice.randrange(sum(awards)))
        unpaid = life.formula.unpaid
        parts = (1, unpaid - 1, unpaid // 2, unpaid - unpaid // 2**31, unpaid)
        life.make_up(max(1, dice.choice(parts)))
        if dice.random() < 0.5:
            life.pay()
    life.a.audit()
