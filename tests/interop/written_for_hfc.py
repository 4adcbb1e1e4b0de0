"""A program written for hfc: it runs with hfc 1.0.0 as it is, and with `medconsent.fabric.hfc` with its import changed.

Its arguments are a connection profile, a channel, a chaincode, the JSON of a record to write and the peers that endorse
it. What it saw comes out as JSON.
"""

import asyncio
import json
import sys

from hfc.fabric import Client

profile, channel_name, chaincode, argument, *peers = sys.argv[1:]
own, organization = peers[0], peers[0].partition(".")[2]

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)  # before the client is made: hfc keeps the loop that it finds
client = Client(net_profile=profile)
client.new_channel(channel_name)
requestor = client.get_user(org_name=organization, name="Operator")
seen = {
    "organizations": sorted(client.organizations),
    "peers": sorted(client.peers),
    "orderers": sorted(client.orderers),
    "user": [requestor.name, requestor.org, requestor.msp_id],
}


def shape(value):
    """What a decoded block is made of: names and types."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return type(value).__name__


def ask(function, argument):
    """A question to one's own peer."""
    return loop.run_until_complete(
        client.chaincode_query(
            requestor=requestor,
            channel_name=channel_name,
            peers=[own],
            args=[argument],
            cc_name=chaincode,
            fcn=function,
        )
    )


seen["version"] = json.loads(ask("contract.version", "{}"))
answer = loop.run_until_complete(
    client.chaincode_invoke(
        requestor=requestor,
        channel_name=channel_name,
        peers=peers,
        args=[argument],
        cc_name=chaincode,
        fcn="institution.set",
        wait_for_event=True,
    )
)
written = json.loads(answer)
seen["written"] = written["body"]
read = json.loads(ask("institution.get", json.dumps({"institution": requestor.msp_id})))
seen["read as written"] = read["record"] == written

everything = {"requestor": requestor, "channel_name": channel_name, "peers": [own]}
transaction_id = written["changes"][-1]["tx"]
info = loop.run_until_complete(client.query_info(**everything))
block = loop.run_until_complete(client.query_block_by_txid(**everything, tx_id=transaction_id))
again = loop.run_until_complete(client.query_block(**everything, block_number=str(block["header"]["number"])))
newest = loop.run_until_complete(client.query_block_by_hash(**everything, block_hash=info.currentBlockHash))
one = loop.run_until_complete(client.query_transaction(**everything, tx_id=transaction_id))
seen["newest"] = newest["header"]["number"] == info.height - 1
seen["block by number"] = again["data"] == block["data"]
(held,) = [
    each for each in block["data"]["data"] if each["payload"]["header"]["channel_header"]["tx_id"] == transaction_id
]
seen["transaction"] = one["validation_code"], one["transaction_envelope"]["payload"]["data"] == held["payload"]["data"]
(action,) = held["payload"]["data"]["actions"]
done = action["payload"]["action"]
seen["answered"] = done["proposal_response_payload"]["extension"]["response"]["payload"].decode() == answer
seen["endorsers"] = sorted(each["endorser"]["mspid"] for each in done["endorsements"])
seen["shape"] = shape(held)

told = []
hub = client.get_channel(channel_name).newChannelEventHub(client.get_peer(own), requestor)
hub.registerBlockEvent(start=0, stop=int(info.height) - 1, unregister=False, onEvent=told.append)
stream = hub.connect(filtered=False)
loop.run_until_complete(asyncio.wait_for(stream, 30))
seen["blocks"] = [each["header"]["number"] for each in told] == list(range(info.height))
print(json.dumps(seen))
