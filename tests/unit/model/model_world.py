"""The world of the histories: a channel, everybody's acts on it, and the observer who sees them.

All that depends on how the contract is called stands here: the arguments of its transactions, and what was done before
a history begins (`World.prepare`).
"""

import copy
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from model_channel import (
    HELD,
    INSTITUTIONS,
    REFUSED,
    VALID,
    Call,
    Channel,
    Outcome,
    asking,
    calling,
    committing,
    writing,
)
from model_observer import DATASET, OWNER, Grant, Observer, Policy, Request, Text, Word

DAY = 86_400
LATEST = 240
"""How many seconds the clocks of people are off at most: the contract tolerates five minutes."""
BEGIN = int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp())
TERMS = {"url": "https://hanbit.example/terms", "sha256": hashlib.sha256(b"terms").hexdigest()}

COMMITTEES = {"hanbit/dac": ("a", "b", "c"), "saerom/ethics": ("e-1", "e-2"), "nuri/ethics": ("n-1", "n-2")}
RESEARCHERS = ("nuri/kim", "nuri/lee")
STEWARD, PRIVACY = "hanbit/s:steward", "hanbit/p:privacy"
CHAIR, SECOND = "chair:operator,privacy,steward", "second:operator,privacy,steward"
"""Two officers of each institution who do nothing else: the one names others, the second confirms what they do."""
OFFICERS = {"hanbit": (CHAIR, SECOND, "s:steward", "p:privacy")}
C50 = {"permission": "DS", "diseases": ["ICD10:C50"]}
USES: list[list[dict[str, Any]]] = [[{"permission": "GRU"}], [{"permission": "HMB"}], [C50]]
PURPOSES: list[dict[str, Any]] = [
    {"kind": "disease", "diseases": ["ICD10:C50.1"]},
    {"kind": "disease", "diseases": ["ICD10:C50"]},
    {"kind": "health-research"},
    {"kind": "general-research"},
]
MODES = ("download", "enclave")
ASKED: list[tuple[str, dict[str, Any], str]] = [
    (person, purpose, mode)
    for person in RESEARCHERS
    for purpose, mode in ((PURPOSES[0], "download"), (PURPOSES[2], "download"), (PURPOSES[0], "enclave"))
]
"""The uses that `check` is asked about: by whom, what for and how."""
BASIS, COHORT = "hanbit/letter", "hanbit/people"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def moment(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp())


def stage(committee: str, threshold: int = 1, **more: Any) -> dict[str, Any]:
    institution, _, role = committee.partition("/")
    return {"institution": institution, "role": role, "threshold": threshold, **more}


DAC, ETHICS = "hanbit/dac", "saerom/ethics"
OF_REQUESTER = {"of": "requester", "role": "ethics", "threshold": 1, "attests": False}
STAGES: list[list[dict[str, Any]]] = [
    [stage(DAC)],
    [stage(DAC, 2)],
    [stage(DAC), stage(ETHICS)],
    [stage(DAC, 2), stage(ETHICS, step=2)],
    [stage(ETHICS), stage(DAC, step=2)],
    [stage(DAC), OF_REQUESTER],
]


def policy(stages: int = 0, uses: int = 0, **more: Any) -> dict[str, Any]:
    """A policy by the numbers of its stages and uses."""
    return {
        "use": USES[uses],
        "stages": STAGES[stages],
        "modes": list(MODES),
        "max_duration_seconds": 90 * DAY,
        "review_period_seconds": 10 * DAY,
        "recipients": [],
        "own_institution_votes": False,
        **more,
    }


