"""What commands send to the SDK, show, and end with. The SDK's client is replaced; its values are real."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cli_views as views
import pytest

from medconsent.data import manifest
from medconsent.errors import Unreachable
from medconsent.nouns.decisions import Decision
from medconsent.nouns.requests import VoteOutcome
from medconsent.nouns.transactions import TransactionStatus
from medconsent.policies import Offer, load_yaml
from medconsent.values.purposes import Purpose
from medconsent.values.records import ForgedRecord, Written
from medconsent_cli.app.state import App
from medconsent_cli.main import run

EXAMPLES = Path(__file__).parents[3] / "examples"
CHECK = ["check", "hanbit/breast-cancer", "--for", "nuri/kim", "--purpose", "disease", "--disease", "ICD10:C50"]
CHECK += ["--mode", "download"]


class Recorder:
    """Remembers the arguments of each call, and answers what it was told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append((args, kwargs))
        return self.answer(*args, **kwargs) if callable(self.answer) else self.answer


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A client whose nouns a test fills in."""
    found = SimpleNamespace(institution="hanbit", enrollment_id="lee", roles=("dac",))
    found.decisions = SimpleNamespace(explain=Recorder(views.decision("permit")))

    @contextmanager
    def connect(_app: App) -> Iterator[Any]:
        yield found

    monkeypatch.setattr(App, "connect", connect)
    monkeypatch.setattr(sys, "stdin", StringIO())
    return found


def test_what_is_left_to_people_is_shown_before_they_vote(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    why = [
        {
            "code": "LIMIT_NEEDS_REVIEW",
            "message": "whether it is of this kind: recurrence",
            "clause": "use[0].limits[0]",
        },
        {"code": "USE_PERMITTED", "message": "every disease asked for is an allowed one", "clause": "use[0]"},
    ]
    review = {"decision": "review", "at": views.AT, "reasons": why, "claimed": ["countries"]}
    explain = Recorder(Decision.from_json(review))
    client.decisions = SimpleNamespace(explain=explain)
    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=Recorder(outcome()))
    for command in (["request", "show", "3f9a"], ["request", "approve", "3f9a", "--yes"]):
        assert run(command) == 0
        told = capsys.readouterr().out
        assert "for people to judge    whether it is of this kind: recurrence\n" in told
        assert "only claimed           countries\n" in told
        assert "every disease" not in told
    asked = views.request().request
    assert explain.calls[0] == (
        (asked.dataset,),
        {
            "version": asked.version,
            "purpose": asked.purpose,
            "mode": asked.mode,
            "duration": asked.duration_seconds,
            "institution": asked.requester.institution,
            "researchers": asked.researchers,
        },
    )
    # a request that is decided is judged no more, and one whose policy cannot be read is shown all the same
    client.requests.get.answer = views.request(state="approved")
    assert run(["request", "show", "3f9a"]) == 0
    assert len(explain.calls) == 2

    def down(*_arguments: Any, **_options: Any) -> Any:
        raise Unreachable("no peer answers")

    client.decisions.explain = down
    client.requests.get.answer = views.request()
    assert run(["request", "show", "3f9a"]) == 0
    assert "for people to judge" not in capsys.readouterr().out


@pytest.mark.parametrize(("word", "code"), [("permit", 0), ("deny", 3), ("review", 4), ("perhaps", 1)])
def test_the_exit_code_of_a_decision(
    word: str, code: int, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    check = Recorder(views.decision(word))
    client.decisions = SimpleNamespace(check=check, explain=Recorder(views.decision(word)))
    assert run(CHECK) == code
    out = capsys.readouterr().out
    assert out.startswith(f"{word} at 2026-11-24T10:50:10Z\n")
    assert "GRANT_ACTIVE: the grant permits it [use[0]]" in out
    assert check.calls[0][1]["purpose"] == Purpose("disease", ("ICD10:C50",))
    assert run([*CHECK, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["decision"] == word
    assert run(["explain", "a/b@2", "--purpose", "origins", "--mode", "enclave", "--days", "2"]) == code


def test_a_request_says_whom_it_waits_for(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.requests = SimpleNamespace(get=Recorder(views.request()))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert "waits for              hanbit/dac: 1 more (1 of 2 approvals; 3 seated)" in out
    assert "                       saerom/ethics: 1 (0 of 1 approval; 1 seated)" in out
    for digest in views.DIGESTS.values():
        assert digest in out
    assert run(["--json", "request", "show", "a1a1a1"]) == 0
    assert json.loads(capsys.readouterr().out) == views.request().to_json()


def outcome() -> Written[VoteOutcome]:
    return Written(VoteOutcome(views.vote(), "approved", views.grant().grant), views.TX, 17)


def test_an_approval_is_of_what_was_shown(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    shown = views.request()
    client.requests = SimpleNamespace(get=Recorder(shown), approve=Recorder(outcome()))
    assert run(["request", "approve", "a1a1a1", "--yes"]) == 0
    (arguments, options) = client.requests.approve.calls[0]
    assert arguments == (views.REQUEST,)
    assert options["shown"] is shown
    out = capsys.readouterr().out
    assert out.index("which measurements?") < out.index("request is now  approved")
    assert f"grant        {views.GRANT}" in out
    assert f"committed in block 17, transaction {views.TX}" in out


def test_a_vote_as_json_is_one_object(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.requests = SimpleNamespace(get=Recorder(views.request()), reject=Recorder(outcome()))
    assert run(["--json", "request", "reject", "a1a1a1", "--reason", "no", "--yes"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["transaction_id"], told["block"]) == ("approved", views.TX, 17)


def test_without_a_terminal_nothing_is_approved_unasked(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=Recorder(outcome()))
    assert run(["request", "approve", "a1a1a1"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert not client.requests.approve.calls


def test_who_has_no_voting_role_is_told_so_first(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.roles = ("researcher",)
    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=Recorder(outcome()))
    assert run(["request", "approve", "a1a1a1"]) == 2
    assert "you act as hanbit/lee, whose certificate has no " in capsys.readouterr().err
    assert not client.requests.get.calls


def test_whether_a_role_that_is_named_will_do_is_asked_the_contract(client: SimpleNamespace) -> None:
    client.roles = ("researcher",)
    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=Recorder(outcome()))
    assert run(["request", "approve", "a1a1a1", "--role", "ethics", "--yes"]) == 0
    assert client.requests.approve.calls


def test_what_decided_is_read_first(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    from medconsent.nouns.decisions import Decision, Reason  # noqa: PLC0415

    codes = ["USE_PERMITTED", "USE_NEEDS_REVIEW", "MODE_NOT_ALLOWED"]
    reasons = tuple(Reason(code, "it is so") for code in codes)
    for word, first in (("permit", 0), ("review", 1), ("deny", 2)):
        found = Decision(word, views.decision(word).at, reasons)
        client.decisions = SimpleNamespace(check=Recorder(found))
        run(CHECK)
        assert f"- {codes[first]}" in capsys.readouterr().out.splitlines()[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["transaction", "status", views.TX[:12]], "64 hexadecimal digits"),
        (["request", "list", "--state", "open"], "'open' is none of: submitted, in-review"),
        (["request", "list", "--waiting-for", "hanbit/foo"], "'hanbit/foo' is no committee"),
        (["identity", "register", "Kim Lee"], "take a pseudonym"),
        (["identity", "register", "k\u0456m"], "Its 2nd letter is U+0456 CYRILLIC SMALL LETTER BYELORUSSIAN"),
        (["dataset", "show", "h\u0430nbit/ct"], "Its 2nd letter is U+0430 CYRILLIC SMALL LETTER A."),
        (["request", "invite", "a1a1a1", "nuri/\u0440ark", "q"], "Its 6th letter is U+0440 CYRILLIC SMALL LETTER ER."),
        (["context", "use", "h\u0430nbit/kim"], "hanbit/steward; its 2nd letter is U+0430 CYRILLIC SMALL LETTER A"),
        (["context", "use"], "Missing argument 'INSTITUTION/NAME'"),
    ],
)
def test_what_is_misspelled_is_not_sent(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "\\u000a" not in told


@pytest.mark.parametrize("arguments", [[], ["dataset"], ["-h"], ["dataset", "list", "-h"]])
def test_without_a_verb_there_is_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = run(arguments)
    out, err = capsys.readouterr()
    assert code == (0 if "-h" in arguments else 2)
    assert (out or err).startswith("Usage: medconsent")


def test_the_version_is_an_option_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("medconsent ")


def test_events_say_where_they_begin(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.events = SimpleNamespace(height=lambda: 42, follow=Recorder(iter(())))
    assert run(["events"]) == 0
    assert "following from block 42 at hanbit's peer" in capsys.readouterr().err
    assert client.events.follow.calls[0][1]["start_block"] == 42


def test_a_no_sends_nothing(
    client: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Person(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Person("n\n"))
    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=Recorder(outcome()))
    assert run(["request", "approve", "a1a1a1"]) == 2
    assert "error STOPPED: stopped; nothing was sent." in capsys.readouterr().err
    assert not client.requests.approve.calls


def test_an_interrupt_while_a_change_is_sent(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_a: Any, **_k: Any) -> None:
        raise KeyboardInterrupt

    client.grants = SimpleNamespace(revoke=interrupted)
    assert run(["grant", "revoke", "b2b2b2", "--reason", "stop"]) == 7
    assert "error OUTCOME_UNKNOWN" in capsys.readouterr().err


def listing(answers: list[Any], forged: tuple[ForgedRecord, ...] = ()) -> Callable[..., Iterator[Any]]:
    def iterate(*, on_forged: Callable[[ForgedRecord], None], **_options: Any) -> Iterator[Any]:
        yield from answers
        for record in forged:
            on_forged(record)

    return iterate


def test_lists_end_at_the_limit_and_say_so(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.grants = SimpleNamespace(iterate=Recorder(listing([views.grant()] * 3)))
    assert run(["grant", "list", "--limit", "2", "--holder", "nuri"]) == 0
    out, err = capsys.readouterr()
    assert out.count("b2b2b2b2b2b2 ") == 2
    assert "more than 2" in err
    assert client.grants.iterate.calls[0][1]["holder"] == "nuri"
    assert run(["grant", "list", "--limit", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["items"]), told["more"]) == (3, False)


def test_forged_records_are_named(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    forged = ForgedRecord("request/x", "no seal")
    client.requests = SimpleNamespace(iterate=listing([views.request()], (forged,)))
    assert run(["request", "list"]) == 0
    out, err = capsys.readouterr()
    assert "a1a1a1a1a1a1" in out
    assert err == "forged, counts for nothing: request/x: no seal\n"
    assert run(["--json", "request", "list"]) == 0
    assert json.loads(capsys.readouterr().out)["forged"] == [forged.to_json()]


@pytest.mark.parametrize(("outcome", "code"), [("committed", 0), ("invalid", 5), ("unknown", 7)])
def test_what_became_of_a_transaction(
    outcome: str, code: int, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.transactions = SimpleNamespace(status=Recorder(TransactionStatus(views.TX, outcome, "VALID", 3)))
    assert run(["transaction", "status", views.TX]) == code
    assert views.TX in capsys.readouterr().out
    assert run(["transaction", "status", views.TX, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["outcome"] == outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table and a file in a folder below."""
    folder = tmp_path / "data"
    (folder / "below").mkdir(parents=True)
    (folder / "table.csv").write_text("a,b\n1,2\n3,4\n")
    (folder / "below" / "notes.txt").write_text("notes")
    return folder


