"""The consortium as the official scenarios want it: several definitions of chaincode, served by one program."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.world import World
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.peer import collection_pb2, policy_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2

from medconsent.fabric.errors import FabricError
from medconsent_network.administration import gateway
from medconsent_network.chaincode.lifecycle import LIFECYCLE
from medconsent_network.chaincode.package import package_id
from medconsent_network.home import Home
from medconsent_network.progress import SILENT
from medconsent_network.tools import go
from medconsent_network.tools.toolchain import build_folder
from medconsent_network.waiting import wait_for

MODULE = Path(__file__).parent / "scenarios"
ORG1, ORG2, ORG3 = "hanbit", "nuri", "saerom"
"""Who is Org1MSP, Org2MSP and Org3MSP of the official scenarios."""

EVERYBODY = (ORG1, ORG2, ORG3)
ALL_OF: Mapping[str, Sequence[str]] = {"basic": (ORG1, ORG2), "errors": EVERYBODY}
"""Definitions that all of these organizations must endorse; `private` is endorsed by any one."""


def signed_by(needed: int, organizations: Sequence[str]) -> Any:
    """A signature policy: members of so many of the organizations."""
    identities = [
        msp_principal_pb2.MSPPrincipal(
            principal_classification=msp_principal_pb2.MSPPrincipal.ROLE,
            principal=msp_principal_pb2.MSPRole(msp_identifier=name, role="MEMBER").SerializeToString(),
        )
        for name in organizations
    ]
    rules = [policies_pb2.SignaturePolicy(signed_by=index) for index in range(len(organizations))]
    rule = policies_pb2.SignaturePolicy(n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=needed, rules=rules))
    return policies_pb2.SignaturePolicyEnvelope(rule=rule, identities=identities)


def collection(
    name: str, members: Sequence[str], *, required: int = 0, own_read: bool, own_write: bool, endorsed: bool
) -> Any:
    """A private data collection of these members, whose writes one of them endorses."""
    policy = signed_by(1, members)
    return collection_pb2.CollectionConfig(
        static_collection_config=collection_pb2.StaticCollectionConfig(
            name=name,
            member_orgs_policy=collection_pb2.CollectionPolicyConfig(signature_policy=policy),
            required_peer_count=required,
            maximum_peer_count=1,
            member_only_read=own_read,
            member_only_write=own_write,
            endorsement_policy=policy_pb2.ApplicationPolicy(signature_policy=policy) if endorsed else None,
        )
    )


COLLECTIONS = collection_pb2.CollectionConfigPackage(
    config=[
        collection("SharedCollection", (ORG1, ORG3), required=1, own_read=True, own_write=True, endorsed=False),
        collection("Org1Collection", (ORG1,), own_read=True, own_write=False, endorsed=True),
        collection("Org3Collection", (ORG3,), own_read=False, own_write=False, endorsed=True),
    ]
)


def define(world: World, name: str, policy: Any, collections: Any = None) -> None:
    """Have every institution approve a definition, and commit it; its program is the one that each runs."""
    parts = {
        "name": name,
        "version": "1",
        "sequence": 1,
        "validation_parameter": policy_pb2.ApplicationPolicy(signature_policy=policy).SerializeToString(),
        "collections": collections,
    }
    homes = [world.consortium.home(institution) for institution in world.consortium.institutions]
    for home in homes:
        source = lifecycle_pb2.ChaincodeSource(
            local_package=lifecycle_pb2.ChaincodeSource.Local(package_id=package_id(home))
        )
        approval = lifecycle_pb2.ApproveChaincodeDefinitionForMyOrgArgs(**parts, source=source)
        _transact(home, "ApproveChaincodeDefinitionForMyOrg", approval.SerializeToString(), [home.name])
    commit = lifecycle_pb2.CommitChaincodeDefinitionArgs(**parts)
    _transact(homes[0], "CommitChaincodeDefinition", commit.SerializeToString(), [home.name for home in homes])


def _transact(home: Home, function: str, arguments: bytes, endorsers: Sequence[str]) -> None:
    def done() -> bool:
        try:
            contract.submit(function, arguments, endorsing_organizations=endorsers)
        except FabricError as error:
            # Another institution's approval may not have reached this peer yet.
            return "unchanged content" in str(error) or "must be sequence" in str(error)
        return True

    with gateway(home) as client:
        contract = client.channel(home.spec.channel).contract(LIFECYCLE)
        wait_for(done, function, 60)


def program() -> Path:
    """The scenarios' chaincode, built."""
    out = build_folder() / "interop" / "scenarios"
    compiler = go.find([MODULE], build_folder() / "go-venv", SILENT)
    subprocess.run([compiler, "build", "-mod=readonly", "-o", out, "."], cwd=MODULE, check=True)
    return out


def serve(world: World, folder: Path) -> None:
    """Have all institutions run the scenarios' chaincode."""
    built = program()
    for institution in world.consortium.institutions:
        started = folder / f"scenarios-{institution}"
        # The shim tells its program the peer's organization from this variable, as a peer's own launcher sets it.
        started.write_text(f"#!/bin/sh\nCORE_PEER_LOCALMSPID={institution} exec '{built}'\n")
        started.chmod(0o755)
        world.consortium.use_chaincode(institution, started)
