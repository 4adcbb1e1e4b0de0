"""`consent`, `basis`, `ground`, `deid`, `text` and `audit report`: what leaves this computer, and what is shown."""

import csv
import hashlib
import io
import json
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cli_views as views
import pytest

from medconsent.data.people.commitment import Commitment
from medconsent.data.people.keys import CohortKey
from medconsent.documents.mappings import load_mapping
from medconsent.nouns.consents import ConsentView, NewEpoch, Recorded
from medconsent.nouns.grounds import Basis, Ground
from medconsent.nouns.processing import Processing, Report, Use
from medconsent.nouns.requests import TextReference
from medconsent.nouns.statements import Deidentification
from medconsent.nouns.texts import Kept, PrivateText
from medconsent.times import parse_time
from medconsent.values.records import Written
from medconsent_cli.app.state import App
from medconsent_cli.commands.text import load, save
from medconsent_cli.main import run

CONSENT = """
use:
  - permission: HMB
    limits: [NCU, {GS: [KR]}]
law: {code: KR-BIOETHICS-CONSENT, article: "16"}
wording: {url: "https://hanbit.example/form", sha256: %s}
""" % ("9f" * 32)
MEMBERS = {"P-1": "in", "P-2": "out"}
COHORT = "hanbit/oncology"


class Recorder:
    """Remembers the arguments of each call."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append((args, kwargs))
        return self.answer(*args, **kwargs) if callable(self.answer) else self.answer


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A client whose nouns a test fills in."""
    found = SimpleNamespace(institution="hanbit", enrollment_id="han", roles=("privacy",))

    @contextmanager
    def connect(_app: App) -> Iterator[Any]:
        yield found

    monkeypatch.setattr(App, "connect", connect)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a key, members and what they permit."""
    monkeypatch.chdir(tmp_path)
    CohortKey(bytes(range(32))).save(tmp_path / "k")
    (tmp_path / "m.csv").write_text("id,state\n" + "".join(f"{one},{state}\n" for one, state in MEMBERS.items()))
    (tmp_path / "c.yaml").write_text(CONSENT)
    return tmp_path


def epoch_view(number: int = 1, root: str = "") -> dict[str, Any]:
    root = root or Commitment(CohortKey(bytes(range(32))), COHORT, number, MEMBERS).root
    body = {
        "cohort": COHORT,
        "epoch": number,
        "root": root,
        "people": "under-20",
        "withdrawn": "under-20",
        "use": [{"permission": "HMB", "limits": [{"term": "GS", "countries": ["KR"]}]}],
        "law": {"code": "KR-BIOETHICS-CONSENT"},
        "wording": {"url": "https://hanbit.example/form", "sha256": "9f" * 32},
    }
    return views.view("epoch", f"{COHORT}~{number}", body)


def consent_view(number: int = 1, root: str = "") -> ConsentView:
    body = {"title": "Oncology", "latest_epoch": number, "batch_seconds": 3600}
    return ConsentView.from_json(
        {
            "cohort": views.view("cohort", COHORT, body, status="active"),
            "epoch": epoch_view(number, root),
            "datasets": ["hanbit/breast-cancer@1"],
            "exclusions": [],
        }
    )


def test_a_key_is_made_for_its_owner_alone(home: Path) -> None:
    assert run(["consent", "key", "new"]) == 0
    assert stat.S_IMODE((home / "new").stat().st_mode) == 0o600
    assert run(["consent", "key", "new"]) == 2


def test_only_root_and_bands_leave_the_computer(home: Path, client: SimpleNamespace) -> None:
    view = consent_view()
    begin = Recorder(Written(Recorded(view.cohort, view.epoch), views.TX, 9))
    client.consents = SimpleNamespace(begin=begin)
    command = [
        "consent",
        "begin",
        "oncology",
        "--title",
        "T",
        "--members",
        "m.csv",
        "--key",
        "k",
        "--consent",
        "c.yaml",
    ]
    assert run([*command, "--batch", "2h"]) == 0
    ((slug, title, epoch), options) = begin.calls[0]
    assert (slug, title, options) == ("oncology", "T", {"batch_seconds": 7200})
    assert isinstance(epoch, NewEpoch)
    assert (epoch.people, epoch.withdrawn, epoch.root) == ("under-20", "under-20", view.epoch.root)
    sent = json.dumps(epoch.to_json())
    assert not any(person in sent for person in MEMBERS)
    assert epoch.use[0].limits[1].countries == ("KR",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("use: []\n", "lacks law, wording"),
        ("used: 1\n", "no member"),
        (CONSENT.replace("NCU", "{NCU: [KR]}"), "no limit"),
        (CONSENT.replace("law: {", "law: [").replace('"16"}', '"16"]'), "law"),
    ],
)
def test_a_consent_file_that_is_none_is_refused(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    (home / "c.yaml").write_text(text)
    client.consents = SimpleNamespace(begin=Recorder(None))
    assert (
        run(["consent", "begin", "o", "--title", "T", "--members", "m.csv", "--key", "k", "--consent", "c.yaml"]) == 2
    )
    assert why in capsys.readouterr().err
    assert not client.consents.begin.calls


def test_a_person_gets_a_proof_that_needs_nothing_else(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.consents = SimpleNamespace(get=Recorder(consent_view()))
    keep = ["--members", "m.csv", "--key", "k"]
    assert run(["consent", "prove", COHORT, "P-2", *keep, "--out", "proof.json"]) == 0
    assert "P-2" not in (home / "proof.json").read_text()
    assert not any("P-2" in str(call) for call in client.consents.get.calls)
    client.consents = SimpleNamespace()  # with a root nothing is asked
    root = consent_view().epoch.root
    capsys.readouterr()
    assert run(["consent", "verify", "proof.json", "--root", root]) == 0
    assert capsys.readouterr().out == f"out {COHORT}~1\n"
    assert run(["consent", "verify", "proof.json", "--root", "00" * 32]) == 8
    assert run(["consent", "verify", "c.yaml", "--root", root]) == 2


def test_other_members_than_those_of_the_epoch_prove_nothing(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.consents = SimpleNamespace(get=Recorder(consent_view(root="ab" * 32)))
    assert run(["consent", "prove", COHORT, "P-1", "--members", "m.csv", "--key", "k"]) == 2
    assert "not those" in capsys.readouterr().err


def test_the_next_epoch_has_the_next_number(home: Path, client: SimpleNamespace) -> None:
    view = consent_view(2)
    record = Recorder(Written(Recorded(view.cohort, view.epoch), views.TX, 9))
    client.consents = SimpleNamespace(get=Recorder(view), epoch=record)
    assert run(["consent", "epoch", COHORT, "--members", "m.csv", "--key", "k", "--consent", "c.yaml"]) == 0
    assert record.calls[0][0][:2] == (COHORT, 3)


def test_a_list_of_the_withdrawn_is_committed_to_and_stays_here(home: Path, client: SimpleNamespace) -> None:
    (home / "w.csv").write_text("P-2\n")
    client.consents = SimpleNamespace(exclude=Recorder(lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt)))
    run(["consent", "exclude", COHORT, "hanbit/bc@1", "--epoch", "2", "--list", "w.csv"])
    (args, kwargs) = client.consents.exclude.calls[0]
    assert args == (COHORT, 2, "hanbit/bc", 1)
    salt = bytes.fromhex((home / "w.csv.salt").read_text())
    assert stat.S_IMODE((home / "w.csv.salt").stat().st_mode) == 0o600
    expected = hashlib.sha256(b"medconsent/exclusion-list/1\0" + salt + b"P-2\n").hexdigest()
    assert kwargs == {"content": None, "exclusion_list": expected}
    assert run(["consent", "exclude", COHORT, "hanbit/bc@1", "--epoch", "2"]) == 2
    assert run(["consent", "exclude", COHORT, "hanbit/bc", "--epoch", "2", "--list", "w.csv"]) == 2


def test_a_cohort_is_shown_in_words(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.consents = SimpleNamespace(get=Recorder(consent_view()))
    assert run(["consent", "show", f"{COHORT}~1"]) == 0
    out = capsys.readouterr().out
    assert "HMB, limits GS [KR]" in out
    assert "hanbit/breast-cancer@1" in out
    assert client.consents.get.calls[0][0] == (COHORT, 1)


def test_a_basis_names_its_documents_by_hash(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "plan").write_text("plan")
    (home / "notice").write_text("notice")
    body = {"code": "KR-PIPA-28-2", "document": {"title": "Plan", "sha256": "9f" * 32}}
    written = Basis.from_json(views.view("basis", "hanbit/p", body, status="active"))
    client.bases = SimpleNamespace(set=Recorder(Written(written, views.TX, 9)))
    command = ["basis", "set", "p", "--code", "KR-PIPA-28-2", "--document", "plan", "--title", "Plan"]
    assert run([*command, "--notice", "notice"]) == 2
    notice = ["--notice", "notice", "--notice-url", "https://h.example/n", "--notice-since", views.AT]
    assert run([*command, *notice]) == 0
    new = client.bases.set.calls[0][0][1]
    assert new.document.sha256 == hashlib.sha256(b"plan").hexdigest()
    assert new.notice.sha256 == hashlib.sha256(b"notice").hexdigest()
    assert "objection  none" in capsys.readouterr().out


def test_a_ground_names_something(client: SimpleNamespace) -> None:
    body = {"dataset": "hanbit/bc", "version": 1, "version_digest": "9f" * 32, "cohorts": [COHORT]}
    written = Ground.from_json(views.view("ground", "hanbit/bc@1", body, status="active"))
    client.grounds = SimpleNamespace(set=Recorder(Written(written, views.TX, 9)))
    assert run(["ground", "set", "hanbit/bc"]) == 2
    assert run(["ground", "set", "hanbit/bc@1", "--cohort", COHORT]) == 0
    assert client.grounds.set.calls[0][1] == {"version": 1, "cohorts": (COHORT,), "bases": ()}


def test_a_report_drafts_what_the_contract_will_not_take_unfinished(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "t.csv").write_text("age,diagnosis\n30,SECRET\n30,C50\n")
    command = ["deid", "report", "--table", "t.csv", "--quasi", "age", "--sensitive", "diagnosis"]
    assert run([*command, "--out", "s.yaml"]) == 0
    out = capsys.readouterr().out
    assert "k                  2" in out
    assert "SECRET" not in out + (home / "s.yaml").read_text()
    body = {"dataset": "hanbit/bc", "version": 1, "version_digest": "9f" * 32, "statement": {"term": "pseudonymous"}}
    record = Deidentification.from_json(views.view("deid", "hanbit/bc@1", body, status="active"))
    client.statements = SimpleNamespace(state=Recorder(Written(record, views.TX, 9)))
    assert run(["deid", "state", "hanbit/bc", "s.yaml"]) == 0
    sent = client.statements.state.calls[0][0][1]
    assert sent["residual_risk"] == "TO FILL IN"
    assert sent["tables"][0]["records_band"] == "under-20"
    assert run(["deid", "report"]) == 2


def test_a_report_is_kept_in_a_file_that_its_draft_names(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    table = home / "t.csv"
    table.write_text('age,"income, yearly","say ""so"""\n30,SECRET,1\n30,SECRET,2\n')
    command = ["deid", "report", "--table", "t.csv", "--quasi", '"income, yearly"', "--quasi", "age,age"]
    assert run([*command, "--out", "s.yaml", "--report", "r.json"]) == 0
    assert "report: r.json" in capsys.readouterr().out
    kept, drafted = (home / "r.json").read_bytes(), load_mapping(home / "s.yaml")
    assert drafted["report"] == {"sha256": hashlib.sha256(kept).hexdigest()}
    assert drafted["tables"][0]["quasi_identifiers"] == ["income, yearly", "age"]
    told = json.loads(kept)
    assert told["table"]["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert (told["table"]["k"], told["table"]["rows"], told["images"]) == (2, 2, [])
    assert "SECRET" not in kept.decode()
    # Neither is overwritten unasked; when one is there the other is not written.
    (home / "s.yaml").unlink()
    assert run([*command, "--out", "s.yaml", "--report", "r.json"]) == 2
    assert "r.json exists already: give --replace" in capsys.readouterr().err
    assert not (home / "s.yaml").exists()
    assert run([*command, "--out", "-", "--report", "r.json", "--replace"]) == 0
    again = hashlib.sha256((home / "r.json").read_bytes()).hexdigest()
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
    options: list[str], says: str, home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "t.csv").write_text('age,"income, yearly","say ""so"""\n30,SECRET,1\n')
    before = set(home.iterdir())
    assert run(["deid", "report", "--table", "t.csv", *options]) == 2
    assert says in capsys.readouterr().err
    assert set(home.iterdir()) == before


