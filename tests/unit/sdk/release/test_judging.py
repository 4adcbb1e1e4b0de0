"""Whether a header is given: each fact alone takes it away, and a crash never gives one twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from medconsent.errors import ReleaseError
from medconsent.release.headers import HeaderStore
from medconsent.release.journal import Journal
from medconsent.release.judging import AHEAD, LONGEST, MOST_FILES, Receipt, Wanted, judge
from medconsent.release.leaves import Place

from .conftest import Kept

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def facts(kept: Kept) -> tuple[Receipt, Wanted]:
    chosen, places, files = kept.archive.chosen(["one.bin", "empty.bin"])
    receipt = Receipt("r" * 64, "hanbit", True, "open", NOW - timedelta(minutes=1), files, "d" * 64, True)
    return receipt, Wanted("d" * 64, list(zip(chosen, places, strict=True)))


def codes(receipt: Receipt, wanted: Wanted, **more: Any) -> set[str]:
    asked: dict[str, Any] = {"own": "hanbit", "now": NOW, "given": set(), **more}
    return {reason.code for reason in judge(receipt, wanted, **asked)}


def test_what_the_receipt_says_is_given(kept: Kept) -> None:
    assert codes(*facts(kept)) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sealed": False}, "RECEIPT_FORGED"),
        ({"owner": "saerom"}, "RECEIPT_OF_ANOTHER"),
        ({"status": "completed"}, "RECEIPT_NOT_OPEN"),
        ({"status": "aborted"}, "RECEIPT_NOT_OPEN"),
        ({"status": ""}, "RECEIPT_NOT_OPEN"),
        ({"written_at": NOW - LONGEST}, "RECEIPT_TOO_OLD"),
        ({"written_at": NOW - timedelta(days=300)}, "RECEIPT_TOO_OLD"),
        ({"written_at": NOW + AHEAD + timedelta(seconds=1)}, "RECEIPT_AHEAD"),
        ({"permitted": False}, "GRANT_NOT_IN_FORCE"),
        ({"permitted": None}, "GRANT_NOT_IN_FORCE"),
        ({"delivery": "e" * 64}, "KEY_NOT_IN_RECEIPT"),
    ],
)
def test_each_fact_alone_takes_it_away(kept: Kept, change: dict[str, Any], code: str) -> None:
    receipt, wanted = facts(kept)
    assert codes(replace(receipt, **change), wanted) == {code}


def test_a_moment_before_the_ten_minutes_are_over_it_is_given(kept: Kept) -> None:
    receipt, wanted = facts(kept)
    assert codes(replace(receipt, written_at=NOW - LONGEST + timedelta(milliseconds=1)), wanted) == set()
    assert codes(replace(receipt, written_at=NOW + AHEAD), wanted) == set()


def test_a_file_of_the_archive_that_is_not_of_the_receipt_is_refused(kept: Kept) -> None:
    receipt, wanted = facts(kept)
    other = kept.archive.by_path["scans/three and a bit.bin"]
    every, places, _files = kept.archive.chosen(None)
    of_the_archive = places[every.index(other)]
    of_the_receipt = wanted.files[0][1]
    for place in (of_the_archive, of_the_receipt, Place(0, 1, ()), Place(0, 2, ("x" * 64,)), Place(-1, 2, ())):
        assert codes(receipt, replace(wanted, files=[(other, place)])) == {"FILE_NOT_IN_RECEIPT"}


def test_a_leaf_with_one_member_changed_is_refused(kept: Kept) -> None:
    receipt, wanted = facts(kept)
    file, place = wanted.files[1]
    for change in ({"sha256": "0" * 64}, {"path": "two.bin"}, {"segments": "0" * 64}):
        assert codes(receipt, replace(wanted, files=[(replace(file, **change), place)])) == {"FILE_NOT_IN_RECEIPT"}


def test_a_header_is_given_once(kept: Kept) -> None:
    receipt, wanted = facts(kept)
    first = wanted.files[0]
    assert codes(receipt, wanted, given={first[0].leaf}) == {"HEADER_GIVEN"}
    assert codes(receipt, replace(wanted, files=[first, first])) == {"HEADER_GIVEN"}


def test_none_and_too_many_at_once_are_refused(kept: Kept) -> None:
    receipt, wanted = facts(kept)
    assert codes(receipt, replace(wanted, files=[])) == {"TOO_MANY_FILES"}
    many = [wanted.files[0]] * (MOST_FILES + 1)
    assert "TOO_MANY_FILES" in codes(receipt, replace(wanted, files=many))


def test_every_reason_is_told(kept: Kept) -> None:
    receipt, wanted = facts(kept)
    bad = replace(receipt, sealed=False, status="aborted", permitted=None)
    assert codes(bad, wanted) == {"RECEIPT_FORGED", "RECEIPT_NOT_OPEN", "GRANT_NOT_IN_FORCE"}


def test_the_journal_remembers_over_a_restart_and_takes_all_or_none(tmp_path: Path) -> None:
    one, two, three = (bytes([number]) * 32 for number in range(3))
    journal = Journal(tmp_path)
    assert journal.take("r1", [one, two])
    journal.close()
    journal = Journal(tmp_path)
    assert journal.given("r1", [one, two, three]) == {one, two}
    assert not journal.take("r1", [three, two])
    assert journal.given("r1", [three]) == set()
    assert journal.take("r2", [two])
    assert journal.count("r1") == 2


def test_a_journal_that_cannot_be_read_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "given.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(ReleaseError):
        Journal(tmp_path).take("r1", [bytes(32)])


def test_a_header_that_is_not_there_is_said(tmp_path: Path) -> None:
    store = HeaderStore(tmp_path)
    store.add([(bytes(32), b"header")])
    with pytest.raises(ReleaseError, match="no header"):
        store.get([bytes(32), b"x" * 32])
