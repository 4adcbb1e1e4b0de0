"""`medconsent dataset show`, `status` and `manifest`: what stands on the ledger, as it is, and what is missing."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent.desk.datasets import of_publication
from medconsent.errors import NotFound
from medconsent.nouns.committees import Committee
from medconsent.nouns.datasets import DatasetView
from medconsent.nouns.decisions import Reason
from medconsent.nouns.grounds import Ground
from medconsent.nouns.policies import Lint
from medconsent.values.policies import DeidentificationDemands
from medconsent.values.releases import ReceiptView
from medconsent.values.requests import RequestView
from medconsent_cli.main import run

COHORT = "hanbit/oncology"


def ledger(
    client: SimpleNamespace,
    view: DatasetView,
    *,
    seated: tuple[str, ...] = ("lee", "park"),
    lint: Lint | None = None,
    states: dict[str, int] | None = None,
    before: DatasetView | None = None,
    released: Sequence[ReceiptView] = (),
) -> None:
    """A dataset, its committee, requests for it by state, two grants on it and one on another version."""
    asked = states or {}

    def requests(*, owner: str, state: str) -> Iterator[RequestView]:
        assert owner == "hanbit"
        return iter([answers.request(state=state)] * asked.get(state, 0))

    def committee(name: str) -> Committee:
        if not seated:
            raise NotFound("there is none")
        seats = [{"id": one, "from": answers.AT, "set_tx": answers.TX} for one in seated]
        body = {"institution": "hanbit", "role": "dac", "seats": seats}
        return Committee.from_json(answers.view("committee", name, body))

    given = answers.grant()
    client.datasets = SimpleNamespace(get=Recorder(lambda _name, number=None: before if number == 1 else view))
    client.policies = SimpleNamespace(lint=Recorder(lint or Lint(("words",))))
    client.receipts = SimpleNamespace(iterate=Recorder(lambda **_: iter(released)))
    client.committees = SimpleNamespace(get=committee)
    client.requests = SimpleNamespace(iterate=requests)
    client.grants = SimpleNamespace(
        iterate=lambda **_: iter([given, given, replace(given, grant=replace(given.grant, version=7))])
    )


def grounded(view: DatasetView) -> DatasetView:
    body = {"dataset": view.id, "version": view.version.version, "version_digest": "9f" * 32, "cohorts": [COHORT]}
    return replace(view, ground=Ground.from_json(answers.view("ground", "g", body, status="active")))


def second(view: DatasetView) -> DatasetView:
    return replace(view, version=replace(view.version, version=2), dataset=replace(view.dataset, latest_version=2))


def test_the_status_says_what_there_is_and_who_goes_on(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    left = answers.receipts("completed", "completed", "aborted", "open")
    ledger(client, grounded(answers.dataset()), states={"submitted": 2, "in-review": 1}, released=left)
    for command in ("status", "show"):
        assert run(["dataset", command, "hanbit/breast-cancer"]) == 0
        lines = capsys.readouterr().out.splitlines()[-10:]
        assert [re.sub("  +", ": ", line) for line in lines] == [
            "dataset: hanbit/breast-cancer@1 of 1: Wisconsin",
            f"published: {answers.AT} by hanbit/park",
            f"rests on: {COHORT}",
            "de-identified: no statement",
            "permits: DS [ICD10:C50]",
            "asks: hanbit/dac: 2 approvals; 2 sit there: lee, park",
            "requests: 2 submitted, 1 in-review",
            "grants: 2 active",
            "released: 1 aborted, 2 completed, 1 open; 374664 bytes sent (receipt list --dataset hanbit/breast-cancer)",
            "next: the committees that are asked vote: medconsent request list --waiting-for me",
        ]
    assert run(["dataset", "status", "hanbit/breast-cancer", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seated"] == {"hanbit/dac": ["lee", "park"]}
    assert (told["undecided"], told["grants"]) == ({"submitted": 2, "in-review": 1}, {"active": 2})
    assert (told["released"], told["sent"]) == ({"aborted": 1, "completed": 2, "open": 1}, 3 * 124_888)
    assert told["next"]["command"] == "request list --waiting-for me"
    assert told["ground"]["record"]["body"]["cohorts"] == [COHORT]


def test_the_first_thing_that_is_missing_is_next(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def next_of(view: DatasetView, **more: Any) -> str:
        ledger(client, view, **more)
        assert run(["dataset", "status", "hanbit/breast-cancer"]) == 0
        return capsys.readouterr().out

    told = next_of(answers.dataset())
    assert "rests on       nothing yet, so nothing can be granted" in told
    assert "ground set hanbit/breast-cancer@1 --cohort COHORT (or --basis BASIS)\n" in told
    told = next_of(second(answers.dataset()), before=grounded(answers.dataset()))
    assert (
        "next: a privacy officer of hanbit says what it rests on: medconsent ground set hanbit/breast-cancer@2 "
        f"--cohort {COHORT} (as version 1, whose content is the same)\n" in told
    )
    other = second(answers.dataset())
    other = replace(other, version=replace(other.version, content=replace(other.version.content, files=9)))
    assert "--cohort COHORT" in next_of(other, before=grounded(answers.dataset()))
    demanding = grounded(answers.dataset())
    policy = replace(demanding.policy.policy, deidentification=DeidentificationDemands())
    demanding = replace(demanding, policy=replace(demanding.policy, policy=policy))
    told = next_of(demanding)
    assert "no statement, and the policy asks for one" in told
    assert "next: a privacy officer of hanbit says how it was de-identified: medconsent deid state" in told
    reason = Reason.from_json(answers.reason(message="hanbit/dac must give 2 approvals, and only 0 could"))
    told = next_of(grounded(answers.dataset()), seated=(), lint=Lint((), (reason,)))
    assert "hanbit/dac: 2 approvals; nobody sits there\n" in told
    assert "cannot be met  hanbit/dac must give 2 approvals, and only 0 could\n" in told
    assert "next: a steward of hanbit seats people: medconsent committee add dac ID\n" in told
    assert "next: a researcher asks for it: medconsent request submit hanbit/breast-cancer\n" in next_of(
        grounded(answers.dataset())
    )


def test_who_goes_on_where_votes_alone_do_not_help(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def told(states: dict[str, int], *waiting: str) -> str:
        ledger(client, grounded(answers.dataset()), states=states)
        asked = answers.request()
        stages = tuple(replace(stage, missing=2, waits_for=waiting) for stage in asked.waits_for[:1])

        def requests(*, state: str, **_: Any) -> Iterator[RequestView]:
            return iter([replace(answers.request(state=state), waits_for=stages)] * states.get(state, 0))

        client.requests = SimpleNamespace(iterate=requests)
        assert run(["dataset", "status", "hanbit/breast-cancer"]) == 0
        return capsys.readouterr().out

    stuck = told({"submitted": 1, "in-review": 1}, "lee")
    assert "2 can no longer be met by those who sit on hanbit/dac\n" in stuck
    assert (
        "next: a steward of hanbit seats others, for open requests can no longer be met: "
        "medconsent committee add dac ID\n" in stuck
    )
    free = told({"in-review": 1}, "lee", "park")
    assert "can no longer" not in free
    assert "next: the committees that are asked vote: medconsent request list --waiting-for me\n" in free
    returned = told({"returned": 1}, "lee")
    assert "can no longer" not in returned, "nobody votes on it before it is amended"
    assert (
        "next: whoever asked amends what was returned: medconsent request list --owner hanbit --state returned\n"
        in returned
    )


@pytest.mark.parametrize(("typed", "asked"), [("TABULAR", "tabular"), ("mr", "MR"), ("MRI", "MRI")])
def test_a_kind_is_read_whatever_its_capital_letters(client: SimpleNamespace, typed: str, asked: str) -> None:
    client.datasets = SimpleNamespace(iterate=Recorder(lambda **_: iter(())))
    assert run(["dataset", "list", "--kind", typed]) == 0
    assert client.datasets.iterate.calls[0][1]["kind"] == asked


def test_what_comes_after_a_publication_is_said(
    client: SimpleNamespace, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    former = grounded(answers.dataset())
    client.datasets = SimpleNamespace(get=Recorder(former))
    assert str(of_publication(client, second(answers.dataset()))) == (
        "a privacy officer of hanbit says what it rests on: medconsent ground set hanbit/breast-cancer@2 "
        f"--cohort {COHORT} (as version 1, whose content is the same)"
    )
    assert client.datasets.get.calls == [(("hanbit/breast-cancer", 1), {})]


def test_a_grant_says_where_the_data_is_and_whom_to_ask(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.grants = SimpleNamespace(get=Recorder(answers.grant()))
    client.datasets = SimpleNamespace(get=Recorder(answers.dataset()))
    client.receipts = SimpleNamespace(list=Recorder(answers.page(*answers.receipts("completed"))))
    assert run(["grant", "show", "b2b2b2"]) == 0
    out = capsys.readouterr().out
    assert "What left under it\n" in out
    assert re.search("c8c8c8c8c8c8 +completed +nuri/kim +hanbit/breast-cancer@1 +2 +121.2 KiB +122.0 KiB", out)
    assert client.receipts.list.calls == [((), {"grant": answers.GRANT, "page_size": 10})]
    assert "the data     Wisconsin: at hanbit, by download; the ledger has none of it\n" in out
    assert "whom to ask  data@hanbit.example\n" in out
    assert "medconsent dataset manifest hanbit/breast-cancer@1\n" in out


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
    ledger(client, replace(answers.dataset(), usage_info=state))
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
