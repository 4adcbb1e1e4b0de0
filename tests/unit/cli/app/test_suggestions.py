"""What was probably meant, asked of the ledger after a refusal."""

from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder, listing

from medconsent import errors
from medconsent_cli.main import run


def refuse(*_arguments: Any, **_options: Any) -> None:
    raise errors.NotFound("there is no such dataset", hint="look")


def named(**members: str) -> SimpleNamespace:
    return SimpleNamespace(**members)


def lists(*found: SimpleNamespace) -> Any:
    return lambda **_options: iter(found)


def test_a_dataset_that_is_not_there(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.datasets = SimpleNamespace(get=refuse, iterate=lists(named(id="hanbit/breast-cancer"), named(id="nuri/ct")))
    assert run(["dataset", "show", "hanbit/brest-cancer"]) == 5
    assert "hint: did you mean hanbit/breast-cancer?; look" in capsys.readouterr().err
    client.datasets.iterate = refuse
    assert run(["dataset", "show", "hanbit/brest-cancer"]) == 5, "and without a suggestion it is the same refusal"
    assert "there is no such dataset" in capsys.readouterr().err


def test_a_person_of_whom_no_key_stands(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.decisions = SimpleNamespace(check=Recorder(answers.decision("deny")))
    client.persons = SimpleNamespace(iterate=lists(named(institution="nuri", person="minji")))
    question = ["check", "a/b", "--for", "nuri/minij", "--purpose", "origins", "--mode", "enclave"]
    assert run(question) == 3
    assert "no key of nuri/minij stands on the ledger: did you mean nuri/minji?" in capsys.readouterr().err
    assert run(["--json", *question]) == 3
    assert capsys.readouterr().err == ""
    client.persons.iterate = listing([named(institution="nuri", person="minij")])
    assert run(question) == 3
    assert capsys.readouterr().err == ""
