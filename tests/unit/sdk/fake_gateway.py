"""A Gateway in memory that speaks Fabric's messages: the flows of the SDK are run by hand against a contract written
in Python.

Everything above gRPC is the real thing (proposals, signatures, results, error details); what is scripted is who
endorses, who refuses and what becomes of a transaction.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from medconsent.client import Nouns
from medconsent.fabric import _protos as pb
from medconsent.fabric.channel import Channel
from medconsent.fabric.flow import Aside, Asyncio, Blocking, Call, Driver, Emit, EndorserDetail, Pause, RpcFailure
from medconsent.fabric.identity import ATTRIBUTES_OID, Identity, PrivateKeySigner

AT = "2026-11-24T10:50:10Z"
ORGANIZATIONS = ("hanbit", "nuri", "saerom")


class Refusal(Exception):  # noqa: N818 - the contract's word
    """The contract's refusal, as the chaincode sends it."""

    def __init__(self, code: str, message: str = "no", **members: Any) -> None:
        super().__init__(code)
        self.text = json.dumps({"code": code, "message": message, **members})


@dataclass(frozen=True)
class Asked:
    """One proposal that reached the gateway."""

    phase: str
    function: str
    argument: dict[str, Any]
    organizations: tuple[str, ...]
    transaction_id: str


@dataclass
class FakeGateway:
    """`contract` answers (function, argument); the rest scripts what goes wrong, in the order of the proposals."""

    contract: Callable[[str, dict[str, Any]], Any]
    organizations: tuple[str, ...] = ORGANIZATIONS
    # For each proposal to endorse: institution -> what its peer says instead of endorsing.
    endorse: Iterator[dict[str, str]] = field(default_factory=lambda: iter(()))
    # For each transaction that is ordered: Fabric's validation code; VALID when there is no more.
    validation: Iterator[str] = field(default_factory=lambda: iter(()))
    submit_fails: grpc.StatusCode | None = None
    down: bool = False
    height: int = 7
    asked: list[Asked] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def perform(self, step: Any) -> bytes:
        """What comes of one step of a flow."""
        if isinstance(step, Pause):
            self.pauses.append(step.seconds)
            return b""
        if isinstance(step, Aside):
            step.work()
            return b""
        assert isinstance(step, Call)
        if self.down:
            raise RpcFailure(grpc.StatusCode.UNAVAILABLE, "connection refused")
        return {
            "Evaluate": self._evaluate,
            "Endorse": self._endorse,
            "Submit": self._submit,
            "CommitStatus": self._commit_status,
        }[step.method.rpartition("/")[2]](step.request)

    def changes(self) -> list[Asked]:
        """The proposals that were to be endorsed."""
        return [one for one in self.asked if one.phase == "endorse"]

    def _evaluate(self, request: bytes) -> bytes:
        message = pb.EvaluateRequest.FromString(request)
        chaincode, function, arguments = _invocation(message.proposed_transaction.proposal_bytes)
        if chaincode == "cscc":
            result = _channel_config(self.organizations)
        elif chaincode == "qscc":
            self.height += 1
            result = pb.BlockchainInfo(height=self.height).SerializeToString()
        else:
            organizations = tuple(message.target_organizations)
            asked = Asked("evaluate", function, json.loads(arguments[0]), organizations, message.transaction_id)
            self.asked.append(asked)
            try:
                result = _answer(self.contract(function, asked.argument))
            except Refusal as refused:
                text = f"chaincode response 500, {refused.text}"
                raise RpcFailure(
                    grpc.StatusCode.UNKNOWN,
                    f"evaluate call to endorser returned error: {text}",
                    (EndorserDetail("peer.hanbit:7051", "hanbit", text),),
                ) from None
        response = pb.EvaluateResponse()
        response.result.payload = result
        return bytes(response.SerializeToString())

    def _endorse(self, request: bytes) -> bytes:
        message = pb.EndorseRequest.FromString(request)
        _, function, arguments = _invocation(message.proposed_transaction.proposal_bytes)
        named = tuple(message.endorsing_organizations)
        asked = Asked("endorse", function, json.loads(arguments[0]), named, message.transaction_id)
        self.asked.append(asked)
        failing = {name: said for name, said in next(self.endorse, {}).items() if name in named}
        gone = [name for name, said in failing.items() if said == "gone"]
        if gone:
            raise RpcFailure(
                grpc.StatusCode.UNAVAILABLE, f"failed to find any endorsing peers for org(s): {', '.join(gone)}"
            )
        try:
            result = _answer(self.contract(function, asked.argument))
        except Refusal as refused:
            failing = dict.fromkeys(named, f"chaincode response 500, {refused.text}") | failing
        if failing:
            raise RpcFailure(
                grpc.StatusCode.ABORTED,
                "failed to collect enough transaction endorsements, see attached details for more info",
                tuple(EndorserDetail(f"peer.{name}:7051", name, said) for name, said in failing.items()),
            )
        return _endorsed(result)

    def _submit(self, request: bytes) -> bytes:
        self.sent.append(pb.SubmitRequest.FromString(request).transaction_id)
        if self.submit_fails:
            raise RpcFailure(self.submit_fails, "deadline exceeded")
        return b""

    def _commit_status(self, request: bytes) -> bytes:
        code = pb.TxValidationCode.Value(next(self.validation, "VALID"))
        return bytes(pb.CommitStatusResponse(result=code, block_number=self.height).SerializeToString())


