"""What dishonest institutions do past the contract: with the endorsement of their own peers alone."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from model_channel import VALID, Outcome, writing
from model_observer import OWNER
from model_sample import digest
from model_world import World


def lie(world: World, *lies: Sequence[dict[str, Any]]) -> list[Outcome]:
    """Each is written, if the channel lets it."""
    outcomes = world.sent([writing(operations, sorted(world.observer.dishonest)) for operations in lies])
    for outcome in outcomes:
        world.tally[f"a lie {outcome.code}"] += 1
        if outcome.code == VALID:
            world.wrote(outcome)
    return outcomes


def take_back(world: World, tx: str, *, seals: bool) -> None:
    """All that a transaction wrote of the dishonest institutions' own becomes what it was before: older bytes are
    put, what was new is deleted, perhaps with the seals of what came after. What the channel refuses is left.
    """
    lies = []
    for key, value in world.written[tx].items():
        owner, values = world.owner(key), world.past[key]
        if owner not in world.observer.dishonest and not key.startswith("i/"):
            continue
        before = values[: values.index(value or "")]
        old = before[-1] if before else ""
        operations = [{"do": "put", "key": key, "value": old} if old else {"do": "delete", "key": key}]
        if seals and owner:
            first = json.loads(old)["revision"] + 1 if old else 1
            last = max(json.loads(one)["revision"] for one in values if one)
            purge: dict[str, Any] = {"do": "purge", "key": key, "by": owner}
            operations += [purge | {"revision": revision} for revision in range(first, last + 1)]
            operations.append(purge | {"do": "purge end"})
        lies.append(operations)
    lie(world, *lies)


def grant_again(world: World, vote: Mapping[str, Any], voter: str, tx: str) -> Outcome:
    """The owner posts another vote beside the one that completed an approval, which comes before it, and seals the
    grant that this one would have made. `tx` is the transaction that both say made them.
    """
    first = str(vote["id"])
    other = json.loads(canonical(vote).replace(first, tx))
    other["body"]["voter"]["id"] = other["changes"][0]["by"]["id"] = voter
    other["changes"][0]["by"]["key"] = world.keys[f"{vote['body']['voter']['institution']}/{voter}"]
    named = {"key": f"vote/{vote['body']['request']}/{tx}", "digest": digest(canonical(other))}
    slot = f"vote/{vote['body']['request']}#at2"
    operations: list[dict[str, Any]] = [{"do": "post", "key": slot, "value": canonical(other), "by": OWNER}]
    for key, value in world.written[first].items():
        there, text = key.replace(first, tx), value or ""
        if text.startswith("{"):
            record = json.loads(text.replace(first, tx))
            record["body"]["votes"] = [named]
            text = canonical(record)
            operations.append({"do": "seal", "key": there, "value": text, "by": OWNER, "revision": 1})
        if text:
            guarded = {"key": there, "value": text, "by": OWNER}
            operations += [guarded | {"do": "put"}, guarded | {"do": "guard"}]
    return lie(world, operations)[0]


def put_up(world: World, vote: Mapping[str, Any], voter: str, where: str, tx: str) -> Outcome:
    """A dishonest institution puts a vote up in its own collection that another's member never gave: the one that
    `vote` was made from, with another voter and the next number. `tx` is the transaction that it says made it.
    """
    request, owner = vote["body"]["request"], vote["owner"]
    other = json.loads(canonical(vote).replace(str(vote["id"]), tx))
    other["body"]["voter"]["id"] = other["changes"][0]["by"]["id"] = voter
    other["changes"][0]["by"]["key"] = world.keys[f"{owner}/{voter}"]
    other["body"]["seq"] += 1
    own = sum(one["owner"] == where and one["body"]["request"] == request for one in world.votes)
    slot = {"key": f"vote/{request}#at{own + 1}", "value": canonical(other), "by": where}
    return lie(world, [{"do": "post", **slot}])[0]


def restate(
    world: World, key: str, changes: Mapping[str, Any], status: str, *, dated: bool, anew: bool = False
) -> None:
    """A dishonest institution seals another state of its own record, or (`anew`) the state that stands."""
    if world.owner(key) not in world.observer.dishonest or not world.stands(key):
        return
    record = world.record(key)
    record["revision"] += 0 if anew else 1
    if record["type"] == "request" and not anew:
        record["body"] = {"as_made": dict(record["body"])} | record["body"]
    record["body"] = {name: said for name, said in (record["body"] | changes).items() if said is not None}
    record["status"] = status or record["status"]
    if dated:
        record["changes"].append(record["changes"][-1] | {"action": f"{record['type']}.updated", "tx": "ab" * 32})
    text = canonical(record)
    seal = {"do": "seal", "key": key, "value": text, "by": record["owner"], "revision": record["revision"]}
    (written,) = lie(world, [{"do": "put", "key": key, "value": text}, seal])
    if written.code == VALID and not anew:
        world.observer.restated(record["type"], record["id"], record["body"], record["status"], digest(text))


def canonical(record: Any) -> str:
    """RFC 8785, for what records are made of."""
    return json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
