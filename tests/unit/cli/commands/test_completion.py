"""`medconsent completion`: a script for each shell."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from medconsent_cli.main import program, run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_MEDCONSENT_COMPLETE" in capsys.readouterr().out


def completed(words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What bash is told of a command line whose last word is being typed."""
    monkeypatch.setenv("_MEDCONSENT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - (not words.endswith(" "))))
    with pytest.raises(SystemExit):
        program.main([], prog_name="medconsent", complete_var="_MEDCONSENT_COMPLETE")
    out, err = capsys.readouterr()
    assert err == ""
    return [line.partition(",")[2] for line in out.splitlines() if line]


def ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    def one(**members: Any) -> Any:
        return lambda **_options: iter([SimpleNamespace(**members)])

    def of_states(ids: dict[str, str], **members: Any) -> Any:
        return lambda *, state: iter(
            [SimpleNamespace(id=ids[state] * 32, state=state, **members)] if state in ids else []
        )

    uses = [SimpleNamespace(diseases=("ICD10:C50", "MONDO:0007254")), SimpleNamespace(diseases=None)]
    policy = SimpleNamespace(policy=SimpleNamespace(use=uses))
    client = SimpleNamespace(
        datasets=SimpleNamespace(iterate=one(id="hanbit/ct", version=SimpleNamespace(title="CT"), policy=policy)),
        committees=SimpleNamespace(iterate=one(institution="hanbit", role="dac")),
        persons=SimpleNamespace(iterate=one(institution="nuri", person="kim")),
        requests=SimpleNamespace(
            iterate=of_states(
                {"submitted": "a1", "in-review": "a2", "returned": "a3", "rejected": "a4"},
                request=SimpleNamespace(dataset="hanbit/ct", requester="nuri/kim"),
            )
        ),
        grants=SimpleNamespace(
            iterate=of_states(
                {"active": "b2", "pending": "b3", "suspended": "b4", "revoked": "b5"},
                grant=SimpleNamespace(dataset="hanbit/ct"),
            )
        ),
    )
    monkeypatch.setattr("medconsent.connect", lambda **_options: nullcontext(client))


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("medconsent data", ["dataset"]),
        ("medconsent dataset show han", ["hanbit/ct"]),
        ("medconsent committee show hanbit/", ["hanbit/dac"]),
        ("medconsent request approve a1", ["a1a1a1a1a1a1"]),
        ("medconsent request amend a", ["a1a1a1a1a1a1", "a2a2a2a2a2a2", "a3a3a3a3a3a3"]),
        ("medconsent grant revoke b2", ["b2b2b2b2b2b2"]),
        ("medconsent grant lift b", ["b2b2b2b2b2b2", "b3b3b3b3b3b3", "b4b4b4b4b4b4"]),
        ("medconsent dataset list --kind tab", ["tabular"]),
        ("medconsent check hanbit/ct --for nuri/", ["nuri/kim"]),
        ("medconsent check hanbit/ct --disease icd10c", ["ICD10CM:"]),
        ("medconsent check hanbit/ct --disease ICD10", ["ICD10:", "ICD10CM:"]),
        ("medconsent check hanbit/ct --disease ICD10:c", ["ICD10:C50"]),
        ("medconsent check hanbit/ct --disease mondo:", ["MONDO:0007254"]),
        ("medconsent check hanbit/ct --mode enc", ["enclave"]),
        ("medconsent watch accept --all-of CREATOR_F", ["CREATOR_FORGED"]),
    ],
)
def test_what_is_on_the_ledger_is_completed(
    words: str, offered: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger(monkeypatch)
    assert completed(words, monkeypatch, capsys) == offered


def test_offline_there_is_nothing_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert completed("medconsent dataset show han", monkeypatch, capsys) == [], "no context"
