"""`medconsent identity names`: names are for one's own screen alone."""

from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.contexts import Contexts
from medconsent.desk.names import StaffNames
from medconsent_cli.main import run


def test_one_s_own_people_have_names_on_the_screen_and_nowhere_else(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["identity", "names", "set", "lee", "Lee Jiwoo"]) == 0
    assert run(["--json", "identity", "names", "set", "kim", "Kim Other"]) == 0
    told = capsys.readouterr()
    assert "Kim Other" not in told.out
    assert StaffNames("hanbit").read() == {"lee": "Lee Jiwoo", "kim": "Kim Other"}
    client.requests = SimpleNamespace(get=Recorder(answers.request(waits_for=[answers.stage()])))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert "hanbit/lee (Lee Jiwoo)" in out
    assert ": lee (Lee Jiwoo), park" in out
    assert "nuri/kim" in out
    assert "Kim Other" not in out  # nuri's kim is another
    assert run(["--json", "request", "show", "a1a1a1"]) == 0
    assert "Jiwoo" not in capsys.readouterr().out
    assert run(["identity", "names", "list"]) == 0
    assert "lee  Lee Jiwoo" in capsys.readouterr().out
    assert run(["--json", "identity", "names", "list"]) == 0
    assert "Jiwoo" not in capsys.readouterr().out
    assert run(["identity", "names", "remove", "lee"]) == 0
    assert run(["identity", "names", "remove", "lee"]) == 2


def test_a_broken_names_file_is_told_of_and_hides_nothing(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "contexts" / "hanbit" / "names.yaml").write_text("[")
    client.requests = SimpleNamespace(get=Recorder(answers.request()))
    assert run(["request", "show", "a1a1a1"]) == 0
    out, err = capsys.readouterr()
    assert "hanbit/lee" in out
    assert err.count("the names of people are not shown") == 1


def test_a_names_file_is_no_context(home: Path) -> None:
    StaffNames("hanbit").set("lee", "Lee Jiwoo")
    assert [one.name for one in Contexts().list()] == ["hanbit/lee"]


def test_a_broken_names_file_can_be_removed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "contexts" / "hanbit" / "names.yaml"
    file.write_bytes(b"\x00[")
    assert run(["identity", "names", "list"]) == 2
    assert "medconsent identity names remove --all" in capsys.readouterr().err
    assert run(["identity", "names", "remove", "--all"]) == 2, "it asks first"
    assert run(["identity", "names", "remove", "kim", "--all", "--yes"]) == 2
    assert run(["identity", "names", "remove"]) == 2
    assert file.exists()
    assert run(["identity", "names", "remove", "--all", "--yes"]) == 0
    assert not file.exists()
    assert run(["identity", "names", "list"]) == 0
    assert run(["identity", "names", "remove", "--all", "--yes"]) == 2
