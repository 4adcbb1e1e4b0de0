"""Whose the files of a home are, and that one command works on it at a time."""

import os
import threading
from pathlib import Path

import pytest

from medconsent_network import files
from medconsent_network.errors import NetworkError


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for others")
def test_what_root_writes_in_a_home_belongs_to_the_homes_owner(tmp_path: Path) -> None:
    home = tmp_path / "hanbit"
    home.mkdir(mode=0o700)
    os.chown(home, 1234, -1)
    files.write_private(home / "peer" / "tls" / "cert.pem", "a certificate")
    files.link(home / "bin" / "peer", Path("/opt/peer"))
    with files.locked(home):
        pass
    assert {path.lstat().st_uid for path in home.rglob("*")} == {1234}
    (home / "another-program").write_text("wrote this")
    files.give_all(home)
    assert {path.lstat().st_uid for path in home.rglob("*")} == {1234}
    with pytest.raises(NetworkError, match="belongs to the user 1234, and this is run by root"):
        files.require_own(home)


def test_a_second_command_waits_and_says_so(tmp_path: Path) -> None:
    waited, order = threading.Event(), []

    def second() -> None:
        with files.locked(tmp_path, waited.set):
            order.append("second")

    with files.locked(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        assert waited.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_without_a_folder_there_is_nothing_to_lock(tmp_path: Path) -> None:
    with files.locked(tmp_path / "none"):
        assert not (tmp_path / "none").exists()
