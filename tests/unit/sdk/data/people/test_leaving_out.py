"""A version's files without the people who have withdrawn."""

import hashlib
import os
from pathlib import Path

import pytest

from medconsent.data.manifest.files import FileEntry
from medconsent.data.people.leaving_out import NOBODY, Whose, leave_out, read_whose
from medconsent.errors import DocumentError

MEMBERS = {"P-1": "in", "P-2": "out", "P-3": "in", "P-é": "out"}


def version(folder: Path, files: dict[str, bytes]) -> list[FileEntry]:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return [FileEntry(path, len(one), hashlib.sha256(one).hexdigest()) for path, one in files.items()]


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_files_of_the_withdrawn_are_left_out(tmp_path: Path) -> None:
    files = {"scans/1.dcm": b"one", "scans/2.dcm": b"two", "scans/4.dcm": b"four", "README": b"of nobody"}
    entries = version(tmp_path / "v", files)
    whose = Whose({"scans/1.dcm": "P-1", "scans/2.dcm": "P-2", "scans/4.dcm": "P-é", "README": NOBODY}, {})
    left = leave_out(entries, tmp_path / "v", tmp_path / "out", whose, MEMBERS)
    assert (left.files, left.kept) == (("scans/2.dcm", "scans/4.dcm"), 2)
    assert contents(tmp_path / "out") == {"scans/1.dcm": b"one", "README": b"of nobody"}


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        (b"id,age\nP-1,5\nP-2,6\nP-3,7\n", b"id,age\nP-1,5\nP-3,7\n", 1),
        (b"id;age\r\nP-2;6\r\n\r\nP-1;5\r\nP-2;8", b"id;age\r\nP-1;5\r\n", 2),
        (b'id,said\nP-2,"two\nlines"\nP-1,"""x"""\n', b'id,said\nP-1,"""x"""\n', 1),
        (b'a, id\n"1, ""2""",P-1\n3,P-2\n', b'a, id\n"1, ""2""",P-1\n', 1),
        (b"\xef\xbb\xbfid,a\nP-e\xcc\x81,1\nP-1,2\n", b"\xef\xbb\xbfid,a\nP-1,2\n", 1),
        ("id,a\nP-2,1\nP-1,영\n".encode("utf-16"), "id,a\nP-1,영\n".encode("utf-16"), 1),
        (b"sep=;\nid;a\nP-2;1\nP-1;2\n", b"sep=;\nid;a\nP-1;2\n", 1),
        (b"id,a\nP-1,1\n", b"id,a\nP-1,1\n", 0),
    ],
    ids=range(8),
)
def test_rows_of_the_withdrawn_are_left_out_and_nothing_else_changes(
    tmp_path: Path, before: bytes, after: bytes, rows: int
) -> None:
    entries = version(tmp_path / "v", {"t.csv": before})
    left = leave_out(entries, tmp_path / "v", tmp_path / "out", Whose({}, {"t.csv": "id"}), MEMBERS)
    assert dict(left.rows) == {"t.csv": rows}
    assert contents(tmp_path / "out") == {"t.csv": after}


def refused(tmp_path: Path, files: dict[str, bytes], whose: Whose) -> str:
    entries = version(tmp_path / "v", files)
    with pytest.raises(DocumentError) as error:
        leave_out(entries, tmp_path / "v", tmp_path / "out", whose, MEMBERS)
    return str(error.value)


@pytest.mark.parametrize(
    ("whose", "says"),
    [
        (Whose({}, {}), "not said whose 'a.bin' is, and 1 more"),
        (Whose({"a.bin": "P-1", "t.csv": NOBODY, "x": "P-1"}, {}), "'x' is no file"),
        (Whose({"a.bin": "P-1", "t.csv": "P-1"}, {"t.csv": "id"}), "not both"),
        (Whose({"a.bin": "P-9", "t.csv": NOBODY}, {}), "nobody of the cohort"),
        (Whose({"a.bin": "P-1"}, {"t.csv": "who"}), "no column 'who'"),
        (Whose({"a.bin": "P-1"}, {"t.csv": "id"}), "nobody of the cohort"),
    ],
    ids=range(6),
)
def test_nothing_is_guessed(tmp_path: Path, whose: Whose, says: str) -> None:
    told = refused(tmp_path, {"a.bin": b"1", "t.csv": b"id,a\nP-1,2\np-2,3\n"}, whose)
    assert says in told
    assert "p-2" not in told


def test_a_file_that_changed_or_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    entries = version(tmp_path / "v", {"a.bin": b"1"})
    (tmp_path / "v" / "a.bin").write_bytes(b"2")
    whose = Whose({"a.bin": NOBODY}, {})
    with pytest.raises(DocumentError, match="was changed"):
        leave_out(entries, tmp_path / "v", tmp_path / "out", whose, MEMBERS)
    (tmp_path / "v" / "a.bin").write_bytes(b"1")
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out" / "x").write_bytes(b"")
    with pytest.raises(DocumentError, match="something in"):
        leave_out(entries, tmp_path / "v", tmp_path / "out", whose, MEMBERS)


def test_where_a_disk_has_no_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_arguments: object, **_more: object) -> None:
        raise OSError("no links")

    monkeypatch.setattr(os, "link", never)
    entries = version(tmp_path / "v", {"a.bin": b"1"})
    leave_out(entries, tmp_path / "v", tmp_path / "out", Whose({"a.bin": "P-1"}, {}), MEMBERS)
    assert contents(tmp_path / "out") == {"a.bin": b"1"}


def test_whose_files_are_is_read_strictly(tmp_path: Path) -> None:
    listed = tmp_path / "whose.csv"
    listed.write_text("path,id\nscans/1.dcm,P-1\nREADME,-\n")
    assert read_whose(listed) == {"scans/1.dcm": "P-1", "README": NOBODY}
    for text in ("path,who\na,b\n", "path,id\na,\n", "path,id\na,P-1\na,P-2\n"):
        listed.write_text(text)
        with pytest.raises(DocumentError):
            read_whose(listed)
