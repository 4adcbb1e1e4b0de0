"""`medconsent audit`: a report is safe to open."""

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.processing import Processing, Report, Use
from medconsent.times import parse_time
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
