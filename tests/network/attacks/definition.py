"""The chaincode's definition, as institutions approve and commit it with Fabric's own `_lifecycle`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fabric_protos.common import policies_pb2
from fabric_protos.peer import policy_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2 as pb
from rwset import peers_of

from medconsent_network.administration import gateway
from medconsent_network.chaincode.lifecycle import LIFECYCLE
from medconsent_network.chaincode.package import package_id
from medconsent_network.consortium import Consortium


@dataclass(frozen=True)
class Definition:
    """A definition of the chaincode that is there already; `policy` is a serialized `ApplicationPolicy`, empty for
    the channel's own.
    """

    sequence: int
    policy: bytes = b""

    def approve(self, network: Consortium, institution: str) -> None:
        """On behalf of an institution, for the package that it runs."""
        home = network.home(institution)
        source = pb.ChaincodeSource(local_package=pb.ChaincodeSource.Local(package_id=package_id(home)))
        arguments = pb.ApproveChaincodeDefinitionForMyOrgArgs(
            name=network.spec.chaincode.name,
            version=network.spec.chaincode.version,
            sequence=self.sequence,
            validation_parameter=self.policy,
            source=source,
        )
        self._submit(network, institution, "ApproveChaincodeDefinitionForMyOrg", arguments, [institution])

    def commit(self, network: Consortium, institutions: Sequence[str]) -> int:
        """Endorsed by `institutions`, handed in by the first; its block. Raises what the peers refuse it with."""
        arguments = pb.CommitChaincodeDefinitionArgs(
            name=network.spec.chaincode.name,
            version=network.spec.chaincode.version,
            sequence=self.sequence,
            validation_parameter=self.policy,
        )
        return self._submit(network, institutions[0], "CommitChaincodeDefinition", arguments, institutions)

    @staticmethod
    def _submit(
        network: Consortium,
        institution: str,
        function: str,
        arguments: pb.CommitChaincodeDefinitionArgs,
        by: Sequence[str],
    ) -> int:
        with gateway(network.home(institution)) as client:
            contract = client.channel(network.spec.channel).contract(LIFECYCLE)
            done = contract.submit(function, arguments.SerializeToString(), endorsing_organizations=by)
        return done.block_number


def any_one_of(*institutions: str) -> bytes:
    """The endorsement policy "a peer of any one of these"."""
    envelope = policies_pb2.SignaturePolicyEnvelope.FromString(peers_of(*institutions, least=1))
    return policy_pb2.ApplicationPolicy(signature_policy=envelope).SerializeToString()
