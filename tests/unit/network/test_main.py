"""The command line: it explains itself and what goes wrong; the table and the logs it prints."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import get_args

import click
import pytest
from click.testing import CliRunner

from medconsent._version import __version__
from medconsent_network import logs, renewal, settings
from medconsent_network.consortium import Consortium
from medconsent_network.errors import Code, NetworkError
from medconsent_network.home import Home
from medconsent_network.main import main
from medconsent_network.progress import Progress
from medconsent_network.spec import Spec
from medconsent_network.spec.services import SERVICES
from medconsent_network.status import ProcessStatus, as_json, table, well
from medconsent_network.tools.toolchain import Binaries

NO_PROGRAMS = Binaries("", *[Path("/none")] * 6)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_shows_examples(name: str) -> None:
    command = main.commands[name]
    assert isinstance(command, click.Command)
    assert "Examples:" in (command.help or "")


def test_the_guide_documents_every_command_key_and_code(sample: Spec) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "network.md").read_text()
    keys = [key for line in sample.to_yaml().splitlines() if (key := line.strip(" -").split(":")[0])]
    for word in [*main.commands, *keys, *get_args(Code)]:
        assert word in guide, word


def test_the_guide_lists_every_port() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "network.md").read_text()
    for name, service in SERVICES.items():
        place = f"`port_base` + {service.place}" if service.place else "`port_base`"
        port = "`institutions[].ports`" if service.place is None else place
        reach = "the home itself" if service.loopback else "all hosts"
        assert f"| `{name}` | {port} | {service.purpose} | {reach} |" in guide


@pytest.mark.parametrize("arguments", [["status"], ["down"], ["logs"], ["clean", "--yes"]])
def test_without_a_network_it_says_so(tmp_path: Path, arguments: list[str]) -> None:
    ran = CliRunner().invoke(main, ["--network", str(tmp_path / "none"), *arguments])
    assert ran.exit_code == 1
    assert "error HOME_MISSING: there is no network in" in ran.stderr
    assert f"medconsent-network --network {tmp_path / 'none'} up" in ran.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["up", "--homes", "elsewhere"], "--homes is for one home alone"),
        (["down", "--homes", "elsewhere"], "--homes is for one home alone"),
        (["status", "--homes", "elsewhere"], "--homes is for one home alone"),
        (["logs", "--homes", "elsewhere"], "--homes is for one home alone"),
        (["up", "--institution", "nuri", "--free-ports"], "not for one home of it"),
        (["up", "--free-ports"], "--free-ports is for a new network"),
        (["up", "--fast"], "no such option"),
        (["fly"], "no such command 'fly'"),
    ],
)
def test_a_wrong_use_is_told_as_any_other_error(tmp_path: Path, arguments: list[str], says: str, sample: Spec) -> None:
    (tmp_path / "consortium.yaml").write_text(sample.to_yaml())
    settings.make_folders(Consortium.at(tmp_path, sample).home("nuri"))
    (tmp_path / "homes" / "nuri" / "consortium.yaml").write_text(sample.to_yaml())
    ran = CliRunner().invoke(main, ["--network", str(tmp_path), *arguments])
    assert ran.exit_code == 2
    assert ran.stderr.startswith("error USAGE: ")
    assert says.lower() in ran.stderr.lower()
    assert "--help` shows what there is" in ran.stderr
    assert not ran.stdout


@pytest.mark.parametrize("arguments", [[], ["home"]])
def test_without_a_command_one_is_missing(arguments: list[str]) -> None:
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == 2
    first, hint = ran.stderr.splitlines()
    assert first == "error USAGE: a command is missing"
    assert hint.endswith("--help` shows what there is.")


def test_it_says_its_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"medconsent-network {__version__}\n"


def test_the_help_of_go_is_ours_until_an_argument_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr("medconsent_network.tools.build.compiler", lambda *_: Path("/go"))
    monkeypatch.setattr("os.execv", lambda _, arguments: ran.append(arguments))
    assert "Examples:" in CliRunner().invoke(main, ["go", "--help"]).stdout
    for arguments in (["test", "--help"], ["-C", "chaincode", "test", "-h", "./..."], ["-C=chaincode", "vet"]):
        CliRunner().invoke(main, ["go", *arguments])
        assert ran.pop() == ["/go", *arguments]


def test_ports_of_all_homes_are_looked_at_before_anything_is_made(tmp_path: Path, sample: Spec) -> None:
    """Only the last institution's port is taken; nothing is left of the attempt, so it can be made with other ports."""
    consortium = Consortium.with_free_ports(tmp_path / "new", sample)
    last = consortium.spec.institutions[-1]
    with (
        socket.create_server(("127.0.0.1", last.port("peer"))),
        pytest.raises(NetworkError, match=f"peer of {last.name}") as refused,
    ):
        consortium.up(binaries=NO_PROGRAMS)
    assert refused.value.code == "PORT_TAKEN"
    assert "--free-ports" in refused.value.hint
    assert not (tmp_path / "new").exists()


