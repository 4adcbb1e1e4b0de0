"""How the observer hears of what people did: for each transaction what it means."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from model_channel import Call, Outcome
from model_emergencies import Emergency
from model_grounds import Epoch
from model_observer import Observer
from model_sample import TERMS, USES, digest
from model_values import Delegation, Grant, Policy, Request, Text, Word

Hook = Callable[[Observer, Call, Outcome], None]
SEEN: dict[str, Hook] = {}


def seen(observer: Observer, call: Call, outcome: Outcome) -> None:
    if call.function in SEEN:
        SEEN[call.function](observer, call, outcome)


def hears(function: str) -> Callable[[Hook], Hook]:
    def known(hook: Hook) -> Hook:
        SEEN[function] = hook
        return hook

    return known


def moment(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp())


def made(outcome: Outcome, kind: str) -> Any:
    """The record of a type that a transaction wrote."""
    return json.loads(text_at(outcome, kind))


def text_at(outcome: Outcome, kind: str) -> str:
    return next(value or "" for key, value in outcome.writes.items() if key.startswith(f"{kind}/"))


# Offices.


@hears("committee.set")
def _committee_set(observer: Observer, call: Call, outcome: Outcome) -> None:
    until = {member["id"]: member.get("until") for member in call.argument["members"]}
    _reseat(observer, call, outcome, {id: moment(end) if end else None for id, end in until.items()})


@hears("committee.seat")
def _committee_seat(observer: Observer, call: Call, outcome: Outcome) -> None:
    seats = observer.seats[f"{call.institution}/{call.argument['role']}"]
    _reseat(observer, call, outcome, seats | {member["id"]: None for member in call.argument["members"]})


@hears("committee.unseat")
def _committee_unseat(observer: Observer, call: Call, outcome: Outcome) -> None:
    seats = observer.seats[f"{call.institution}/{call.argument['role']}"]
    gone = call.argument["members"]
    _reseat(observer, call, outcome, {id: until for id, until in seats.items() if id not in gone})


def _reseat(observer: Observer, call: Call, outcome: Outcome, seats: dict[str, int | None]) -> None:
    committee = f"{call.institution}/{call.argument['role']}"
    two = "second" in outcome.answer["changes"][-1]["by"] or committee not in observer.seats
    observer.reseated(committee, seats, two=two)


@hears("committee.delegate")
def _delegate(observer: Observer, call: Call, outcome: Outcome) -> None:
    body, institution = outcome.answer["body"], call.institution
    committee, deputy = f"{institution}/{body['role']}", f"{institution}/{body['deputy']}"
    since, until = moment(body["from"]), moment(body["until"])
    observer.delegations[outcome.tx] = Delegation(committee, call.person, deputy, since, until)


@hears("committee.undelegate")
def _undelegate(observer: Observer, call: Call, outcome: Outcome) -> None:
    if call.argument["delegation"] in observer.delegations:
        observer.delegations[call.argument["delegation"]].ended = True


# Policies, and what data rests on.


@hears("dataset.publish")
def _publish(observer: Observer, call: Call, outcome: Outcome) -> None:
    if "policy" in call.argument:
        _policy(observer, call.argument["policy"], outcome)


@hears("policy.set")
def _policy_set(observer: Observer, call: Call, outcome: Outcome) -> None:
    _policy(observer, call.argument["policy"], outcome, existing="applies" in call.argument)


def _policy(observer: Observer, body: Mapping[str, Any], outcome: Outcome, existing: bool = False) -> None:
    number = len(observer.policies) + 1
    observer.policies.append(Policy(number, digest(text_at(outcome, "policy")), body, existing))


@hears("ground.set")
def _ground_set(observer: Observer, call: Call, outcome: Outcome) -> None:
    said = call.argument
    observer.grounds.rests_on[said["version"]] = (*said.get("cohorts", ()), *said.get("bases", ()))


@hears("basis.set")
def _basis_set(observer: Observer, call: Call, outcome: Outcome) -> None:
    observer.grounds.purposes[f"hanbit/{call.argument['slug']}"] = call.argument.get("purposes", USES[0])


@hears("consent.begin")
@hears("consent.epoch")
def _epoch(observer: Observer, call: Call, outcome: Outcome) -> None:
    said, at = call.argument, moment(outcome.answer["epoch"]["updated_at"])
    cohort = said.get("cohort") or f"hanbit/{said['slug']}"
    epoch = Epoch(at, said["use"], said["withdrawn"] != "none")
    observer.grounds.epochs.setdefault(cohort, []).append(epoch)


@hears("basis.end")
@hears("consent.end")
def _end(observer: Observer, call: Call, outcome: Outcome) -> None:
    observer.grounds.ended.add(call.argument.get("basis") or call.argument["cohort"])


@hears("consent.exclude")
def _exclude(observer: Observer, call: Call, outcome: Outcome) -> None:
    observer.grounds.attested[call.argument["version"], call.argument["cohort"]] = call.argument["epoch"]


@hears("deid.state")
def _state(observer: Observer, call: Call, outcome: Outcome) -> None:
    observer.grounds.k[call.argument["version"]] = min(t["k"] for t in call.argument["statement"]["tables"])


# Requests.


@hears("request.submit")
def _submit(observer: Observer, call: Call, outcome: Outcome) -> None:
    at, asked = moment(outcome.answer["updated_at"]), call.argument
    pinned = observer.policies[asked["policy_version"] - 1]
    until = at + pinned.body["review_period_seconds"]
    text = text_of(asked, outcome.writes[f"request/{outcome.tx}"])
    request = Request(outcome.tx, call.person, asked["version"], pinned, text, until, keys={call.signer})
    request.renews, request.joins = (_named(observer, asked.get(how)) for how in ("renews", "joins"))
    observer.submitted(request, at)


def _named(observer: Observer, grant: str | None) -> Grant | None:
    return (observer.grants.get(grant) or NONE) if grant else None


@hears("request.amend")
def _amend(observer: Observer, call: Call, outcome: Outcome) -> None:
    request, body = call.argument["request"], outcome.answer["body"]
    text = text_of(body, outcome.writes[f"request/{request}"])
    observer.requests[request].keys.add(call.signer)
    observer.amended(request, text, moment(outcome.answer["updated_at"]))


@hears("request.withdraw")
def _withdraw(observer: Observer, call: Call, outcome: Outcome) -> None:
    observer.withdrawn(call.argument["request"])


@hears("request.vote")
def _vote(observer: Observer, call: Call, outcome: Outcome) -> None:
    said, committee = call.argument, f"{call.institution}/{call.argument['role']}"
    at = moment(outcome.answer["vote"]["changes"][0]["at"])
    word = Word(call.person, committee, said["vote"], said["request_digest"], keys=frozenset({call.signer}))
    if "for" in said:
        word.person, word.deputy = f"{call.institution}/{said['for']}", call.person
        word.keys |= {word.person}
        if not observer.deputizes(said["delegation"], committee, word.person, word.deputy, at):
            return
    observer.voted(said["request"], outcome.tx, word, at, "grant" in outcome.answer)


def text_of(asked: Mapping[str, Any], written: str | None) -> Text:
    people = frozenset(asked["researchers"])
    return Text(digest(written or ""), asked["purpose"], asked["mode"], asked["duration_seconds"], people)


# Grants and emergencies.

NONE = Grant("", "nobody", 1, Text("", {"kind": "disease", "diseases": []}, "", 0, frozenset()), 0, 0, ended=0)
"""One that nobody gave, where a dishonest institution made it up."""


def _grant(observer: Observer, call: Call) -> Grant:
    return observer.grants.get(call.argument["grant"], NONE)


def _ended(grant: Grant, outcome: Outcome) -> None:
    at = moment(outcome.answer["updated_at"])
    grant.ended = at if grant.ended is None else grant.ended


@hears("grant.revoke")
def _revoke(observer: Observer, call: Call, outcome: Outcome) -> None:
    _ended(_grant(observer, call), outcome)


@hears("grant.suspend")
def _suspend(observer: Observer, call: Call, outcome: Outcome) -> None:
    _grant(observer, call).suspended = True


@hears("grant.lift")
def _lift(observer: Observer, call: Call, outcome: Outcome) -> None:
    _grant(observer, call).suspended = False


@hears("grant.relinquish")
def _relinquish(observer: Observer, call: Call, outcome: Outcome) -> None:
    grant = _grant(observer, call)
    grant.left.add(call.person)
    asked = grant.request is None or call.person == grant.request.requester
    if asked or grant.holders <= grant.left:
        _ended(grant, outcome)


@hears("grant.accept")
def _accept(observer: Observer, call: Call, outcome: Outcome) -> None:
    if call.argument["terms"] == TERMS["sha256"]:
        _grant(observer, call).accepted.add(call.person)


@hears("breakglass.propose")
def _propose(observer: Observer, call: Call, outcome: Outcome) -> None:
    body, at = outcome.answer["body"], moment(outcome.answer["updated_at"])
    people = frozenset(body["people"])
    text = Text("", body["purpose"], body["mode"], body["duration_seconds"], people)
    if observer.seated("hanbit/privacy", call.person, at) or "hanbit/privacy" in observer.wild:
        observer.emergencies.known[outcome.tx] = Emergency(call.person, body["institution"], body["version"], text, at)


@hears("breakglass.confirm")
def _confirm(observer: Observer, call: Call, outcome: Outcome) -> None:
    if call.argument["breakglass"] in observer.emergencies.known:
        since = moment(outcome.answer["grant"]["body"]["from"])
        observer.broke_glass(call.argument["breakglass"], call.person, outcome.tx, since)


@hears("breakglass.justify")
def _justify(observer: Observer, call: Call, outcome: Outcome) -> None:
    if call.argument["breakglass"] in observer.emergencies.known:
        at = moment(outcome.answer["updated_at"])
        observer.justified(call.argument["breakglass"], call.person, at)
