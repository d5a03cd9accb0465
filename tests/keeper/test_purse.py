"""Limits on what keeping may cost, and failures that wait longer each time."""

import pytest

from peerpool.keeper import Limit, parse_limit
from peerpool.keeper.backoff import MOST_TRIES, Backoff
from peerpool.keeper.purse import GAS, Purse, PurseError
from peerpool.units import DAY, ETHER, MINUTE, UnitError


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("2000000 gas", Limit(2_000_000, GAS)),
        ("2 000 000 gas", Limit(2_000_000, GAS)),
        ("0.01 ETH", Limit(10**16, ETHER)),
    ],
)
def test_parse_limit__gas_or_ether(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit
    assert parse_limit(str(limit)) == limit


def test_parse_limit__anything_else__is_refused() -> None:
    with pytest.raises(UnitError) as caught:
        parse_limit("5 EUR")
    assert str(caught.value) == 'amount: "5 EUR" is not in ETH'
    with pytest.raises(UnitError) as caught:
        parse_limit("0.5 gas")
    assert str(caught.value) == 'amount: "0.5 gas" has more than 0 decimals'


def test_purse__without_limits__refuses_nothing() -> None:
    Purse().refuse(10**9, 10**18)


def test_purse__to_the_last_unit() -> None:
    purse = Purse(per_pass=Limit(100, GAS))
    purse.refuse(100, 5)
    with pytest.raises(PurseError) as caught:
        purse.refuse(101, 5)
    assert str(caught.value) == "budget: up to 101 gas needed, 100 gas left of 100 gas a pass"
    purse.spend(60, 300)
    purse.refuse(40, 5)
    with pytest.raises(PurseError):
        purse.refuse(41, 5)
    purse.begin_pass()
    purse.refuse(100, 5)


def test_purse__in_all__outlives_passes() -> None:
    purse = Purse(in_all=Limit(10**18, ETHER))
    purse.spend(10**5, 10**18 - 500)
    purse.begin_pass()
    purse.refuse(100, 5)
    with pytest.raises(PurseError) as caught:
        purse.refuse(101, 5)
    left = "0.0000000000000005 ETH left of 1 ETH a run"
    assert str(caught.value) == f"budget: up to 0.000000000000000505 ETH needed, {left}"


def test_backoff__waits_longer_each_time_then_gives_up() -> None:
    backoff, now, said = Backoff(), 0.0, []
    assert backoff.ready("key", now)
    for tries in range(1, MOST_TRIES):
        said.append(backoff.failed("key", now))
        pause = backoff.pause(tries)
        assert not backoff.ready("key", now + pause - 1)
        assert backoff.ready("key", now + pause)
        assert backoff.ready("another", now)
        now += pause
    assert backoff.failed("key", now) == f"given up after {MOST_TRIES} tries"
    assert not backoff.ready("key", now + 10**9)
    assert said[:2] == ["not again for 1 minute", "not again for 4 minutes"]
    assert (backoff.pause(1), backoff.pause(100)) == (MINUTE, DAY)


def test_backoff__what_worked_later__is_forgotten() -> None:
    backoff = Backoff()
    backoff.failed("key", 0.0)
    backoff.worked("key")
    assert backoff.ready("key", 0.0)
    assert backoff.failed("key", 0.0) == "not again for 1 minute"
