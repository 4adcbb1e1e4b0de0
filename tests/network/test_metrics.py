"""A real Prometheus reads every process of a network over mutual TLS, and its alerts fire when something is wrong."""

import json
import re
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import load
import prometheus
import pytest
from click.testing import CliRunner
from networks import running
from prometheus import Server
from ruamel.yaml import YAML

from medconsent.fabric.errors import FabricError
from medconsent_network import processes
from medconsent_network.administration import gateway
from medconsent_network.chaincode import lifecycle
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.main import main
from medconsent_network.metrics import files
from medconsent_network.processes.process import data
from medconsent_network.spec import Spec, Watch
from medconsent_network.waiting import wait_for

OURS_AND_FABRICS = ("medconsent_", "ledger_", "endorser_", "process_", "consensus_", "broadcast_")
"""How the names of metrics begin; other words in PromQL are labels and functions."""

ONLY_SOMETIMES = {"endorser_proposal_simulation_failures"}
"""What Fabric counts only once it has happened, and what nothing here brings about."""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    """The sample consortium, with metrics."""
    spec = replace(sample_consortium, watch=Watch(metrics=True))
    with running(tmp_path_factory.mktemp("metrics") / "net", spec) as consortium:
        yield consortium


@pytest.fixture(scope="module")
def server(network: Consortium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Prometheus by what the program writes, but in a hurry."""
    folder = tmp_path_factory.mktemp("prometheus")
    ran = CliRunner().invoke(main, ["--network", str(network.folder), "metrics", "write", "--out", str(folder)])
    assert ran.exit_code == 0, ran.output
    configuration, alerts = folder / files.SCRAPE, folder / files.ALERTS
    in_a_hurry(configuration)
    alerts.write_text(re.sub(r"for: \w+", "for: 0s", alerts.read_text()))
    with prometheus.running(configuration, folder / "data") as made:
        yield made


def test_every_process_is_read_with_the_homes_own_keys_and_nothing_fires(network: Consortium, server: Server) -> None:
    wanted = {
        (home.name, process.name)
        for home in network.homes.values()
        for process in processes.of(home)
        if process.name not in ("chaincode", "watch")
    }
    wait_for(
        lambda: {health for health, _ in server.targets().values()} == {"up"},
        "everything is scraped", 60, lambda: str(server.targets()),
    )  # fmt: skip
    assert set(server.targets()) == wanted
    wait_for(lambda: len(server.ask("medconsent_definition_approved == 1")) == len(network.homes), "all say it", 60)
    assert {one["metric"]["institution"] for one in server.ask("medconsent_height_heard")} == set(network.homes)
    # What fired before the first answers were there ends with them: here an alert does not wait its minutes.
    others = {("DiskNearlyFull", name, "metrics") for name in network.homes}
    wait_for(lambda: server.firing() <= others, "nothing fires", 60, lambda: str(server.firing()))


def test_what_the_dashboard_and_the_alerts_ask_for_is_there(network: Consortium, server: Server) -> None:
    asked = [panel[1] for panel in files.PANELS]
    asked += [rule["expr"] for group in YAML().load(data(files.ALERTS))["groups"] for rule in group["rules"]]
    words = {word for text in asked for word in re.findall(r"[a-z0-9]+(?:_[a-z0-9]+)+", text)}
    wanted = {word for word in words if word.startswith(OURS_AND_FABRICS)}
    assert len(wanted) > 15
    known: set[str] = set()

    def missing() -> set[str]:
        known.update(server.names())
        return wanted - known - ONLY_SOMETIMES

    with suppress(NetworkError):
        wait_for(lambda: not missing(), "all are there", 60)
    assert missing() == set()


def test_the_homes_own_metrics_are_for_two_certificates_alone(network: Consortium) -> None:
    home = network.home("nuri")
    assert b"medconsent_process_serves" in read(home, home.operations_client("scraper"))
    for other in (home.node("chaincode") / "tls", network.enrol("nuri", "curious", ["researcher"]), None):
        with pytest.raises(OSError, match=r"(?i)ssl|tls|reset|certificate|closed"):
            read(home, other)


def test_top_says_what_it_does_now(network: Consortium) -> None:
    with load.client_of(network, "hanbit") as client, load.running(lambda: load.transaction(client), 5):
        ran = CliRunner().invoke(main, ["--network", str(network.folder), "top", "--once", "--json", "--every", "4"])
    assert ran.exit_code == 0, ran.output
    rows = {row["institution"]: row for row in json.loads(ran.stdout)}
    assert set(rows) == set(network.homes)
    for row in rows.values():
        assert row["valid"] > 1, row
        assert row["blocks"] > 0
        assert row["behind"] < 20
        assert row["serving"][0] == row["serving"][1] == 6
    assert sum(row["leads"] for row in rows.values()) == 1
    assert rows["hanbit"]["endorsing"] > 0


def test_what_is_wrong_is_told(network: Consortium, server: Server) -> None:
    """A process is away; a peer refuses; a definition was committed without somebody."""
    network.stop("nuri", "orderer")
    for alert in ("ProcessDown", "ProcessDoesNotServe"):
        fires(server, (alert, "nuri", "orderer"))
    network.start("nuri", "orderer")

    network.stop("hanbit", "chaincode")
    with asking(network.home("hanbit")):
        fires(server, ("EndorsementsFail", "hanbit", ""))
    network.start("hanbit", "chaincode")

    two = [network.home(name) for name in ("hanbit", "saerom")]
    definition = replace(two[0].spec.chaincode, sequence=2)
    for home in two:
        lifecycle.approve(home, definition)
    lifecycle.commit(two[0], [home.name for home in two], definition)
    fires(server, ("DefinitionNotApproved", "nuri", "metrics"))
    lifecycle.approve(network.home("nuri"), definition)
    network.wait_ready()
    wait_for(
        lambda: not {one for one in server.firing() if one[0] in ("ProcessDown", "DefinitionNotApproved")},
        "and then it is over", 60, lambda: str(server.firing()),
    )  # fmt: skip


@contextmanager
def asking(home: Home) -> Iterator[None]:
    """Questions that nobody answers, one after the other, until the block ends."""
    ended = threading.Event()

    def go() -> None:
        with gateway(home) as client:
            contract = client.channel(home.spec.channel).contract(home.spec.chaincode.name)
            while not ended.wait(0.1):
                with pytest.raises(FabricError):
                    contract.evaluate("contract.version", b"{}", target_organizations=[home.name])

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def fires(server: Server, alert: tuple[str, str, str]) -> None:
    wait_for(lambda: alert in server.firing(), f"{alert} fires", 120, lambda: str(server.firing()))


def in_a_hurry(configuration: Path) -> None:
    """What is asked each quarter of a minute is asked every five seconds, and alerts are looked at each second."""
    document = YAML().load(configuration)
    document["global"] = {"scrape_interval": "5s", "evaluation_interval": "1s"}
    for job in document["scrape_configs"]:
        job["scrape_timeout"] = "5s"
    YAML().dump(document, configuration)


def read(home: Home, client: Path | None) -> bytes:
    """The metrics of the home, as somebody who has the certificate in a folder."""
    context = ssl.create_default_context(cafile=str(home.tls_root))
    if client:
        context.load_cert_chain(client / "cert.pem", client / "key.pem")
    url = f"https://127.0.0.1:{home.institution.port('metrics')}/metrics"
    with urllib.request.urlopen(url, timeout=10, context=context) as answer:
        return bytes(answer.read())
