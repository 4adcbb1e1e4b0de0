"""`medconsent transaction status`: what became of a transaction."""

import json
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.transactions import TransactionStatus
from medconsent_cli.main import run


@pytest.mark.parametrize(("outcome", "code"), [("committed", 0), ("invalid", 5), ("unknown", 7)])
def test_what_became_of_a_transaction(
    outcome: str, code: int, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.transactions = SimpleNamespace(status=Recorder(TransactionStatus(answers.TX, outcome, "VALID", 3)))
    assert run(["transaction", "status", answers.TX]) == code
    assert answers.TX in capsys.readouterr().out
    assert run(["transaction", "status", answers.TX, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["outcome"] == outcome
