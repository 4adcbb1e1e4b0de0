"""The command line: it explains itself and what goes wrong; the table and the logs it prints."""

import json
from importlib import resources
from pathlib import Path
from typing import get_args

import click
import pytest
from click.testing import CliRunner

from medconsent_network import logs
from medconsent_network.consortium import Consortium
from medconsent_network.errors import Code, NetworkError
from medconsent_network.main import main
from medconsent_network.progress import Progress
from medconsent_network.spec import parse
from medconsent_network.status import ProcessStatus, as_json, table, well

SPEC = parse((resources.files("medconsent_network") / "data" / "consortium.yaml").read_text())


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_shows_examples(name: str) -> None:
    command = main.commands[name]
    assert isinstance(command, click.Command)
    assert "Examples:" in (command.help or "")


def test_the_guide_documents_every_command_key_and_code() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "network.md").read_text()
    keys = [key for line in SPEC.to_yaml().splitlines() if (key := line.strip(" -").split(":")[0])]
    for word in [*main.commands, *keys, *get_args(Code)]:
        assert word in guide, word


@pytest.mark.parametrize("arguments", [["status"], ["down"], ["logs"], ["clean", "--yes"]])
def test_without_a_network_it_says_so(tmp_path: Path, arguments: list[str]) -> None:
    ran = CliRunner().invoke(main, ["--network", str(tmp_path / "none"), *arguments])
    assert ran.exit_code == 1
    assert "error HOME_MISSING: there is no network in" in ran.stderr
    assert not (tmp_path / "none").exists()


def test_another_consortium_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "consortium.yaml").write_text(SPEC.to_yaml())
    with pytest.raises(NetworkError, match="made from another consortium file"):
        Consortium.at(tmp_path, SPEC.with_fabric("2.5.9"))
    assert Consortium.at(tmp_path, SPEC).institutions == SPEC.names


def test_another_fabric_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "consortium.yaml").write_text(SPEC.to_yaml())
    monkeypatch.setenv("FABRIC_VERSION", "2.5.9")
    ran = CliRunner().invoke(main, ["--network", str(tmp_path), "up"])
    assert ran.exit_code == 1
    assert "is of Fabric 3.1.1, and FABRIC_VERSION says 2.5.9" in ran.stderr


def test_clean_asks_first(tmp_path: Path) -> None:
    (tmp_path / "consortium.yaml").write_text(SPEC.to_yaml())
    ran = CliRunner().invoke(main, ["--network", str(tmp_path), "clean"], input="n\n")
    assert ran.exit_code == 1
    assert (tmp_path / "consortium.yaml").exists()
    assert CliRunner().invoke(main, ["--network", str(tmp_path), "clean"], input="y\n").exit_code == 0
    assert not tmp_path.exists()


ROWS = [
    ProcessStatus("hanbit", "peer", "RUNNING", 12, 3700, True, "3.1.1", 7, 12),
    ProcessStatus("hanbit", "ca", "FATAL", 0, 0, False, "", None, -1),
]


def test_the_status_for_people() -> None:
    header, peer, ca = table(ROWS).splitlines()
    assert header.split() == [
        "INSTITUTION",
        "PROCESS",
        "STATE",
        "PID",
        "UP",
        "HEALTH",
        "VERSION",
        "HEIGHT",
        "CERTIFICATES",
    ]
    assert peer.split("  ")[-1].strip() == "12 days (renew soon)"
    assert "1 h" in peer
    assert "DOWN" in ca
    assert ca.endswith("EXPIRED")
    assert not well(ROWS)


def test_the_status_for_programs() -> None:
    assert json.loads(as_json(ROWS))[0] == {
        "institution": "hanbit",
        "process": "peer",
        "state": "RUNNING",
        "pid": 12,
        "up_seconds": 3700,
        "healthy": True,
        "version": "3.1.1",
        "height": 7,
        "expires_in_days": 12,
    }


def test_logs_are_told_apart_and_followed(tmp_path: Path) -> None:
    homes = [Consortium.at(tmp_path, SPEC).home("hanbit")]
    log = homes[0].log_folder / "peer.log"
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\nthree\n")
    assert list(logs.lines(homes, ["peer"], 2, follow=False)) == ["hanbit/peer  two", "hanbit/peer  three"]

    following = logs.lines(homes, ["peer"], 1, follow=True)
    assert next(following) == "hanbit/peer  three"
    with log.open("a") as file:
        file.write("four\nfi")
    assert next(following) == "hanbit/peer  four"
    with log.open("a") as file:
        file.write("ve\n")
    assert next(following) == "hanbit/peer  five"
    log.write_text("rotated\n")
    assert next(following) == "hanbit/peer  rotated"


def test_progress_tells_the_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    ticks = iter([0.0, 1.5, 3.25])
    progress = Progress(clock=lambda: next(ticks))
    progress.say("half way")
    progress.say("done")
    Progress(quiet=True).say("not heard")
    assert capsys.readouterr().err == "   1.5 s  half way\n   3.2 s  done\n"
