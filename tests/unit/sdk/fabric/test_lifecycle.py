"""Definitions of chaincode out of the answers of `_lifecycle`."""

from typing import Any

import pytest
from fabric_protos.common import policies_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.peer import collection_pb2, policy_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2

from medconsent.fabric import ChaincodeDefinition, Gateway, Identity, PrivateKeySigner
from medconsent.fabric.errors import FabricError

MEMBER = msp_principal_pb2.MSPRole(msp_identifier="hanbit", role="MEMBER").SerializeToString()
SIGNED = policies_pb2.SignaturePolicyEnvelope(
    rule=policies_pb2.SignaturePolicy(
        n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=1, rules=[policies_pb2.SignaturePolicy(signed_by=0)])
    ),
    identities=[msp_principal_pb2.MSPPrincipal(principal=MEMBER)],
)
SHARED = collection_pb2.CollectionConfig(
    static_collection_config=collection_pb2.StaticCollectionConfig(name="SharedCollection")
)
Definition = lifecycle_pb2.QueryChaincodeDefinitionsResult.ChaincodeDefinition


def told(payload: bytes) -> bytes:
    """The Gateway's answer with that payload."""
    response = gateway_pb2.EvaluateResponse()
    response.result.payload = payload
    return bytes(response.SerializeToString())


@pytest.fixture
def channel(peer: Any, identity: Identity, signer: PrivateKeySigner) -> Any:
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        yield gateway.channel("medconsent")


def test_what_a_definition_says(peer: Any, channel: Any) -> None:
    by_name = policy_pb2.ApplicationPolicy(channel_config_policy_reference="/Channel/Application/Endorsement")
    answer = lifecycle_pb2.QueryChaincodeDefinitionsResult(
        chaincode_definitions=[
            Definition(
                name="private",
                version="1.2",
                sequence=3,
                validation_parameter=policy_pb2.ApplicationPolicy(signature_policy=SIGNED).SerializeToString(),
                collections=collection_pb2.CollectionConfigPackage(config=[SHARED]),
                init_required=True,
            ),
            Definition(name="basic", version="1", sequence=1, validation_parameter=by_name.SerializeToString()),
        ]
    )
    peer.answers = {"Evaluate": told(answer.SerializeToString())}
    assert channel.chaincode_definitions() == (
        ChaincodeDefinition("private", "1.2", 3, "hanbit.member", ("SharedCollection",), True),
        ChaincodeDefinition("basic", "1", 1, "/Channel/Application/Endorsement"),
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff",
        lifecycle_pb2.QueryChaincodeDefinitionsResult(
            chaincode_definitions=[Definition(name="basic", validation_parameter=b"\xff")]
        ).SerializeToString(),
    ],
    ids=["no-answer", "no-rule"],
)
def test_what_is_no_definition(peer: Any, channel: Any, payload: bytes) -> None:
    peer.answers = {"Evaluate": told(payload)}
    with pytest.raises(FabricError, match="definition"):
        channel.chaincode_definitions()
