"""`medconsent policy explain`: a file or a dataset, as a table."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.errors import NotFound
from medconsent.nouns.decisions import Decision
from medconsent.policies import (
    load_yaml,
)
from medconsent_cli.main import run

ASK = ["--purpose", "health-research", "--mode", "enclave"]


def explained() -> Decision:
    choice = {"clause": "use[0]", "decision": "deny", "reasons": [answers.reason()]}
    answer = {"decision": "deny", "at": answers.AT, "reasons": [answers.reason()], "alternatives": [choice]}
    return Decision.from_json(answer)


def test_a_file_or_a_dataset_is_explained_as_a_table(
    client: SimpleNamespace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    explain = Recorder(explained())
    client.decisions = SimpleNamespace(explain=explain)
    client.institutions = SimpleNamespace(get=Recorder(None))
    file = answers.EXAMPLES / "behind-glass.yaml"
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


@pytest.mark.parametrize("command", [["policy", "explain"], ["explain"]])
def test_an_institution_that_is_not_there_would_ask_for_nothing(
    command: list[str], client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def get(name: str) -> object:
        raise NotFound(f"there is no institution {name}")

    there = [SimpleNamespace(id=name) for name in ("hanbit", "nuri", "saerom")]
    client.institutions = SimpleNamespace(get=get, iterate=lambda: iter(there))
    client.datasets = SimpleNamespace(iterate=lambda: iter([SimpleNamespace(id="hanbit/ct")]))
    client.decisions = SimpleNamespace(explain=Recorder(lambda *_a, **_k: pytest.fail("it was explained")))
    assert run([*command, "hanbit/ct", *ASK, "--institution", "saerm"]) == 5
    err = capsys.readouterr().err
    assert "there is no institution saerm" in err
    assert "did you mean saerom?" in err
    client.decisions = SimpleNamespace(explain=Recorder(explained()))
    assert run([*command, "hanbit/ct", *ASK, "--institution", "hanbit"]) == 3  # one's own
