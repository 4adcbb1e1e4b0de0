"""A backup as a file, without a network: another key, a cut or damaged, a full disk, an interruption."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from click.testing import CliRunner

from medconsent_network.backup import archive, making, sealed
from medconsent_network.backup.archive import About
from medconsent_network.backup.picture import File, Picture
from medconsent_network.errors import NetworkError
from medconsent_network.identities import pinned
from medconsent_network.main import main

ABOUT = About("gaon", "medconsent", "3.1.1", "2026-12-01T08:00:00Z", ledger=False)
YAML = "institutions:\n  - {name: gaon, host: 127.0.0.1, port_base: 47100}\n"
PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A key and its public one."""
    path = tmp_path_factory.mktemp("key") / "backup.key"
    return path, sealed.new_key(path, PASSPHRASE)


@pytest.fixture
def identity(key: tuple[Path, str]) -> Any:
    return sealed.read_key(key[0], lambda: PASSPHRASE)


@pytest.fixture
def backup(tmp_path: Path, key: tuple[Path, str]) -> Path:
    """A backup of a home that has a consortium file and something that does not become smaller."""
    pinned.make_client(tmp_path / "root", "tlsca-gaon")
    root = (tmp_path / "root" / "cert.pem").read_bytes()
    files = {
        "consortium.yaml": YAML.encode(),
        "tlsca/ca-cert.pem": root,
        "ca/ca-key.pem": b"secret key",
        "noise": os.urandom(300_000),
    }
    picture = Picture({place: File(len(data), program=False, data=data) for place, data in files.items()})
    path = tmp_path / "gaon.backup"
    with path.open("wb") as file, sealed.encrypted(file, sealed.recipients([key[1]])) as plain:
        archive.write(picture, ABOUT, plain)
    return path


def test_a_key_is_a_secret_with_a_passphrase(key: tuple[Path, str]) -> None:
    assert key[0].stat().st_mode & 0o777 == 0o600
    assert sealed.SECRET.encode() not in key[0].read_bytes()
    assert key[1].startswith("age1")
    with pytest.raises(NetworkError, match="the passphrase is not that of") as refused:
        sealed.read_key(key[0], lambda: "another")
    assert refused.value.code == "BACKUP_LOCKED"
    with pytest.raises(NetworkError, match="a key is never written over"):
        sealed.new_key(key[0], PASSPHRASE)


def test_a_whole_one_is_put_into_place_and_nothing_else_is_left(backup: Path, identity: Any, tmp_path: Path) -> None:
    assert b"secret key" not in backup.read_bytes()
    homes = tmp_path / "homes"
    home, seen = making.restore(backup, identity, homes)
    assert (home.path, seen.files) == (homes / "gaon", 4)
    assert (home / "ca" / "ca-key.pem").read_bytes() == b"secret key"
    assert [path.name for path in homes.iterdir() if path.name != ".lock"] == ["gaon"]
    with pytest.raises(NetworkError, match="is there already") as refused:
        making.restore(backup, identity, homes)
    assert refused.value.code == "RESTORE_FAILED"
    assert (home / "noise").stat().st_size == 300_000


def empty(homes: Path) -> bool:
    return [path.name for path in homes.iterdir() if path.name != ".lock"] == []


def test_another_key(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="encrypted to another key") as refused:
        making.restore(backup, sealed.once(), tmp_path / "homes")
    assert refused.value.code == "BACKUP_LOCKED"
    assert empty(tmp_path / "homes")


@pytest.mark.parametrize("at", [0, 5, 100, 250, 70_000, 150_000, 250_000, -20, -1])
@pytest.mark.parametrize("what", ["cut", "flipped", "longer"])
def test_a_damaged_one(backup: Path, identity: Any, tmp_path: Path, at: int, what: str) -> None:
    data = bytearray(backup.read_bytes())
    if what == "flipped":
        data[at] ^= 1
    elif what == "cut":
        del data[at:]
    else:
        data += b"x" * (abs(at) + 1)
    backup.write_bytes(data)
    with pytest.raises(NetworkError) as refused:
        making.restore(backup, identity, tmp_path / "homes")
    assert refused.value.code in {"BACKUP_DAMAGED", "BACKUP_LOCKED"}
    assert refused.value.hint
    assert empty(tmp_path / "homes")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk, which needs root")
def test_a_full_disk(backup: Path, identity: Any, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "128k") as disk:
        with pytest.raises(NetworkError, match="there is no room left on the disk") as refused:
            making.restore(backup, identity, disk / "homes")
        assert refused.value.code == "RESTORE_FAILED"
        assert empty(disk / "homes")


INTERRUPTED = """
import sys
from pathlib import Path
from medconsent_network.backup import archive, making, sealed
class Slow(archive._Digesting):
    def readinto(self, buffer):
        print("begun", flush=True)
        sys.stdin.read()
        return super().readinto(buffer)
archive._Digesting = Slow
identity = sealed.read_key(Path(sys.argv[1]), lambda: sys.argv[2])
making.restore(Path(sys.argv[3]), identity, Path(sys.argv[4]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interruption(
    backup: Path, identity: Any, key: tuple[Path, str], tmp_path: Path, number: signal.Signals
) -> None:
    homes = tmp_path / "homes"
    command = [sys.executable, "-c", INTERRUPTED, str(key[0]), PASSPHRASE, str(backup), str(homes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"begun\n"
        ran.send_signal(number)
        assert ran.wait(60) != 0
    assert not (homes / "gaon").exists()
    if number == signal.SIGINT:
        assert empty(homes)
    home, _ = making.restore(backup, identity, homes)  # and the next one begins anew
    assert [path.name for path in homes.iterdir() if path.name != ".lock"] == ["gaon"]
    assert (home / "noise").stat().st_size == 300_000


def test_a_disk_that_becomes_full_while_a_backup_is_written(key: tuple[Path, str]) -> None:
    class Full:
        written = 0

        def write(self, data: bytes) -> int:
            self.written += len(data)
            if self.written > 100_000:
                raise OSError(28, "No space left on device")
            return len(data)

        def flush(self) -> None: ...

    disk: BinaryIO = Full()  # type: ignore[assignment]

    def write() -> None:
        with sealed.encrypted(disk, sealed.recipients([key[1]])) as plain:
            for _ in range(100):
                plain.write(os.urandom(100_000))

    with pytest.raises(OSError, match="No space left") as full:
        write()
    assert full.value.errno == 28


def test_the_commands_say_what_is_wrong(backup: Path, key: tuple[Path, str], tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    whole = ("restore", str(backup), "--key", str(key[0]), "--passphrase-file", str(secret))
    told = CliRunner().invoke(main, [*whole, "--check"])
    assert told.exit_code == 0, told.output
    assert re.search(r"is whole: gaon, made 2026-12-01T08:00:00Z, 4 files, keys only, no ledger", told.stdout)
    secret.write_text("another\n")
    told = CliRunner().invoke(main, [*whole, "--check"])
    assert told.exit_code == 1
    assert "error BACKUP_LOCKED: the passphrase is not that of" in told.stderr
    told = CliRunner().invoke(main, ["backup", "--network", str(tmp_path), "--out", "x", "--to", "age1x"])
    assert "error HOME_MISSING" in told.stderr
