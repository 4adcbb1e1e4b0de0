"""`medconsent deid`: a report, the draft that names it, and what it does not tell."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.documents.mappings import load_mapping
from medconsent.nouns.statements import Deidentification
from medconsent.values.records import Written
from medconsent_cli.main import run


def test_a_report_drafts_what_the_contract_will_not_take_unfinished(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "t.csv").write_text("age,diagnosis\n30,SECRET\n30,C50\n")
    command = ["deid", "report", "--table", "t.csv", "--quasi", "age", "--sensitive", "diagnosis"]
    assert run([*command, "--out", "s.yaml"]) == 0
    out = capsys.readouterr().out
    assert "k                  2" in out
    assert "SECRET" not in out + (folder / "s.yaml").read_text()
    body = {"dataset": "hanbit/bc", "version": 1, "version_digest": "9f" * 32, "statement": {"term": "pseudonymous"}}
    record = Deidentification.from_json(answers.view("deid", "hanbit/bc@1", body, status="active"))
    client.statements = SimpleNamespace(state=Recorder(Written(record, answers.TX, 9)))
    assert run(["deid", "state", "hanbit/bc", "s.yaml"]) == 2
    err = capsys.readouterr().err
    lines = (folder / "s.yaml").read_text().splitlines()
    open_ = [number for number, line in enumerate(lines, 1) if "TO FILL IN" in line]
    assert len(open_) == 5, "each is told, with its line"
    assert [number for number in range(1, len(lines) + 1) if f"s.yaml:{number}:" in err] == open_
    assert "methods[0].tool_version is to be filled in" in err
    assert not client.statements.state.calls
    (folder / "s.yaml").write_text((folder / "s.yaml").read_text().replace("TO FILL IN", "done by hand"))
    assert run(["deid", "state", "hanbit/bc", "s.yaml"]) == 0
    sent = client.statements.state.calls[0][0][1]
    assert sent["residual_risk"] == "done by hand"
    assert sent["tables"][0]["records_band"] == "under-20"
    assert run(["deid", "report"]) == 2


def test_a_report_is_kept_in_a_file_that_its_draft_names(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    table = folder / "t.csv"
    table.write_text('age,"income, yearly","say ""so"""\n30,SECRET,1\n30,SECRET,2\n')
    command = ["deid", "report", "--table", "t.csv", "--quasi", '"income, yearly"', "--quasi", "age,age"]
    assert run([*command, "--out", "s.yaml", "--report", "r.json"]) == 0
    assert "report: r.json" in capsys.readouterr().out
    kept, drafted = (folder / "r.json").read_bytes(), load_mapping(folder / "s.yaml")
    assert drafted["report"] == {"sha256": hashlib.sha256(kept).hexdigest()}
    assert drafted["tables"][0]["quasi_identifiers"] == ["income, yearly", "age"]
    told = json.loads(kept)
    assert told["table"]["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert (told["table"]["k"], told["table"]["rows"], told["images"]) == (2, 2, [])
    assert "SECRET" not in kept.decode()
    # Neither is overwritten unasked; when one is there the other is not written.
    (folder / "s.yaml").unlink()
    assert run([*command, "--out", "s.yaml", "--report", "r.json"]) == 2
    assert "r.json exists already: give --replace" in capsys.readouterr().err
    assert not (folder / "s.yaml").exists()
    assert run([*command, "--out", "-", "--report", "r.json", "--replace"]) == 0
    again = hashlib.sha256((folder / "r.json").read_bytes()).hexdigest()
    assert again != drafted["report"]["sha256"], "it could be guessed, was it not for the salt"
    assert f"sha256: {again}" in capsys.readouterr().out.replace("'", "")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--quasi", "age", "--out", "s.yaml", "--report", "-"], "name a file"),
        (["--quasi", "age", "--report", "r.json"], "--report goes with --out"),
        (["--quasi", "age", "--out", "s.yaml", "--report", "./s.yaml"], "the same file"),
        (["--quasi", 'age,"income'], "is no line of CSV"),
        (["--quasi", "income, yearly"], '"income, yearly", "say ""so"""'),
        (["--quasi", ""], "name the columns"),
    ],
)
def test_a_report_that_cannot_be_made(
    options: list[str], says: str, folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "t.csv").write_text('age,"income, yearly","say ""so"""\n30,SECRET,1\n')
    before = set(folder.iterdir())
    assert run(["deid", "report", "--table", "t.csv", *options]) == 2
    assert says in capsys.readouterr().err
    assert set(folder.iterdir()) == before


def test_a_folder_of_images_is_looked_at_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b/2.nii", "a.nii", "b/.DS_Store", "participants.tsv", "b/notes.txt"):
        file = tmp_path / "scans" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    read: list[Path] = []
    monkeypatch.setattr("medconsent.data.deid.images.read_headers", lambda files: read.extend(files) or ())
    assert run(["deid", "report", "--images", "scans"]) == 0
    assert [str(one) for one in read] == ["scans/a.nii", "scans/b/2.nii"]
    err = capsys.readouterr().err
    assert "scans/b/.DS_Store: left out, because a desktop put it there" in err
    assert "scans/participants.tsv: left out, because it is text/tab-separated-values and no image" in err
    assert "scans/b/notes.txt: left out, because it is text/plain" in err
    assert run(["--json", "deid", "report", "--images", "scans"]) == 0
    assert len(json.loads(capsys.readouterr().out)["left_out"]) == 3
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    for empty in ("none",):
        (tmp_path / empty).mkdir()
        assert run(["deid", "report", "--images", empty]) == 2
        assert "there is no image in it" in capsys.readouterr().err
    (tmp_path / "scans" / "c").write_bytes(b"what is this")
    assert run(["deid", "report", "--images", "scans/c"]) == 2
    assert run(["deid", "report", "--images", "scans"]) == 2, "what may be an image is not left out"