class BlockingFake(Driver[Blocking]):
    """Steps flows against a `FakeGateway`."""

    def __init__(self, gateway: FakeGateway) -> None:
        self._gateway = gateway

    def run(self, flow: Any) -> Any:
        try:
            step = next(flow)
            while True:
                try:
                    reply = self._gateway.perform(step)
                except BaseException as failure:
                    step = flow.throw(failure)
                else:
                    step = flow.send(reply)
        except StopIteration as stop:
            return stop.value

    def iterate(self, flow: Any) -> Any:
        try:
            step = next(flow)
            while True:
                if isinstance(step, Emit):
                    yield step.value
                    step = flow.send(b"")
                else:
                    try:
                        reply = self._gateway.perform(step)
                    except BaseException as failure:
                        step = flow.throw(failure)
                    else:
                        step = flow.send(reply)
        except StopIteration:
            return


class AsyncioFake(Driver[Asyncio]):
    """The same, awaited."""

    def __init__(self, gateway: FakeGateway) -> None:
        self._blocking = BlockingFake(gateway)

    async def run(self, flow: Any) -> Any:
        return self._blocking.run(flow)

    async def iterate(self, flow: Any) -> Any:
        for value in self._blocking.iterate(flow):
            yield value


def identity(
    institution: str, person: str, roles: str = "", key: PrivateKeySigner | None = None
) -> tuple[Identity, PrivateKeySigner]:
    """A self-signed certificate with Fabric CA's attributes, for a new key unless one is given."""
    signer = key or PrivateKeySigner.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, person)])
    attributes = json.dumps({"attrs": {"hf.EnrollmentID": person, "medconsent.roles": roles}}).encode()
    moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.private_key.public_key())
        .serial_number(1)
        .not_valid_before(moment)
        .not_valid_after(moment + datetime.timedelta(days=3650))
        .add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, attributes), critical=False)
        .sign(signer.private_key, hashes.SHA256())
    )
    return Identity(institution, certificate.public_bytes(Encoding.PEM)), signer


def client(
    gateway: FakeGateway, institution: str = "hanbit", person: str = "steward", roles: str = ""
) -> Nouns[Blocking]:
    """A blocking client of the fake gateway."""
    return Nouns(Channel(BlockingFake(gateway), *identity(institution, person, roles), "medconsent"), "medconsent")


def async_client(gateway: FakeGateway, institution: str = "hanbit") -> Nouns[Asyncio]:
    """An asyncio client of the fake gateway."""
    return Nouns(Channel(AsyncioFake(gateway), *identity(institution, "steward"), "medconsent"), "medconsent")


def digest(text: str) -> str:
    """A digest that stands for something."""
    return hashlib.sha256(text.encode()).hexdigest()


def view(kind: str, identifier: str, owner: str, status: str = "active", **body: Any) -> dict[str, Any]:
    """A view of a record, as the contract answers it."""
    tx = digest(f"tx {identifier}")
    return {
        "record": {
            "type": kind,
            "id": identifier,
            "owner": owner,
            "status": status,
            "revision": 1,
            "updated_at": AT,
            "changes": [
                {
                    "action": f"{kind}.set",
                    "at": AT,
                    "tx": tx,
                    "by": {"institution": owner, "id": "someone", "roles": ["steward"]},
                }
            ],
            "body": body,
        },
        "key": f"{kind}/{identifier}/{tx}",
        "digest": digest(identifier),
        "sealed": True,
    }


def _answer(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def _invocation(proposal: bytes) -> tuple[str, str, list[bytes]]:
    payload = pb.ChaincodeProposalPayload.FromString(pb.Proposal.FromString(proposal).payload)
    spec = pb.ChaincodeInvocationSpec.FromString(payload.input).chaincode_spec
    function, *arguments = spec.input.args
    return spec.chaincode_id.name, function.decode(), arguments


def _endorsed(result: bytes) -> bytes:
    """A serialized `gateway.EndorseResponse` that carries the result, at the depth where Fabric keeps it."""
    action = pb.ChaincodeAction()
    action.response.payload = result
    payload = pb.ProposalResponsePayload(extension=action.SerializeToString())
    endorsed = pb.ChaincodeActionPayload()
    endorsed.action.proposal_response_payload = payload.SerializeToString()
    transaction = pb.Transaction()
    transaction.actions.add().payload = endorsed.SerializeToString()
    response = pb.EndorseResponse()
    response.prepared_transaction.payload = pb.Payload(data=transaction.SerializeToString()).SerializeToString()
    return bytes(response.SerializeToString())


def _channel_config(organizations: tuple[str, ...]) -> bytes:
    config = pb.Config()
    application = config.channel_group.groups["Application"]
    for name in organizations:
        msp = pb.MSPConfig(config=pb.FabricMSPConfig(name=name).SerializeToString())
        application.groups[name].values["MSP"].value = msp.SerializeToString()
    return bytes(config.SerializeToString())
