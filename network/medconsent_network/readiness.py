"""When a process serves, and when the network as a whole does."""

from collections.abc import Sequence

from medconsent.fabric.errors import FabricError
from medconsent.fabric.gateway import Gateway
from medconsent_network import ordering, processes
from medconsent_network.administration import gateway, words_of
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.membership import heard
from medconsent_network.ordering import participation
from medconsent_network.processes import Stage
from medconsent_network.processes.peer import height
from medconsent_network.processes.probes import reached
from medconsent_network.progress import SILENT, Progress
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

NETWORK_SECONDS = 120.0
_CATCHING_UP_SECONDS = 60.0


def wait_serving(home: Home, *names: str) -> None:
    """Wait until the processes `names` of the home serve.

    Raises:
        NetworkError: PROCESS_FAILED when one does not stay up, TIMEOUT when it does not serve in time.
    """
    supervisor = Supervisor(home)
    wanted = [processes.named(name) for name in names]

    def serving() -> bool:
        if all(process.serves(home) for process in wanted):
            return True
        supervisor.require_up(names)
        return False

    seconds = max((process.seconds_to_start for process in wanted), default=0)
    wait_for(serving, f"{', '.join(names)} of {home.name} serve", seconds)


def wait_settled(home: Home) -> None:
    """Wait until authorities and nodes serve and have stayed up: what `status` shows as running and healthy.

    Raises:
        NetworkError: PROCESS_FAILED when one does not stay up, TIMEOUT when it does not serve in time.
    """
    names = processes.names(home, Stage.FIRST, Stage.AUTHORITY, Stage.NODE)
    wait_serving(home, *names)
    supervisor = Supervisor(home)

    def settled() -> bool:
        supervisor.require_up(names)
        states = supervisor.states()
        return all(states[name].settled for name in names)

    wait_for(settled, f"the processes of {home.name} stay up", NETWORK_SECONDS)


def wait_ordering(home: Home) -> None:
    """Wait until the home's orderer can order transactions.

    Raises:
        NetworkError: TIMEOUT when it does not; PROCESS_FAILED when it ends meanwhile, with the line of its log.
    """
    service, stays = ordering.of(home.spec), Supervisor(home).staying("orderer")

    def can_order() -> bool:
        stays()
        return service.can_order(home)

    what = f"the orderer of {home.name} hears who leads (more than half of all orderers have to run)"
    wait_for(can_order, what, NETWORK_SECONDS)


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
        wait_for(endorsed, what, NETWORK_SECONDS, lambda: f"The last answer was: {said}")


def endorses(home: Home, endorsers: Sequence[str]) -> str:
    """Whether the home's Gateway collects endorsements from all `endorsers` now: the refusal, empty when it does."""
    try:
        with gateway(home) as client:
            _endorse(client, home, endorsers)
    except FabricError as error:
        return words_of(error)
    return ""


def wait_level(home: Home, progress: Progress = SILENT) -> None:
    """Wait until the home's orderer has all blocks that the others' peers have now, as long as it gets more.

    An orderer that lacks what it acknowledged once ends again and again, and between two ends it says that it serves
    and knows who leads. What it cannot do is come level with the others.

    Raises:
        NetworkError: PROCESS_FAILED when the orderer ends meanwhile, with the line of its log; TIMEOUT when it got no
            block for a minute.
    """
    wanted = _told_by_others(home)
    supervisor = Supervisor(home)
    stays = supervisor.staying("orderer")

    def blocks() -> int:
        stays()
        try:
            known = participation.channel(home)
        except NetworkError as error:
            raise supervisor.failure("orderer", error.message) from error
        return int(known["height"]) if known else 0

    before = blocks()
    while True:
        try:
            wait_for(
                lambda: blocks() >= wanted,
                f"the orderer of {home.name} has the {wanted} blocks that the others' peers have",
                _CATCHING_UP_SECONDS,
            )
        except NetworkError as error:
            now = blocks()
            if error.code != "TIMEOUT" or now <= before:
                raise
            progress.say(f"the orderer of {home.name} has {now} of {wanted} blocks")
            before = now
        else:
            return


def _told_by_others(home: Home) -> int:
    """How many blocks there are, as the other institutions' peers say; 0 when none does.

    Of several the second highest counts, so that one that says what it likes holds nobody up.
    """
    said = (heard.height_of(home, name) for name in home.spec.names if name != home.name)
    heights = sorted((one for one in said if one is not None), reverse=True)
    return heights[min(1, len(heights) - 1)] if heights else 0


def wait_caught_up(home: Home, progress: Progress = SILENT) -> None:
    """Wait until the home's peer has all blocks that the home's orderer has, as long as it gets more.

    Raises:
        NetworkError: TIMEOUT when it got none for a minute; PROCESS_FAILED when the orderer does not answer, with the
            line of its log.
    """

    def wanted() -> int:
        try:
            known = participation.channel(home)
        except NetworkError as error:
            raise Supervisor(home).failure("orderer", error.message) from error
        return int(known["height"]) if known else 0

    def complete() -> bool:
        return (height(home) or 0) >= wanted()

    while True:
        before = height(home) or 0
        try:
            wait_for(complete, f"the peer of {home.name} has all blocks of its orderer", _CATCHING_UP_SECONDS)
        except NetworkError:
            now = height(home) or 0
            if now <= before:
                raise
            progress.say(f"the peer of {home.name} has {now} of {wanted()} blocks")
        else:
            return


def lacking(home: Home) -> str:
    """What keeps a change from going through, seen from the home: that too few of the others are reached; else empty.

    More than half of the institutions have to endorse, and as many orderers to agree.
    """
    spec = home.spec
    needed = len(spec.names) // 2 + 1
    missing = [
        f"{one.name} ({one.address(service)})"
        for one in spec.institutions
        for service in ("peer", "orderer")
        if one.name != home.name and not reached(one.host, one.port(service))
    ]
    away = {text.split(" ", 1)[0] for text in missing}
    if len(spec.names) - len(away) >= needed:
        return ""
    return f"{needed} of {len(spec.names)} institutions are needed for one, and not reached are {', '.join(missing)}"


def wait_changing(home: Home) -> None:
    """Wait until a change goes through: the orderer knows who leads, and more than half of the institutions endorse.

    Raises:
        NetworkError: TIMEOUT with the last refusal.
    """
    wait_ordering(home)
    spec = home.spec
    others = [one.name for one in spec.institutions if one.name != home.name and reached(one.host, one.port("peer"))]
    wait_endorsing(home, [home.name, *others][: len(spec.names) // 2 + 1])


def _endorse(client: Gateway, home: Home, endorsers: Sequence[str]) -> None:
    contract = client.channel(home.spec.channel).contract(home.spec.chaincode.name)
    contract.endorse("contract.version", b"{}", endorsing_organizations=endorsers)
