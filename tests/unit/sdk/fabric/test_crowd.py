"""Many transactions in flight before a Gateway that takes so many requests at a time, as Fabric's limiter does."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import events_pb2, proposal_response_pb2

from medconsent.fabric import (
    AsyncGateway,
    CommitError,
    EvaluateError,
    Gateway,
    Identity,
    Limits,
    PrivateKeySigner,
    Submitted,
    Timeouts,
)
from medconsent.fabric.flow import Call, Pause, RpcFailure
from medconsent.fabric.ordering.patience import patient

COUNT = int(os.environ.get("MEDCONSENT_IN_FLIGHT", "1000"))
BLOCK_SECONDS = 0.1
CONFLICT = 11


def code_of(transaction_id: str) -> int:
    """What becomes of a transaction: one of eight loses a race."""
    return CONFLICT if transaction_id[0] in "0f" else 0


class Crowded(grpc.GenericRpcHandler):
    """A Gateway that refuses what is more than `limit` at a time, and answers everything else at once."""

    def __init__(self, endorsed: bytes, limit: int, blocks: bool) -> None:
        self.endorsed, self.limit, self.blocks = endorsed, limit, blocks
        self.under_way = self.most = self.refused = self.number = 0
        self.ordered: Counter[str] = Counter()
        self.committed: dict[str, int] = {}
        self.waiting: list[str] = []
        self.readers: list[asyncio.Queue[bytes]] = []
        self.cut = asyncio.Event()
        self.port = 0

    def service(self, details: Any) -> Any:
        name = details.method.rpartition("/")[2]
        if name == "DeliverFiltered":
            return grpc.stream_stream_rpc_method_handler(self.deliver)

        async def limited(request: bytes, context: Any) -> bytes:
            if self.under_way >= self.limit:
                self.refused += 1
                text = f"too many requests for /gateway.Gateway, exceeding concurrency limit ({self.limit})"
                await context.abort(grpc.StatusCode.UNKNOWN, text)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            try:
                return await getattr(self, name)(request)
            finally:
                self.under_way -= 1

        return grpc.unary_unary_rpc_method_handler(limited)

    async def Evaluate(self, _request: bytes) -> bytes:  # noqa: N802 - Fabric's name
        result = proposal_response_pb2.Response(payload=b"here")
        return gateway_pb2.EvaluateResponse(result=result).SerializeToString()

    async def Endorse(self, _request: bytes) -> bytes:  # noqa: N802
        await asyncio.sleep(0.05)  # long enough that more than `limit` are there at a time, also on a busy machine
        return self.endorsed

    async def Submit(self, request: bytes) -> bytes:  # noqa: N802
        transaction_id = gateway_pb2.SubmitRequest.FromString(request).transaction_id
        self.ordered[transaction_id] += 1
        self.waiting.append(transaction_id)
        return b""

    async def CommitStatus(self, request: bytes) -> bytes:  # noqa: N802
        asked = gateway_pb2.SignedCommitStatusRequest.FromString(request).request
        transaction_id = gateway_pb2.CommitStatusRequest.FromString(asked).transaction_id
        while transaction_id not in self.committed:
            await self.cut.wait()
        number = self.committed[transaction_id]
        return gateway_pb2.CommitStatusResponse(result=code_of(transaction_id), block_number=number).SerializeToString()

    async def deliver(self, _requests: Any, _context: Any) -> Any:
        if not self.blocks:
            yield events_pb2.DeliverResponse(status=common_pb2.FORBIDDEN).SerializeToString()
            return
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.readers.append(queue)
        yield self._block([])
        while True:
            yield await queue.get()

    async def commit(self) -> None:
        while True:
            await asyncio.sleep(BLOCK_SECONDS)
            taken, self.waiting = self.waiting, []
            self.number += 1
            self.committed |= dict.fromkeys(taken, self.number)
            for queue in self.readers:
                queue.put_nowait(self._block(taken))
            self.cut.set()
            self.cut = asyncio.Event()

    def _block(self, ids: list[str]) -> bytes:
        found = [events_pb2.FilteredTransaction(txid=one, tx_validation_code=code_of(one)) for one in ids]
        block = events_pb2.FilteredBlock(number=self.number, filtered_transactions=found)
        return events_pb2.DeliverResponse(filtered_block=block).SerializeToString()


@pytest.fixture
def crowded(request: pytest.FixtureRequest, vectors: Any) -> Iterator[Crowded]:
    """Its parameter: how many requests it takes at a time, and whether it shows its blocks."""
    limit, blocks = request.param
    ready = threading.Event()
    ends: list[Any] = []
    made: list[Crowded] = []

    async def serve() -> None:
        stand_in = Crowded(vectors.messages["endorse_response"], limit, blocks)
        server = grpc.aio.server(handlers=(stand_in,))
        stand_in.port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        end = asyncio.Event()
        made.append(stand_in)
        ends.extend((asyncio.get_running_loop(), end))
        ready.set()
        committing = asyncio.create_task(stand_in.commit())
        await end.wait()
        committing.cancel()
        await server.stop(None)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(10)
    yield made[0]
    ends[0].call_soon_threadsafe(ends[1].set)
    thread.join(10)


def right(outcome: Any) -> bool:
    """Whether an outcome is the one that the ledger has."""
    if isinstance(outcome, Submitted):
        return code_of(outcome.transaction_id) == 0
    return isinstance(outcome, CommitError) and code_of(outcome.transaction_id) == CONFLICT


async def flood(crowded: Crowded, identity: Identity, signer: PrivateKeySigner, count: int) -> list[Any]:
    """The outcomes of many transactions at once, and in the end the answers that another client had meanwhile."""
    endpoint = f"127.0.0.1:{crowded.port}"
    async with (
        AsyncGateway(endpoint, identity, signer, tls_root=None) as one,
        AsyncGateway(endpoint, identity, signer, tls_root=None) as other,
    ):
        contract = one.channel("c").contract("cc")
        everything = asyncio.gather(*(contract.submit("Write") for _ in range(count)), return_exceptions=True)
        while not everything.done():
            assert await other.channel("c").contract("cc").evaluate("Read") == b"here"
            await asyncio.sleep(0.05)
        return await everything


@pytest.mark.parametrize("crowded", [(500, True), (500, False)], indirect=True)
def test_a_thousand_in_flight_have_a_thousand_right_outcomes(
    crowded: Crowded, identity: Identity, signer: PrivateKeySigner
) -> None:
    found = asyncio.run(flood(crowded, identity, signer, COUNT))
    assert [one for one in found if not right(one)] == []
    assert max(crowded.ordered.values()) <= 3, "what waits long is handed in again, after pauses"
    assert len(crowded.ordered) == COUNT
    assert crowded.refused == 0
    assert crowded.most <= 500 // 2 + 1, "the other clients of the peer have the rest"


@pytest.mark.parametrize("crowded", [(20, True)], indirect=True)
def test_what_the_gateway_did_not_look_at_is_sent_again(
    crowded: Crowded, identity: Identity, signer: PrivateKeySigner
) -> None:
    found = asyncio.run(flood(crowded, identity, signer, 200))
    assert crowded.refused > 0
    assert [one for one in found if not right(one)] == []
    assert max(crowded.ordered.values()) <= 3, "what waits long is handed in again, after pauses"
    assert len(crowded.ordered) == 200


@pytest.mark.parametrize("crowded", [(8, True)], indirect=True)
def test_threads_wait_for_their_turn(crowded: Crowded, identity: Identity, signer: PrivateKeySigner) -> None:
    limits = Limits(calls=3, submits=2, statuses=2)
    with (
        Gateway(f"127.0.0.1:{crowded.port}", identity, signer, tls_root=None, limits=limits) as gateway,
        ThreadPoolExecutor(30) as pool,
    ):
        contract = gateway.channel("c").contract("cc")

        def submit(_: int) -> Any:
            try:
                return contract.submit("Write")
            except CommitError as error:
                return error

        found = list(pool.map(submit, range(60)))
    assert [one for one in found if not right(one)] == []
    assert (crowded.refused, set(crowded.ordered.values())) == (0, {1})
    assert crowded.most <= 7


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limits(calls=0)


def test_a_gateway_that_stays_crowded_is_an_error_in_the_end(
    peer: Any, identity: Identity, signer: PrivateKeySigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medconsent.fabric.ordering.patience._CROWDED_SECONDS", 0.2)
    crowd = "too many requests for /gateway.Gateway, exceeding concurrency limit (500)"
    peer.answers["Evaluate"] = peer.refusal(grpc.StatusCode.UNKNOWN, crowd)
    with (
        Gateway(peer.endpoint, identity, signer, tls_root=None, timeouts=Timeouts(5, 5, 5, 5)) as gateway,
        pytest.raises(EvaluateError, match="too many requests"),
    ):
        gateway.channel("c").contract("cc").evaluate("Read")
    assert peer.called("Evaluate") > 1


def test_the_pauses_grow_and_vary() -> None:
    flow = patient(Call("/gateway.Gateway/Submit", b"", 1), ())
    crowd = RpcFailure(grpc.StatusCode.UNKNOWN, "too many requests for /gateway.Gateway, exceeding")
    next(flow)
    pauses = []
    for _ in range(8):
        step = flow.throw(crowd)
        assert isinstance(step, Pause)
        pauses.append(step.seconds)
        next(flow)
    assert 0.02 <= pauses[0] <= 0.08
    assert max(pauses) <= 1.5
    with pytest.raises(RpcFailure):
        flow.throw(RpcFailure(grpc.StatusCode.UNAVAILABLE, "gone"))  # a hand-over that may have arrived