def test_describe_and_verify(client: SimpleNamespace, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client.institutions = SimpleNamespace(get=Recorder(SimpleNamespace(title="Hanbit", contact="data@hanbit.example")))
    assert run(["dataset", "describe", str(folder), "--title", "Table", "--keyword", "oncology"]) == 0
    assert "records             2" in capsys.readouterr().out
    text = (folder / "croissant.json").read_bytes()
    document = manifest.read(text)
    assert (document.title, document.contact, len(document.files)) == ("Table", "data@hanbit.example", 2)
    assert run(["dataset", "describe", str(folder), "--title", "Again"]) == 2
    assert "--replace" in capsys.readouterr().err
    assert (folder / "croissant.json").read_bytes() == text

    client.datasets = SimpleNamespace(
        get=Recorder(views.dataset(document)),
        manifest=Recorder(SimpleNamespace(text=text.decode())),
        compare_usage=Recorder("differs"),
    )
    verify = ["dataset", "verify", "hanbit/breast-cancer", str(folder)]
    assert run(verify) == 0  # that conditions of use differ is only told
    told = capsys.readouterr().out
    assert told.startswith("same: ")
    assert "conditions of use in the manifest: not those of the policy in force; the policy holds\n" in told
    assert client.datasets.compare_usage.calls == [(("hanbit/breast-cancer", text), {})]
    (folder / "table.csv").write_text("a,b\n1,2\n3,5\n")
    (folder / "below" / "notes.txt").unlink()
    (folder / "new.txt").write_text("new")
    assert run(verify) == 8
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  changed: table.csv",
        "  missing: below/notes.txt",
        "  too many: new.txt",
    ]
    assert run([*verify, "--json"]) == 8
    told = json.loads(capsys.readouterr().out)
    assert (told["same"], told["changed"], told["missing"]) == (False, ["table.csv"], ["below/notes.txt"])
    assert told["usage_info"] == "differs"
    assert told["extra"] == ["new.txt"]


