"""A consortium over hosts: founded, grown by a fourth institution under load, and shrunk again without asking it.

Each institution has a network namespace with an address and a host name of its own, and a user of its own. What goes
from one to another are files. All of it runs in namespaces that end with it, so it needs root and `unshare`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import load
import pytest
from founders import agreed, as_network, exchange_bundles, signatures
from hosts import PYTHON, ROOT, Host, network_of, programs_for_all
from medical_data import write_wisconsin
from scenario import POLICY, Cast, seats

from medconsent.client import Client, connect
from medconsent.contexts import Contexts
from medconsent_network.tools.toolchain import build_folder

NAMES = ("hanbit", "nuri", "saerom")
QUORUM = "3"
"""Of three all, and of four all but one."""
A_SECOND = 5
WITHIN = 120.0
INSIDE = "MEDCONSENT_TEST_HOSTS"
RULES = POLICY[: POLICY.index("stages:")] + "stages:\n  - {institution: onnuri, role: dac, threshold: 1}\n"
RULES += POLICY[POLICY.index("modes:") :]

inside = pytest.mark.skipif(INSIDE not in os.environ, reason="runs in namespaces of its own, by the test before")
able = os.geteuid() == 0 and all(map(shutil.which, ("unshare", "ip", "setpriv", PYTHON)))


@pytest.mark.skipif(INSIDE in os.environ, reason="these are the namespaces")
@pytest.mark.skipif(not able, reason="needs root, unshare, setpriv, ip, and the system's Python of this version")
def test_a_consortium_over_hosts() -> None:
    own = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    reaper = ["sh", "-c", '"$@"; exit $?', "sh"]  # the first process of the namespace takes care of orphans
    pytests = [sys.executable, "-m", "pytest", "-q", "-x", "-s", "-p", "no:cacheprovider", __file__]
    ran = subprocess.run([*own, *reaper, *pytests], env={**os.environ, INSIDE: "1"}, cwd=ROOT, timeout=560, check=False)
    assert ran.returncode == 0


@pytest.fixture(scope="module")
def hosts(fabric_version: str) -> Iterator[dict[str, Host]]:
    """Four hosts; the fourth institution comes later."""
    with tempfile.TemporaryDirectory(prefix="medconsent-hosts-") as name:
        top = Path(name)
        top.chmod(0o755)
        build = programs_for_all(build_folder(), top / "programs", fabric_version)
        found = {
            one: Host(one, top / one, number=number, build=build) for number, one in enumerate((*NAMES, "onnuri"), 1)
        }
        network_of(list(found.values()))
        yield found
        for one in found.values():
            one.end()


@pytest.fixture(scope="module")
def members(hosts: dict[str, Host], fabric_version: str) -> list[Host]:
    """Three of them, which found a consortium by files."""
    founders = [hosts[name] for name in NAMES]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda one: one.init(version=fabric_version, quorum=QUORUM), founders))
    exchange_bundles(founders)
    begun = time.monotonic()
    hanbit, *others = founders
    block = hanbit.desk / "first-block.json"
    hanbit.run("channel", "propose", "--out", block)
    hanbit.send(block, *others)
    for one in founders:
        said = one.run("channel", "inspect", one.desk / block.name).stdout
        assert "membership, policies and capabilities change with: any 3 of (hanbit.admin, nuri.admin, sa" in said
        assert "Nothing is against it." in said
        one.run("home", "join", one.desk / block.name)
    with ThreadPoolExecutor() as pool:  # whoever approves last commits
        for told in pool.map(lambda one: one.run("home", "ready", "--wait", "90"), founders):
            assert "is ready" in told.stdout
    print(f"\nfounded: {time.monotonic() - begun:.1f} s from the proposal on")
    return founders


@inside
def test_nobody_reads_what_is_anothers(members: list[Host]) -> None:
    for one in members:
        keys = one.execute(["grep", "-rl", "PRIVATE KEY", str(one.folder)]).stdout.splitlines()
        assert len(keys) >= 10
        assert all(path.startswith(f"{one.homes}/") for path in keys)
        for other in members:
            if other is not one:
                assert other.execute(["cat", keys[0]]).exit_code != 0
                assert other.execute(["ls", str(one.folder)]).exit_code != 0


@inside
def test_a_fourth_comes_under_load_publishes_votes_and_goes_unasked(
    hosts: dict[str, Host], members: list[Host], fabric_version: str, tmp_path: Path
) -> None:
    hanbit, onnuri = members[0], hosts["onnuri"]
    onnuri.init(version=fabric_version, quorum=QUORUM)
    onnuri.send(onnuri.bundle(), *members)
    for one in members:
        one.send(one.bundle(), onnuri)
        one.run("home", "admit", one.desk / "onnuri.bundle.json")
        onnuri.run("home", "admit", onnuri.desk / f"{one.name}.bundle.json")
    cast = Cast(as_network(tmp_path, members), tmp_path)
    cast.found("nuri")
    client = connect(Contexts(cast.enrol("nuri/kim", "researcher").home).get())
    with client, load.running(lambda: load.transaction(client), A_SECOND) as told:
        change = agreed(hanbit, members, "add", "onnuri")
        begun = time.monotonic()
        hanbit.run("channel", "submit", change, *signatures(hanbit, change))
        hanbit.run("channel", "invite", "--out", hanbit.desk / "invitation.json")
        hanbit.send(hanbit.desk / "invitation.json", onnuri)
        onnuri.run("home", "join", onnuri.desk / "invitation.json")
        assert "is ready" in onnuri.run("home", "ready", "--wait", "100").stdout
        print(f"\nadded: ready {time.monotonic() - begun:.1f} s after the change")
        cast.network = as_network(tmp_path, [*members, onnuri])
        publishes_and_votes(cast)
        took = time.monotonic() - begun
        print(f"published and voted {took:.1f} s after the change")

        change = agreed(hanbit, members, "remove", "onnuri")
        hanbit.run("channel", "submit", change, *signatures(hanbit, change))
        for one in members:
            one.run("home", "forget", "onnuri")
        goes_on(client)
    print(f"load: {len(told.acknowledged)} acknowledged, longest {told.longest:.1f} s, failed {dict(told.failed)}")
    assert not told.failed
    assert took < WITHIN
    with connect(Contexts(cast.people["nuri/kim"].home).get()) as client:
        channel = client._session.channel
        assert channel.application_organizations() == sorted(NAMES)
        assert {channel.transaction_status(one).code for one in told.acknowledged} == {"VALID"}
    assert len(set(told.acknowledged)) == len(told.acknowledged) > 50


def publishes_and_votes(cast: Cast) -> None:
    """A steward of the new institution publishes, somebody of another asks, and its committee votes."""
    cast.found("onnuri")
    for name, role in (("steward", "steward"), ("p-1", "privacy"), ("d-1", "dac")):
        cast.enrol(f"onnuri/{name}", role)
    cast.people["onnuri/steward"].run("committee", "set", "dac", *seats("d-1"), "--yes")
    data = cast.folder / "data"
    write_wisconsin(data)
    cast.basis("research", "--code", "KR-BIOETHICS-EXEMPTION", owner="onnuri")
    cast.publish("cohort", data, RULES, owner="onnuri")
    assert cast.approve(cast.submit("nuri/kim", "onnuri/cohort"), "onnuri/d-1")["grant"]["id"]


def goes_on(client: Client) -> None:
    """With the fourth gone, some more of the load goes through."""
    for _ in range(5):
        load.transaction(client)
