"""Times and durations, as the contract spells them and as people do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medconsent import times


@given(st.integers(min_value=1, max_value=10**10))
def test_a_duration_is_read_back_as_it_was_written(seconds):
    assert times.parse_duration(times.format_duration(seconds)) == seconds


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_a_time_is_read_back_cut_to_seconds(moment):
    assert times.parse_time(times.format_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "seconds"), [("365d", 31_536_000), ("12h 30m", 45_000), ("20s", 20), (" 1d2h ", 93_600)]
)
def test_durations_that_people_write(text, seconds):
    assert times.parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", " ", "5", "5y", "30m 12h", "1h 1h", "-5d", "1.5h", "٣d", "9" * 11 + "d"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is not a duration"):
        times.parse_duration(text)


@pytest.mark.parametrize(
    "text", ["2026-11-24", "2026-11-24T10:50:10", "2026-11-24T10:50:10+00:00", "2026-13-24T10:50:10Z"]
)
def test_what_is_no_time_of_the_contract(text):
    with pytest.raises(ValueError):  # noqa: PT011 - two sources, one type
        times.parse_time(text)


def test_times_are_written_in_utc_and_a_time_without_a_zone_is_refused():
    assert times.format_time(datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))) == "2026-01-01T00:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        times.format_time(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="cannot be negative"):
        times.format_duration(-1)
    assert times.seconds_of(timedelta(days=1)) == times.seconds_of("24h") == times.seconds_of(86400)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        ("2026-11-24T10:50:10Z", "2026-11-24T10:50:10Z"),
        ("2026-11-24t10:50z", "2026-11-24T10:50:00Z"),
        ("2026-11-24 10:50+09:00", "2026-11-24T01:50:00Z"),
        ("2026-11-24T20:00:00-05:30", "2026-11-25T01:30:00Z"),
    ],
)
def test_times_as_people_write_them(written, read):
    assert times.format_time(times.read_time(written)) == read
    assert times.is_day(written) == (len(written) == 10)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-13-01", "2026-02-30", "2026-11-24T10:50", "2026-11-24T10:50:10", "2026-11-24T10:50+99:00"),
        *("24.11.2026", "", "0001-01-01T00:00+23:00", "tomorrow"),
    ],
)
def test_what_nobody_writes_for_a_time_is_refused(text):
    with pytest.raises(ValueError, match=r"time|offset"):
        times.read_time(text)
