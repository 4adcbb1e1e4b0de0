"""`medconsent consent`: what leaves this computer, and what a person can prove."""

import hashlib
import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent.data.people.commitment import Commitment
from medconsent.data.people.keys import CohortKey
from medconsent.nouns.consents import ConsentView, NewEpoch, Recorded
from medconsent.values.records import Written
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command runs in, with a key, members and what they permit."""
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
    return answers.view("epoch", f"{COHORT}~{number}", body)


def consent_view(number: int = 1, root: str = "", **members: Any) -> ConsentView:
    body = {"title": "Oncology", "latest_epoch": number, "batch_seconds": 3600, **members}
    return ConsentView.from_json(
        {
            "cohort": answers.view("cohort", COHORT, body, status="active"),
            "epoch": epoch_view(number, root),
            "datasets": ["hanbit/breast-cancer@1"],
            "exclusions": [],
        }
    )


def test_a_key_is_made_for_its_owner_alone(folder: Path) -> None:
    assert run(["consent", "key", "new"]) == 0
    assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o600
    assert run(["consent", "key", "new"]) == 2


def test_only_root_and_bands_leave_the_computer(folder: Path, client: SimpleNamespace) -> None:
    view = consent_view()
    begin = Recorder(Written(Recorded(view.cohort, view.epoch), answers.TX, 9))
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
    assert epoch.key_check == CohortKey(bytes(range(32))).check(COHORT)


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
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    (folder / "c.yaml").write_text(text)
    client.consents = SimpleNamespace(begin=Recorder(None))
    assert (
        run(["consent", "begin", "o", "--title", "T", "--members", "m.csv", "--key", "k", "--consent", "c.yaml"]) == 2
    )
    assert why in capsys.readouterr().err
    assert not client.consents.begin.calls


def test_a_person_gets_a_proof_that_needs_nothing_else(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.consents = SimpleNamespace(get=Recorder(consent_view()))
    keep = ["--members", "m.csv", "--key", "k"]
    assert run(["consent", "prove", COHORT, "P-2", *keep, "--out", "proof.json"]) == 0
    assert "P-2" not in (folder / "proof.json").read_text()
    assert not any("P-2" in str(call) for call in client.consents.get.calls)
    client.consents = SimpleNamespace()  # with a root nothing is asked
    root = consent_view().epoch.root
    capsys.readouterr()
    assert run(["consent", "verify", "proof.json", "--root", root]) == 0
    # A root binds that somebody is out, and not of which cohort.
    assert capsys.readouterr().out == f"out, under that root; it says that it is of {COHORT}~1\n"
    assert run(["--json", "consent", "verify", "proof.json", "--root", root]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["holds"], told["claimed"]["cohort"]) == ("out", True, COHORT)
    assert "cohort" not in told
    assert run(["consent", "verify", "proof.json", "--root", "00" * 32]) == 8
    assert run(["consent", "verify", "c.yaml", "--root", root]) == 2


def test_other_members_than_those_of_the_epoch_prove_nothing(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.consents = SimpleNamespace(get=Recorder(consent_view(root="ab" * 32)))
    assert run(["consent", "prove", COHORT, "P-1", "--members", "m.csv", "--key", "k"]) == 2
    assert "not those" in capsys.readouterr().err


KEEP = ["--members", "m.csv", "--key", "k", "--consent", "c.yaml"]
NEXT = ["consent", "epoch", COHORT, *KEEP]


@pytest.fixture
def begun(folder: Path, client: SimpleNamespace) -> SimpleNamespace:
    """A cohort that was begun on this computer, with its key; two grants rest on it."""
    view = consent_view(key_check=CohortKey(bytes(range(32))).check(COHORT))
    done = Recorder(Written(Recorded(view.cohort, view.epoch), answers.TX, 9))
    client.consents = SimpleNamespace(get=Recorder(view), begin=done, epoch=done)
    client.grants = SimpleNamespace(iterate=Recorder(lambda **_: iter([answers.grant()] * 2)))
    assert run(["consent", "begin", "oncology", "--title", "T", *KEEP]) == 0
    return client


def kept(settings: Path) -> dict[str, str]:
    """What is kept of members on this computer."""
    folder = settings / "cohorts" / COHORT
    return {file.name: file.read_text() for file in folder.iterdir()} if folder.exists() else {}


def test_members_are_kept_for_their_owner_alone(begun: SimpleNamespace, settings: Path) -> None:
    assert kept(settings) == {"1.csv": "id,state\nP-1,in\nP-2,out\n"}
    file = settings / "cohorts" / COHORT / "1.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_next_epoch_has_the_next_number_and_says_what_changes(
    begun: SimpleNamespace, folder: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "m.csv").write_text("id,state\nP-1,out\nP-2,in\nP-3,in\n")
    assert run(NEXT) == 2
    told = capsys.readouterr().err
    assert told.splitlines()[:1] == [f"cohort {COHORT}: epoch 2 after 1"]
    assert "\npeople: 1 withdrawn, 1 back in, 1 new\n2 active grants go by it at once\n" in told
    assert "what the people permit more waits for a second officer\n" in told  # c.yaml says more than stands
    assert list(kept(settings)) == ["1.csv"]
    assert run([*NEXT, "--yes"]) == 0
    assert begun.consents.epoch.calls[1][0][:2] == (COHORT, 2)
    assert begun.consents.epoch.calls[1][1] == {"new_key": False}
    assert kept(settings) == {"2.csv": "id,state\nP-1,out\nP-2,in\nP-3,in\n"}


def test_who_is_deleted_instead_of_set_out_is_told(
    begun: SimpleNamespace, folder: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "m.csv").write_text("id,state\nP-1,in\n")
    assert run([*NEXT, "--yes"]) == 2
    told = capsys.readouterr().err
    assert "1 person is not in the members' file any more, 1 of them withdrawn: line 3 of the members before" in told
    assert str(settings / "cohorts" / COHORT / "1.csv") in told
    assert "P-2" not in told
    assert len(begun.consents.epoch.calls) == 1  # the beginning
    assert run([*NEXT, "--forget", "--yes"]) == 0
    assert kept(settings) == {"2.csv": "id,state\nP-1,in\n"}


def test_members_of_another_computer_are_given_and_have_to_be_theirs(
    begun: SimpleNamespace, folder: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings / "cohorts" / COHORT / "1.csv").unlink()
    assert run([*NEXT, "--yes"]) == 2
    assert "are not kept on this computer, so nobody can tell who was left out" in capsys.readouterr().err
    (folder / "before.csv").write_text("id,state\nP-1,in\nP-2,in\n")
    assert run([*NEXT, "--before", "before.csv", "--yes"]) == 2
    assert "these are not the members" in capsys.readouterr().err
    (folder / "before.csv").write_text("id,state\n\nP-1,in\n\nP-2,out\n")
    (folder / "m.csv").write_text("id,state\nP-1,in\n")
    assert run([*NEXT, "--before", "before.csv", "--yes"]) == 2
    assert "line 5 of the members before" in capsys.readouterr().err  # as it stands in the file that was given


def test_another_cohort_s_key_is_refused_before_anything_is_sent(
    begun: SimpleNamespace, folder: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    CohortKey(bytes(reversed(range(32)))).save(folder / "other")
    other = ["consent", "epoch", COHORT, "--members", "m.csv", "--key", "other", "--consent", "c.yaml", "--yes"]
    assert run(other) == 2
    assert f"this is another key than that of {COHORT}" in capsys.readouterr().err
    assert len(begun.consents.epoch.calls) == 1
    assert run([*other, "--new-key"]) == 0
    assert begun.consents.epoch.calls[1][1] == {"new_key": True}


def test_members_of_an_epoch_whose_outcome_is_not_known_are_kept_too(
    begun: SimpleNamespace, folder: Path, settings: Path
) -> None:
    def lost(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    begun.consents.epoch = lost
    (folder / "m.csv").write_text("id,state\nP-1,out\nP-2,out\n")
    assert run([*NEXT, "--yes"]) == 7
    assert sorted(kept(settings)) == ["1.csv", "2.sent.csv"]
    # it was committed: the next one is compared with what was sent
    root = Commitment(CohortKey(bytes(range(32))), COHORT, 2, {"P-1": "out", "P-2": "out"}).root
    view = consent_view(2, root)
    begun.consents.get = Recorder(view)
    begun.consents.epoch = Recorder(Written(Recorded(view.cohort, view.epoch), answers.TX, 9))
    assert run([*NEXT, "--yes"]) == 0
    assert list(kept(settings)) == ["3.csv"]


def test_a_list_of_the_withdrawn_is_committed_to_and_stays_here(folder: Path, client: SimpleNamespace) -> None:
    (folder / "w.csv").write_text("P-2\n")
    client.consents = SimpleNamespace(exclude=Recorder(lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt)))
    run(["consent", "exclude", COHORT, "hanbit/bc@1", "--epoch", "2", "--list", "w.csv"])
    (args, kwargs) = client.consents.exclude.calls[0]
    assert args == (COHORT, 2, "hanbit/bc", 1)
    salt = bytes.fromhex((folder / "w.csv.salt").read_text())
    assert stat.S_IMODE((folder / "w.csv.salt").stat().st_mode) == 0o600
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
