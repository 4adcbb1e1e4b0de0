"""What brings one home up, step by step; each step does nothing where it was done before."""

from dataclasses import replace

from medconsent_network import (
    agreement,
    connection,
    elsewhere,
    files,
    identities,
    ports,
    processes,
    readiness,
    settings,
)
from medconsent_network.chaincode import lifecycle
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.identities import certificates
from medconsent_network.membership import joining
from medconsent_network.processes import Stage
from medconsent_network.processes.peer import height
from medconsent_network.progress import SILENT, Progress
from medconsent_network.spec import Institution, Spec, read
from medconsent_network.supervisor import Supervisor
from medconsent_network.tools.toolchain import Binaries, find


def up_alone(home: Home, progress: Progress = SILENT, binaries: Binaries | None = None) -> None:
    """Start one home by itself, wherever it stands now; it must have been part of a consortium that was up before.

    Raises:
        NetworkError: HOME_MISSING when it never was; RUNS_ELSEWHERE; otherwise what kept it from serving.
    """
    if not (identities.founded(home) and home.genesis.exists()):
        raise NetworkError(
            "HOME_MISSING", f"{home.path} was never part of a running consortium", "Bring that up first."
        )
    home = with_all_ports(home, home.spec)
    certificates.require_none_ended([home])
    ports.require_free(needed_ports(home), fixed=True)
    elsewhere.require_once(home, progress)
    begin(home, binaries or find(home.spec.fabric_version))
    enrolled(home)
    if joined(home):
        progress.say(
            f"the peer of {home.name} had no ledger: it has joined the channel, and reads it from the first block"
        )
    if not readiness.lacking(home):
        readiness.wait_level(home, progress)
    if not lifecycle.installed(home):  # it joined now, or when this was called before and ended early
        readiness.wait_caught_up(home, progress)
        lifecycle.install(home)
    readiness.wait_settled(home)
    for difference in agreement.differences(home):
        if difference.institution == home.name:
            raise difference.error()
        progress.say(difference.sentence)
    finish(home)
    running = ", ".join(processes.names(home))
    lacking = readiness.lacking(home) or _uncommitted(home)
    if lacking:
        progress.say(f"{home.name} runs: {running}. No change goes through yet: {lacking}")
        return
    readiness.wait_changing(home)
    progress.say(f"{home.name} serves, and changes go through: {running}")


def _uncommitted(home: Home) -> str:
    """That no definition of the chaincode is committed, or that the peer does not say; empty when one is."""
    try:
        return "" if lifecycle.committed_definition(home)[0] else "no definition of the chaincode is committed"
    except NetworkError as error:
        return error.message


def with_all_ports(home: Home, spec: Spec) -> Home:
    """The home in the consortium `spec`, with a port for each service that it has to run.

    A service that came after the network was made gets the port that the home has already given it, or a free one.

    Raises:
        NetworkError: PORT_TAKEN when none is free.
    """
    then = replace(home, institution=spec.institution(home.name), spec=spec)
    missing = [name for name in processes.services(then) if not then.institution.has_port(name)]
    if missing and home.consortium_file.is_file():
        recorded = read(home.consortium_file).institution(home.name).ports
        spec = spec.with_ports(home.name, {name: recorded[name] for name in missing if name in recorded})
    spec = ports.completed(spec, home.name, missing)
    return replace(home, institution=spec.institution(home.name), spec=spec)


def needed_ports(home: Home) -> list[tuple[Institution, str]]:
    """What has to be free before the home starts: the services of its processes that do not run."""
    supervisor = Supervisor(home)
    running = supervisor.states() or supervisor.unwatched()
    return [
        (home.institution, service)
        for process in processes.of(home)
        if process.name not in running or not running[process.name].pid
        for service in process.services
    ]


def begin(home: Home, binaries: Binaries) -> None:
    """Write the home's settings and start what can be: its TLS CA, and everything when it has all its certificates.

    Raises:
        NetworkError: CERTIFICATE_ENDED; CONSORTIUM_INVALID when the consortium file was changed while it runs, or when
            it runs as an earlier version of the program started it; PROCESS_FAILED.
    """
    certificates.require_none_ended([home])
    settings.make_folders(home)
    supervisor = Supervisor(home)
    running = supervisor.states()
    if any(state.up for state in running.values()):
        _require_unchanged(home)
    else:
        supervisor.shutdown()  # with its old settings
        identities.prepare(home)
        _link(home, binaries)
        settings.write(home, supervisor.socket)
        for process in processes.of(home):
            process.discard_copies(home)
    elsewhere.keep(home)
    supervisor.ensure()
    stages = (Stage.FIRST, Stage.AUTHORITY, Stage.NODE) if identities.complete(home) else (Stage.FIRST,)
    supervisor.start(processes.names(home, *stages))


def enrolled(home: Home) -> None:
    """Enrol what is missing of the home's identities, each with its CA, and start its nodes.

    Raises:
        NetworkError: CA_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    if not identities.complete(home):
        certified(home)
        Supervisor(home).start(processes.names(home, Stage.NODE))


def certified(home: Home) -> None:
    """Enrol what is missing of the home's identities, each with its CA; its nodes are not started.

    Once the secrets are used, the CAs' settings are written without them.

    Raises:
        NetworkError: CA_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    supervisor = Supervisor(home)
    first, next_ = (processes.names(home, stage) for stage in (Stage.FIRST, Stage.AUTHORITY))
    readiness.wait_serving(home, *first)
    identities.enrol_tls(home)
    settings.write(home, supervisor.socket)
    supervisor.stop(first)  # to listen with the certificate that it has now
    supervisor.start([*first, *next_])
    readiness.wait_serving(home, *next_)
    identities.enrol_signing(home)
    settings.write(home, supervisor.socket)


def joined(home: Home) -> bool:
    """Wait for the home's nodes and let them join the channel.

    Returns:
        Whether the peer joined only now.

    Raises:
        NetworkError: CHANNEL_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    readiness.wait_serving(home, "orderer")
    joining.join_orderer(home)
    readiness.wait_serving(home, "peer", home.institution.chaincode_at)
    if height(home) is not None:
        return False
    joining.join_peer(home)
    return True


def finish(home: Home) -> None:
    """Offer the connection profile, and start what is started last. The home's nodes must serve.

    Raises:
        NetworkError: CA_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    connection.write(home)
    for process in processes.of(home, Stage.LAST):
        process.prepare(home)
        Supervisor(home).start([process.name])
        readiness.wait_serving(home, process.name)


def _require_unchanged(home: Home) -> None:
    """Check that the home runs with the settings that it would be given now; other homes' own ports are theirs."""
    if not (identities.complete(home) or identities.prepared(home)):
        raise NetworkError(
            "CONSORTIUM_INVALID",
            f"{home.name} runs with the settings of an earlier version of medconsent-network",
            "Take the network down first: when it comes up, it gets the certificates that it lacks.",
        )
    recorded = read(home.consortium_file)
    if recorded.institution(home.name) != home.institution or not recorded.leaves_ports_of(home.spec):
        raise NetworkError(
            "CONSORTIUM_INVALID",
            f"the consortium file was changed while {home.name} runs",
            "Take the network down first: its processes read their settings when they start.",
        )


def _link(home: Home, binaries: Binaries) -> None:
    files.link(home.binary("fabric-ca-server"), binaries.ca_server)
    files.link(home.binary("peer"), binaries.peer)
    files.link(home.binary("orderer"), binaries.orderer)
    kept = home.kept_program(home.spec.chaincode.version)
    files.link(home.binary(home.institution.chaincode_at), kept if kept.is_file() else binaries.chaincode)
