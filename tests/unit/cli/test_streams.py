"""What becomes of the output never ends the work: no reader, a full disk, a narrow code page, a closed stream."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent._internal import streams
from medconsent_cli.main import run

PROGRAM = f"{shlex.quote(sys.executable)} -m medconsent_cli"
TABLE = "나이,Größe\n30,1\n30,2\n"


def shell(command: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What a shell makes of a command line in which `medconsent` is the program."""
    return subprocess.run(
        ["bash", "-c", command.replace("medconsent", PROGRAM, 1)],
        cwd=folder,
        env={**os.environ, "MEDCONSENT_HOME": str(folder / "home"), **environment},
        capture_output=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8").replace("ascii", "utf-8"),  # Click's own choice
        timeout=60,
        check=False,
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("encoding", "column"), [("cp949", "Größe"), ("latin-1", "나이"), ("ascii", "나이")])
def test_letters_that_the_code_page_lacks_are_replaced(table: Path, encoding: str, column: str) -> None:
    report = f"deid report --table t.csv --quasi {column}"
    told = shell(f"medconsent {report} --out s.yaml --report r.json", table, PYTHONIOENCODING=encoding)
    assert (told.returncode, told.stderr) == (0, "")
    assert "report: r.json" in told.stdout
    assert (table / "r.json").exists()
    told = shell(f"medconsent --json {report} --replace --out s.yaml --report r.json", table, PYTHONIOENCODING=encoding)
    assert told.returncode == 0
    assert json.loads(told.stdout)["table"]["quasi_identifiers"] == [column], "JSON says what it says, escaped"
    told = shell("medconsent --json dataset show 한빛", table, PYTHONIOENCODING=encoding)
    assert "한빛" in json.loads(told.stderr)["error"]["message"]


@pytest.mark.parametrize("command", ["--help", "--json version"])
@pytest.mark.parametrize("where", ["| true", "| head -c 1 >/dev/null", ">/dev/full", ">&-", ">&- 2>&-", "2>&-"])
def test_what_was_done_is_done_whoever_reads_it(command: str, where: str, tmp_path: Path) -> None:
    told = shell(f"set -o pipefail; medconsent {command} {where}", tmp_path)
    assert told.returncode == 0
    assert "error" not in told.stderr
    assert ("No space left on device" in told.stderr) == (where == ">/dev/full" and "--json" not in command)


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-", "2> >(true)", ">&- 2>&-"])
def test_an_error_that_nobody_reads_has_its_code(where: str, tmp_path: Path) -> None:
    told = shell(f"medconsent dataset list {where}", tmp_path)
    assert (told.returncode, told.stdout, told.stderr) == (2, "", "")


def test_what_is_printed_into_a_closed_stream_gets_into_no_file(table: Path) -> None:
    told = shell("medconsent deid report --table t.csv --quasi 나이 --out s.yaml --report r.json >&- 2>&-", table)
    assert told.returncode == 0
    assert json.loads((table / "r.json").read_text())["table"]["k"] == 2
    assert "draft:" not in (table / "s.yaml").read_text()


@pytest.fixture
def read_by_nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Makes stdout a pipe whose reader is gone; a test begins with it, after pytest has put its own stdout there."""
    reading, writing = os.pipe()
    os.close(reading)
    yield lambda: monkeypatch.setattr(sys, "stdout", streams._enduring(None, writing))
    os.close(writing)


def test_a_change_is_sent_and_told_as_done_when_nobody_reads(
    client: SimpleNamespace, read_by_nobody: Callable[[], None]
) -> None:
    read_by_nobody()
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.approved()))
    assert run(["request", "approve", "a1a1a1", "--yes"]) == 0
    assert client.requests.approve.calls
    client.decisions = SimpleNamespace(check=Recorder(answers.decision("deny")))
    check = ["check", "hanbit/ct", "--for", "nuri/kim", "--purpose", "origins", "--mode", "enclave"]
    assert run(check) == 3


def test_what_goes_on_for_ever_ends_when_nobody_reads(
    client: SimpleNamespace, read_by_nobody: Callable[[], None]
) -> None:
    moment = answers.decision("permit").at

    def follow(**_options: Any) -> Iterator[Any]:
        for number in range(100):
            assert number < 1, "it went on"
            yield SimpleNamespace(at=moment, block=number, name="n", tx="t", changes=(), to_json=dict)

    client.events = SimpleNamespace(height=lambda: 0, follow=follow)
    read_by_nobody()
    assert run(["events"]) == 0


def test_a_reminder_that_nobody_reads_is_told_again(
    client: SimpleNamespace, home: Path, read_by_nobody: Callable[[], None]
) -> None:
    waits = [answers.request(waits_for=[answers.stage()])]
    client.requests = SimpleNamespace(iterate=lambda **asked: iter(waits if "waiting_for" in asked else []))
    client.grants = client.breakglass = SimpleNamespace(iterate=lambda **_k: iter([]))
    read_by_nobody()
    assert run(["remind", "--older-than", "1s", "--to-log", "-"]) == 6
    assert not (home / "contexts" / "hanbit" / "lee" / "reminders.json").exists()


def test_a_file_that_stdout_was_to_be_is_demanded(client: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    client.datasets = SimpleNamespace(manifest=Recorder(SimpleNamespace(text="{}")))
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        monkeypatch.setattr(sys, "stdout", streams._enduring(None, full))
        assert run(["dataset", "manifest", "hanbit/ct"]) == 2
    finally:
        os.close(full)


def test_libraries_say_nothing_on_stderr(tmp_path: Path) -> None:
    program = (
        "import logging, os, sys, warnings; from medconsent_cli import main\n"
        "main.run = lambda _words: warnings.warn('odd') or logging.getLogger('pydicom').warning('odd') or 0\n"
        "import atexit; atexit.register(lambda: print(os.environ['GRPC_VERBOSITY'])); main.main()"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (told.stdout, told.stderr) == ("NONE\n", "")


STOPPED_WHILE_LOADED = """
import os, signal, sys
class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Stop())
signal.signal(signal.SIGINT, signal.{handler})
from {package}.start import main
sys.argv[1:] = ["--version"]
main()
"""


@pytest.mark.parametrize("package", ["medconsent_cli", "medconsent_network"])
@pytest.mark.parametrize(("handler", "code"), [("default_int_handler", -signal.SIGINT), ("SIG_IGN", 0)])
def test_whoever_stops_it_while_it_is_loaded_is_shown_no_traceback(package: str, handler: str, code: int) -> None:
    program = STOPPED_WHILE_LOADED.format(module=f"{package}.main", handler=handler, package=package)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (code, "")
