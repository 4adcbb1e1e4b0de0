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
    client.decisions = SimpleNamespace(check=Recorder(answers.decision("deny", "NO_GRANT")))
    client.persons = SimpleNamespace(iterate=lists(named(institution="nuri", person="minji")))
    question = ["check", "a/b", "--for", "nuri/minij", "--purpose", "origins", "--mode", "enclave"]
    assert run(question) == 3
    assert "no key of nuri/minij stands on the ledger: did you mean nuri/minji?" in capsys.readouterr().err
    assert run(["--json", *question]) == 3
    assert capsys.readouterr().err == ""
    client.decisions.check = Recorder(answers.decision("deny", "RELINQUISHED"))
    assert run(question) == 3
    assert capsys.readouterr().err == "", "who held a grant is known: no key is needed for it"
    client.decisions.check = Recorder(answers.decision("deny", "NO_GRANT"))
    client.persons.iterate = listing([named(institution="nuri", person="minij")])
    assert run(question) == 3
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("command", "guess"),
    [
        ("basis show hanbit/reserch", "hanbit/research"),
        ("consent show hanbit/onkology", "hanbit/oncology"),
        ("ground set hanbit/ct --cohort hanbit/onkology", "hanbit/oncology"),
        ("ground set hanbit/ct --basis hanbit/reserch", "hanbit/research"),
        ("institution show nurri", "nuri"),
    ],
)
def test_a_name_of_anything_that_is_not_there(
    command: str, guess: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.bases = SimpleNamespace(get=refuse, iterate=lists(named(id="hanbit/research")))
    client.consents = SimpleNamespace(get=refuse, iterate=lists(SimpleNamespace(cohort=named(id="hanbit/oncology"))))
    client.institutions = SimpleNamespace(get=refuse, iterate=lists(named(id="hanbit"), named(id="nuri")))
    client.datasets = SimpleNamespace(iterate=lists(named(id="hanbit/ct")))
    client.grounds = SimpleNamespace(set=refuse)
    assert run(command.split()) == 5
    assert f"did you mean {guess}?" in capsys.readouterr().err


def test_an_empty_list_of_an_institution_that_there_is_not(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.grants = SimpleNamespace(iterate=lists())
    client.institutions = SimpleNamespace(iterate=lists(named(id="hanbit"), named(id="nuri")))
    assert run(["grant", "list", "--holder", "nurri/kim"]) == 0
    assert "nurri is no institution of the consortium: did you mean nuri?" in capsys.readouterr().err
    assert run(["grant", "list", "--holder", "nuri/kim"]) == 0
    assert "no institution" not in capsys.readouterr().err
    assert run(["--json", "grant", "list", "--holder", "nurri/kim"]) == 0
    assert capsys.readouterr().err == ""


def test_only_the_id_of_a_person_is_compared(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    """Two people of one institution are not alike because both are of it."""
    client.decisions = SimpleNamespace(check=Recorder(answers.decision("deny")))
    client.persons = SimpleNamespace(iterate=lists(named(institution="university", person="st-1")))
    assert run(["check", "a/b", "--for", "university/rs-2", "--purpose", "origins", "--mode", "enclave"]) == 3
    assert "did you mean" not in capsys.readouterr().err
