"""How old the ledger is that a decision rests on: seen, bounded, and told by nobody but the institution itself."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from medical_data import write_wisconsin
from networks import running
from people import DENY, Person
from scenario import Cast

from medconsent_network import processes
from medconsent_network.consortium import Consortium
from medconsent_network.spec import Spec, Watch
from medconsent_network.status import status, well
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

C50 = ("--purpose", "disease", "--disease", "ICD10:C50", "--mode", "download")
DATASET = "hanbit/breast-cancer"
AGE = 12
ALARM = 9
WATCH = processes.named("watch")


@pytest.fixture(scope="module")
def beating(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    spec = replace(sample_consortium, watch=Watch(run=True, age=AGE))
    with running(tmp_path_factory.mktemp("beating") / "network", spec) as network:
        yield network


def _check(person: Person, exit_code: int = 0) -> dict[str, object]:
    found: dict[str, object] = person.json("check", DATASET, "--for", "nuri/kim", *C50, exit_code=exit_code)
    return found


def _codes(decision: dict[str, object]) -> list[str]:
    return [str(reason["code"]) for reason in decision["reasons"]]  # type: ignore[attr-defined]


@pytest.mark.timeout(1200)  # a network, a cast, and the time in which nothing happens
def test_a_decision_says_how_old_its_ledger_is_and_denies_past_the_bound(beating: Consortium, tmp_path: Path) -> None:
    cast = Cast(beating, tmp_path / "cast")
    cast.assemble()
    kim, steward = cast.people["nuri/kim"], cast.people["hanbit/steward"]
    data = tmp_path / "data"
    write_wisconsin(data)
    cast.publish("breast-cancer", data)
    request = cast.submit("nuri/kim", DATASET)
    grant = str(cast.approve(request, "hanbit/d-1", "saerom/e-1", "hanbit/d-2")["grant"]["id"])
    assert _check(kim)["as_of"]

    # Nobody writes anything all night: it stays young.
    time.sleep(2 * AGE)
    assert _check(kim)["as_of"]
    age = kim.json("watch", "age")
    assert age["institution"] == "nuri"
    assert age["age_seconds"] <= AGE
    assert age["within_seconds"] == AGE

    # An institution that is away closes nobody's decisions.
    saerom = Supervisor(beating.homes["saerom"])
    saerom.stop(["watch", "peer"])
    time.sleep(2 * AGE)
    assert _check(kim)["decision"] == "permit"
    saerom.start(["peer", "watch"])

    # Nuri's own orderer stops, and hanbit revokes: nuri's peer does not hear of it.
    home = beating.homes["nuri"]
    nuri = Supervisor(home)
    nuri.stop(["orderer"])
    steward.run("grant", "revoke", grant, "--reason", "a test", "--yes")
    assert "GRANT_REVOKED" in _codes(_check(steward, DENY))
    wait_for(lambda: bool(WATCH.trouble(home)[0]), "nuri's beats stay away", 3 * AGE)
    closed = _check(kim, DENY)
    assert _codes(closed) == ["LEDGER_OLD"]
    assert closed["as_of"]
    assert kim.json("watch", "age", exit_code=ALARM)["age_seconds"] > AGE
    rows = status([home])
    assert not well(rows)
    assert any("no beat of nuri has come back" in row.trouble for row in rows)

    # It comes back, and with it what had been missed.
    nuri.start(["orderer"])
    wait_for(lambda: "LEDGER_OLD" not in _codes(_check(kim, DENY)), "nuri's ledger is young again", 60)
    assert "GRANT_REVOKED" in _codes(_check(kim, DENY))