def test_a_home_that_is_not_there_is_not_begun_anew(tmp_path: Path, sample: Spec) -> None:
    """It would get other keys, and the channel knows the old ones."""
    consortium = Consortium.with_free_ports(tmp_path, sample)
    (tmp_path / "channel").mkdir()
    (tmp_path / "channel" / "genesis.block").touch()
    with pytest.raises(NetworkError, match="the home of hanbit is not in") as refused:
        consortium.up(binaries=NO_PROGRAMS)
    assert refused.value.code == "HOME_MISSING"
    assert not (tmp_path / "homes").exists()


def test_a_link_leads_to_a_home_elsewhere(tmp_path: Path, sample: Spec) -> None:
    elsewhere = tmp_path / "elsewhere" / "nuri"
    elsewhere.mkdir(parents=True)
    (elsewhere / "consortium.yaml").write_text(sample.to_yaml())
    (tmp_path / "net" / "homes").mkdir(parents=True)
    (tmp_path / "net" / "homes" / "nuri").symlink_to(elsewhere)
    (tmp_path / "net" / "consortium.yaml").write_text(sample.to_yaml())
    assert Consortium.at(tmp_path / "net").home("nuri") == Home.open(elsewhere)
    assert Home.open(tmp_path / "net" / "homes" / "nuri") == Home.open(elsewhere)
    ran = CliRunner().invoke(main, ["--network", str(tmp_path / "net"), "clean", "--yes"])
    assert f"Stopped and removed: {tmp_path / 'net'}" in ran.stdout
    assert f"still there with its keys: {elsewhere}" in ran.stderr
    assert (elsewhere / "consortium.yaml").exists()


def test_down_says_what_it_found(tmp_path: Path, sample: Spec) -> None:
    (tmp_path / "consortium.yaml").write_text(sample.to_yaml())
    ran = CliRunner().invoke(main, ["--network", str(tmp_path), "down"])
    assert (ran.exit_code, ran.stdout) == (0, "Nothing was running.\n")
    assert f"There is no home in {tmp_path}/homes/nuri" in ran.stderr


def test_another_consortium_file_is_refused(tmp_path: Path, sample: Spec) -> None:
    (tmp_path / "consortium.yaml").write_text(sample.to_yaml())
    with pytest.raises(NetworkError, match="made from another consortium file"):
        Consortium.at(tmp_path, sample.with_fabric("2.5.9"))
    assert Consortium.at(tmp_path, sample).institutions == sample.names


def test_another_fabric_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Spec) -> None:
    (tmp_path / "consortium.yaml").write_text(sample.to_yaml())
    monkeypatch.setenv("FABRIC_VERSION", "2.5.9")
    ran = CliRunner().invoke(main, ["--network", str(tmp_path), "up"])
    assert ran.exit_code == 1
    assert "is of Fabric 3.1.1, and FABRIC_VERSION says 2.5.9" in ran.stderr


@pytest.fixture
def made(tmp_path: Path, sample: Spec) -> Path:
    (tmp_path / "consortium.yaml").write_text(sample.to_yaml())
    return tmp_path


def test_clean_shows_what_goes_and_asks(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _self: True)
    ran = CliRunner().invoke(main, ["--network", str(made), "clean"], input="n\n")
    assert ran.exit_code == 1
    assert f"{made}: the ledger, the keys and the CAs of hanbit, nuri, saerom" in ran.stderr
    assert (made / "consortium.yaml").exists()
    assert CliRunner().invoke(main, ["--network", str(made), "clean"], input="y\n").exit_code == 0
    assert not made.exists()


def test_clean_is_refused_where_nobody_can_be_asked(made: Path) -> None:
    ran = CliRunner().invoke(main, ["--network", str(made), "clean"], input="y\n")
    assert ran.exit_code == 2
    assert "there is no terminal to ask at: give --yes" in ran.stderr
    assert (made / "consortium.yaml").exists()


