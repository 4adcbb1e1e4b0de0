"""Times and durations as the contract spells them, and as people do.

A time is RFC 3339 in UTC with whole seconds (`2026-11-24T10:50:10Z`); a duration is an integer of seconds, which
people write as `365d 12h 30m 20s` (a day has 24 hours; a unit comes at most once, larger units first).
"""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"\s*(?:(\d{1,10})d)?\s*(?:(\d{1,10})h)?\s*(?:(\d{1,10})m)?\s*(?:(\d{1,10})s)?\s*", re.ASCII)
_DAY_ALONE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


def parse_time(text: str) -> datetime:
    """The moment that the contract's spelling stands for, in UTC.

    Raises:
        ValueError: It is none.
    """
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is not a time such as 2026-11-24T10:50:10Z")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def read_time(text: str) -> datetime:
    """The moment that somebody wrote, in UTC: a time in the contract's spelling or with an offset, or a day.

    A day is its beginning in UTC, which is how every time is shown: `2026-11-24` is `2026-11-24T00:00:00Z`.

    Raises:
        ValueError: It is none, or a time without a zone.
    """
    if _DAY_ALONE.fullmatch(text):
        return _strictly(f"{text}T00:00:00Z", text)
    if found := _WRITTEN.fullmatch(text):
        day, clock, zone = found.groups()
        clock = clock if clock.count(":") == 2 else f"{clock}:00"
        moment = _strictly(f"{day}T{clock}Z", text)
        if zone.upper() != "Z":
            hours, minutes = int(zone[1:3]), int(zone[4:6])
            if hours > 23 or minutes > 59:
                raise ValueError(f"{text!r} has an offset that is none: {zone}")
            offset = timedelta(hours=hours, minutes=minutes)
            try:
                return moment - offset if zone[0] == "+" else moment + offset
            except OverflowError:
                raise ValueError(f"{text!r} is no time: years have four digits") from None
        return moment
    raise ValueError(f"{text!r} is not a time such as 2026-11-24T10:50:10Z, nor a day such as 2026-11-24")


def _strictly(spelled: str, text: str) -> datetime:
    try:
        return parse_time(spelled)
    except ValueError:
        raise ValueError(f"{text!r} is no time: there is no such day or hour") from None


def is_day(text: str) -> bool:
    """Whether a day alone was written, without a time in it."""
    return _DAY_ALONE.fullmatch(text) is not None


def format_time(moment: datetime) -> str:
    """The contract's spelling, cut to seconds.

    Raises:
        ValueError: It has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone: say which moment is meant")
    # Not strftime: it does not pad years before 1000 everywhere.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_duration(text: str) -> int:
    """Seconds, from `365d`, `12h 30m` or `20s`.

    Raises:
        ValueError: It is none.
    """
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration such as 365d, 12h 30m or 20s")
    return sum(int(count or 0) * seconds for count, seconds in zip(match.groups(), _UNITS.values(), strict=True))


def format_duration(seconds: int) -> str:
    """`90d` for 7,776,000; the shortest spelling that `parse_duration` reads back."""
    if seconds < 0:
        raise ValueError(f"a duration cannot be negative: {seconds} s")
    parts = []
    rest = seconds
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def seconds_of(duration: timedelta | int | str) -> int:
    """Whole seconds of a duration given as seconds, timedelta or text.

    Raises:
        ValueError: It is none.
    """
    if isinstance(duration, str):
        return parse_duration(duration)
    if isinstance(duration, timedelta):
        return duration // timedelta(seconds=1)
    return duration
