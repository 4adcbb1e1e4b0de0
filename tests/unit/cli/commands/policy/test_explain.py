"""`medconsent policy explain`: a file or a dataset, as a table."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

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