@dataclass
class World:
    channel: Channel
    observer: Observer = field(default_factory=Observer)
    now: int = BEGIN
    past: dict[str, list[str]] = field(default_factory=dict)
    """What ever stood at each key, the newest last; empty where it was deleted."""
    written: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """What each transaction wrote."""
    held: list[tuple[Call, Outcome]] = field(default_factory=list)
    waiting: dict[str, Call] = field(default_factory=dict)
    """What waits for a second officer, by the transaction that proposed it."""
    keys: dict[str, str] = field(default_factory=dict)
    """The keys that people have announced."""
    decisions: list[Outcome] = field(default_factory=list)
    """What `check` said last."""
    tally: Counter[str] = field(default_factory=Counter)
    """How often what came of what: a model that never permits anything shows nothing."""

    @classmethod
    def prepare(cls, channel: Channel) -> "World":
        """What there is when each history begins: people sit, a dataset is published and rests on a legal basis."""
        world = cls(channel)
        channel.begin()
        for institution in INSTITUTIONS:
            world.found(institution)
        for committee, people in COMMITTEES.items():
            world.must(f"{committee.partition('/')[0]}/s:steward", *seat(committee, people))
        world.must(STEWARD, *publish(policy()))
        world.must(PRIVACY, *state_basis())
        world.must(PRIVACY, *begin_consent())
        world.must(PRIVACY, *world.rest_on(BASIS))
        world.now += DAY
        channel.keep("prepared")
        return world

    def found(self, institution: str) -> None:
        """Its first record names those who act for it; the second of them admits the keys of those who vote."""
        officers = []
        for officer in OFFICERS.get(institution, (CHAIR, SECOND, "s:steward")):
            id, _, roles = officer.partition(":")
            key = self.announced(f"{institution}/{officer}")
            officers.append({"id": id, "roles": roles.split(","), "key": key})
        described = {"title": institution, "country": "KR", "contact": f"data@{institution}.example", "roles": []}
        self.must(f"{institution}/{CHAIR}", "institution.set", {**described, "officers": officers})
        for committee, people in COMMITTEES.items():
            owner, _, role = committee.partition("/")
            for id in people if owner == institution else ():
                admitted = {"person": id, "key": self.announced(f"{owner}/{id}:{role}")}
                self.must(f"{institution}/{SECOND}", "person.admit", admitted)

    def announced(self, who: str) -> str:
        """The key that somebody has announced."""
        key = str(self.must(who, "person.announce", {}).answer["body"]["fingerprint"])
        self.keys[who.partition(":")[0]] = key
        return key

    def begin(self, dishonest: Sequence[str]) -> "World":
        """A world of its own for a history."""
        self.channel.begin("prepared", dishonest)
        observer = copy.deepcopy(self.observer)
        observer.dishonest = frozenset(dishonest)
        past = {key: list(values) for key, values in self.past.items()}
        world = World(self.channel, observer, self.now, past, dict(self.written), keys=self.keys, tally=self.tally)
        world.time_passes(0)
        return world

    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        (decisions,) = self.channel.all([self.question() | {"changed": False}])
        self.decisions = [Outcome(**decision) for decision in decisions]

    # How things are done.

    def must(self, who: str, function: str, argument: dict[str, Any]) -> Outcome:
        (outcome,) = self.do(Call(who, function, argument, self.now, self.now))
        assert outcome.code == VALID, f"{function}: {outcome}"
        return outcome

    def do(self, *calls: Call, hold: bool = False) -> list[Outcome]:
        """Have calls simulated and committed, one after the other, or held back. What waits then for a second officer
        is confirmed at once; what was held back waits until somebody does.
        """
        outcomes = self.sent([calling(call, hold=hold) for call in calls])
        for call, outcome in zip(calls, outcomes, strict=True):
            if outcome.code == HELD:
                self.held.append((call, outcome))
            else:
                self.came_of(call, outcome)
        for outcome in outcomes:
            if outcome.tx in self.waiting:
                self.confirm(outcome.tx)
        return outcomes

    def confirm(self, proposal: str) -> None:
        """The second officer confirms what waits, as it stands: now it is said, if the contract does it."""
        call = self.waiting.pop(proposal)
        confirmation = {"proposal": proposal, "digest": digest(self.stands(f"proposal/{proposal}"))}
        second = f"{call.institution}/{SECOND}"
        (outcome,) = self.sent([calling(Call(second, "proposal.confirm", confirmation, self.now, self.now))])
        self.tally[f"confirm {call.function} {outcome.refusal.get('code', outcome.code)}"] += 1
        if outcome.code == VALID:
            self.wrote(outcome)
            self.said(call, replace(outcome, answer=outcome.answer["done"]))

    def release(self, number: int) -> None:
        """Hand in one of the transactions that were held back."""
        call, endorsed = self.held.pop(number % len(self.held))
        (done,) = self.sent([committing(endorsed.tx)])
        self.came_of(call, Outcome(done.code, endorsed.tx, endorsed.answer, {}, done.writes))

    def sent(self, commands: Sequence[dict[str, Any]]) -> list[Outcome]:
        """What comes of commands; `check` is asked with them what it says now."""
        *done, decisions = self.channel.all([*commands, self.question()])
        if decisions:
            self.decisions = [Outcome(**decision) for decision in decisions]
        return [Outcome(**one) for one in done]

    def came_of(self, call: Call, outcome: Outcome) -> None:
        self.tally[f"{call.function} {outcome.refusal.get('code', outcome.code)}"] += 1
        if outcome.code == REFUSED:
            assert outcome.refusal["code"] != "INTERNAL", outcome
        if outcome.code == VALID:
            self.wrote(outcome)
            if "proposal" in outcome.answer:
                self.waiting[outcome.tx] = call
            elif is_said(call, self.observer.dishonest):
                self.said(call, outcome)

    def wrote(self, outcome: Outcome) -> None:
        self.written[outcome.tx] = outcome.writes
        for key, value in outcome.writes.items():
            self.past.setdefault(key, []).append(value or "")

    def stands(self, key: str) -> str:
        return (self.past.get(key) or [""])[-1]

    def under(self, prefix: str) -> list[str]:
        return [key for key in self.past if key.startswith(prefix) and self.stands(key)]

    def record(self, key: str) -> Any:
        """What stands at a key; where nothing does, an empty record."""
        return json.loads(self.stands(key) or '{"body": {}}')

    def latest(self, prefix: str) -> str:
        """The digest of what stands under a prefix; where there are several, of the last that was made."""
        keys = self.under(prefix)
        return digest(self.stands(keys[-1])) if keys else digest("none")

    # What the observer sees.

    def said(self, call: Call, outcome: Outcome) -> None:
        seen = getattr(self, "_" + call.function.replace(".", "_"), None)
        if seen is not None:
            seen(call, outcome)

    def _committee_set(self, call: Call, outcome: Outcome) -> None:
        committee = f"{call.institution}/{call.argument['role']}"
        until = {member["id"]: member.get("until") for member in call.argument["members"]}
        self.observer.seats[committee] = {id: moment(end) if end else None for id, end in until.items()}

    def _dataset_publish(self, call: Call, outcome: Outcome) -> None:
        self._policy(call.argument["policy"], outcome)

    def _policy_set(self, call: Call, outcome: Outcome) -> None:
        self._policy(call.argument["policy"], outcome, existing="applies" in call.argument)

    def _policy(self, body: Mapping[str, Any], outcome: Outcome, existing: bool = False) -> None:
        text = next(value for key, value in outcome.writes.items() if key.startswith("policy/"))
        number = len(self.observer.policies) + 1
        self.observer.policies.append(Policy(number, digest(text or ""), body, existing))

    def _ground_set(self, call: Call, outcome: Outcome) -> None:
        self.observer.rests_on = (*call.argument.get("cohorts", ()), *call.argument.get("bases", ()))

    def _basis_set(self, call: Call, outcome: Outcome) -> None:
        self.observer.permitted[f"hanbit/{call.argument['slug']}"] = call.argument.get("purposes", USES[0])

    def _basis_end(self, call: Call, outcome: Outcome) -> None:
        self.observer.permitted[call.argument["basis"]] = None

    def _consent_begin(self, call: Call, outcome: Outcome) -> None:
        self.observer.permitted[f"hanbit/{call.argument['slug']}"] = call.argument["use"]

    def _consent_epoch(self, call: Call, outcome: Outcome) -> None:
        self.observer.permitted[call.argument["cohort"]] = call.argument["use"]

    def _consent_end(self, call: Call, outcome: Outcome) -> None:
        self.observer.permitted[call.argument["cohort"]] = None

    def _request_submit(self, call: Call, outcome: Outcome) -> None:
        at = moment(outcome.answer["updated_at"])
        asked, written = call.argument, outcome.writes[f"request/{outcome.tx}"]
        self.observer.submitted(outcome.tx, call.person, text_of(asked, written), asked["policy_version"], at)

    def _request_amend(self, call: Call, outcome: Outcome) -> None:
        request = call.argument["request"]
        body = outcome.answer["body"]
        self.observer.amended(request, text_of(body, outcome.writes[f"request/{request}"]))

    def _request_withdraw(self, call: Call, outcome: Outcome) -> None:
        self.observer.withdrawn(call.argument["request"])

    def _request_vote(self, call: Call, outcome: Outcome) -> None:
        said = call.argument
        word = Word(call.person, f"{call.institution}/{said['role']}", said["vote"], said["request_digest"])
        at = moment(outcome.answer["vote"]["changes"][0]["at"])
        self.observer.voted(said["request"], outcome.tx, word, at, "grant" in outcome.answer)

    def _grant(self, call: Call) -> Grant:
        """The grant that a call is about; one that nobody gave, where a dishonest institution made it up."""
        nobody = Text("", {}, "", 0, frozenset())
        none = Grant("", Request("", "nobody/nobody", self.observer.stands(), nobody, 0), nobody, 0, 0)
        return self.observer.grants.get(call.argument["grant"], none)

    def _grant_revoke(self, call: Call, outcome: Outcome) -> None:
        self._grant(call).ended = True

    def _grant_suspend(self, call: Call, outcome: Outcome) -> None:
        self._grant(call).suspended = True

    def _grant_lift(self, call: Call, outcome: Outcome) -> None:
        self._grant(call).suspended = False

    def _grant_relinquish(self, call: Call, outcome: Outcome) -> None:
        grant = self._grant(call)
        grant.left.add(call.person)
        holders = {f"nuri/{id}" for id in grant.text.people}
        grant.ended = grant.ended or call.person == grant.request.requester or holders <= grant.left

    def _grant_accept(self, call: Call, outcome: Outcome) -> None:
        if call.argument["terms"] == TERMS["sha256"]:
            self._grant(call).accepted.add(call.person)

    # What people ask for, with what they read before.

    def ask_for(self, purpose: int, mode: str, days: int, people: Sequence[str], pinned: int = 0) -> Any:
        """A request under the policy that stands, or an earlier one."""
        number = pinned or len(self.observer.policies)
        chosen = self.observer.policies[number - 1]
        argument = {
            "dataset": DATASET,
            "version": 1,
            "version_digest": self.latest(f"version/{DATASET}/"),
            "policy_version": number,
            "policy_digest": chosen.digest,
            "purpose": PURPOSES[purpose],
            "mode": mode,
            "duration_seconds": days * DAY,
            "project": "early signs",
            "researchers": list(people),
        }
        if "terms" in chosen.body:
            argument["accepted_terms"] = TERMS["sha256"]
        return "request.submit", argument

    def vote(self, request: str, role: str, vote: str) -> tuple[str, dict[str, Any]]:
        shown = self.record(f"request/{request}")["body"]
        ballot = {
            "request": request,
            "vote": vote,
            "role": role,
            "request_digest": digest(self.stands(f"request/{request}")),
            "version_digest": shown.get("version_digest", digest("none")),
            "policy_digest": shown.get("policy_digest", digest("none")),
        }
        return "request.vote", ballot if vote == "approve" else ballot | {"reason": "because"}

    def rest_on(self, *names: str) -> tuple[str, dict[str, Any]]:
        argument: dict[str, Any] = {"dataset": DATASET, "version_digest": self.latest(f"version/{DATASET}/")}
        argument["bases"] = [name for name in names if name == BASIS]
        argument["cohorts"] = [name for name in names if name == COHORT]
        return "ground.set", {key: value for key, value in argument.items() if value}

    def next_epoch(self, uses: int) -> tuple[str, dict[str, Any]]:
        heads = [self.record(key)["body"] for key in self.under(f"cohort/{COHORT}/")]
        number = heads[-1]["latest_epoch"] + 1 if heads else 1
        return "consent.epoch", {"cohort": COHORT, "epoch": number, **EPOCH, "use": USES[uses]}

    # What dishonest institutions do past the contract.

    def lie(self, *lies: Sequence[dict[str, Any]]) -> list[Outcome]:
        """Each is written with the endorsement of the dishonest institutions alone, if the channel lets it."""
        outcomes = self.sent([writing(operations, sorted(self.observer.dishonest)) for operations in lies])
        for outcome in outcomes:
            self.tally[f"a lie {outcome.code}"] += 1
            if outcome.code == VALID:
                self.wrote(outcome)
        return outcomes

    def owner(self, key: str) -> str:
        """Whose the record is that stood at a key last."""
        values = [value for value in self.past[key] if value.startswith("{")]
        return str(json.loads(values[-1])["owner"]) if values else ""

    def take_back(self, tx: str, *, seals: bool) -> None:
        """All that a transaction wrote of the dishonest institutions' own becomes what it was before: older bytes are
        put, what was new is deleted, perhaps with the seals of what came after. What the channel refuses is left.
        """
        lies = []
        for key, value in self.written[tx].items():
            owner, values = self.owner(key), self.past[key]
            if owner not in self.observer.dishonest and not key.startswith("i/"):
                continue
            before = values[: values.index(value or "")]
            old = before[-1] if before else ""
            operations = [{"do": "put", "key": key, "value": old} if old else {"do": "delete", "key": key}]
            if seals and owner:
                first = json.loads(old)["revision"] + 1 if old else 1
                last = max(json.loads(one)["revision"] for one in values if one)
                purge = {"do": "purge", "key": key, "by": owner}
                operations += [purge | {"revision": revision} for revision in range(first, last + 1)]
                operations.append(purge | {"do": "purge end"})
            lies.append(operations)
        self.lie(*lies)

    def grant_again(self, vote: Mapping[str, Any], voter: str, tx: str) -> Outcome:
        """The owner posts another vote beside the one that completed an approval, which comes before it, and seals the
        grant that this one would have made. `tx` is the transaction that both say made them.
        """
        first = str(vote["id"])
        other = json.loads(canonical(vote).replace(first, tx))
        other["body"]["voter"]["id"] = other["changes"][0]["by"]["id"] = voter
        other["changes"][0]["by"]["key"] = self.keys[f"{vote['body']['voter']['institution']}/{voter}"]
        named = {"key": f"vote/{vote['body']['request']}/{tx}", "digest": digest(canonical(other))}
        slot = f"vote/{vote['body']['request']}#at2"
        operations = [{"do": "post", "key": slot, "value": canonical(other), "by": OWNER}]
        for key, value in self.written[first].items():
            there, text = key.replace(first, tx), value or ""
            if text.startswith("{"):
                record = json.loads(text.replace(first, tx))
                record["body"]["votes"] = [named]
                text = canonical(record)
                operations.append({"do": "seal", "key": there, "value": text, "by": OWNER, "revision": 1})
            if text:
                guarded = {"key": there, "value": text, "by": OWNER}
                operations += [guarded | {"do": "put"}, guarded | {"do": "guard"}]
        return self.lie(operations)[0]

    def restate(self, key: str, changes: Mapping[str, Any], status: str, *, dated: bool, anew: bool = False) -> None:
        """A dishonest institution seals another state of its own record, or (`anew`) the state that stands."""
        if self.owner(key) not in self.observer.dishonest or not self.stands(key):
            return
        record = self.record(key)
        record["revision"] += 0 if anew else 1
        record["body"] |= changes
        record["status"] = status or record["status"]
        if dated:
            record["changes"].append(record["changes"][-1] | {"action": f"{record['type']}.updated", "tx": "ab" * 32})
        text = canonical(record)
        seal = {"do": "seal", "key": key, "value": text, "by": record["owner"], "revision": record["revision"]}
        (written,) = self.lie([{"do": "put", "key": key, "value": text}, seal])
        if written.code == VALID and not anew:
            self.observer.restated(record["type"], record["id"], record["body"], record["status"], digest(text))

    # What is compared.

    def question(self) -> dict[str, Any]:
        """What `check` is asked, at a moment when nothing on the ledger is still to come."""
        uses = [{"dataset": DATASET, "for": person, "purpose": use, "mode": mode} for person, use, mode in ASKED]
        return asking(self.now + LATEST, "nuri/kim:researcher", "check", uses)

    def differences(self) -> list[str]:
        """Where `check` and the observer disagree."""
        found = []
        for (person, purpose, mode), outcome in zip(ASKED, self.decisions, strict=True):
            answer = outcome.answer or {"decision": "refused", "reasons": [outcome.refusal]}
            says, use = answer["decision"], (person, purpose, mode, self.now + LATEST)
            self.tally[f"check {says}"] += 1
            if not self.observer.permits(*use) if says == "permit" else self.observer.must_permit(*use):
                reasons = [reason["message"] for reason in answer["reasons"]]
                why = [self.observer.against(grant, *use) for grant in self.observer.grants.values()]
                found.append(f"{person} for {purpose} by {mode}: check says {says}, as {reasons}; observer: {why}")
        return found


