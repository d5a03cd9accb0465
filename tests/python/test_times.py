"""Durations and dates, there and back, and every way to get them wrong."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerpool.units import (
    DAY,
    HOUR,
    UINT256_MAX,
    YEAR,
    UnitError,
    format_date,
    format_duration,
    parse_date,
    parse_duration,
    parse_moment,
)

NOON = 1_798_804_800  # 2027-01-01 12:00 UTC


@given(st.integers(0, 10**12))
def test_duration__back_and_forth__is_exact(seconds):
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds", "formatted"),
    [
        ("14 days", 14 * DAY, "14 days"),
        ("1 day", DAY, "1 day"),
        ("36 hours", 36 * HOUR, "36 hours"),
        ("2 weeks", 14 * DAY, "14 days"),
        ("1 year", YEAR, "1 year"),
        ("365 days", YEAR, "1 year"),
        ("90 minutes", 90 * 60, "90 minutes"),
        ("1 day  12 hours", 36 * HOUR, "36 hours"),
        ("0 days", 0, "0 seconds"),
        ("90061 seconds", 90061, "1 day 1 hour 1 minute 1 second"),
        ("366 days", 366 * DAY, "366 days"),
    ],
)
def test_duration__as_people_write_it__is_read(text, seconds, formatted):
    assert parse_duration(text) == seconds
    assert format_duration(seconds) == formatted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (14, 'duration: 14 is not text like "14 days"'),
        ("14", 'duration: "14" is not like "14 days"'),
        ("days", 'duration: "days" is not like "14 days"'),
        ("1.5 days", 'duration: "1.5 days" is not like "14 days"'),
        ("14days", 'duration: "14days" is not like "14 days"'),
        ("-1 days", 'duration: "-1 days" is negative'),
        ("3 months", 'duration: "3 months": months differ in length, write days'),
        (
            "3 moons",
            'duration: "3 moons": "moons" is none of seconds, minutes, hours, days, weeks, years',
        ),
        (f"1{'0' * 20} days", f'duration: "1{"0" * 20} days" is too long'),
    ],
)
def test_duration__not_a_duration__is_refused(text, message):
    assert _refused(parse_duration, text) == message


@given(st.integers(0, 253402300799))
def test_date__back_and_forth__is_exact(seconds):
    assert parse_date(format_date(seconds)) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2027-01-01", NOON - 12 * HOUR),
        ("2027-01-01 12:00", NOON),
        ("2027-01-01 12:00 UTC", NOON),
        ("2027-01-01T12:00:00Z", NOON),
        ("2027-01-01T13:00:00+01:00", NOON),
        ("2027-01-01 12:00:07 UTC", NOON + 7),
        (datetime.date(2027, 1, 1), NOON - 12 * HOUR),
        (datetime.datetime(2027, 1, 1, 12), NOON),
        (datetime.datetime(2027, 1, 1, 12, tzinfo=datetime.UTC), NOON),
    ],
)
def test_date__as_people_write_it__is_read(value, seconds):
    assert parse_date(value) == seconds


def test_date__relative__counts_from_now():
    assert parse_date("in 7 days", now=NOON) == NOON + 7 * DAY


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("14 days", NOON + 14 * DAY),
        ("2027-01-01", NOON - 12 * HOUR),
        (datetime.date(2027, 1, 1), NOON - 12 * HOUR),
        ("in 1 hour", HOUR),
    ],
)
def test_moment__date_or_duration__is_read(value, moment):
    assert parse_moment(value, NOON, now=0) == moment


def test_moment__wrong__is_refused_as_what_it_looks_like():
    assert _refused(parse_moment, "14days", NOON) == 'duration: "14days" is not like "14 days"'
    assert _refused(parse_moment, "-1 days", NOON) == 'duration: "-1 days" is negative'
    assert _refused(parse_moment, "soon", NOON) == (
        'date: "soon" is not like "2027-01-01 12:00 UTC"'
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2027, 'date: 2027 is not like "2027-01-01 12:00 UTC"'),
        ("soon", 'date: "soon" is not like "2027-01-01 12:00 UTC"'),
        ("in 7 days", 'date: "in 7 days" is not like "2027-01-01 12:00 UTC"'),
        ("2027-02-29", 'date: "2027-02-29" is not like "2027-01-01 12:00 UTC"'),
        ("01.02.2027", 'date: "01.02.2027" is not like "2027-01-01 12:00 UTC"'),
        (datetime.time(12), 'date: datetime.time(12, 0) is not like "2027-01-01 12:00 UTC"'),
        ("2027-01-01 12:00+01:00 UTC", 'date: "2027-01-01 12:00+01:00 UTC" has two time zones'),
        ("2027-01-01T12:00:00.5", 'date: "2027-01-01T12:00:00.5" is finer than a second'),
        ("1969-12-31", 'date: "1969-12-31" is before 1970'),
    ],
)
def test_date__not_a_date__is_refused(value, message):
    assert _refused(parse_date, value) == message


def test_date__beyond_the_calendar__is_refused():
    assert _refused(format_date, UINT256_MAX).startswith("date: second 1157920892373161954")
    assert _refused(format_date, 253402300800) == (
        "date: second 253402300800 is beyond the year 9999"
    )


def _refused(function, *arguments) -> str:
    with pytest.raises(UnitError) as caught:
        function(*arguments)
    return str(caught.value)