def test_a_home_that_is_not_there_names_those_that_are(made: Path) -> None:
    for name in ("nuri", "hanbit"):
        (made / "homes" / name).mkdir(parents=True)
        (made / "homes" / name / "consortium.yaml").write_text((made / "consortium.yaml").read_text())
    ran = CliRunner().invoke(main, ["--network", str(made), "logs", "nurri"])
    assert "HOME_MISSING" in ran.stderr
    assert "The homes there are hanbit, nuri." in ran.stderr


AGAIN = {
    "up": "`down` stops it, and nothing that is there is replaced",
    "down": "`up` brings it back",
    "status": "reads",
    "logs": "reads",
    "build": "makes what is missing",
    "go": "another program's commands",
    "renew": "for the keys that are there; another renewal follows",
    "crl": "puts in what the CA has revoked already, which was asked there",
    "approve": "the next sequence replaces it",
    "commit": "the next sequence replaces it, and each institution has approved it before",
    "org-add": "writes a file",
    "org-remove": "writes a file",
    "channel propose": "writes a file",
    "channel inspect": "reads",
    "channel submit": "each member has looked and signed before, where it was asked",
    "channel invite": "writes a file",
    "home init": "replaces nothing that is there",
    "home bundle": "writes a file",
    "home admit": "`home forget`",
    "home forget": "`home admit`",
    "home list": "reads",
    "home join": "what it joins was looked at, as `channel inspect` does",
    "home ready": "takes the steps that the home was joined for, and can be run again",
    "home units": "writes files",
    "upgrade chaincode": "the same command with the version before",
    "doctor": "reads",
    "top": "reads",
    "metrics write": "replaces what it wrote before",
    "metrics serve": "reads",
    "upgrade fabric": "does not go back, and changes nothing in the ledger; a backup does",
    "upgrade capability": "writes a file",
    "backup-key": "writes a new file, and none over another",
    "backup": "writes a new file, and none over another",
    "restore": "puts a home where there is none; removing its folder undoes it",
}
"""Every command that does not ask, and why: what cannot be undone asks, and has --yes."""


def leaves(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Every command, those of groups too: `channel sign`."""
    found: dict[str, click.Command] = {}
    for name, it in group.commands.items():
        found |= leaves(it, f"{name} ") if isinstance(it, click.Group) else {before + name: it}
    return found


def test_every_command_asks_or_says_why_not() -> None:
    commands = leaves(main)
    asks = {name for name, it in commands.items() if any("--yes" in one.opts for one in it.params)}
    assert asks == {"clean", "channel sign"}
    assert not asks & set(AGAIN)
    assert asks | set(AGAIN) == set(commands)


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
        "alarm": "",
        "trouble": "",
        "mend": "",
        "ends": "",
    }


def test_logs_are_told_apart_and_followed(tmp_path: Path, sample: Spec) -> None:
    homes = [Consortium.at(tmp_path, sample).home("hanbit")]
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


def test_an_alarm_is_shown_and_is_not_well() -> None:
    row = ProcessStatus("hanbit", "watch", "RUNNING", 12, 60, True, "0.1.0", 7, 300, "SEAL_FORGED: a forgery")
    assert "ALARM" in table([row])
    assert not well([row])


@pytest.mark.parametrize("arguments", [["--network", "n1", "status"], ["status", "--network", "n1"]])
def test_the_networks_folder_is_named_before_the_command_or_after_it(tmp_path: Path, arguments: list[str]) -> None:
    folder = str(tmp_path / "n1")
    ran = CliRunner().invoke(main, [folder if word == "n1" else word for word in arguments])
    assert f"there is no network in {folder}" in ran.stderr


def test_what_is_not_for_the_user_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/srv/homes/hanbit/consortium.yaml")

    monkeypatch.setattr(Consortium, "at", closed)
    ran = CliRunner().invoke(main, ["status"])
    assert ran.exit_code == 1
    assert "/srv/homes/hanbit/consortium.yaml is not for the user who runs this" in ran.stderr


def test_a_help_loads_nothing_that_talks_to_processes() -> None:
    told = "import sys, medconsent_network.main; print({'grpc', 'requests', 'supervisor'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True).stdout == "set()\n"


def test_the_help_of_renew_says_what_is_soon() -> None:
    assert f"(default: {renewal.SOON.days})" in CliRunner().invoke(main, ["renew", "--help"]).output
