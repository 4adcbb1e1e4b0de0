"""`medconsent policy verify`: a page that changed behind its link is told."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.documents.links import LinkCheck, LinkedDocument
from medconsent.policies import (
    Attachment,
    PolicyRecord,
    Terms,
    dump_yaml,
    load_yaml,
)
from medconsent_cli.main import run

SHA = "9f" * 32


def test_a_page_that_changed_behind_its_link_is_told(
    client: SimpleNamespace,
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

    plain = load_yaml(answers.EXAMPLES / "open-research.yaml")
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
    record = answers.view("policy", "a/b#1", {"dataset": "a/b", "version": 1, "policy": plain.to_json()})
    client.policies = SimpleNamespace(get=Recorder(PolicyRecord.from_json(record)))
    assert run(["policy", "verify", "a/b@1"]) == 0
    assert client.policies.get.calls[0][0] == ("a/b", 1)
    assert capsys.readouterr().out == "the policy names no documents\n"
