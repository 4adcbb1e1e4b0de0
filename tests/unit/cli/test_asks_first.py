"""What ends something for good is shown with its counts and asked first; without a terminal it takes --yes."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder
from program_commands import CHANGING, every_command

from medconsent.nouns.bases import Basis
from medconsent.nouns.committees import Committee
from medconsent.nouns.consents import ConsentView
from medconsent.nouns.grounds import Ground
from medconsent.nouns.institutions import Institution
from medconsent.nouns.persons import PersonKey
from medconsent.nouns.proposals import ProposalView
from medconsent.values.grants import GrantView, OtherGrant
from medconsent.values.records import Record
from medconsent_cli.main import program, run

KEY = "9f" * 32
ASKS = """
    breakglass confirm, basis end, committee remove, committee set, consent end, consent epoch, context remove,
    grant relinquish,
    grant revoke, identity names remove, identity revoke, institution dismiss, person end, policy set, proposal confirm,
    receipt close,
    proposal reject, request amend, request approve, request close, request draft delete,
    request draft submit, request purge, request recuse,
    request reject, request return, request submit, request withdraw, text purge, watch accept
    """
"""Every command that has --yes; what is not here takes nothing away, or can be done again by whoever did it."""


def test_every_command_that_asks() -> None:
    asks = {name for name, command in every_command(program) if any("--yes" in it.opts for it in command.params)}
    assert asks == {it.strip() for it in ASKS.split(",")}


AGAIN = {
    "archive publish": "another one follows, and counts",
    "basis set": "set anew; what widens waits for a second officer",
    "breakglass justify": "adds a sentence, which is owed",
    "breakglass propose": "opens nothing before somebody confirms, and lapses",
    "committee add": "waits for a second officer; `committee remove`",
    "committee delegate": "`committee undelegate`",
    "committee undelegate": "`committee delegate`",
    "consent begin": "`consent epoch` follows, `consent end` ends it",
    "consent exclude": "waits for a second officer",
    "dataset publish": "another version follows",
    "deid state": "state another; what widens waits for a second officer",
    "grant accept": "`grant relinquish`",
    "grant lift": "waits for a second officer",
    "grant suspend": "`grant lift`",
    "ground set": "set another; what widens waits for a second officer",
    "institution set": "set anew; what widens waits for a second officer",
    "ontology adopt": "adopt another version",
    "ontology load": "adopt another version",
    "person admit": "`person end`",
    "person announce": "`person end`",
    "receipt open": "`receipt close`, aborted",
    "release archive": "another one follows, and counts",
    "request invite": "a question, which nobody has to answer",
    "request remark": "a sentence",
    "text keep": "`text purge`",
    "watch beat": "the next one counts",
}
"""What changes the ledger and does not ask, and how it is done again, or undone, by whoever did it."""


def test_whatever_changes_something_asks_or_can_be_undone() -> None:
    asks = {it.strip() for it in ASKS.split(",")}
    assert not asks & set(AGAIN)
    assert set(AGAIN) == set(CHANGING) - asks


def record(kind: type[Record], name: str, identifier: str, body: dict[str, Any], *, status: str = "active") -> Any:
    return kind.from_json(answers.view(name, identifier, body, status=status))


def grants() -> list[GrantView]:
    """Two grants on hanbit/bc@1, of three people, and one on another dataset."""
    one = answers.grant()
    on_bc = [replace(one.grant, dataset="hanbit/bc", grantees=people) for people in (("kim",), ("kim", "lee", "park"))]
    return [*(replace(one, grant=it) for it in on_bc), replace(one, grant=replace(one.grant, dataset="hanbit/other"))]


@pytest.fixture
def ledger(client: SimpleNamespace) -> SimpleNamespace:
    """A ledger with one of everything that can be ended."""
    cohort = {"title": "Oncology", "latest_epoch": 2, "batch_seconds": 3600}
    epoch = {
        "cohort": "hanbit/oncology", "epoch": 2, "root": KEY, "people": "100-999", "withdrawn": "under-20",
        "use": [{"permission": "HMB"}], "law": {"code": "KR-BIOETHICS-CONSENT"},
        "wording": {"url": "https://hanbit.example/form", "sha256": KEY},
    }  # fmt: skip
    consent = ConsentView.from_json(
        {
            "cohort": answers.view("cohort", "hanbit/oncology", cohort, status="active"),
            "epoch": answers.view("epoch", "hanbit/oncology~2", epoch),
            "datasets": ["hanbit/bc@1"],
            "exclusions": [],
        }
    )
    basis = {"code": "KR-PIPA-28-2", "document": {"title": "Plan", "sha256": KEY}}
    ground = {"dataset": "hanbit/bc", "version": 1, "version_digest": KEY, "bases": ["hanbit/p"]}
    key = {"institution": "hanbit", "person": "kim", "fingerprint": KEY, "public_key": "AA=="}
    seats = [{"id": "kim", "from": answers.AT, "set_tx": answers.TX, "key": KEY}]
    officers = [{"id": "kim", "roles": ["steward", "privacy"], "key": KEY}, {"id": "lee", "roles": ["steward"]}]
    hanbit = {"title": "Hanbit", "country": "KR", "contact": "c@h.example", "roles": [], "officers": officers}
    proposal = {
        "institution": "hanbit", "function": "policy.set", "argument": "{}", "widens": ["longer", "for more"],
        "proposed_by": {"institution": "hanbit", "id": "park"},
    }  # fmt: skip
    proposed = answers.view("proposal", "4c" * 32, proposal, status="proposed")

    def of_ground(dataset: str, _version: int) -> Ground:
        named = ground if dataset == "hanbit/bc" else {**ground, "bases": ["hanbit/another"]}
        found: Ground = record(Ground, "ground", "hanbit/bc@1", named)
        return found

    client.grants = SimpleNamespace(
        get=Recorder(answers.grant()),
        iterate=Recorder(lambda **_: iter(grants())),
        iterate_others=Recorder(lambda *_: iter([OtherGrant(answers.grant().grant, "active", ("kim",))] * 2)),
    )
    client.requests = SimpleNamespace(get=Recorder(answers.request()))
    client.consents = SimpleNamespace(get=Recorder(consent))
    client.bases = SimpleNamespace(get=Recorder(record(Basis, "basis", "hanbit/p", basis)))
    client.grounds = SimpleNamespace(get=of_ground)
    client.persons = SimpleNamespace(iterate=Recorder(lambda **_: iter([record(PersonKey, "person", "k", key)])))
    sits = record(Committee, "committee", "hanbit/dac", {"institution": "hanbit", "role": "dac", "seats": seats})
    client.committees = SimpleNamespace(iterate=Recorder(lambda **_: iter([sits])))
    client.institutions = SimpleNamespace(get=Recorder(record(Institution, "institution", "hanbit", hanbit)))
    client.proposals = SimpleNamespace(
        get=Recorder(ProposalView.from_json({"proposal": proposed, "state": "proposed"}))
    )
    return client


TOLD = {
    "grant revoke b2b2b2 --reason x": (
        "grant b2b2b2b2b2b2 (active) of hanbit/breast-cancer@1",
        "- nuri/kim: disease (ICD10:C50), download, until 2027-02-22T10:50:10Z",
        "1 person loses what it gives, and nobody can give it back",
        "access again takes another request and its approval",
        "2 other grants still give some of them the same data: --all ends these too",
    ),
    "grant relinquish b2b2b2": (  # lee did not ask for it
        "grant b2b2b2b2b2b2 (active) of hanbit/breast-cancer@1",
        "- nuri/lee: disease (ICD10:C50), download, until 2027-02-22T10:50:10Z",
        "1 person loses what it gives, and nobody can give it back",
        "access again takes another request and its approval",
    ),
    "request withdraw a1a1a1": (
        "request a1a1a1a1a1a1 (in-review) for hanbit/breast-cancer@1",
        "- nuri/kim: disease (ICD10:C50), download",
        "1 vote on it will count for nothing",
        "it can be made again, as another request",
    ),
    "request amend a1a1a1 --days 30": (
        "request a1a1a1a1a1a1 (in-review) for hanbit/breast-cancer@1",
        "- approve by hanbit/lee in hanbit/dac",
        "1 vote on it will count for nothing: the committees vote anew",
        "the deadline stays: 2026-11-24T10:50:10Z",
    ),
    "consent end hanbit/oncology --reason x": (
        "cohort hanbit/oncology, epoch 2: 100-999 people, who permit no more by it",
        "- hanbit/bc@1 rests on it",
        "2 active grants of 3 people permit nothing more by it",
        "a consent that has ended does not begin again",
    ),
    "basis end hanbit/p --reason x": (
        "legal basis hanbit/p: KR-PIPA-28-2, Plan",
        "- hanbit/bc@1 rests on it, and has grants",
        "2 active grants of 3 people permit nothing more by it",
        "`medconsent basis set` states it again; what widens waits for a second officer",
    ),
    "person end kim --reason x": (
        "the key 9f9f9f9f9f9f of hanbit/kim (active)",
        "- a seat on hanbit/dac counts for it",
        "- the office steward",
        "- the office privacy",
        "the next key of the person takes two officers",
        "seats and offices are taken away besides",
    ),
    "proposal reject 4c4c4c": (
        "proposal 4c4c4c4c4c4c (proposed) of hanbit/park: policy.set",
        "- longer",
        "- for more",
        "it can be proposed again",
    ),
    "text purge a1a1a1 --commitment " + KEY: (
        "private text 9f9f9f9f9f9f of request a1a1a1a1a1a1",
        "1 text is removed from hanbit's side; its hash stays",
    ),
    "institution dismiss kim": (
        "officers of hanbit: 1 goes, 1 as before",
        "- kim as steward, privacy",
        "an office again waits for a second officer",
    ),
}  # fmt: skip
METHODS = {
    "grant revoke": "grants.revoke",
    "grant relinquish": "grants.relinquish",
    "request amend": "requests.amend",
    "request withdraw": "requests.withdraw",
    "consent end": "consents.end",
    "basis end": "bases.end",
    "person end": "persons.end",
    "proposal reject": "proposals.reject",
    "text purge": "texts.purge",
    "institution dismiss": "institutions.dismiss",
}


@pytest.mark.parametrize("line", TOLD)
def test_it_is_shown_with_counts_and_asked(
    line: str, ledger: SimpleNamespace, piped: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    command = line.split()
    noun, verb = METHODS[" ".join(command[:2])].split(".")
    if not hasattr(ledger, noun):
        setattr(ledger, noun, SimpleNamespace())
    send = Recorder(lambda *_a, **_k: pytest.fail("it was sent"))
    setattr(getattr(ledger, noun), verb, send)
    assert run(command) == 2
    out, err = capsys.readouterr()
    assert tuple(err.splitlines()[: len(TOLD[line])]) == TOLD[line]
    assert "there is no terminal to ask at: give --yes" in err
    assert out == ""
    piped(b"n\n", terminal=True)
    assert run(command) == 2
    assert "STOPPED" in capsys.readouterr().err
    assert run(["--json", *command]) == 2
    assert not send.calls


def test_a_grant_of_one_s_own_ends_for_all(ledger: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    ledger.enrollment_id = "kim"
    assert run(["grant", "relinquish", "b2b2b2"]) == 2
    assert "- nuri/kim: disease" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("basis end hanbit/p --reason x", ["2 active grants of 3 people permit nothing more by it"]),
        ("consent end hanbit/oncology --reason x", ["2 active grants of 3 people permit nothing more by it"]),
        ("institution dismiss kim", ["1 goes, 1 as before"]),
    ],
)
def test_what_went_with_it_is_told_after_an_act_that_nobody_was_asked_about(
    line: str, told: list[str], ledger: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    noun, verb = METHODS[" ".join(line.split()[:2])].split(".")
    found = getattr(ledger, noun).get()
    written = answers.written(found.cohort if noun == "consents" else found)
    setattr(getattr(ledger, noun), verb, Recorder(written))
    assert run([*line.split(), "--yes"]) == 0
    out = capsys.readouterr().out.splitlines()
    after = out[[it.startswith("committed in block") for it in out].index(True) + 1 :]
    assert after[:-1] == [f"with it: {it}" for it in told]
    assert after[-1].startswith("next: ")
