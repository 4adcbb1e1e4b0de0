"""Worthless keys, written again and again into whatever somebody else's transaction reads.

Run as a program, it is one client of an institution with altered chaincode on two peers: what it writes is valid, and
every transaction that read a range around it, or found nothing at such a key, has read something that is no more so.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2

from medconsent.fabric import wallet
from medconsent.fabric.aio import AsyncGateway
from medconsent.fabric.errors import FabricError
from medconsent.fabric.profile import Profile
from medconsent.fabric.transaction import Transaction
from medconsent_network.consortium import Consortium

CHANNEL = CHAINCODE = "medconsent"
AT_ONCE = 24
"""How many transactions are on their way at the same time when it goes as fast as it can."""


def targets(transaction: Transaction) -> set[str]:
    """The keys at which a write of anybody's makes an endorsed transaction invalid: one in each range that it read, and
    those at which it found nothing.
    """
    payload = common_pb2.Payload.FromString(transaction.message)
    action = transaction_pb2.Transaction.FromString(payload.data).actions[0]
    endorsed = transaction_pb2.ChaincodeActionPayload.FromString(action.payload).action
    response = proposal_response_pb2.ProposalResponsePayload.FromString(endorsed.proposal_response_payload)
    results = rwset_pb2.TxReadWriteSet.FromString(proposal_pb2.ChaincodeAction.FromString(response.extension).results)
    found: set[str] = set()
    for namespace in results.ns_rwset:
        if namespace.namespace != CHAINCODE:
            continue
        public = kv_rwset_pb2.KVRWSet.FromString(namespace.rwset)
        for one in public.range_queries_info:
            inside = f"{one.start_key}zz"
            found.add(inside if inside < one.end_key else one.start_key)
        found |= {one.key for one in public.reads if not one.HasField("version")}
    return {key for key in found if transaction.transaction_id not in key}


@contextmanager
def flooding(
    network: Consortium, client: str, endorsers: Sequence[str], keys: Sequence[str], rate: float
) -> Iterator[None]:
    """The flood, `rate` transactions a second (0: as fast as it goes), in a process of its own. It has begun when this
    begins, and has not slackened when this ends.
    """
    institution, person = client.split("/")
    told = {
        "profile": str(network.home(institution).connection_profile),
        "wallet": str(network.folder / "wallets" / institution / person),
        "institution": institution,
        "endorsers": list(endorsers),
        "keys": sorted(keys),
        "rate": rate,
    }
    command = [sys.executable, __file__, json.dumps(told)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.readline() == "flooding\n"
            yield
        finally:
            process.stdin.close()
            counted = process.stdout.read()
    sent = json.loads(counted)
    assert sent["sent"] > (sent["seconds"] * min(rate or 20, 20)) / 4, f"that was no flood: {sent}"


async def _flood(told: dict[str, Any]) -> dict[str, Any]:
    peer = Profile.load(Path(told["profile"])).peer
    identity, signer = wallet.load(Path(told["wallet"]), told["institution"])
    sent, begun, over = 0, time.monotonic(), asyncio.Event()

    async def one(contract: Any) -> None:
        nonlocal sent
        put = [{"do": "put", "key": key, "value": str(time.time_ns())} for key in told["keys"]]
        try:
            endorsed = await contract.endorse(
                "attack.write", json.dumps(put).encode(), endorsing_organizations=told["endorsers"]
            )
            await contract.send(endorsed)
        except FabricError:
            return
        sent += 1
        if sent == 1:
            print("flooding", flush=True)

    async def worker(contract: Any) -> None:
        while not over.is_set():
            await one(contract)

    async with AsyncGateway(peer.endpoint, identity, signer, tls_root=peer.tls_root, check=False) as gateway:
        contract = gateway.channel(CHANNEL).contract(CHAINCODE)
        end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        end.add_done_callback(lambda _: over.set())
        if told["rate"] == 0:
            await asyncio.gather(*(worker(contract) for _ in range(AT_ONCE)))
        else:
            under_way: set[asyncio.Task[None]] = set()
            while not over.is_set():
                task = asyncio.create_task(one(contract))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                await asyncio.sleep(1 / told["rate"])
            await asyncio.gather(*under_way)
    return {"sent": sent, "seconds": time.monotonic() - begun}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_flood(json.loads(sys.argv[1])))), flush=True)