def is_said(call: Call, dishonest: frozenset[str]) -> bool:
    """Whether a transaction is what somebody said, or their institution lets them say. What altered chaincode makes of
    a call in the name of somebody of an honest institution is not, nor what it leaves without the own seal.
    """
    if not call.altered:
        return True
    return call.institution in dishonest and not {"seals", f"seals of {call.institution}"} & set(call.leave)


def canonical(record: Any) -> str:
    """RFC 8785, for what records are made of."""
    return json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def text_of(asked: Mapping[str, Any], written: str | None) -> Text:
    people = frozenset(asked["researchers"])
    return Text(digest(written or ""), asked["purpose"], asked["mode"], asked["duration_seconds"], people)


def seat(committee: str, people: Sequence[str], until: str = "") -> tuple[str, dict[str, Any]]:
    members = [{"id": id, **({"until": until} if until else {})} for id in people]
    return "committee.set", {"role": committee.partition("/")[2], "members": members}


def publish(first: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "dataset.publish", {
        "slug": DATASET.partition("/")[2],
        "title": "Tables",
        "kinds": ["tabular"],
        "contact": "data@hanbit.example",
        "manifest": {"text": "{}"},
        "content": {"root": digest("root"), "files": 2, "bytes": 1000},
        "policy": first,
    }


def state_basis(uses: int = 0) -> tuple[str, dict[str, Any]]:
    return "basis.set", {
        "slug": BASIS.partition("/")[2],
        "code": "KR-BIOETHICS-EXEMPTION",
        "document": {"title": "A letter", "sha256": digest("letter")},
        "notice": {
            "url": "https://hanbit.example/notice",
            "sha256": digest("notice"),
            "published_at": "2026-01-01T00:00:00Z",
        },
        "objection": {"url": "https://hanbit.example/object"},
        "purposes": USES[uses],
    }


EPOCH: dict[str, Any] = {
    "root": digest("people"),
    "people": "100-999",
    "withdrawn": "none",
    "law": {"code": "KR-BIOETHICS-CONSENT"},
    "wording": {"url": "https://hanbit.example/consent", "sha256": digest("wording")},
}


def begin_consent() -> tuple[str, dict[str, Any]]:
    slug = COHORT.partition("/")[2]
    return "consent.begin", {"slug": slug, "title": "People", "batch_seconds": 1, **EPOCH, "use": USES[0]}
