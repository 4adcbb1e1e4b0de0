"""What holds for every test, whatever started them."""

import signal
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has types, and does not say so


def pytest_configure() -> None:
    """Ctrl-C ends the tests and what they start, also in the background or under `nohup`.

    A shell has what it starts in the background ignore SIGINT, a supervisor may do so with SIGTERM, and children
    inherit that: a test that sends one to a program of its own would find that nothing happens.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


_OWN = (
    "interop/test_ca_client.py",
    "interop/test_connection.py",
    "test_founding.py",
    "test_ledger_age.py",
    "test_home_doctor.py",
    "test_metrics.py",
    "test_network_life.py",
    "test_watcher_quiet.py",
    "test_watcher.py",
)
"""Files whose tests bring up networks of their own."""


class _ByNetwork(LoadScopeScheduling):  # type: ignore[misc]
    """Tests that share a network stay together in one worker of `-n`; of the others each file does."""

    def _split_scope(self, nodeid: str) -> str:
        return _sharing(nodeid) or nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByNetwork:
    return _ByNetwork(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long comes first, so that what is short fills the time that it leaves."""
    items.sort(key=lambda item: (not _sharing(item.nodeid), not item.nodeid.startswith("tests/network/")))


def _sharing(nodeid: str) -> str:
    """The network that a test shares with others; empty when there is none."""
    file = nodeid.partition("::")[0]
    if file.endswith(_OWN):
        return ""
    if file.startswith("tests/network/attacks/"):
        return "hostile"
    return "sample" if file.startswith(("tests/network/", "tests/interop/")) else ""
