"""`medconsent policy` and the options that state a purpose, against answers as the contract gives them."""

import hashlib
import json
import os
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cli_views as views
import pytest
from test_cli_commands import Recorder, client  # noqa: F401  (the fixture)

from medconsent import times
from medconsent.documents.links import LinkCheck, LinkedDocument
from medconsent.nouns.decisions import Decision, Reason
from medconsent.policies import (
    Attachment,
    EndingGrant,
    Lint,
    Offer,
    PolicyDiff,
    PolicyRecord,
    Terms,
    dump_yaml,
    load_yaml,
)
from medconsent.values.purposes import Ethics, Purpose
from medconsent.values.records import Written
from medconsent_cli.main import run

EXAMPLES = Path(__file__).parents[3] / "examples"
ASK = ["--purpose", "health-research", "--mode", "enclave"]
SHA = "9f" * 32


def reason(**members: Any) -> dict[str, Any]:
    return {"code": "LIMIT_NOT_MET", "message": "commercial use is excluded", "clause": "use[0].limits[0]", **members}


def explained() -> Decision:
    choice = {"clause": "use[0]", "decision": "deny", "reasons": [reason()]}
    answer = {"decision": "deny", "at": views.AT, "reasons": [reason()], "alternatives": [choice]}
    return Decision.from_json(answer)


def test_every_member_of_a_purpose_can_be_stated(client: SimpleNamespace) -> None:  # noqa: F811
    check = Recorder(views.decision("permit"))
    client.decisions = SimpleNamespace(check=check)
    stated = [
        "--methods", "--training", "--linking", "--commercial", "--genetic", "--organisation", "non-profit",
        "--country", "KR", "--country", "JP", "--sensitive", "children", "--project-id", "K-1",
        "--ethics-board", "IRB", "--ethics-number", "7", "--ethics-hash", SHA, "--ethics-until", views.AT,
    ]  # fmt: skip
    assert run(["check", "a/b", "--for", "a/kim", *ASK, *stated]) == 0
    purpose = check.calls[0][1]["purpose"]
    assert purpose == Purpose(
        "health-research",
        methods_development=True,
        training=True,
        linking=True,
        commercial=True,
        genetic=True,
        organisation="non-profit",
        countries=("KR", "JP"),
        sensitive=("children",),
        ethics=Ethics("IRB", "7", SHA, times.parse_time(views.AT)),
        project_id="K-1",
    )
    assert Purpose.from_json(purpose.to_json()) == purpose
    assert "by an organisation that is non-profit; in KR JP; sensitive: children" in str(purpose)
    assert Purpose("origins").to_json() == {"kind": "origins"}


def test_half_an_ethics_approval_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "a/b", *ASK, "--ethics-board", "IRB"]) == 2
    assert "--ethics-until" in capsys.readouterr().err


