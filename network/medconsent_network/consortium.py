"""A whole consortium on this machine: made, started, asked, stopped and removed.

    consortium = Consortium.at(Path(".network"), spec=read(Path("consortium.yaml")))
    consortium.up()

Institutions are handled side by side, in threads; every wait is for a condition.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from medconsent.fabric import wallet
from medconsent.fabric.ca import CAClient
from medconsent.fabric.errors import CAError
from medconsent_network import agreement, bringup, files, identities, ports, processes, readiness, renewal
from medconsent_network.chaincode import lifecycle
from medconsent_network.errors import NetworkError
from medconsent_network.home import WAITS, Home
from medconsent_network.identities import certificates
from medconsent_network.membership import genesis
from medconsent_network.processes.peer import height
from medconsent_network.progress import SILENT, Progress
from medconsent_network.spec import Spec, amended, read
from medconsent_network.supervisor import Supervisor
from medconsent_network.tools.toolchain import Binaries, find

T = TypeVar("T")


class Consortium:
    """The homes of a consortium's institutions in one folder: `<folder>/homes/<institution>`."""

    def __init__(self, folder: Path, spec: Spec, homes: Sequence[Home]) -> None:
        self.folder = folder
        self.spec = spec
        self.homes = {home.name: home for home in homes}

    @classmethod
    def at(cls, folder: Path, spec: Spec | None = None) -> "Consortium":
        """The consortium in `folder`; a new one of `spec` when there is none yet.

        Raises:
            NetworkError: HOME_MISSING without a consortium and without `spec`; CONSORTIUM_INVALID when the consortium
                that is there is another one than `spec`.
        """
        folder = folder.absolute()
        file = folder / "consortium.yaml"
        if file.is_file():
            found = read(file)
            if spec is not None and not spec.leaves_ports_of(found):
                raise NetworkError(
                    "CONSORTIUM_INVALID",
                    f"the network in {folder} was made from another consortium file (or Fabric version)",
                    "Name another folder, or remove that network first with `medconsent-network clean`.",
                )
            spec = found
        elif spec is None:
            raise NetworkError("HOME_MISSING", f"there is no network in {folder}", _how_to_make(folder))
        # Resolved: a link left where a moved home was leads to it.
        return cls(folder, spec, [Home((folder / "homes" / i.name).resolve(), i, spec) for i in spec.institutions])

    @classmethod
    def with_free_ports(cls, folder: Path, spec: Spec) -> "Consortium":
        """A new consortium like `spec`, on ports of this machine that are free now. For tests and benchmarks.

        Args:
            folder: Where it is to be.
            spec: The consortium; its ports are replaced.
        """
        return cls.at(folder, spec.with_bases(ports.free_bases(len(spec.institutions))))

    @property
    def exists(self) -> bool:
        """Whether the network was made: from then on its ports, institutions and channel are fixed."""
        return self._file.is_file()

    @property
    def institutions(self) -> tuple[str, ...]:
        """The names of the institutions."""
        return self.spec.names

    def home(self, institution: str) -> Home:
        """The home of an institution.

        Raises:
            NetworkError: CONSORTIUM_INVALID when there is no such institution.
        """
        return self.homes[self.spec.institution(institution).name]

    def up(self, progress: Progress = SILENT, binaries: Binaries | None = None) -> None:
        """Bring the consortium up, from nothing or from where it stood. Does nothing to what is up already.

        Returns when an endorsement by all institutions works through every institution's Gateway.

        Raises:
            NetworkError: PORT_TAKEN or HOME_MISSING before anything is started; otherwise what kept it from coming up.
                What was started stays then, so that it can be looked at.
        """
        binaries = binaries or find(self.spec.fabric_version)
        certificates.require_none_ended(self.homes.values())
        if not self.exists:  # so that nothing is left of a network that could not be made
            self.complete_ports()
            self._require_ports()
        files.private_folder(self.folder)
        with self.locked(progress):
            self._require_homes()
            self.complete_ports()
            self._require_ports()
            if not self.exists:  # else the file is the operator's, with their comments
                files.write_private(self._file, self.spec.to_yaml())
            self._each(lambda home: bringup.begin(home, binaries))
            self._each(bringup.enrolled)
            progress.say(f"{len(self.homes)} institutions have their CAs and certificates")
            self._begin_channel(binaries.configtxgen)
            fresh = self._each(bringup.joined)
            progress.say("peers and orderers serve, and are in the channel")
            if not any(fresh):
                agreement.require(self.homes.values())
            self._each(readiness.wait_ordering)
            progress.say("the orderers have a leader")
            for home, joined in zip(self.homes.values(), fresh, strict=True):
                if joined:
                    readiness.wait_caught_up(home, progress)
            if any(fresh) or not all(self._each(lifecycle.committed)):
                self._each(lifecycle.install)
                self._each(lifecycle.approve)
                progress.say(f"chaincode {self.spec.chaincode.name} {self.spec.chaincode.version} approved by all")
                lifecycle.commit(next(iter(self.homes.values())), self.institutions)
                progress.say("chaincode committed")
            self.wait_ready()
            self._each(readiness.wait_settled)
            self._each(bringup.finish)
            progress.say("ready: all institutions endorse, through every institution's gateway")

    def complete_ports(self) -> None:
        """Give a port to every service that came after this network was made, and write it into its file.

        Raises:
            NetworkError: PORT_TAKEN when none is free.
        """
        spec = self.spec
        for home in self.homes.values():
            spec = bringup.with_all_ports(home, spec).spec
        if spec == self.spec:
            return
        if self.exists:
            files.write_private(self._file, amended(self._file, spec))
        self.spec = spec
        self.homes = {one.name: Home(self.homes[one.name].path, one, spec) for one in spec.institutions}

    @property
    def running(self) -> list[str]:
        """The institutions of which anything runs."""
        return [name for name, home in self.homes.items() if Supervisor(home).anything()]

    @contextmanager
    def locked(self, progress: Progress = SILENT) -> Iterator[None]:
        """Keep a second command from working on the network, or on a home of it by itself, meanwhile; it waits."""
        with ExitStack() as stack:
            for folder in (self.folder, *(home.path for home in self.homes.values())):
                stack.enter_context(files.locked(folder, lambda: progress.say(WAITS)))
            yield

    def renew(self, within: timedelta = renewal.SOON, progress: Progress = SILENT) -> dict[str, list[str]]:
        """Renew what ends `within` so long, one home after the other, so that the network goes on; what was, by home.

        Raises:
            NetworkError: As `medconsent_network.renewal.renew`.
        """
        with self.locked(progress):
            # What has ended first, in all homes: until then the network may not be whole enough to go on.
            revived = dict(zip(self.homes, self._each(lambda home: renewal.revive(home, progress)), strict=True))
            if any(revived.values()):
                self._each(readiness.wait_settled)
                self.wait_ready()
                self._each(bringup.finish)
            renewed = {}
            for name, home in self.homes.items():
                soon = renewal.renew_soon(home, within, progress)
                if soon:
                    self.wait_ready()
                renewed[name] = revived[name] + soon
        return renewed

    def down(self) -> list[str]:
        """Stop everything; the data stays. The institutions of which something ran."""
        with self.locked():
            ran = self._each(lambda home: Supervisor(home).shutdown())
        return [name for name, stopped in zip(self.homes, ran, strict=True) if stopped]

    @property
    def homes_elsewhere(self) -> list[Path]:
        """The homes that were moved out of the network's folder, with a link to them in it."""
        return [home.path for home in self.homes.values() if not home.path.is_relative_to(self.folder.resolve())]

    def clean(self) -> None:
        """Stop everything and remove the folder with all data and keys; not what links in it lead to."""
        if self.exists:
            self.down()
            files.remove_tree(self.folder)

    def start(self, institution: str, *names: str) -> None:
        """Start processes of an institution (all when none is named) and wait until they serve."""
        home = self.home(institution)
        wanted = names or processes.names(home)
        Supervisor(home).start(wanted)
        readiness.wait_serving(home, *wanted)

    def stop(self, institution: str, *names: str) -> None:
        """Stop processes of an institution (all when none is named) and wait until they have ended."""
        home = self.home(institution)
        Supervisor(home).stop(names or processes.names(home))

    def wait_ready(self) -> None:
        """Wait until an endorsement by all institutions works through every institution's Gateway.

        Raises:
            NetworkError: TIMEOUT when it does not in two minutes.
        """
        self._each(readiness.wait_ordering)
        self._each(lambda home: readiness.wait_endorsing(home, self.institutions))

    def heights(self) -> dict[str, int]:
        """The number of blocks at each institution's peer; without those whose peer is down."""
        known = ((name, height(home)) for name, home in self.homes.items())
        return {name: height for name, height in known if height is not None}

    def use_chaincode(self, institution: str, binary: Path) -> None:
        """Let an institution run another chaincode program in the place of its own, and wait until it serves.

        Args:
            institution: Whose chaincode it is.
            binary: The program.
        """
        home = self.home(institution)
        place = home.institution.chaincode_at
        self.stop(institution, place)
        files.link(home.binary(place), binary.absolute())
        self.start(institution, place)

    def register(
        self, institution: str, enrollment_id: str, roles: Sequence[str] = (), max_enrollments: int = 1
    ) -> str:
        """Make a person known to the institution's CA; the one-time secret they enrol with.

        Args:
            institution: Whose CA is asked.
            enrollment_id: The person's name at the CA.
            roles: Roles that the certificate will carry; none leaves the attribute out.
            max_enrollments: How often the secret may be used; -1 without a bound.

        Raises:
            NetworkError: CA_FAILED when the CA refuses, for example a person it knows already.
        """
        home = self.home(institution)
        attributes = {"medconsent.roles": ",".join(roles)} if roles else {}
        try:
            with identities.client(home, "ca") as ca:
                return ca.register(
                    identities.registrar(home), enrollment_id, attributes=attributes, max_enrollments=max_enrollments
                )
        except CAError as error:
            raise NetworkError("CA_FAILED", f"the CA of {institution} refused {enrollment_id}: {error}") from error

    def enrol(self, institution: str, enrollment_id: str, roles: Sequence[str] = ()) -> Path:
        """Register and enrol a person with the institution's CA; the folder with `cert.pem` and `key.pem`.

        Somebody enrolled here before is not enrolled again. Raises as `register` does.

        Args:
            institution: Whose CA is asked.
            enrollment_id: The person's name at the CA.
            roles: Roles that the certificate will carry; none leaves the attribute out.
        """
        folder = self.folder / "wallets" / institution / enrollment_id
        if not wallet.is_identity(folder):
            secret = self.register(institution, enrollment_id, roles)
            with self.ca(institution) as ca:
                issued = ca.enroll(enrollment_id, secret)
            wallet.save(folder, issued.certificate_pem, issued.private_key_pem)
        return folder

    def ca(self, institution: str) -> CAClient:
        """A client of the institution's enrolment CA. Use it as a context manager."""
        return identities.client(self.home(institution), "ca")

    def _require_ports(self) -> None:
        """Look at the ports of all homes before the first is started."""
        wanted = [each for home in self.homes.values() for each in bringup.needed_ports(home)]
        ports.require_free(wanted, fixed=self.exists)

    def _require_homes(self) -> None:
        """Refuse to begin a home anew that the channel knows already: it would get other keys and other roots."""
        if not self._genesis.exists():
            return
        members = agreement.institutions_of(self._genesis.read_bytes())
        for home in self.homes.values():
            if not identities.founded(home) and members and home.name not in members:
                raise agreement.unknown(home.name, members)
            if not identities.founded(home):
                raise NetworkError(
                    "HOME_MISSING",
                    f"the home of {home.name} is not in {home.path}, and it is part of this network",
                    f"Was it moved? Then leave a link there that leads to it, or start each home by itself: "
                    f"`medconsent-network up --institution {home.name} --homes FOLDER`.",
                )

    @property
    def _file(self) -> Path:
        return self.folder / "consortium.yaml"

    @property
    def _genesis(self) -> Path:
        return self.folder / "channel" / "genesis.block"

    def _begin_channel(self, configtxgen: Path) -> None:
        """Make the channel's first block, once all certificates are there, and give it to every home."""
        homes = list(self.homes.values())
        if all(home.genesis.exists() for home in homes):
            return
        block = self._genesis
        if not block.exists():
            files.write_private(block, genesis.make(block.parent, self.spec, homes, configtxgen))
        for home in homes:
            for other in homes:
                files.write_private(home.tls_root_of(other.name), other.tls_root.read_bytes())
            files.write_private(home.genesis, block.read_bytes())

    def _each(self, action: Callable[[Home], T]) -> list[T]:
        """Do something for every home, side by side; the results in the order of the institutions."""
        with ThreadPoolExecutor(max_workers=len(self.homes)) as pool:
            return list(pool.map(action, self.homes.values()))


def _how_to_make(folder: Path) -> str:
    if folder == Path(".network").absolute():
        return "Make one with `medconsent-network up` (in a checkout: `make network-up`)."
    return f"Make one with `medconsent-network --network {folder} up`."
