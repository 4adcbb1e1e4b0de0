"""The machine around a home: what is wrong is told with what to do, and what is well is told as well."""

import os
import resource
import shutil
import socket
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from medconsent_network.backup import record
from medconsent_network.doctor import CHECKS, Finding, examine, inside, machine
from medconsent_network.home import Home
from medconsent_network.ports import free_bases
from medconsent_network.spec import Spec

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def home(make_home: Callable[..., Home], sample: Spec) -> Home:
    """A home that is not started, on free ports."""
    return make_home(spec=sample.with_bases(free_bases(3)))


def states(found: list[Finding]) -> list[str]:
    return [one.state for one in found]


@pytest.mark.parametrize(
    ("total", "free", "files", "state"),
    [
        (100e9, 11e9, 10_000, "ok"),
        (100e9, 9e9, 10_000, "wrong"),
        (10e9, 1.9e9, 10_000, "wrong"),
        (100e9, 50e9, 9_999, "wrong"),
    ],
)
def test_a_disk_that_is_nearly_full(home: Home, total: float, free: float, files: int, state: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(total, total - free, free))
        patch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_files=1_000_000, f_favail=files))
        (found,) = machine.disk(home)
    assert found.state == state
    assert bool(found.mend) == (state == "wrong")


def test_too_few_descriptors(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    (found,) = machine.descriptors(home)
    assert (found.state, found.message) == ("warning", "what this user starts may open 1,024 files")
    assert "LimitNOFILE" in found.mend
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert states(list(machine.descriptors(home))) == ["ok"]
    soft = machine._limit(os.getpid())
    assert soft is not None
    assert soft != 0


def test_a_name_that_leads_nowhere_or_elsewhere(home: Home) -> None:
    assert states(list(machine.names(home))) == ["ok"] * 3
    elsewhere = replace(home.institution, host="192.0.2.1")
    nowhere = replace(home.spec.institution("saerom"), host="saerom.invalid")
    spec = home.spec.with_institution(elsewhere).with_institution(nowhere)
    _, own, other = machine.names(replace(home, institution=elsewhere, spec=spec))
    assert (own.state, "no address of this machine" in own.message) == ("warning", True)
    assert (other.state, "saerom.invalid of saerom leads nowhere" in other.message) == ("wrong", True)
    assert "DNS" in other.mend


def test_a_port_that_another_program_has(home: Home) -> None:
    assert states(list(machine.ports(home))) == ["ok"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", home.institution.port("peer")))
        other.listen()
        taken, rest = machine.ports(home)
    assert (taken.state, rest.state) == ("wrong", "ok")
    assert f"{home.institution.port('peer')} (peer) is taken by " in taken.message


def test_a_backup_that_was_never_made_or_long_ago(home: Home) -> None:
    (never,) = inside.backup(home)
    assert (never.state, "no backup" in never.message) == ("wrong", True)
    record.keep(home, "ab" * 32, ledger=False)
    (fresh,) = inside.backup(home)
    assert (fresh.state, fresh.mend, "of keys alone" in fresh.message) == ("ok", "", True)
    file = home / "supervisor" / "last-backup.json"
    file.write_text(file.read_text().replace('"made": "2', '"made": "1'))  # a thousand years ago
    (old,) = inside.backup(home)
    assert (old.state, "medconsent-network backup" in old.mend) == ("warning", True)
    file.write_text("{")
    assert states(list(inside.backup(home))) == ["wrong"]


def test_what_cannot_be_looked_at_keeps_nothing_else_from_being_told(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: 1 / 0)
    found = list(examine(home))
    assert (found[0].about, found[0].state) == ("disk", "unknown")
    assert {one.about for one in found} == {about for about, _ in CHECKS}
    assert all(one.mend for one in found if one.state == "wrong")
