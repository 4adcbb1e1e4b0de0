"""The ordinary life of a hardened network, with watchers beside all peers: none finds anything. A watcher that cries
wolf would close decisions for nothing, and be switched off.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from medical_data import write_wisconsin
from networks import running
from people import DENY, USAGE, Person
from scenario import Cast

from medconsent_network import processes
from medconsent_network.consortium import Consortium
from medconsent_network.spec import Spec, Watch
from medconsent_network.status import status, table, well
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

C50 = ("--purpose", "disease", "--disease", "ICD10:C50", "--mode", "download")
DATASET = "hanbit/breast-cancer"
WITHIN = 30
WATCH = processes.named("watch")


@pytest.fixture
def watched(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    spec = replace(sample_consortium, watch=Watch(run=True, within=WITHIN))
    with running(tmp_path_factory.mktemp("watched") / "network", spec) as network:
        yield network


def test_an_ordinary_life(watched: Consortium, tmp_path: Path) -> None:
    cast = Cast(watched, tmp_path / "cast")
    cast.assemble()
    auditor = cast.enrol("hanbit/auditor", "auditor")
    kim, steward = cast.people["nuri/kim"], cast.people["hanbit/steward"]
    data = tmp_path / "data"
    write_wisconsin(data)
    cast.publish("breast-cancer", data)
    request = cast.submit("nuri/kim", DATASET)
    grant = str(cast.approve(request, "hanbit/d-1", "saerom/e-1", "hanbit/d-2")["grant"]["id"])
    kim.run("check", DATASET, "--for", "nuri/kim", *C50)
    rejected = cast.submit("nuri/lee", DATASET)
    cast.people["saerom/e-1"].run("request", "reject", rejected, "--reason", "not this one", "--yes")
    kim.run("request", "withdraw", cast.submit("nuri/kim", DATASET), "--yes")
    steward.run("grant", "revoke", grant, "--reason", "a test", "--yes")
    kim.run("check", DATASET, "--for", "nuri/kim", *C50, exit_code=DENY)

    # Each of them has judged everything, and so does somebody who begins anew, from the start or in the middle.
    height = max(watched.heights().values())
    for home in watched.homes.values():
        wait_for(lambda home=home: (WATCH.height(home) or 0) >= height, f"{home.name}'s watcher is there", 30)
    assert well(status(watched.homes.values())), table(status(watched.homes.values()))
    for begin in ("genesis", "5"):
        folder = tmp_path / begin
        judged = watch(auditor, folder, "--from", begin)
        assert judged == {"event": "judged", "next": judged["next"], "findings": 0, "open": 0}
        assert judged["next"] >= height
    assert [findings(home.path / "watch") for home in watched.homes.values()] == [[], [], []]
    beyond = auditor.run("watch", "ledger", "--folder", str(tmp_path / "5"), "--from", "99999", exit_code=USAGE)
    assert "cannot be judged from block 99999 on" in beyond.stderr

    # The same blocks, exported, for each of the institutions, and not overwritten.
    auditor.run("watch", "export", str(tmp_path / "blocks"))
    auditor.run("watch", "export", str(tmp_path / "blocks"), exit_code=USAGE)
    for name, home in watched.homes.items():
        words = ("--blocks", str(tmp_path / "blocks"), "--institution", name, "--root", str(home.ca_certificate("ca")))
        assert watch(auditor, tmp_path / f"audit-{name}", *words)["findings"] == 0

    # A restart of the peer and of the watcher is no finding either.
    hanbit = watched.home("hanbit")
    watched.stop("hanbit", "peer")
    watched.start("hanbit", "peer")
    watched.stop("hanbit", "watch")
    watched.start("hanbit", "watch")
    watched.wait_ready()
    assert findings(hanbit.path / "watch") == []

    # This consortium wants its watchers alive: without one, decisions close; with it, they open.
    question = ("check", DATASET, "--for", "nuri/kim", *C50)
    assert codes(auditor.json(*question, exit_code=DENY)) == {"GRANT_REVOKED"}
    watched.stop("hanbit", "watch")
    wait_for(lambda: codes(auditor.json(*question, exit_code=DENY)) == {"LEDGER_ALARM"}, "decisions close", 2 * WITHIN)
    watched.start("hanbit", "watch")
    assert codes(auditor.json(*question, exit_code=DENY)) == {"GRANT_REVOKED"}
    assert Supervisor(hanbit).states()["watch"].up


def watch(person: Person, folder: Path, *words: str) -> dict[str, Any]:
    """One run of the watcher to the end; its last line."""
    ran = person.run("--json", "watch", "ledger", "--once", "--folder", str(folder), *words)
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def findings(folder: Path) -> list[str]:
    """The lines of a watcher's journal."""
    path = folder / "findings.jsonl"
    return path.read_text().splitlines() if path.exists() else []


def codes(decision: Any) -> set[str]:
    return {reason["code"] for reason in decision["reasons"]}
