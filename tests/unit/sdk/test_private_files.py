"""Files that only their owner reads: whole or not at all, whatever the umask, and new ones never over what is there."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from medconsent.private_files import create_private, open_private, private_folder, write_private

ROOT = Path(__file__).parents[3]
ELSEWHERE = {
    "network/medconsent_network/supervisor/__init__.py": "a folder in the one that all users share, looked at again",
}
"""Who makes private files or folders by themselves, and why."""


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """A user who lets everybody read everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_reads_what_is_written(tmp_path: Path) -> None:
    write_private(tmp_path / "written", b"1")
    create_private(tmp_path / "created").close()
    open_private(tmp_path / "opened").close()
    assert [mode(tmp_path / name) for name in ("written", "created", "opened")] == [0o600] * 3


def test_a_file_for_others_says_so(tmp_path: Path) -> None:
    write_private(tmp_path / "metrics", b"1", mode=0o644)
    assert mode(tmp_path / "metrics") == 0o644


def test_what_was_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError("no space")

    path = tmp_path / "key"
    write_private(path, b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_private(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_others_could_read_is_private_once_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"before")
    path.chmod(0o644)
    write_private(path, b"after")
    assert (mode(path), path.read_bytes()) == (0o600, b"after")


def test_a_new_file_is_never_written_over_another(tmp_path: Path) -> None:
    with create_private(tmp_path / "key") as file:
        file.write(b"1")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == b"1"


def test_a_journal_is_read_and_written_in_place(tmp_path: Path) -> None:
    write_private(tmp_path / "journal", b"one\ntwo")
    with open_private(tmp_path / "journal") as file:
        assert file.read(4) == b"one\n"
        file.truncate()
        file.write(b"2\n")
    assert (tmp_path / "journal").read_bytes() == b"one\n2\n"


def test_folders_that_are_made_on_the_way_are_private_too(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    inner = tmp_path / "a" / "b"
    assert private_folder(inner) == [tmp_path / "a", inner]
    assert [mode(tmp_path / "a"), mode(inner), mode(tmp_path)] == [0o700, 0o700, 0o755]
    assert private_folder(inner) == []


def test_a_program_may_be_run_by_its_owner_alone(tmp_path: Path) -> None:
    create_private(tmp_path / "program", mode=0o700).close()
    assert mode(tmp_path / "program") == 0o700


def test_nobody_else_makes_private_files() -> None:
    makes = re.compile(r"O_CREAT|mkstemp|mkdir\(mode=0o700|touch\(mode=")
    found = {
        str(file.relative_to(ROOT))
        for top in ("sdk", "cli", "network")
        for file in (ROOT / top).rglob("*.py")
        if makes.search(file.read_text("utf-8"))
    }
    assert found - {"sdk/medconsent/private_files.py"} == set(ELSEWHERE)


def test_a_link_is_not_followed_where_others_write(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        open_private(tmp_path / "link", follow=False)
    assert not (tmp_path / "elsewhere").exists()
