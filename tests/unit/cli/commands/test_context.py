"""`medconsent context`, with real identities on disk."""

import stat
from pathlib import Path

import pytest
from identities import ask, wallet

from medconsent_cli.main import run


def test_add_list_use_show_remove(
    tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lee = ["context", "add", "hanbit/lee", "--profile", profile, "--msp", wallet(tmp_path, "lee", "dac,researcher")]
    assert run(lee) == 0
    assert "hanbit/lee (dac, researcher)" in capsys.readouterr().out
    assert run(lee) == 2
    assert "error CONTEXT: there is a context hanbit/lee already" in capsys.readouterr().err
    made = ask(capsys, "context", "add", "hanbit/p", "--profile", profile, "--msp", wallet(tmp_path, "park", "steward"))
    assert (made["enrollment_id"], made["roles"], made["channel"]) == ("park", ["steward"], "medconsent")

    assert [one["name"] for one in ask(capsys, "context", "list")["items"] if one["current"]] == ["hanbit/lee"]
    ask(capsys, "context", "use", "hanbit/p")
    assert ask(capsys, "context", "show")["name"] == "hanbit/p"
    assert ask(capsys, "context", "show", "--context", "hanbit/lee")["name"] == "hanbit/lee"
    assert run(["context", "list"]) == 0
    assert "*  hanbit/p" in capsys.readouterr().out

    assert run(["context", "remove", "hanbit/p"]) == 2  # nobody to ask
    assert ask(capsys, "context", "remove", "hanbit/p", "--yes") == {"removed": "hanbit/p"}
    assert [one["name"] for one in ask(capsys, "context", "list")["items"]] == ["hanbit/lee"]
    (key,) = settings.rglob("key.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_no_key_is_ever_printed(tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = wallet(tmp_path, "lee", "dac")
    key = (Path(folder) / "key.pem").read_text().splitlines()[1]
    assert run(["context", "add", "hanbit/lee", "--profile", profile, "--msp", folder]) == 0
    for arguments in (["context", "show"], ["context", "list"], ["--json", "context", "show"]):
        assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert key not in out + err


def test_a_context_is_of_the_profiles_institution(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["context", "add", "nuri/lee", "--profile", profile, "--msp", wallet(tmp_path, "lee", "")]) == 2
    assert "hanbit/NAME" in capsys.readouterr().err


def test_a_file_that_is_no_profile_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.yaml").write_text("use: []")
    folder = wallet(tmp_path, "lee", "dac")
    assert run(["context", "add", "hanbit/lee", "--profile", str(tmp_path / "policy.yaml"), "--msp", folder]) == 2
    assert "policy.yaml is no connection profile" in capsys.readouterr().err
