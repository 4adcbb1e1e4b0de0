"""What was told, remembered: each thing once a day on each channel."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from fake_gateway import digest

from medconsent.desk.reminders import Reminder
from medconsent.errors import DocumentError
from medconsent.services.remind.sent import Sent
from medconsent.times import parse_time

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)

REMINDERS = tuple(
    Reminder(kind="ending", id=digest(str(number)), dataset="hanbit/bc", until=parse_time("2026-12-02T00:00:00Z"))
    for number in range(3)
)


def test_each_thing_is_told_once_a_day_on_each_channel(tmp_path):
    path = tmp_path / "folder" / "state.json"
    sent = Sent(path)
    assert sent.fresh("log", REMINDERS, NOW) == REMINDERS
    sent.record("log", REMINDERS[:2], NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Sent(path)
    assert again.fresh("log", REMINDERS, NOW + timedelta(hours=23, minutes=59)) == REMINDERS[2:]
    assert again.fresh("mail", REMINDERS, NOW) == REMINDERS
    assert again.fresh("log", REMINDERS, NOW + timedelta(days=1)) == REMINDERS
    again.record("log", REMINDERS[2:], NOW + timedelta(days=2))
    assert len(json.loads(path.read_text())["log"]) == 1  # what is older than a day is forgotten


@pytest.mark.parametrize("text", ["", "[]", '{"log": 1}', '{"log": {"a": "soon"}}', "\udcff"])
def test_a_state_file_that_is_none_is_not_overwritten(tmp_path, text):
    path = tmp_path / "state.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(DocumentError, match="no record of what was told"):
        Sent(path)
    assert path.exists()
