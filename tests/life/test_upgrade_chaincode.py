"""The chaincode is changed home by home, under load: nothing is lost or refused, and what was written is read on.

MEDCONSENT_CHAINCODE_BEFORE names a program of an earlier version to begin with; without it both are built from what
stands here, and say different versions. `-s` shows the figures of docs/network.md.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import resources
from pathlib import Path

import load
import pytest
from chains import tips
from click.testing import CliRunner, Result
from faults import Seen, valid_of
from medical_data import write_wisconsin
from scenario import POLICY, Cast

from medconsent_network.chaincode import lifecycle
from medconsent_network.consortium import Consortium
from medconsent_network.main import main
from medconsent_network.progress import SILENT
from medconsent_network.spec import read
from medconsent_network.status import sentences, status, well
from medconsent_network.tools import build
from medconsent_network.tools.toolchain import build_folder, repository
from medconsent_network.waiting import wait_for

NEW = "0.3.0"
A_SECOND = 5
"""Transactions a second at each institution."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next version of the chaincode."""
    return built(tmp_path_factory.mktemp("next"), NEW)


@pytest.fixture
def network(tmp_path: Path, fabric_version: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consortium]:
    """The sample consortium, on the version before."""
    if before := os.environ.get("MEDCONSENT_CHAINCODE_BEFORE"):
        monkeypatch.setenv("MEDCONSENT_CHAINCODE", before)
    sample = read(Path(str(resources.files("medconsent_network") / "data" / "consortium.yaml")))
    consortium = Consortium.with_free_ports(tmp_path / "net", sample.with_fabric(fabric_version))
    try:
        consortium.up()
        yield consortium
    finally:
        consortium.clean()


def built(folder: Path, version: str) -> Path:
    """The chaincode as it stands here, which says that it is another version."""
    compiler = build.compiler(build_folder(), SILENT)
    words = [
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        f"-X medconsent.org/chaincode/contract.Version={version}",
    ]
    subprocess.run(
        [compiler, *words, "-o", folder / "medconsent", "./cmd/medconsent"], cwd=repository() / "chaincode", check=True
    )
    return folder / "medconsent"


def upgrade(network: Consortium, *words: str | Path, version: str = NEW, exit_code: int = 0) -> Result:
    given = ["--network", network.folder, "upgrade", "chaincode", "--version", version, *words]
    ran = CliRunner().invoke(main, [str(word) for word in given])
    assert ran.exit_code == exit_code, f"{ran.output}\n{ran.exception!r}"
    return ran


def versions(network: Consortium) -> set[tuple[int, str]]:
    return {lifecycle.committed_definition(home) for home in network.homes.values()}


@pytest.mark.timeout(900)
def test_home_by_home_under_load_nothing_is_lost_or_refused(network: Consortium, program: Path, tmp_path: Path) -> None:
    cast = Cast(network, tmp_path / "cast")
    cast.assemble()
    write_wisconsin(tmp_path / "data")
    cast.publish("cohort", tmp_path / "data", POLICY)
    request = cast.submit("nuri/kim", "hanbit/cohort")
    cast.approve(request, "hanbit/d-1")
    before = versions(network)

    seen, told = Seen(), {}
    with ExitStack() as stack:
        for name in network.homes:
            client = stack.enter_context(load.client_of(network, name))
            load.transaction(client)
            told[name] = stack.enter_context(load.running(lambda client=client: load.transaction(client), A_SECOND))
        time.sleep(3)
        first, second, last = network.homes
        for name, said in ((first, "1 of 3"), (second, "2 of 3")):
            waits = upgrade(network, "--program", program, "--institution", name, exit_code=3).stdout
            assert f"{said} institutions have approved it, and not yet " in waits
            assert "medconsent-network upgrade chaincode --version 0.3.0" in waits
            assert versions(network) == before
        refused = upgrade(network, "--institution", first, exit_code=3)  # again, to no effect
        assert last in refused.stdout
        switched = time.monotonic()
        upgrade(network, "--program", program, "--institution", last)
        for name in (first, second):
            upgrade(network, "--institution", name, "--wait", "30")
        took = time.monotonic() - switched
        time.sleep(3)
    network.wait_ready()
    wait_for(lambda: len(set(tips(network.homes.values()).values())) == 1, "the chains are equal", 60)
    chain = valid_of(network)
    for one in told.values():
        seen.add(one, chain)
    print(f"\nchaincode under load | {seen.cells()} | from the switch to the last home alone {took:.1f} s {seen.words}")
    assert (seen.refused, seen.lost, seen.doubled) == (0, 0, 0), seen
    assert seen.acknowledged > 100

    assert versions(network) == {(2, NEW)}
    again = Consortium.at(network.folder)  # as every command finds it
    rows = status(again.homes.values())
    assert well(rows), sentences(rows)
    assert {row.version for row in rows if row.process.startswith("chaincode")} == {NEW}
    assert cast.approve(request, "hanbit/d-2", "saerom/e-1")["grant"]["id"], "what was written before is read on"

    for consortium in (again, Consortium.at(network.folder)):  # as it was found, and also after it was down
        consortium.up()
        assert {row.version for row in status(consortium.homes.values()) if row.process.startswith("chaincode")} == {
            NEW
        }
        consortium.down()
    again.up()
    upgrade(
        network,
        "--program",
        os.environ.get("MEDCONSENT_CHAINCODE", build_folder() / "chaincode/medconsent"),
        version="0.2.0",
    )
    assert versions(network) == {(3, "0.2.0")}, "and back, all with one command"
