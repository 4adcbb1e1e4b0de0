"""What is given to a function: text and every kind of bytes; and one name where several are meant."""

from typing import Any

import pytest
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2

from medconsent.fabric import AsyncGateway, Gateway, Identity, PrivateKeySigner, Proposal
from medconsent.fabric.ca import certificate_request


def payload(proposal: Proposal) -> Any:
    return proposal_pb2.ChaincodeProposalPayload.FromString(proposal_pb2.Proposal.FromString(proposal.message).payload)


@pytest.mark.parametrize("given", ["한빛", "한빛".encode(), bytearray("한빛".encode()), memoryview("한빛".encode())])
def test_text_and_bytes_arrive_alike(given: Any, identity: Identity) -> None:
    made = payload(Proposal.create(identity, "c", "cc", "f", [given], transient={"t": given}))
    spec = chaincode_pb2.ChaincodeInvocationSpec.FromString(made.input).chaincode_spec
    assert list(spec.input.args) == [b"f", "한빛".encode()]
    assert made.TransientMap["t"] == "한빛".encode()


@pytest.mark.parametrize("given", [1, None, 1.5, {"a": 1}, ["a"], True])
def test_anything_else_is_refused_by_its_place(given: Any, identity: Identity) -> None:
    with pytest.raises(TypeError, match="argument 2 is of type"):
        Proposal.create(identity, "c", "cc", "f", [b"", given])
    with pytest.raises(TypeError, match="transient 'secret' is of type"):
        Proposal.create(identity, "c", "cc", "f", transient={"secret": given})


def test_one_name_is_no_list_of_names(peer: Any, identity: Identity, signer: PrivateKeySigner) -> None:
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        contract = gateway.channel("c").contract("cc")
        for asked in (contract.submit, contract.endorse, contract.propose):
            with pytest.raises(TypeError, match=r"write \['hanbit'\]"):
                asked("f", endorsing_organizations="hanbit")
        with pytest.raises(TypeError, match=r"write \['hanbit'\]"):
            contract.evaluate("f", target_organizations="hanbit")
        with pytest.raises(TypeError, match="is of type bytes"):
            contract.evaluate("f", target_organizations=[b"hanbit"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="hosts"):
        certificate_request("peer", PrivateKeySigner.generate(), "peer.example")
    assert peer.requests == []


def test_the_awaited_client_refuses_the_same(peer: Any, identity: Identity, signer: PrivateKeySigner) -> None:
    import asyncio  # noqa: PLC0415

    async def ask() -> None:
        async with AsyncGateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
            contract = gateway.channel("c").contract("cc")
            with pytest.raises(TypeError, match=r"write \['hanbit'\]"):
                await contract.submit("f", endorsing_organizations="hanbit")
            peer.answers["Evaluate"] = gateway_pb2.EvaluateResponse().SerializeToString()
            assert await contract.evaluate("f", "text", bytearray(b"bytes")) == b""

    asyncio.run(ask())
