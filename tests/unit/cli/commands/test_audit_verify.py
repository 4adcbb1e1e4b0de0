"""`medconsent audit verify`: what is trusted has to be named, and a finding is an exit code."""

import json
import stat
import sys
from pathlib import Path

import pytest
from watch_world import World, transaction

from medconsent_cli.main import run

GRANT = {
    "id": "ab" * 32,
    "revision": 1,
    "body": {"dataset": "hanbit/bc", "version": 1, "institution": "nuri", "grantees": ["kim"], "mode": "download"},
}
VOTE = {"body": {"voter": {"institution": "hanbit", "id": "d-1"}, "role": "dac"}}
MADE = {
    "block": 1,
    "transaction": "ab" * 32,
    "at": "2026-11-24T10:00:00Z",
    "function": "request.vote",
    "record": GRANT,
    "votes": [VOTE],
    "checks": [{"decision": "permit"}],
    "standing": {"state": "active", "grant": {"record": GRANT}},
}
FORGED = {**MADE, "standing": None, "refusal": {"code": "FORGED", "message": "it carries no seal"}}
PROGRAM = f"""#!{sys.executable}
import json, sys
while line := sys.stdin.buffer.readline():
    told = json.loads(line)
    if told.get("end"):
        print(json.dumps({{"at": "2026-11-24T10:00:00Z", "contract": "ab", "version": "0.2.0", "grants": GRANTS}}))
        break
    sys.stdin.buffer.read(sum(one["size"] for one in told["transactions"]))
    counts = dict.fromkeys(("valid", "invalid", "again", "private", "unjudged"), 0)
    print(json.dumps({{"block": told["number"], "findings": [], "decisions": [], **counts}}), flush=True)
"""


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    made.add()
    return made


@pytest.fixture
def words(world: World, tmp_path: Path) -> list[str]:
    folder = tmp_path / "blocks"
    folder.mkdir()
    for block in world.blocks:
        (folder / name_of_any(block)).write_bytes(block.to_bytes())
    (tmp_path / "genesis.block").write_bytes(world.blocks[0].to_bytes())
    return ["audit", "verify", str(folder), "--genesis", str(tmp_path / "genesis.block")]


def name_of_any(block: object) -> str:
    return f"b_{block.number:03}.block"  # type: ignore[attr-defined]


def program(tmp_path: Path, grants: object) -> str:
    path = tmp_path / "program"
    path.write_text(PROGRAM.replace("GRANTS", json.dumps(grants).replace("null", "None")))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_who_was_permitted_what(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = ["--contract", program(tmp_path, [MADE, FORGED])]
    assert run([*words, *contract]) == 0
    told = "".join(capsys.readouterr())
    for word in ("hanbit/bc@1", "nuri/kim", "hanbit/d-1 (dac)", "permit", "active", "forged", "nothing was found"):
        assert word in told
    assert run([*words, *contract, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in found["permitted"]] == ["active", "forged"]
    assert [one["why"] for one in found["permitted"]] == ["", "it carries no seal"]
    assert found["clean"] is True


def test_the_contract_is_named_or_left_out_on_purpose(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert "--without-contract" in capsys.readouterr().err
    assert run([*words, "--contract", program(tmp_path, []), "--without-contract"]) == 2
    capsys.readouterr()
    assert run([*words, "--without-contract"]) == 0
    assert "NOT checked: the contract's program was not run" in capsys.readouterr().out


def test_a_finding_is_exit_code_8(world: World, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    forged = transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], writes={"k": b"v"})
    block = World(world.institutions)
    block.blocks = list(world.blocks)
    Path(words[2], "b_002.block").write_bytes(block.add(forged).to_bytes())
    assert run([*words, "--without-contract"]) == 8
    assert "TAKEN_WRONGLY" in capsys.readouterr().out


def test_what_is_no_block_is_a_document_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path(words[4]).write_bytes(b"\xff")
    assert run([*words, "--without-contract"]) == 2
    assert "genesis.block" in capsys.readouterr().err