def test_private_text_is_kept_with_its_salt_for_its_owner_alone(home: Path, client: SimpleNamespace) -> None:
    text = PrivateText("our plan")
    save(home / "p.json", text)
    assert stat.S_IMODE((home / "p.json").stat().st_mode) == 0o600
    assert load(home / "p.json") == text
    assert "our plan" not in repr(text)
    client.texts = SimpleNamespace(keep=Recorder(Written(Kept("a1" * 32, text.commitment), views.TX, 9)))
    assert run(["text", "keep", "a1b2c3", "p.json"]) == 0
    assert client.texts.keep.calls[0][0] == ("a1b2c3", text)
    assert run(["text", "keep", "a1b2c3", "m.csv"]) == 2


def test_private_text_drives_no_terminal(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.texts = SimpleNamespace(get=Recorder(PrivateText("a\n\x1b[2Jb")))
    texts = (TextReference("description", "9f" * 32), TextReference("ethics-letter", "ab" * 32))
    found = SimpleNamespace(id="a1" * 32, request=SimpleNamespace(texts=texts), remarks=())
    client.requests = SimpleNamespace(get=Recorder(found))
    assert run(["text", "show", "a1b2c3"]) == 2
    assert "9f" * 32 in capsys.readouterr().err
    assert run(["text", "show", "a1b2c3", "--commitment", "9f9f"]) == 0
    assert client.texts.get.calls[0][0] == ("a1" * 32, "9f" * 32)
    assert capsys.readouterr().out == "a\n\\u001b[2Jb\n"


def test_a_spreadsheet_runs_nothing_of_a_report(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    moment = parse_time(views.AT)
    use = Use("b2" * 32, 1, "nuri", ("kim",), "disease", "download", moment, moment, "revoked", "=cmd|' /C calc'!A0")
    entries = (
        Processing("hanbit/bc", "@SUM(A1)", 1, ("tabular",), ("basis hanbit/p",), None, (use,)),
        Processing("hanbit/none", "Empty", 1, (), (), None, ()),
    )
    client.audit = SimpleNamespace(processing=Recorder(Report("hanbit", "KR-PIPA", entries)))
    assert run(["audit", "report", "--csv", "r.csv"]) == 0
    rows = list(csv.reader(io.StringIO((home / "r.csv").read_text("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row)
    assert "rests on       nothing: it cannot be granted" in capsys.readouterr().out