def test_a_file_or_a_dataset_is_explained_as_a_table(
    client: SimpleNamespace,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    explain = Recorder(explained())
    client.decisions = SimpleNamespace(explain=explain)
    file = EXAMPLES / "behind-glass.yaml"
    assert run(["policy", "explain", str(file), *ASK, "--commercial"]) == 3
    assert explain.calls[0][0] == (load_yaml(file),)
    out = capsys.readouterr().out
    assert "CLAUSE            SAYS  REASON         WHY\n" in out
    assert "use[0].limits[0]  deny  LIMIT_NOT_MET  commercial use is excluded\n" in out
    assert run(["policy", "explain", "hanbit/ct@2", *ASK, "--institution", "nuri", "--researcher", "kim"]) == 3
    assert explain.calls[1][0] == ("hanbit/ct",)
    assert explain.calls[1][1]["version"] == 2
    assert explain.calls[1][1]["researchers"] == ("kim",)
    assert run(["policy", "explain", "no-such-file.yaml", *ASK]) == 2


def test_lint_says_it_in_words(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    found = Lint.from_json({"words": ["Permitted: any use."], "unmeetable": [], "contradictions": [], "ontologies": []})
    client.policies = SimpleNamespace(lint=Recorder(found))
    file = str(EXAMPLES / "open-research.yaml")
    assert run(["policy", "lint", file]) == 0
    assert capsys.readouterr().out == "Permitted: any use.\n"
    wrong = {"words": [], "unmeetable": [reason(message="too few")], "contradictions": [reason()]}
    client.policies = SimpleNamespace(lint=Recorder(Lint.from_json(wrong)))
    assert run(["policy", "lint", file]) == 5
    assert "  - too few [use[0].limits[0]]" in capsys.readouterr().out
    assert run(["policy", "lint", file, "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["contradictions"][0]["code"] == "LIMIT_NOT_MET"


def test_lint_checks_the_file_before_anything_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "p.yaml"
    file.write_text((EXAMPLES / "open-research.yaml").read_text().replace("GRU", "XYZ"))
    assert run(["policy", "lint", str(file)]) == 2
    assert f"{file}:3:17: permission should be one of NRES, GRU" in capsys.readouterr().err


def linted(*words: str, **more: Any) -> Lint:
    return Lint.from_json({"words": [*words], "unmeetable": [], "contradictions": [], "ontologies": [], **more})


def piped(monkeypatch: pytest.MonkeyPatch, text: bytes, *, terminal: bool = False) -> None:
    stdin = TextIOWrapper(BytesIO(text))
    monkeypatch.setattr(stdin, "isatty", lambda: terminal)
    monkeypatch.setattr("sys.stdin", stdin)


def test_a_policy_is_read_from_stdin(
    client: SimpleNamespace,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client.policies = SimpleNamespace(lint=Recorder(linted("Permitted: any use.")))
    file = EXAMPLES / "open-research.yaml"
    piped(monkeypatch, file.read_bytes())
    assert run(["policy", "lint", "-"]) == 0
    assert client.policies.lint.calls[0][0] == (load_yaml(file),)
    piped(monkeypatch, b"use: 1")
    assert run(["policy", "lint", "-"]) == 2
    assert "stdin:1:" in capsys.readouterr().err
    piped(monkeypatch, b"#" * 100_000)
    assert run(["policy", "lint", "-"]) == 2
    assert "stdin: a policy has at most 64 KiB" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["lint"], ["explain"], ["offer"], ["set", "a/b", "--policy"]])
def test_what_is_no_regular_file_is_not_waited_for(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "p.yaml")
    more = {"explain": ASK, "offer": ["--dataset", "ct"]}.get(command[0], [])
    assert run(["policy", *command, str(tmp_path / "p.yaml"), *more]) == 2
    assert "it is not a regular file" in capsys.readouterr().err


def mondo(tmp_path: Path) -> str:
    text = (EXAMPLES / "policy.yaml").read_text()
    assert "ICD10:C50" in text
    (tmp_path / "p.yaml").write_text(text.replace("ICD10:C50", "MONDO:0007254"))
    return str(tmp_path / "p.yaml")


def test_a_hierarchy_that_is_not_in_force_is_warned_of(
    client: SimpleNamespace,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = mondo(tmp_path)
    client.policies = SimpleNamespace(lint=Recorder(linted("x")), set=Recorder(written(file)))
    for command in (["lint", file], ["set", "a/b", "--policy", file]):
        assert run(["policy", *command]) == 0
        out, err = capsys.readouterr()
        assert "warning: no version of MONDO is in force" in err
        assert "goes by" not in out
    pinned = [{"system": "MONDO", "digest": "d1" * 32}]
    client.policies = SimpleNamespace(
        lint=Recorder(linted("x", ontologies=pinned)), set=Recorder(written(file, ontologies=pinned))
    )
    for command in (["lint", file], ["set", "a/b", "--policy", file]):
        assert run(["policy", *command]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert "goes by  MONDO d1d1d1d1d1d1\n" in out


def written(file: str, **more: Any) -> Written[PolicyRecord]:
    body = {"dataset": "a/b", "version": 2, "policy": load_yaml(Path(file)).to_json(), **more}
    return Written(PolicyRecord.from_json(views.view("policy", "a/b#2", body, owner="a")), views.TX, 7)


COMPARED = {
    "dataset": "a/b", "from": 1, "removed": ["Old."], "added": ["New."], "narrower": True, "wider": [],
    "existing": {"than": [1], "narrower": True, "wider": []},
}  # fmt: skip


def ending() -> EndingGrant:
    why = [reason(message=f"{word} is more than this policy allows") for word in ("one", "two", "three")]
    return EndingGrant(views.grant().grant, "active", tuple(Reason.from_json(it) for it in why))


def test_what_ends_grants_is_told_and_asked_on_a_terminal(
    client: SimpleNamespace,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(EXAMPLES / "policy.yaml")
    diff = Recorder(PolicyDiff.from_json(COMPARED))
    client.policies = SimpleNamespace(diff=diff, iterate_ends=Recorder([ending()]), set=Recorder(written(file)))
    narrowing = ["policy", "set", "a/b", "--policy", file, "--applies", "existing"]
    piped(monkeypatch, b"n\n", terminal=True)
    assert run(narrowing) == 2
    told = capsys.readouterr()
    assert f"{file}, compared with policy 1 of a/b\n- Old.\n+ New.\n" in told.err
    assert "one is more than this policy allows; two is more than this\n" in told.err
    assert told.out == ""
    assert diff.calls[0] == (("a/b", None), {"policy": load_yaml(Path(file))})
    assert not client.policies.set.calls
    piped(monkeypatch, b"y\n", terminal=True)
    assert run(narrowing) == 0
    asked = len(diff.calls)
    for arguments, terminal in (([*narrowing, "--yes"], True), (narrowing, False), (narrowing[:-2], True)):
        piped(monkeypatch, b"", terminal=terminal)
        assert run(arguments) == 0
    assert len(diff.calls) == asked
    assert len(client.policies.set.calls) == 4
    # what cannot apply is not asked about: the contract refuses it
    diff.answer = PolicyDiff.from_json(COMPARED | {"existing": {"than": [1], "narrower": False, "wider": [reason()]}})
    piped(monkeypatch, b"", terminal=True)
    assert run(narrowing) == 0
    assert len(client.policies.iterate_ends.calls) == 2


def test_a_file_is_compared_with_what_stands(
    client: SimpleNamespace,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(EXAMPLES / "policy.yaml")
    client.policies = SimpleNamespace(diff=Recorder(PolicyDiff.from_json(COMPARED)), iterate_ends=Recorder([]))
    assert run(["policy", "diff", "a/b", file]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}, compared with policy 1 of a/b",
        "- Old.",
        "+ New.",
        f"{file} is narrower than 1",
        "such a policy can apply to existing grants: for that it has to be narrower than 1",
        "grants that it would end, if it applied to them: none",
    ]
    client.policies.iterate_ends.answer = [ending()]
    assert run(["policy", "diff", "a/b", "1", file, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.items() >= COMPARED.items()
    assert "to" not in told
    assert [it["state"] for it in told["ends"]] == ["active"]
    assert client.policies.diff.calls[1][0] == ("a/b", 1)
    client.policies.diff.answer = PolicyDiff.from_json({**COMPARED, "existing": None})
    assert run(["policy", "diff", "a/b", file, "--json"]) == 0
    assert "ends" not in json.loads(capsys.readouterr().out)
    for wrong in ([file, "1"], ["1", "2", "3"], ["0", file], ["0"], [file, file], ["-1"]):
        assert run(["policy", "diff", "a/b", *wrong]) == 2


def test_diff_says_it_in_words(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    answer = {"dataset": "a/b", "from": 1, "to": 2, "removed": ["old"], "added": ["new"], "narrower": True, "wider": []}
    diff = Recorder(PolicyDiff.from_json(answer))
    client.policies = SimpleNamespace(diff=diff)
    assert run(["policy", "diff", "a/b", "1", "2"]) == 0
    assert diff.calls[0][0] == ("a/b", 1, 2)
    assert capsys.readouterr().out.splitlines() == [
        "policy 2 of a/b, compared with 1",
        "- old",
        "+ new",
        "2 is narrower than 1",
    ]
    existing = {"than": [2, 1], "narrower": False, "wider": []}
    answer |= {
        "from": 2,
        "to": 3,
        "narrower": False,
        "wider": [{"code": "X", "message": "longer"}],
        "existing": existing,
    }
    diff.answer = PolicyDiff.from_json(answer)
    assert run(["policy", "diff", "a/b"]) == 0
    told = capsys.readouterr().out
    assert "3 is not narrower than 2:" in told
    assert "such a policy cannot apply to existing grants: for that it has to be narrower than 2 and 1" in told
    diff.answer = PolicyDiff.from_json(
        answer | {"from": 3, "narrower": True, "removed": [], "added": [], "wider": [], "existing": None}
    )
    assert run(["policy", "diff", "a/b", "3", "3"]) == 0
    assert capsys.readouterr().out.splitlines() == ["policy 3 of a/b, compared with 3", "they say the same"]


def test_a_page_that_changed_behind_its_link_is_told(
    client: SimpleNamespace,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def says(*states: str) -> None:
        left = iter(states)

        def check(document: LinkedDocument) -> LinkCheck:
            state = next(left)
            found = {"same": document.sha256, "changed": "0" * 64}.get(state)
            return LinkCheck(document, state, found, None if found else "it answers 404")

        monkeypatch.setattr("medconsent.documents.links.check_link", check)

    plain = load_yaml(EXAMPLES / "open-research.yaml")
    linked = replace(
        plain,
        terms=Terms("https://a.example/terms", SHA),
        attachments=(Attachment("Form\u202e", "https://a.example/form", SHA),),
    )
    file = tmp_path / "linked.yaml"
    file.write_text(dump_yaml(linked))
    says("same", "same")
    assert run(["policy", "verify", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "same: terms, https://a.example/terms",
        "same: Form\\u202e, https://a.example/form",
    ]
    says("unreachable", "changed")
    assert run(["policy", "verify", str(file)]) == 8
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  it answers 404",
        "changed: Form\\u202e, https://a.example/form",
        f"  the policy means {SHA}",
        f"  what stands there has {'0' * 64}",
    ]
    says("same", "unreachable")
    assert run(["policy", "verify", str(file), "--json"]) == 6
    told = json.loads(capsys.readouterr().out)["documents"]
    assert [it["state"] for it in told] == ["same", "unreachable"]
    assert told[0]["document"] == {"title": "terms", "url": "https://a.example/terms", "sha256": SHA}
    record = views.view("policy", "a/b#1", {"dataset": "a/b", "version": 1, "policy": plain.to_json()})
    client.policies = SimpleNamespace(get=Recorder(PolicyRecord.from_json(record)))
    assert run(["policy", "verify", "a/b@1"]) == 0
    assert client.policies.get.calls[0][0] == ("a/b", 1)
    assert capsys.readouterr().out == "the policy names no documents\n"


def test_a_document_is_named_by_its_file_or_its_hash(
    client: SimpleNamespace,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"approved")
    check = Recorder(views.decision("permit"))
    client.decisions = SimpleNamespace(check=check)
    board = ["--ethics-board", "IRB", "--ethics-number", "7", "--ethics-until", views.AT]
    assert run(["check", "a/b", "--for", "a/kim", *ASK, *board, "--ethics-hash", str(letter)]) == 0
    assert check.calls[0][1]["purpose"].ethics.sha256 == hashlib.sha256(b"approved").hexdigest()
    assert run(["check", "a/b", "--for", "a/kim", *ASK, *board, "--ethics-hash", "ABC"]) == 2
    assert "'ABC' is no file, and no SHA-256 (64 characters of 0-9 and a-f)" in capsys.readouterr().err


def test_an_offer_is_printed_as_json_ld(
    client: SimpleNamespace,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    offer = Offer({"@type": "odrl:Offer", "sc:description": "\u202e"}, "f" * 64)
    client.policies = SimpleNamespace(offer=Recorder(offer))
    file = EXAMPLES / "behind-glass.yaml"
    assert run(["policy", "offer", str(file)]) == 2
    assert "--dataset SLUG" in capsys.readouterr().err
    assert run(["policy", "offer", "no-such.yaml", "--dataset", "ct"]) == 2
    assert "there is no file no-such.yaml" in capsys.readouterr().err
    assert run(["policy", "offer", str(file), "--dataset", "ct"]) == 0
    out = capsys.readouterr().out
    assert "\u202e" not in out
    assert json.loads(out) == offer.usage_info
    assert run(["policy", "offer", "nuri/ct@2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == offer.to_json()
    assert client.policies.offer.calls == [
        (("hanbit/ct", load_yaml(file)), {"version": None}),
        (("nuri/ct", None), {"version": 2}),
    ]
