"""Times, durations, errors and JSON values."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import medconsent
from medconsent import errors, times
from medconsent.values.records import Change

CONTRACT = Path(__file__).parents[3] / "docs" / "contract.md"


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


def test_there_is_an_exception_for_each_code_of_the_contract_and_no_other():
    section = CONTRACT.read_text().split("## Codes of refusal")[1]
    assert set(errors.BY_CODE) == set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE))


def test_a_code_from_a_later_contract_is_a_plain_refusal():
    error = errors.refusal('{"code":"LATER","message":"later"}')
    assert type(error) is errors.Refused
    assert error.diagnostics() == "LATER: later"


@pytest.mark.parametrize("text", ["", "boom", "[]", '"x"', '{"message":"x"}', '{"code":1}'])
def test_what_is_no_refusal(text):
    assert errors.refusal(text) is None


def test_diagnostics_say_where_why_and_what_to_do():
    error = errors.refusal(
        '{"code":"POLICY_DENIES","message":"no","field":"purpose","hint":"ask","details":[{"code":"A","message":"b"},"c",{"d":1}]}',
        transaction_id="f00",
        words=[errors.EndorserWord("hanbit", "h:1", "no", "POLICY_DENIES"), errors.EndorserWord("nuri", "", "yes?")],
    )
    assert error.diagnostics().splitlines() == [
        "POLICY_DENIES: no",
        "field: purpose",
        "  - A: b",
        "  - c",
        '  - {"d": 1}',
        "hint: ask",
        "  hanbit at h:1: POLICY_DENIES: no",
        "  nuri at (unknown address): yes?",
        "transaction: f00",
    ]


def test_endorsers_that_agree_are_not_repeated():
    words = [errors.EndorserWord(name, "x", "no", "CONFLICT") for name in ("hanbit", "nuri")]
    assert "hanbit" not in errors.Conflict("no", words=words).diagnostics()


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("action", None, "lacks the member 'action'"),
        ("action", 1, "action should be text"),
        ("at", "yesterday", "is not a time"),
        ("by", [], "by should be an object"),
        ("by", {"institution": "a", "id": "b", "roles": "x"}, "by.roles should be a list"),
        ("by", {"institution": "a", "id": "b", "roles": [1]}, r"by.roles\[0\] should be text"),
    ],
)
def test_what_does_not_fit_the_contract_is_named_with_its_place(member, value, message):
    change = {"action": "a", "at": "2026-11-24T10:50:10Z", "tx": "t", "by": {"institution": "a", "id": "b"}}
    with pytest.raises(errors.UnexpectedAnswer, match=message):
        Change.from_json(change | {member: value})


def test_members_that_are_not_known_are_passed_over():
    data = {"action": "a", "at": "2026-11-24T10:50:10Z", "tx": "t", "by": {"institution": "a", "id": "b", "roles": []}}
    assert Change.from_json({**data, "later": 1}).to_json() == data


def test_every_public_name_can_be_imported():
    assert all(getattr(medconsent, name) is not None for name in medconsent.__all__)
    assert set(medconsent.__all__) <= set(dir(medconsent))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = medconsent.nonsense