def test_describe_puts_in_what_the_contract_offers(
    client: SimpleNamespace, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client.institutions = SimpleNamespace(get=Recorder(SimpleNamespace(title="Hanbit", contact="data@hanbit.example")))
    client.policies = SimpleNamespace(offer=Recorder(Offer({"@type": "odrl:Offer"}, "f" * 64)))
    describe = ["dataset", "describe", str(folder), "--title", "Table", "--replace"]
    policy = EXAMPLES / "open-research.yaml"
    assert run([*describe, "--policy", str(policy)]) == 2
    assert "--dataset" in capsys.readouterr().err
    assert not (folder / "croissant.json").exists()
    assert run([*describe, "--policy", str(policy), "--dataset", "table"]) == 0
    assert "conditions of use   stated, as the policy has them" in capsys.readouterr().out
    assert run([*describe, "--dataset", "nuri/table"]) == 0
    assert client.policies.offer.calls == [(("hanbit/table", load_yaml(policy)), {}), (("nuri/table", None), {})]
    content = json.loads((folder / "croissant.json").read_bytes())
    assert content["usageInfo"] == {"@type": "odrl:Offer"}
    capsys.readouterr()
    assert run([*describe, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["usage_info_sha256"] is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("current", "those of the policy in force"),
        ("outdated", "not those of the policy in force"),
        ("absent", "not stated"),
        ("off-ledger", "the manifest is elsewhere"),
        ("a later word", "a later word"),
    ],
)
def test_a_dataset_shows_how_its_manifest_stands_to_the_policy(
    state: str, words: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.datasets = SimpleNamespace(get=Recorder(replace(views.dataset(), usage_info=state)))
    assert run(["dataset", "show", "hanbit/breast-cancer"]) == 0
    assert re.search(f"^conditions in it +{words}", capsys.readouterr().out, re.MULTILINE)
    assert run(["dataset", "show", "hanbit/breast-cancer", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["usage_info"] == state


def test_the_manifest_is_printed_as_it_is(
    client: SimpleNamespace, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    text = '{"b": 1,\n "a": "한"}\r\n'
    client.datasets = SimpleNamespace(manifest=Recorder(SimpleNamespace(text=text)))
    out = tmp_path / "out.json"
    assert run(["dataset", "manifest", "hanbit/breast-cancer", "--out", str(out)]) == 0
    assert out.read_bytes() == text.encode()
    assert run(["dataset", "manifest", "hanbit/breast-cancer"]) == 0
    assert capfdbinary.readouterr().out == text.encode()


def test_publish_sends_what_was_given(
    client: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("x\n1\n")
    document = manifest.describe(
        tmp_path / "data", title="T", summary="S", publisher="Hanbit", contact="a@b.example", license="CC0-1.0"
    )
    (tmp_path / "m.json").write_bytes(document)
    (tmp_path / "p.yaml").write_text("use: [")
    client.datasets = SimpleNamespace(publish=Recorder(Written(views.dataset(), views.TX, 4)))
    publish = ["dataset", "publish", "breast-cancer", "--manifest", str(tmp_path / "m.json")]
    assert run([*publish, "--policy", str(tmp_path / "p.yaml")]) == 2
    assert run([*publish, "--manifest", str(tmp_path / "none.json")]) == 2
    capsys.readouterr()
    assert run([*publish, "--manifest", str(tmp_path / "p.yaml")]) == 2
    told = capsys.readouterr().err
    assert f"error DOCUMENT: {tmp_path / 'p.yaml'}:1:1: " in told
    assert "expected a Croissant manifest" in told
    assert not client.datasets.publish.calls
    assert run([*publish, "--kind", "tabular", "--keyword", "oncology", "--keyword", "breast"]) == 0
    (arguments, options) = client.datasets.publish.calls[0]
    assert arguments == ("breast-cancer", document, None)
    assert (options["kinds"], options["keywords"], options["title"]) == (("tabular",), ("oncology", "breast"), None)


def test_the_policy_that_is_shown_can_be_read_back(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    from medconsent.policies import load_yaml  # noqa: PLC0415

    policy = views.dataset().policy
    client.policies = SimpleNamespace(get=Recorder(policy))
    assert run(["policy", "show", "hanbit/breast-cancer@1"]) == 0
    assert load_yaml(capsys.readouterr().out) == policy.policy
    assert client.policies.get.calls == [(("hanbit/breast-cancer", 1), {})]


def test_members_may_have_terms(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    from medconsent.nouns.committees import Committee, Member  # noqa: PLC0415
    from medconsent.times import parse_time  # noqa: PLC0415

    seat = {"id": "lee", "from": views.AT, "set_tx": views.TX, "until": "2100-01-01T00:00:00Z"}
    body = {"institution": "hanbit", "role": "dac", "seats": [seat]}
    committee = Committee.from_json(views.view("committee", "hanbit/dac", body))
    client.committees = SimpleNamespace(set=Recorder(Written(committee, views.TX, 5)))
    assert run(["committee", "set", "dac", "--member", "lee,until=2100-01-01T00:00:00Z", "--member", "choi"]) == 0
    assert client.committees.set.calls[0][0] == (
        "dac",
        (Member("lee", None, parse_time("2100-01-01T00:00:00Z")), Member("choi")),
    )
    assert "committed in block 5" in capsys.readouterr().out
