"""`medconsent context`, with real identities on disk."""

import json
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


@pytest.mark.parametrize(
    "content", [bytes(200), b"", b"[]", b'{"institution": 7}', b"{", b"\xff\xfe", b"[" * 5000, b'{"institution": "x"}']
)
def test_a_damaged_context_hides_no_other_and_can_be_removed(
    content: bytes, tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, roles in (("kim", "dac"), ("lee", "steward"), ("odd", "")):
        ask(capsys, "context", "add", f"hanbit/{name}", "--profile", profile, "--msp", wallet(tmp_path, name, roles))
    (settings / "contexts" / "hanbit" / "lee" / "key.pem").chmod(0o644)
    (settings / "contexts" / "hanbit" / "odd" / "context.json").write_bytes(content)
    assert run(["context", "list"]) == 0
    out, err = capsys.readouterr()
    rows = out.splitlines()
    assert rows[1].startswith("*  hanbit/kim  hanbit/kim")
    assert rows[2:] == ["   hanbit/lee  CANNOT BE USED", "   hanbit/odd  CANNOT BE USED"]
    assert "hanbit/lee cannot be used: other users can read the private key" in err
    assert "medconsent context remove hanbit/odd" in err
    told = ask(capsys, "context", "list")
    assert [one["name"] for one in told["items"]] == ["hanbit/kim"]
    assert [one["name"] for one in told["broken"]] == ["hanbit/lee", "hanbit/odd"]
    assert capsys.readouterr().err == ""
    assert run(["context", "use", "nosuch/x"]) == 2
    assert "known contexts: hanbit/kim, hanbit/lee, hanbit/odd" in capsys.readouterr().err
    assert run(["context", "use", "hanbit/odd"]) == 2
    assert "context.json cannot be used" in capsys.readouterr().err
    assert run(["context", "remove", "hanbit/odd"]) == 2, "it asks first"
    assert run(["context", "remove", "hanbit/odd", "--yes"]) == 0
    assert not (settings / "contexts" / "hanbit" / "odd").exists()


def test_a_damaged_choice_can_be_made_again(
    tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(capsys, "context", "add", "hanbit/kim", "--profile", profile, "--msp", wallet(tmp_path, "kim", "dac"))
    (settings / "current").write_bytes(b"\xff\x00")
    assert run(["context", "show"]) == 2
    assert "known contexts: hanbit/kim" in capsys.readouterr().err
    assert run(["context", "list"]) == 0
    assert run(["context", "use", "hanbit/kim"]) == 0
    assert run(["context", "show"]) == 0


@pytest.mark.parametrize("damage", ["no settings", "a link into nothing", "settings are a folder"])
def test_what_is_left_of_a_context_is_listed_and_can_be_removed(
    damage: str, tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(capsys, "context", "add", "hanbit/kim", "--profile", profile, "--msp", wallet(tmp_path, "kim", "dac"))
    odd = settings / "contexts" / "hanbit" / "odd"
    if damage == "a link into nothing":
        odd.symlink_to("/nowhere")
    else:
        odd.mkdir()
        (odd / "key.pem").write_text("secret")
        if damage == "settings are a folder":
            (odd / "context.json").mkdir()
    assert [one["name"] for one in ask(capsys, "context", "list")["broken"]] == ["hanbit/odd"]
    assert run(["context", "remove", "hanbit/odd", "--yes"]) == 0
    assert not odd.exists()
    assert not odd.is_symlink()


def test_a_context_that_cannot_act_is_not_chosen(
    tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("kim", "lee"):
        ask(capsys, "context", "add", f"hanbit/{name}", "--profile", profile, "--msp", wallet(tmp_path, name, "dac"))
    (settings / "contexts" / "hanbit" / "lee" / "key.pem").unlink()
    assert run(["context", "use", "hanbit/lee"]) == 2
    assert (settings / "current").read_text() == "hanbit/kim\n"


def test_a_file_of_the_program_that_cannot_be_written_is_named(
    tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(capsys, "context", "add", "hanbit/kim", "--profile", profile, "--msp", wallet(tmp_path, "kim", "dac"))
    (settings / "current").unlink()
    (settings / "current").mkdir()
    assert run(["context", "use", "hanbit/kim"]) == 2
    assert capsys.readouterr().err.startswith(f"error FILE: {settings / 'current'}: Is a directory")


def test_a_profile_of_several_organizations(tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(Path(profile).read_text())
    document["organizations"]["Nuri"] = {**document["organizations"]["hanbit"], "mspid": "nuri"}
    del document["client"]
    Path(profile).write_text(json.dumps(document))
    command = ["context", "add", "nuri/kim", "--profile", profile, "--msp", wallet(tmp_path, "kim", "dac")]
    assert run(command) == 2
    assert "name one of the profile's organizations: hanbit, Nuri" in capsys.readouterr().err
    for organization in ("nuri", "Nuri"):
        assert ask(capsys, *command, "--organization", organization, "--replace")["institution"] == "nuri"
    assert run([*command, "--organization", "saerom"]) == 2
    assert "has no organization 'saerom'; it has: hanbit, Nuri" in capsys.readouterr().err
