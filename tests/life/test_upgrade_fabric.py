"""Fabric is changed from 2.5.9 to 3.1.1 node by node, under load, and then the channel's capability is raised.

`-s` shows the figures of docs/network.md.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import load
import pytest
from chains import tips
from faults import Seen, valid_of
from founders import Founder, as_network, exchange_bundles, signatures

from medconsent_network.consortium import Consortium
from medconsent_network.membership import changes, updates
from medconsent_network.ports import free_bases
from medconsent_network.status import sentences, status, well
from medconsent_network.waiting import wait_for

OLD, NEW = "2.5.9", "3.1.1"
NAMES = ("hanbit", "nuri", "saerom")
A_SECOND = 5


@pytest.fixture
def founders(tmp_path: Path) -> Iterator[list[Founder]]:
    """Three institutions that founded a consortium by files, on the earlier version."""
    found = [Founder(name, tmp_path / name) for name in NAMES]
    try:
        for one, base in zip(found, free_bases(len(found)), strict=True):
            one.init(base, version=OLD)
        exchange_bundles(found)
        first, *others = found
        block = first.desk / "first-block.json"
        first.run("channel", "propose", "--out", block)
        first.send(block, *others)
        for one in found:
            one.run("home", "join", one.desk / block.name)
        for one in found:  # whoever approves last commits
            one.run("home", "ready", exit_code=0 if one is found[-1] else 3)
        for one in found:
            one.run("home", "ready", "--wait", "60")
        yield found
    finally:
        for one in found:
            one.end()


@pytest.mark.timeout(900)
def test_node_by_node_under_load_and_the_capability_at_the_end(founders: list[Founder], tmp_path: Path) -> None:
    network = as_network(tmp_path / "people", founders)
    first, *_ = founders
    seen, told = Seen(), {}
    with ExitStack() as stack:
        for name in network.homes:
            client = stack.enter_context(load.client_of(network, name))
            load.transaction(client)
            told[name] = stack.enter_context(load.running(lambda client=client: load.transaction(client), A_SECOND))
        time.sleep(3)
        begun = time.monotonic()
        early = first.refused("NOT_AGREED", "upgrade", "capability", "V3_0", "--out", first.desk / "early.json")
        assert f"Fabric {OLD}, which this home runs, does not know V3_0" in early
        for one in founders:
            said = one.run("upgrade", "fabric", "--version", NEW).stdout
            assert f"the peer runs Fabric {NEW}" in said
        took = time.monotonic() - begun
        raised(founders)
        time.sleep(3)
    now = as_network(tmp_path / "people", founders)
    now.wait_ready()
    wait_for(lambda: len(set(tips(now.homes.values()).values())) == 1, "the chains are equal", 60)
    chain = valid_of(now)
    for one in told.values():
        seen.add(one, chain)
    print(f"\nFabric {OLD} to {NEW} under load | {seen.cells()} | six nodes in {took:.1f} s {seen.words}")
    assert (seen.unknown, seen.lost, seen.doubled) == (0, 0, 0), seen
    rows = status(now.homes.values())
    assert well(rows), sentences(rows)
    assert {row.version for row in rows if row.process in ("peer", "orderer")} == {NEW}
    for home in now.homes.values():
        assert changes.capabilities(updates.current(home)) == {"V3_0"}
    assert "does not go back" in first.refused("CONSORTIUM_INVALID", "upgrade", "fabric", "--version", OLD)
    comes_up_again(now, founders)


def raised(founders: list[Founder]) -> None:
    """All look at the change, and sign it; one hands it in."""
    first, *others = founders
    change = first.desk / "raise-V3_0.json"
    first.run("upgrade", "capability", "V3_0", "--out", change)
    first.send(change, *others)
    for one in founders:
        assert "V3_0, and were V2_0" in one.run("channel", "inspect", one.desk / change.name).stdout
        mine = one.desk / f"{change.stem}.{one.name}.json"
        one.run("channel", "sign", one.desk / change.name, "--yes", "--out", mine)
        if one is not first:
            one.send(mine, first)
    assert "V3_0 is in the channel now" in first.run("channel", "submit", change, *signatures(first, change)).stdout


def comes_up_again(network: Consortium, founders: list[Founder]) -> None:
    """As every home does after its machine was off."""
    one = founders[-1]
    one.run("down", "--institution", one.name)
    one.run("up", "--institution", one.name)
    with load.client_of(network, one.name, "afterwards") as client:
        load.transaction(client)
