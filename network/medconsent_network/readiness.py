"""When a process serves, and when the network as a whole does."""

import socket
import ssl
from collections.abc import Sequence

from medconsent.fabric.errors import FabricError
from medconsent.fabric.gateway import Gateway
from medconsent_network import operations, ports, watching
from medconsent_network.home import PROCESSES, Home, Process
from medconsent_network.lifecycle import gateway, words_of
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

START_TIMEOUT = 60.0
NETWORK_TIMEOUT = 120.0


def serves(home: Home, process: Process) -> bool:
    """Whether a process of the home serves now."""
    if process == "watch":
        return watching.alive(home)
    if process in ("peer", "orderer"):
        # A node answers for its health, and has its port open, before it has loaded its ledgers and serves others.
        listeners = ("orderer", "orderer-admin") if process == "orderer" else ("peer",)
        return operations.healthy(home, process) and all(_handshakes(home, listener) for listener in listeners)
    return ports.is_open(home.institution.port(process))


def _handshakes(home: Home, service: str) -> bool:
    """Whether a TLS handshake with a service of the home succeeds."""
    context = ssl.create_default_context(cafile=str(home.tls_root))
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with (
            socket.create_connection(("127.0.0.1", home.institution.port(service)), 1.0) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1"),
        ):
            return True
    except OSError:  # ssl.SSLError and time-outs among them
        return False


def wait_serving(home: Home, *processes: Process) -> None:
    """Wait until processes of the home serve.

    Raises:
        NetworkError: PROCESS_FAILED when one does not stay up, TIMEOUT when it does not serve in time.
    """
    supervisor = Supervisor(home)

    def serving() -> bool:
        if all(serves(home, process) for process in processes):
            return True
        supervisor.require_up(processes)
        return False

    wait_for(serving, f"{', '.join(processes)} of {home.name} serve", START_TIMEOUT)


def wait_settled(home: Home) -> None:
    """Wait until every process of the home serves and has stayed up: what `status` shows as running and healthy.

    Raises:
        NetworkError: PROCESS_FAILED when one does not stay up, TIMEOUT when it does not serve in time.
    """
    wait_serving(home, *PROCESSES)
    supervisor = Supervisor(home)

    def settled() -> bool:
        supervisor.require_up(PROCESSES)
        states = supervisor.states()
        return all(states[process].settled for process in PROCESSES)

    wait_for(settled, f"the processes of {home.name} stay up", START_TIMEOUT)


def wait_for_leader(home: Home) -> None:
    """Wait until the home's orderer knows who leads.

    Raises:
        NetworkError: TIMEOUT when it does not.
    """
    what = f"the orderer of {home.name} hears who leads (more than half of all orderers have to run)"
    wait_for(lambda: operations.knows_leader(home), what, NETWORK_TIMEOUT)


def wait_endorsing(home: Home, endorsers: Sequence[str]) -> None:
    """Wait until the home's Gateway collects endorsements of the same answer from all `endorsers`.

    Ports that answer are not enough: a Gateway finds the other institutions' peers only once gossip has.

    Raises:
        NetworkError: TIMEOUT with the last refusal.
    """
    said = ""

    with gateway(home) as client:

        def endorsed() -> bool:
            nonlocal said
            try:
                _endorse(client, home, endorsers)
            except FabricError as error:
                said = words_of(error)
                return False
            return True

        what = f"an endorsement by {', '.join(endorsers)} through {home.name}"
        wait_for(endorsed, what, NETWORK_TIMEOUT, lambda: f"The last answer was: {said}")


def _endorse(client: Gateway, home: Home, endorsers: Sequence[str]) -> None:
    contract = client.channel(home.spec.channel).contract(home.spec.chaincode.name)
    contract.endorse("contract.version", b"{}", endorsing_organizations=endorsers)
