"""`medconsent doctor`, offline and with everything broken."""

import json
from pathlib import Path

import pytest
from identities import wallet

from medconsent_cli.main import run


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, str]]]:
    code = run(["--json", "doctor", "--timeout", "1", *words])
    out, err = capsys.readouterr()
    assert err == ""
    return code, json.loads(out)["items"]


@pytest.fixture
def acting(tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("kim", "lee"):
        assert (
            run(["context", "add", f"hanbit/{name}", "--profile", profile, "--msp", wallet(tmp_path, name, "dac")]) == 0
        )
    capsys.readouterr()


def test_without_a_context_the_first_step_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, items = told(capsys)
    assert code == 10
    (found,) = [one for one in items if one["state"] == "wrong"]
    assert (found["about"], "medconsent identity enroll" in found["mend"]) == ("settings", True)


def test_offline_the_files_are_looked_at_all_the_same(acting: None, capsys: pytest.CaptureFixture[str]) -> None:
    code, items = told(capsys)
    assert code == 10
    states = {(one["about"], one["state"]) for one in items}
    assert {
        ("identity", "ok"),
        ("peer", "wrong"),
        ("CA", "warning"),
        ("clock", "unknown"),
        ("ledger", "wrong"),
    } <= states
    assert all(one["mend"] for one in items if one["state"] == "wrong")


@pytest.mark.usefixtures("acting")
@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("context.json", b"\x00" * 9, "the context hanbit/lee is damaged"),
        ("key.pem", b"", "the context hanbit/lee cannot act"),
        ("cert.pem", b"junk", "the context hanbit/lee cannot act"),
        ("drafts/x.yaml", b"[", "the draft x cannot be read"),
        ("../names.yaml", b"[", "no names of people are shown"),
    ],
)
def test_what_is_damaged_is_named_and_hides_nothing(
    file: str, content: bytes, said: str, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = settings / "contexts" / "hanbit" / ("kim" if "yaml" in file else "lee") / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    _code, items = told(capsys)
    (found,) = [one for one in items if said in one["message"]]
    assert found["mend"]
    assert ("identity", "ok") in {(one["about"], one["state"]) for one in items}, "of the context that acts"


def test_for_people_what_is_well_is_counted(acting: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--timeout", "1"]) == 10
    out = capsys.readouterr().out
    assert "WRONG    peer: the peer at 127.0.0.1:7051" in out
    assert "\n         mend: " in out
    assert "(--all shows all)" in out
    assert "\nok" not in out
