"""`medconsent audit`: a report is safe to open, and a trail answers who approved what."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.audit import Trail, TrailEntry
from medconsent.nouns.disclosures import Disclosures
from medconsent.nouns.processing import Processing, Report, Use, released_of, use_of
from medconsent.times import parse_time
from medconsent.values.records import Actor, ForgedRecord, Person
from medconsent_cli.main import run


def test_a_spreadsheet_runs_nothing_of_a_report(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    moment = parse_time(answers.AT)
    use = Use("b2" * 32, 1, "nuri", ("kim",), "disease", "download", moment, moment, "revoked", "=cmd|' /C calc'!A0")
    entries = (
        Processing("hanbit/bc", "@SUM(A1)", 1, ("tabular",), ("basis hanbit/p",), None, (use,)),
        Processing("hanbit/none", "Empty", 1, (), (), None, ()),
    )
    client.audit = SimpleNamespace(processing=Recorder(Report("hanbit", "KR-PIPA", entries)))
    assert run(["audit", "report", "--csv", "r.csv"]) == 0
    rows = list(csv.reader(io.StringIO((folder / "r.csv").read_text("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row)
    assert "rests on       nothing: it cannot be granted" in capsys.readouterr().out


def test_a_report_names_what_is_forged(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    forged = (ForgedRecord("ground/hanbit/bc/00000001/x", "it carries no seal of hanbit"),)
    client.audit = SimpleNamespace(processing=Recorder(Report("hanbit", "KR-PIPA", (), forged=forged)))
    for words in ([], ["--csv", "-"]):
        assert run(["audit", "report", *words]) == 0
        assert "counts for nothing: ground/hanbit/bc/00000001/x" in capsys.readouterr().err
    assert run(["audit", "report", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["forged"][0]["key"] == "ground/hanbit/bc/00000001/x"


def trail() -> Trail:
    """One vote, and a change of a policy whose note a spreadsheet would run."""
    by = Actor("hanbit", "lee", ("dac",), None, Person("hanbit", "mi"))
    common = {"at": parse_time(answers.AT), "tx": answers.TX, "by": by, "owner": "hanbit", "key": "k", "digest": "d"}
    return Trail(
        (
            TrailEntry(
                **common, action="vote.created", note=None, type="vote", id=answers.TX, vote="approve",
                committee="hanbit/dac", voted_for="hanbit/choi", request=answers.REQUEST, people=("nuri/kim",),
            ),
            TrailEntry(**common, action="policy.created", note="=1+1", type="policy", id="hanbit/bc#2"),
        )
    )  # fmt: skip


def test_a_trail_answers_who_approved_what(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.audit = SimpleNamespace(trail=Recorder(trail()))
    assert run(["audit", "trail", "hanbit/bc", "--csv", "t.csv"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"hanbit/lee +approve +hanbit/dac for hanbit/choi +vote c3c3c3c3c3c3 +a1a1a1a1a1a1 +nuri/kim", out)
    vote, policy = csv.DictReader(io.StringIO((folder / "t.csv").read_text("utf-8-sig")))
    assert (vote["what"], vote["committee"], vote["voted for"]) == ("approve", "hanbit/dac", "hanbit/choi")
    assert (vote["request"], vote["people"], vote["confirmed by"]) == (answers.REQUEST, "nuri/kim", "hanbit/mi")
    assert policy["note"] == "'=1+1"
    filters = ["--kind", "approve", "--person", "hanbit/lee", "--from", answers.AT]
    assert run(["audit", "trail", "hanbit/bc", "--json", *filters]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["entries"]
    assert (entry["vote"], entry["request"]) == ("approve", answers.REQUEST)
    assert run(["audit", "trail", "hanbit/bc", "--until", answers.AT, "--csv", "-"]) == 0
    assert capsys.readouterr().out.count("\n") == 1  # the names of the columns
    for wrong in (["--kind", "nonsense"], ["--person", "lee"], ["--from", answers.AT, "--until", answers.AT]):
        assert run(["audit", "trail", "hanbit/bc", *wrong]) == 2


@pytest.mark.parametrize(
    ("state", "actions", "ended"),
    [
        ("active", ("grant.suspended", "grant.lifted"), None),
        ("expired", ("grant.suspended", "grant.lifted"), None),
        ("active", ("grant.left",), None),
        ("revoked", ("grant.lifted", "grant.revoked"), "grant.revoked 2026-11-24: misuse"),
        ("relinquished", ("grant.relinquished",), "grant.relinquished 2026-11-24: misuse"),
        ("suspended", ("grant.suspended",), None),
    ],
)
def test_a_report_says_what_ended_a_use_and_nothing_else(
    state: str, actions: tuple[str, ...], ended: str | None
) -> None:
    view = answers.grant(state)
    first = view.grant.changes[0]
    changes = (first, *(replace(first, action=action, note="misuse") for action in actions))
    assert use_of(replace(view, grant=replace(view.grant, changes=changes))).ended == ended


def test_a_report_says_what_left_who_got_it_and_how_much(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    left = tuple(released_of(one) for one in answers.receipts("completed", "open"))
    entry = Processing("hanbit/bc", "Cells", 1, ("tabular",), (), None, (use_of(answers.grant(), left),))
    client.audit = SimpleNamespace(processing=Recorder(Report("hanbit", "KR-PIPA", (entry,))))
    assert run(["audit", "report", "--csv", "r.csv"]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"nuri/kim +{answers.AT} +2 +121.2 KiB +122.0 KiB +completed +c8c8c8c8c8c8 +b2b2b2b2b2b2", out)
    assert re.search(rf"nuri/kim +{answers.AT} +2 +121.2 KiB +open +c8c8c8c8c8c8", out)
    (row,) = csv.DictReader(io.StringIO((folder / "r.csv").read_text("utf-8-sig")))
    assert (row["releases"], row["released to"], row["bytes sent"]) == ("2", "nuri/kim", "124888")


def test_a_trail_says_how_much_a_receipt_is_of(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = TrailEntry(
        at=parse_time(answers.AT), tx=answers.TX, by=Actor("hanbit", "gw", ("gateway",)), owner="hanbit", key="k",
        digest="d", action="receipt.completed", note=None, type="receipt", id="c8" * 32, people=("nuri/kim",),
        grant=answers.GRANT, files=2, bytes=124_103, sent=124_888,
    )  # fmt: skip
    client.audit = SimpleNamespace(trail=Recorder(Trail((entry,))))
    assert run(["audit", "trail", "hanbit/bc", "--csv", "t.csv"]) == 0
    assert re.search("receipt.completed +receipt c8c8c8c8c8c8 +nuri/kim .*2 files, 121.2 KiB", capsys.readouterr().out)
    (row,) = csv.DictReader(io.StringIO((folder / "t.csv").read_text("utf-8-sig")))
    assert (row["grant"], row["files"], row["bytes"], row["sent"]) == (answers.GRANT, "2", "124103", "124888")


def disclosures() -> Disclosures:
    forged = (ForgedRecord("receipt/x", "it carries no seal of hanbit"),)
    return Disclosures(tuple(answers.receipts("completed")), (answers.grant(),), forged=forged)


def test_what_was_released_is_written_in_forms_of_others(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.audit = SimpleNamespace(disclosures=Recorder(disclosures()))
    assert run(["audit", "export", "hanbit/bc", "--fhir", "--from", answers.AT]) == 0
    said = capsys.readouterr()
    (entry,) = json.loads(said.out)["entry"]
    assert entry["resource"]["resourceType"] == "AuditEvent"
    assert "counts for nothing: receipt/x" in said.err
    assert client.audit.disclosures.calls == [(("hanbit/bc",), {"since": parse_time(answers.AT), "until": None})]
    assert run(["audit", "export", "b2b2", "--odrl", "--out", "grant.json"]) == 0
    (agreement,) = json.loads((folder / "grant.json").read_text())["@graph"]
    assert agreement["@type"] == "odrl:Agreement"
    capsys.readouterr()
    for wrong, told in (
        (["--odrl", "--out", "grant.json"], "exists already"),
        ([], "--fhir or --odrl"),
        (["--odrl", "--from", answers.AT], "a grant is no event"),
        (["--fhir", "--from", answers.AT, "--until", answers.AT], "not after"),
    ):
        assert run(["audit", "export", "hanbit/bc", *wrong]) == 2
        assert told in capsys.readouterr().err
