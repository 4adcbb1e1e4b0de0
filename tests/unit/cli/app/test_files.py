"""No file that a command is given makes it wait or read for ever."""

import os
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import click
import pytest

from medconsent.data.people.exclusions import list_commitment
from medconsent.data.people.keys import CohortKey
from medconsent.data.people.members import read_members
from medconsent.documents.attestations import hash_of
from medconsent.errors import DocumentError
from medconsent.fabric.errors import ProfileError
from medconsent.fabric.profile import Profile
from medconsent.ontology import files
from medconsent_cli.app.files import read_file, sha256_of
from medconsent_cli.main import run

SHA_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    "command",
    [
        "dataset publish ct --manifest",
        "consent verify --root " + "00" * 32,
        "basis set plan --code NOT-PERSONAL --title T --document",
        "deid state a/b",
        "text keep a1a1a1",
        "deid report --quasi age --table",
    ],
)
def test_a_pipe_without_a_writer_is_refused(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "p.yaml")
    assert run([*command.split(), str(tmp_path / "p.yaml")]) == 2
    assert "it is not a regular file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "read",
    [read_members, CohortKey.load, files.read, hash_of, lambda file: list_commitment(file, file)],
    ids=["members", "key", "ontology", "attestation", "exclusions"],
)
def test_the_sdk_refuses_it_too(read: Callable[[Path], object], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.obo", 0o600)
    with pytest.raises(DocumentError, match="it is not a regular file"):
        read(tmp_path / "p.obo")


def test_a_connection_profile_is_a_short_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.yaml")
    with pytest.raises(ProfileError, match="is not a regular file"):
        Profile.load(tmp_path / "p.yaml")
    with (tmp_path / "long.yaml").open("wb") as stream:
        stream.truncate(8 * 1024**4)
    with pytest.raises(ProfileError, match="longer than 1 MiB"):
        Profile.load(tmp_path / "long.yaml")


def test_files_and_stdin_are_read_to_their_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"x" * 2048)
    assert read_file(file, 2048) == b"x" * 2048
    with pytest.raises(click.UsageError, match="at most 1 KiB"):
        read_file(file, 1024)
    stdin = BytesIO(b"x" * 5000)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(stdin))
    with pytest.raises(click.UsageError, match="- is too long"):
        read_file("-", 1024)
    assert stdin.tell() == 1025
    with pytest.raises(click.UsageError, match="Is a directory"):
        read_file(tmp_path)


def test_a_document_of_any_length_is_hashed(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    assert sha256_of(tmp_path / "f") == SHA_OF_NOTHING
    with pytest.raises(click.UsageError, match="not a regular file"):
        sha256_of("/dev/zero")


def test_what_the_shell_has_opened_may_be_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"from a command")
    os.close(writing)
    try:
        assert read_file(f"/dev/fd/{reading}") == b"from a command"
    finally:
        os.close(reading)
