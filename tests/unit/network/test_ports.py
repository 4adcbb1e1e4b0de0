"""Ports: found free, found taken, and by whom."""

import os
import socket
from contextlib import ExitStack
from itertools import pairwise

import pytest

from medconsent_network.errors import NetworkError
from medconsent_network.ports import free_bases, holder, is_free, require_free
from medconsent_network.spec import Institution
from medconsent_network.spec.services import RANGE, SERVICES


def test_a_taken_port_is_named_with_its_purpose_and_its_holder() -> None:
    base = free_bases(1)[0]
    institution = Institution("hanbit", "Hanbit", "KR", "127.0.0.1", base)
    with socket.create_server(("127.0.0.1", institution.port("peer"))):
        assert not is_free(institution.port("peer"))
        with pytest.raises(NetworkError) as refused:
            require_free([(institution, "peer"), (institution, "orderer")], fixed=True)
        with pytest.raises(NetworkError) as new:
            require_free([(institution, "peer")], fixed=False)
    assert refused.value.code == "PORT_TAKEN"
    assert f"{institution.port('peer')} (peer of hanbit" in refused.value.message
    assert "orderer" not in refused.value.message
    if os.path.isdir("/proc/net"):
        assert f"process {os.getpid()}, in {os.getcwd()}" in refused.value.message
    assert "--free-ports" not in refused.value.hint
    assert "--free-ports" in new.value.hint
    require_free([(institution, "peer"), (institution, "orderer")], fixed=True)


def test_many_taken_ports_are_told_in_few_words() -> None:
    base = free_bases(1)[0]
    institution = Institution("hanbit", "Hanbit", "KR", "127.0.0.1", base)
    with ExitStack() as stack:
        for offset in range(RANGE):
            stack.enter_context(socket.create_server(("127.0.0.1", base + offset)))
        with pytest.raises(NetworkError) as refused:
            require_free([(institution, name) for name, one in SERVICES.items() if one.place is not None], fixed=True)
    said = refused.value.message
    assert said.startswith(f"10 ports are taken: {base} (ca of hanbit")
    assert said.endswith(f"; and besides, of hanbit: {base + 3}-{base + 9}")
    assert said.count("process") == 3


def test_nobody_holds_a_free_port() -> None:
    assert holder(free_bases(1)[0]) is None


def test_free_ranges_do_not_overlap() -> None:
    bases = free_bases(5)
    assert len(bases) == 5
    assert all(b - a >= RANGE for a, b in pairwise(bases))
