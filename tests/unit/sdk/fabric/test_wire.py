"""Every message is, byte for byte, what the official Gateway SDK sends for the same nonce, time, arguments and key."""

from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import proposal_pb2

from medconsent.fabric import Commit, Proposal, Transaction
from medconsent.fabric.events import ChaincodeEventsRequest


def origin(proposal_bytes: bytes) -> tuple[bytes, int]:
    """Nonce and timestamp (ns) of a proposal."""
    header = common_pb2.Header.FromString(proposal_pb2.Proposal.FromString(proposal_bytes).header)
    stamp = common_pb2.ChannelHeader.FromString(header.channel_header).timestamp
    return common_pb2.SignatureHeader.FromString(header.signature_header).nonce, stamp.ToNanoseconds()


def rebuilt(vectors: Any, request: Any, function: str, *arguments: bytes, **options: Any) -> Proposal:
    nonce, timestamp = origin(request.proposed_transaction.proposal_bytes)
    return Proposal.create(
        vectors.identity,
        "medconsent",
        "basic",
        function,
        arguments,
        nonce=nonce,
        timestamp_ns=timestamp,
        **options,
    )


def test_evaluate_request(vectors: Any) -> None:
    theirs = vectors.messages["evaluate_request"]
    proposal = rebuilt(vectors, gateway_pb2.EvaluateRequest.FromString(theirs), "Read", b"one")
    assert proposal.sign(vectors.signer).evaluate_request() == theirs


def test_endorse_request_with_transient_data_and_organizations(vectors: Any) -> None:
    theirs = gateway_pb2.EndorseRequest.FromString(vectors.messages["endorse_request"])
    proposal = rebuilt(
        vectors,
        theirs,
        "Write",
        b"one",
        b"",
        "세".encode(),
        endorsing_organizations=["hanbit", "nuri"],
        transient={"secret": b"s", "another": b"a", "zeta": b""},
    )
    # Go writes a map in random order: the payload is compared as a message, all else to the byte.
    ours = proposal_pb2.Proposal.FromString(proposal.message)
    their_proposal = proposal_pb2.Proposal.FromString(theirs.proposed_transaction.proposal_bytes)
    assert ours.header == their_proposal.header
    assert proposal_pb2.ChaincodeProposalPayload.FromString(
        ours.payload
    ) == proposal_pb2.ChaincodeProposalPayload.FromString(their_proposal.payload)
    assert proposal.transaction_id == theirs.transaction_id
    assert proposal.endorsing_organizations == tuple(theirs.endorsing_organizations)


def test_a_proposal_of_the_official_sdk_goes_on_with_ours(vectors: Any) -> None:
    proposal = Proposal.from_bytes(vectors.messages["unsigned_proposal"])
    assert (proposal.channel, proposal.signature) == ("medconsent", b"")
    assert proposal.to_bytes() == vectors.messages["unsigned_proposal"]
    assert proposal.sign(vectors.signer).endorse_request() == vectors.messages["endorse_request"]


def test_transaction_commit_and_status(vectors: Any) -> None:
    unsigned = Transaction.from_bytes(vectors.messages["unsigned_transaction"])
    endorsed = Transaction.from_endorsement(
        vectors.messages["endorse_response"], transaction_id=unsigned.transaction_id, channel="medconsent"
    )
    assert endorsed == unsigned
    assert endorsed.result == b"result"
    assert endorsed.to_bytes() == vectors.messages["unsigned_transaction"]
    assert endorsed.sign(vectors.signer).submit_request() == vectors.messages["submit_request"]

    commit = Commit.create(vectors.identity, "medconsent", endorsed.transaction_id)
    assert commit.to_bytes() == vectors.messages["unsigned_commit"]
    signed = commit.sign(vectors.signer)
    assert signed.to_bytes() == vectors.messages["commit_status_request"]
    assert Commit.from_bytes(signed.to_bytes()) == signed

    status = signed.status(vectors.messages["commit_status_response"])
    assert (status.code, status.block_number, status.valid, status.known) == ("MVCC_READ_CONFLICT", 7, False, True)


def test_events_requests(vectors: Any) -> None:
    following = ChaincodeEventsRequest.create(vectors.identity, "medconsent", "basic")
    assert following.sign(vectors.signer).to_bytes() == vectors.messages["events_request_next"]
    transaction_id = Proposal.from_bytes(vectors.messages["unsigned_proposal"]).transaction_id
    resumed = ChaincodeEventsRequest.create(vectors.identity, "medconsent", "basic", 5, transaction_id)
    assert resumed.sign(vectors.signer).to_bytes() == vectors.messages["events_request_checkpoint"]
    assert ChaincodeEventsRequest.from_bytes(resumed.to_bytes()) == resumed
