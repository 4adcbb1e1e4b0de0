"""`medconsent archive` and `medconsent receipt`."""

import json
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.nouns.receipts import ReleaseCheck
from medconsent.values.releases import Archive, ArchiveView, Ask, Asked, Files, ReceiptView
from medconsent_cli.main import run

ROOT, OTHER = "9f" * 32, "8e" * 32
FILES = {"root": ROOT, "count": 2, "bytes": 124_103}
ASKED = {"at": answers.AT, "key": OTHER, "signature": "AAAA"}


def archive() -> Archive:
    body = {
        "dataset": "hanbit/breast-cancer", "version": 1, "version_digest": answers.DIGESTS["version"], "files": FILES,
        "content": {"root": OTHER, "files": 2, "bytes": 124_103},
        "exclusions": [{"cohort": "hanbit/oncology", "epoch": 2}],
    }  # fmt: skip
    return Archive.from_json(answers.view("archive", "c7" * 32, body))


def test_an_archive_is_published_of_the_version_that_was_read(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.archives = SimpleNamespace(
        publish=Recorder(answers.written(archive())), get=Recorder(ArchiveView(archive(), True)),
        iterate=Recorder(lambda _dataset, **options: listing([ArchiveView(archive(), True)])(**options)),
    )  # fmt: skip
    version = SimpleNamespace(version=1, digest=answers.DIGESTS["version"])
    client.datasets = SimpleNamespace(get=Recorder(SimpleNamespace(version=version)))
    words = ["archive", "publish", "hanbit/breast-cancer@1", "--root", ROOT, "--files", "2", "--bytes", "124103"]
    assert run([*words, "--without", "hanbit/oncology"]) == 0
    ((_, options),) = client.archives.publish.calls
    assert options["version_digest"] == answers.DIGESTS["version"]
    assert options["files"] == Files(ROOT, 2, 124_103)
    assert options["exclusions"] == ("hanbit/oncology",)
    assert run(["archive", "show", "hanbit/breast-cancer"]) == 0
    assert run(["archive", "list", "hanbit/breast-cancer"]) == 0
    assert "withdrawn by hanbit/oncology~2" in capsys.readouterr().out


def test_a_receipt_says_who_took_what_under_which_grant(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = ReceiptView(answers.receipt("completed", sent=124_888), "completed")
    forged = ReceiptView(answers.receipt(), "open", "there is no such grant")
    reason = {"code": "GRANT_REVOKED", "message": "the grant was revoked"}
    now = ReleaseCheck.from_json({"answer": "deny", "state": "completed", "at": answers.AT, "reasons": [reason]})
    client.receipts = SimpleNamespace(
        get=Recorder(shown), check=Recorder(now), iterate=Recorder(listing([shown, forged]))
    )
    client.grants = SimpleNamespace(get=Recorder(SimpleNamespace(id=answers.GRANT)))
    assert run(["receipt", "show", "c8c8c8"]) == 0
    told = capsys.readouterr().out
    for words in (
        "nuri/kim",
        "hanbit/breast-cancer@1",
        "122.0 KiB",
        answers.GRANT,
        "nothing more leaves",
        "was revoked",
    ):
        assert words in told
    assert run(["receipt", "list", "--grant", "b2b2b2", "--state", "completed"]) == 0
    assert client.receipts.iterate.calls[0][1]["grant"] == answers.GRANT  # the index has whole ids
    assert "UNPROVEN" in capsys.readouterr().out


def test_a_release_is_opened_by_a_file_and_closed(
    client: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client.receipts = SimpleNamespace(
        open=Recorder(answers.written(answers.receipt())),
        close=Recorder(answers.written(answers.receipt("aborted", sent=0))),
    )
    ask = Ask(answers.GRANT, "nuri/kim", OTHER, "c7" * 32, Files.from_json(FILES), asked=Asked.from_json(ASKED))
    file = tmp_path / "ask.json"
    file.write_text(json.dumps(ask.to_json()))
    assert run(["receipt", "open", str(file)]) == 0
    assert client.receipts.open.calls == [((ask,), {})]
    closing = ["receipt", "close", "c8c8c8", "aborted", "--sent", "0", "--reason", "a full disk"]
    assert run(closing) == 2  # it is said once, and there is nobody to ask
    assert run([*closing, "--yes"]) == 0
    assert client.receipts.close.calls == [(("c8c8c8", "aborted"), {"sent": 0, "reason": "a full disk"})]
    for wrong in ("{", "[]", "{}", json.dumps({**ask.to_json(), "asked": None}), "[" * 100_000):
        file.write_text(wrong)
        assert run(["receipt", "open", str(file)]) == 2
    assert len(client.receipts.open.calls) == 1
    capsys.readouterr()
