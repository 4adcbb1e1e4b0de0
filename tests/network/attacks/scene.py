"""What the attacks are aimed at: a small history of `hanbit`, the victim, made in the honest way.

`hanbit` holds data and a committee; `nuri` and `saerom` collude. Every record is made through the real contract, and
every question is put by hanbit's own people to hanbit's own peer.
"""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from actors import Actor, Refused, Seen, key_in

from medconsent_network.consortium import Consortium

VICTIM = "hanbit"
OFFICES = {"operator", "privacy", "steward"}
SECONDS = ("chair", "second")
"""Two officers of each institution who do nothing else: the one names others, and the second confirms what widens."""
COLLUDERS = ("nuri", "saerom")
RESEARCH = {"kind": "general-research"}
YEAR = 365 * 86_400
BASIS = {
    "slug": "research",
    "code": "KR-BIOETHICS-EXEMPTION",
    "document": {"title": "A plan", "sha256": hashlib.sha256(b"plan").hexdigest()},
    "notice": {
        "url": "https://hospital.example/notice",
        "sha256": hashlib.sha256(b"notice").hexdigest(),
        "published_at": "2026-01-01T00:00:00Z",
    },
    "objection": {"url": "https://hospital.example/object"},
}
"""The argument of `basis.set`: pseudonymised processing for research, told to the public."""


@dataclass
class Scene:
    """The consortium and the people in it, each enrolled with their own institution's CA on first mention."""

    network: Consortium
    actors: dict[str, Actor] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    based: set[str] = field(default_factory=set)
    officers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def actor(self, name: str, *roles: str) -> Actor:
        """`institution/enrolment id`, with `roles` when first mentioned."""
        if name not in self.actors:
            institution, person = name.split("/")
            folder = self.network.enrol(institution, person, roles)
            self.actors[name] = Actor.at(self.network.home(institution), key_in(folder, institution), self.seen)
            if OFFICES & {*roles} and person not in SECONDS:
                self.install(institution, person, [role for role in roles if role in OFFICES])
        return self.actors[name]

    def install(self, institution: str, person: str, roles: Sequence[str]) -> None:
        """Somebody becomes an officer: two who do nothing else name them."""
        chair, second = (self.actor(f"{institution}/{name}", *sorted(OFFICES)) for name in SECONDS)
        officers = self.officers.setdefault(
            institution,
            [
                {"id": name, "roles": sorted(OFFICES), "key": actor.fingerprint}
                for name, actor in zip(SECONDS, (chair, second), strict=True)
            ],
        )
        key = self.actors[f"{institution}/{person}"].fingerprint
        officers.append({"id": person, "roles": [*roles], "key": key})
        self.seen.seconds.setdefault(institution, second)
        described = {
            "title": institution.title(),
            "country": "KR",
            "contact": f"data@{institution}.example",
            "roles": [],
        }
        with contextlib.suppress(Refused):  # the first time there is none
            described = chair.ask("institution.get", {"institution": institution})["record"]["body"]
        chair.change("institution.set", {**described, "officers": officers}, *with_another(institution))

    def members(self, institution: str, role: str, *members: str) -> list[dict[str, str]]:
        """Members of a committee, each with the key that they enrolled with."""
        return [{"id": it, "key": self.actor(f"{institution}/{it}", role).fingerprint} for it in members]

    @property
    def steward(self) -> Actor:
        return self.actor("hanbit/steward", "steward")

    @property
    def auditor(self) -> Actor:
        """The one who asks hanbit's peer what it thinks of an attack."""
        return self.actor("hanbit/auditor", "auditor")

    def seat(self, institution: str, role: str, *members: str) -> None:
        """The institution's committee for a role becomes `members`."""
        steward = self.actor(f"{institution}/steward", "steward")
        roster = {"role": role, "members": self.members(institution, role, *members)}
        steward.ensure("committee.set", roster, *with_another(institution))

    def publish(self, dataset: str, *stages: tuple[str, str], **changed: Any) -> Any:
        """A dataset for any research, released when one member of each stage's committee approves. `changed` are other
        members of the policy.
        """
        institution, slug = dataset.split("/")
        steward = self.actor(f"{institution}/steward", "steward")
        published = steward.change("dataset.publish", publication(slug, *stages, **changed), *with_another(institution))
        self.ground(dataset)
        return published

    def ground(self, dataset: str) -> None:
        """The owner's privacy officer says that it rests on a law with notice."""
        institution = dataset.partition("/")[0]
        privacy = self.actor(f"{institution}/privacy", "privacy")
        if institution not in self.based:
            privacy.change("basis.set", BASIS, *with_another(institution))
            self.based.add(institution)
        shown = privacy.ask("dataset.get", {"dataset": dataset})["version"]
        said = {"dataset": dataset, "version_digest": shown["digest"], "bases": [f"{institution}/{BASIS['slug']}"]}
        privacy.ensure("ground.set", said, *with_another(institution))

    def policy(self, dataset: str, *stages: tuple[str, str], modes: Sequence[str] = ("download",)) -> Any:
        """A further version of the dataset's policy."""
        changed = {"dataset": dataset, "policy": policy(*stages, modes=modes)}
        return self.steward.change("policy.set", changed, *with_another(VICTIM))

    def request(self, researcher: str, dataset: str) -> dict[str, Any]:
        """A request of `researcher` for `dataset`; its record."""
        asking = self.actor(researcher, "researcher")
        return dict(asking.change("request.submit", application(asking, dataset), *with_another(asking.institution)))

    def approve(self, voter: str, role: str, request: str) -> Any:
        """The vote of `voter` for a request; the answer, with the grant if it completed the approval."""
        member = self.actor(voter, role)
        return member.change("request.vote", ballot(member, request, role), *with_another(VICTIM, member.institution))

    def grant(self, researcher: str, dataset: str, voter: str = "hanbit/d-1", role: str = "dac") -> dict[str, Any]:
        """An honest grant: requested, approved; its record."""
        return dict(self.approve(voter, role, self.request(researcher, dataset)["id"])["grant"])

    def revoke(self, grant: str) -> Any:
        """hanbit's steward revokes."""
        return self.steward.change("grant.revoke", {"grant": grant, "reason": "test of revocation"}, VICTIM)

    def check(self, person: str, dataset: str) -> Any:
        """hanbit's own peer's decision on the person and the dataset."""
        return self.auditor.ask("check", question(person, dataset))

    def forged(self, listing: str, **argument: Any) -> dict[str, str]:
        """What a listing at hanbit's own peer shows as forged: why, by key."""
        return {item["key"]: item["forged"] for item in self.listed(listing, **argument) if "forged" in item}

    def listed(self, listing: str, **argument: Any) -> list[Any]:
        """All items of a listing at hanbit's own peer."""
        items: list[Any] = []
        bookmark = ""
        while True:
            page = self.auditor.ask(
                listing, {**argument, "page_size": 100, **({"bookmark": bookmark} if bookmark else {})}
            )
            items += page["items"]
            bookmark = page["bookmark"]
            if not bookmark:
                return items


