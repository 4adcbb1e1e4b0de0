"""What brings one home up, step by step; each step does nothing where it was done before."""

from medconsent_network import channel, connection, files, identities, operations, ports, readiness, watching
from medconsent_network.errors import NetworkError
from medconsent_network.home import CAS, NODES, PROCESSES, Home
from medconsent_network.package import package_id
from medconsent_network.progress import SILENT, Progress
from medconsent_network.spec import Institution, read
from medconsent_network.supervisor import Supervisor
from medconsent_network.toolchain import Binaries, find


def up_alone(home: Home, progress: Progress = SILENT, binaries: Binaries | None = None) -> None:
    """Start one home by itself, wherever it stands now; it must have been part of a consortium that was up before.

    Raises:
        NetworkError: HOME_MISSING when it never was; otherwise what kept it from serving.
    """
    if not (identities.complete(home) and home.genesis.exists()):
        raise NetworkError(
            "HOME_MISSING", f"{home.path} was never part of a running consortium", "Bring that up first."
        )
    ports.require_free(needed_ports(home), fixed=True)
    begin(home, binaries or find(home.spec.fabric_version))
    readiness.wait_settled(home)
    connection.write(home)
    watching.start(home)
    progress.say(f"{home.name} serves: {', '.join(home.processes)}")


def needed_ports(home: Home) -> list[tuple[Institution, str]]:
    """What has to be free before the home starts: the services of its processes that do not run."""
    running = Supervisor(home).states()
    return [
        (home.institution, service)
        for process in PROCESSES
        if process not in running or not running[process].up
        for service in ports.services_of(process)
    ]


def begin(home: Home, binaries: Binaries) -> None:
    """Write the home's settings and start what can be: its CAs, and its nodes too when it has their certificates.

    Raises:
        NetworkError: CONSORTIUM_INVALID when the consortium file was changed while it runs; PROCESS_FAILED.
    """
    home.make_folders()
    identities.prepare(home)
    supervisor = Supervisor(home)
    running = supervisor.states()
    if any(state.up for state in running.values()):
        if read(home / "consortium.yaml") != home.spec:
            raise NetworkError(
                "CONSORTIUM_INVALID",
                f"the consortium file was changed while {home.name} runs",
                "Take the network down first: its processes read their settings when they start.",
            )
    else:
        supervisor.shutdown()  # with its old settings
        _link(home, binaries)
        home.write_settings(supervisor.socket, package_id(home))
    supervisor.ensure()
    supervisor.start(PROCESSES if identities.complete(home) else CAS)


def enrolled(home: Home) -> None:
    """Wait for the home's CAs, enrol what is missing, and start its nodes.

    Raises:
        NetworkError: CA_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    if not identities.complete(home):
        readiness.wait_serving(home, *CAS)
        identities.enrol(home)
        Supervisor(home).start(NODES)


def joined(home: Home) -> bool:
    """Wait for the home's nodes and let them join the channel; whether the peer joined only now.

    Raises:
        NetworkError: CHANNEL_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    readiness.wait_serving(home, "orderer")
    channel.join_orderer(home)
    readiness.wait_serving(home, "peer", "chaincode")
    if operations.height(home) is not None:
        return False
    channel.join_peer(home)
    return True


def _link(home: Home, binaries: Binaries) -> None:
    files.link(home.binary("fabric-ca-server"), binaries.ca_server)
    files.link(home.binary("peer"), binaries.peer)
    files.link(home.binary("orderer"), binaries.orderer)
    files.link(home.binary("chaincode"), binaries.chaincode)
