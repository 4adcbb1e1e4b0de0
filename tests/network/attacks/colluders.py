"""Two institutions that work together against a third. They have their own peers' keys, orderers, administrators and
clients, and may run any chaincode; they have none of the third's keys.
"""

import subprocess
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import counterfeit
import rwset
from actors import CHAINCODE, CHANNEL, Actor, Outcome, encode, key_in
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.peer import transaction_pb2
from forge import Key, Orderer, transaction
from rwset import ReadWriteSet

from medconsent.fabric.proposal import Proposal
from medconsent_network.consortium import Consortium
from medconsent_network.progress import SILENT
from medconsent_network.tools.build import compiler
from medconsent_network.tools.toolchain import build_folder

REFUSED = "ENDORSEMENT_POLICY_FAILURE"
"""What Fabric makes of a transaction that lacks the signature of an institution's peer that it needs."""
NO_SEAL = "it carries no seal of hanbit"
"""What a listing says of a record in hanbit's name that hanbit did not endorse."""

Way = Literal["altered chaincode", "hand-made results"]
WAYS = get_args(Way)
ALTERED = Path(__file__).parent / "altered"


@dataclass(frozen=True)
class Colluders:
    """The attackers. `client` is one of their people; `witness` somebody of the victim, at the victim's own peer, who
    says what came of an attack.
    """

    network: Consortium
    names: tuple[str, ...]
    client: Actor
    witness: Actor
    people: Mapping[str, Actor] = field(default_factory=dict)
    """Those whose certificates stand in blocks, by `institution/enrolment id`: a certificate is no secret."""

    @property
    def peers(self) -> tuple[Key, ...]:
        return tuple(key_in(self.network.home(name).node("peer") / "msp", name) for name in self.names)

    @property
    def administrators(self) -> tuple[Key, ...]:
        return tuple(administrator(self.network, name) for name in self.names)

    @property
    def orderer(self) -> Orderer:
        """Their own, which hands in whatever they like."""
        return orderer_of(self.network, self.names[0])

    def somebody(self, name: str, role: str) -> Key:
        """Who is shown to the honest rules: whoever has the name; for an office that nobody of that name holds, one of
        the institution's officers; otherwise a counterfeit.
        """
        institution, enrolment_id = name.split("/")
        known = self.people.get(name)
        if known is None and role in {"steward", "privacy", "operator"}:
            known = self.people.get(f"{institution}/chair")
        return known.key if known else counterfeit.person(institution, enrolment_id, role)

    def impersonate(self, caller: Key, function: str, argument: Any, *, leave: Sequence[str] = ()) -> Outcome:
        """Altered chaincode: the honest rules are shown `caller`, who never asked. `leave` names what is left out
        (`seals`, `seals of hanbit`, `guards`, `deletions`).
        """
        call = {
            "creator": b64encode(caller.creator).decode(),
            "function": function,
            "argument": encode(argument).decode(),
            "leave": list(leave),
        }
        return self._run("attack.impersonate", call)

    def write(self, way: Way, *operations: dict[str, Any]) -> Outcome:
        """Writes that no rule was asked about, by altered chaincode or by hand."""
        if way == "altered chaincode":
            return self._run("attack.write", list(operations))
        return self.forge(lambda transaction_id: rwset.of_operations(operations, transaction_id))

    def forge(
        self, results: ReadWriteSet | Callable[[str], ReadWriteSet], *, by: Sequence[Key] | None = None
    ) -> Outcome:
        """No chaincode at all: results made by hand (from the transaction's id, if need be) under the peers'
        signatures.
        """
        client = self.client.key
        proposal = Proposal.create(client.identity, CHANNEL, CHAINCODE, "grant.get", [b"{}"])
        made = results if isinstance(results, ReadWriteSet) else results(proposal.transaction_id)
        envelope = transaction(client, by or self.peers, made, channel=CHANNEL, proposal=proposal)
        status = self.orderer.broadcast(envelope)
        assert status[0] == "SUCCESS", status
        return self.witness.outcome(proposal.transaction_id)

    def _run(self, function: str, argument: Any) -> Outcome:
        endorsed = self.client.endorse(function, argument, *self.names)
        self.client.send(endorsed)
        return self.witness.outcome(endorsed.transaction_id)


def impersonated(colluders: Colluders, caller: str, role: str, function: str, argument: Any) -> Outcome:
    """The call in the name of hanbit's `caller`: refused with the seals, committed without, and without what hanbit's
    key-level policies guard. The second outcome.
    """
    somebody = colluders.somebody(f"hanbit/{caller}", role)
    assert colluders.impersonate(somebody, function, argument).code == REFUSED
    unsealed = colluders.impersonate(somebody, function, argument, leave=["seals", "deletions"])
    assert unsealed.code == "VALID", "the write itself has to land, or nothing is shown"
    return unsealed


def administrator(network: Consortium, institution: str) -> Key:
    """The administrator of an institution."""
    return key_in(network.home(institution).user("admin"), institution)


def orderer_of(network: Consortium, institution: str) -> Orderer:
    """The ordering node of an institution."""
    home = network.home(institution)
    return Orderer(home.institution.address("orderer"), home.tls_root.read_bytes())


def transaction_on_ledger(actor: Actor, transaction_id: str) -> common_pb2.Envelope:
    """A transaction as it stands in a block of the actor's own peer."""
    actor.seen.everywhere()
    answer = actor.channel.contract("qscc").evaluate(
        "GetTransactionByID", CHANNEL.encode(), transaction_id.encode(), target_organizations=[actor.institution]
    )
    return transaction_pb2.ProcessedTransaction.FromString(answer).transactionEnvelope


def configuration(actor: Actor) -> configtx_pb2.Config:
    """The channel's configuration as the actor's own peer has it."""
    answer = actor.channel.contract("cscc").evaluate(
        "GetChannelConfig", CHANNEL.encode(), target_organizations=[actor.institution]
    )
    return configtx_pb2.Config.FromString(answer)


def build_altered_chaincode(out: Path) -> Path:
    """Build the altered chaincode with the toolchain that the real one is built with; the program."""
    program = out / "altered"
    command: list[str | Path] = [compiler(build_folder(), SILENT), "build", "-o", program, "."]
    built = subprocess.run(command, cwd=ALTERED, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return program