def with_another(*institutions: str) -> tuple[str, ...]:
    """The institutions and as many others as make a majority of three."""
    named = tuple(dict.fromkeys(institutions))
    return named if len(named) > 1 else (*named, next(other for other in ("nuri", "hanbit") if other not in named))


MORE_MODES = ("download", "enclave")
"""For a policy that is not the one that stands: one that is gets refused."""


def policy(*stages: tuple[str, str], modes: Sequence[str] = ("download",), **changed: Any) -> dict[str, Any]:
    """Any research, for a year at most, unless `changed` says otherwise."""
    return {
        "use": [{"permission": "GRU"}],
        "stages": [{"institution": institution, "role": role, "threshold": 1} for institution, role in stages],
        "modes": [*modes],
        "max_duration_seconds": YEAR,
        "review_period_seconds": YEAR,
        "recipients": [],
        "own_institution_votes": True,
        **changed,
    }


def publication(slug: str, *stages: tuple[str, str], **changed: Any) -> dict[str, Any]:
    """The argument of `dataset.publish`."""
    return {
        "slug": slug,
        "title": "A cohort",
        "kinds": ["tabular"],
        "contact": "data-access@hanbit.example",
        "manifest": {"text": json.dumps({"@type": "sc:Dataset", "name": slug})},
        "content": {"root": hashlib.sha256(slug.encode()).hexdigest(), "files": 1, "bytes": 1},
        "policy": policy(*stages, **changed),
    }


def application(researcher: Actor, dataset: str) -> dict[str, Any]:
    """The argument of `request.submit`, from what the researcher's own peer shows of the dataset."""
    shown = researcher.ask("dataset.get", {"dataset": dataset})
    return {
        "dataset": dataset,
        "version": shown["version"]["record"]["body"]["version"],
        "version_digest": shown["version"]["digest"],
        "policy_version": shown["policy"]["record"]["body"]["version"],
        "policy_digest": shown["policy"]["digest"],
        "purpose": RESEARCH,
        "mode": "download",
        "duration_seconds": 86_400,
        "project": "A project",
    }


def ballot(member: Actor, request: str, role: str, vote: str = "approve") -> dict[str, Any]:
    """The argument of `request.vote`, from what the member's own peer shows of the request."""
    shown = member.ask("request.get", {"request": request})["request"]
    return {
        "request": request,
        "vote": vote,
        "role": role,
        "reason": "a reason",
        "request_digest": shown["digest"],
        "version_digest": shown["record"]["body"]["version_digest"],
        "policy_digest": shown["record"]["body"]["policy_digest"],
    }


def question(person: str, dataset: str) -> dict[str, Any]:
    """The argument of `check`."""
    return {"dataset": dataset, "for": person, "purpose": RESEARCH, "mode": "download"}


def codes(decision: Any) -> set[str]:
    """The codes of a decision's reasons."""
    return {reason["code"] for reason in decision["reasons"]}
