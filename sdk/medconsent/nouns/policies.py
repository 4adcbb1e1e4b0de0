"""The noun: what the contract can be asked of policies, what can be done with them, and what it answers.

What is in a policy is `medconsent.values.policies`; programs import both from `medconsent.policies`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent._internal.codec import Value
from medconsent.contract import words
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.nouns.decisions import Reason
from medconsent.values.grants import Grant
from medconsent.values.policies import Policy
from medconsent.values.records import Page, Record, Written

__all__ = [
    "EndingGrant",
    "ForExisting",
    "Lint",
    "Offer",
    "OntologyRef",
    "Policies",
    "PolicyDiff",
    "PolicyRecord",
    "unpinned",
]

HIERARCHIES = words("hierarchy_systems")
"""The systems of diseases whose hierarchy is on the ledger (docs/ontologies.md); others go by their codes."""

M = TypeVar("M")


@dataclass(frozen=True)
class OntologyRef(Value):
    """The version of a disease hierarchy (`MONDO`, `DOID`) that a policy was written with, by its digest."""

    system: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class PolicyRecord(Record):
    """One version of a dataset's policy, as sealed on the ledger.

    Attributes:
        dataset: The dataset.
        version: The version of the policy.
        policy: The policy.
        applies: `existing` when it also ends grants that it does not permit.
        follows: The version that did so before.
        ontologies: The hierarchies that it pins.
    """

    dataset: str
    version: int
    policy: Policy
    applies: str | None = None
    follows: int | None = None
    ontologies: tuple[OntologyRef, ...] | None = None


@dataclass(frozen=True)
class Lint(Value):
    """What a policy says, in sentences, and why it could not be set as the committees stand.

    `warnings` keep nothing from being set: institutions that it names and that can never be granted access by it, or
    that the ledger does not know.
    """

    words: tuple[str, ...]
    unmeetable: tuple[Reason, ...] = ()
    contradictions: tuple[Reason, ...] = ()
    ontologies: tuple[OntologyRef, ...] = ()
    warnings: tuple[Reason, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it could be set: it contradicts itself nowhere, and the committees could meet it."""
        return not self.unmeetable and not self.contradictions


@dataclass(frozen=True)
class ForExisting(Value):
    """Whether a policy could apply to existing grants: it has to be narrower than those that stand.

    Attributes:
        than: The versions it is compared with: the one before it, and the last before it that applied to existing
            grants.
        narrower: Whether it is narrower than all of them.
        wider: Why it is not.
    """

    than: tuple[int, ...]
    narrower: bool
    wider: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class PolicyDiff(Value):
    """What one version of a policy says in sentences and another did not, and the other way round.

    Attributes:
        dataset: The dataset.
        from_: The earlier version.
        narrower: Whether the later one is shown to allow at most what the other allows.
        to: The later version; None when it is not set yet.
        removed: Sentences of the earlier one alone.
        added: Sentences of the later one alone.
        wider: Why it is not shown to be narrower.
        existing: Whether it could apply to existing grants; there when the latest version, or one that is not set yet,
            is compared with an earlier one.
    """

    dataset: str
    from_: int
    narrower: bool
    to: int | None = None
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    wider: tuple[Reason, ...] = ()
    existing: ForExisting | None = None


@dataclass(frozen=True)
class EndingGrant(Value):
    """A grant that has not ended, and the reasons why a policy would end it, or suspend it.

    Attributes:
        grant: The grant.
        state: In which state it is.
        becomes: In which state it would be: `narrowed`, `ended` (with the grant that it joins), or `suspended` until
            the statement of de-identification is what the policy asks.
        reasons: Why.
        why: What the state that it is in comes from, where other records say it.
    """

    grant: Grant
    state: str
    becomes: str
    reasons: tuple[Reason, ...]
    why: str | None = None

    @property
    def id(self) -> str:
        """The id of the transaction that made the grant."""
        return self.grant.id


@dataclass(frozen=True)
class Offer(Value):
    """What a policy permits, as Croissant's `usageInfo` has it: an ODRL 2.2 offer with terms of GA4GH DUO
    (docs/usage-info.md).

    Attributes:
        usage_info: A JSON-LD object with a context of its own.
        sha256: The SHA-256 (lower-case hex) of its RFC 8785 form.
    """

    usage_info: Mapping[str, Any]
    sha256: str


def unpinned(policy: Policy, pinned: Iterable[OntologyRef]) -> tuple[str, ...]:
    """The systems with a hierarchy (`MONDO`, `DOID`) of which a policy names diseases and pins no version: none was in
    force.

    What takes the hierarchy to decide is then left to people (`review`), until the policy is set again.

    Args:
        policy: The policy.
        pinned: The versions of hierarchies that its record pins (`PolicyRecord.ontologies`).
    """
    named = {disease.partition(":")[0] for alternative in policy.use for disease in alternative.diseases}
    return tuple(sorted((named & {*HIERARCHIES}) - {it.system for it in pinned}))


class Policies(Noun[M]):
    """The policies of the datasets."""

    @operation
    def get(self, dataset: str, version: int | None = None) -> Flow[PolicyRecord]:
        """One version of a dataset's policy.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            version: The number of the policy's version; None: the latest.

        Raises:
            NotFound: There is none.
        """
        return PolicyRecord.from_json((yield from self._ask("policy.get", dataset=dataset, version=version)))

    @operation
    def set(
        self, dataset: str, policy: Policy, *, applies: str | None = None, shown: str | None = None
    ) -> Flow[Written[PolicyRecord]]:
        """Give one's own dataset a new policy; needs the role `steward`.

        Grants that were given stay as they are, unless the policy applies to them.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            policy: The policy.
            applies: `existing`: grants that the policy does not permit end, and it has to be narrower than what stands.
                None: it counts for what is given from now on.
            shown: The digest of the policy that was looked at before; None: whichever stands.

        Raises:
            Conflict: It would change nothing, or the policy that stands is not the one whose digest is `shown`.
            PolicyNotNarrower: It is to apply to existing grants and is not narrower.
        """
        argument: dict[str, Any] = {
            "dataset": dataset,
            "policy": policy.to_json(),
            "applies": applies,
            "policy_digest": shown,
        }
        return (yield from self._change("policy.set", argument, PolicyRecord.from_json))

    @operation
    def lint(self, policy: Policy) -> Flow[Lint]:
        """What a policy says in words, and whether it could be set: by the contract, and nothing is written."""
        return Lint.from_json((yield from self._ask("policy.lint", policy=policy.to_json())))

    @operation
    def diff(
        self, dataset: str, from_: int | None = None, to: int | None = None, *, policy: Policy | None = None
    ) -> Flow[PolicyDiff]:
        """Compare two versions of a dataset's policy in words, or one that is not set yet with one that is.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            from_: The number of the earlier version; None: the one before the latest, or with `policy` the latest.
            to: The number of the later version; None: the latest. Not with `policy`.
            policy: A policy that is not set yet, which is compared in the place of the later version.

        Raises:
            NotFound: There is none.
        """
        drafted = policy.to_json() if policy else None
        answer = yield from self._ask("policy.diff", dataset=dataset, from_=from_, to=to, policy=drafted)
        return PolicyDiff.from_json(answer)

    @operation
    def ends(
        self, dataset: str, policy: Policy, *, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[EndingGrant]]:
        """One page of the grants that a policy, which is not set yet, would end or suspend if it applied to them.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            policy: The policy, which is not set yet.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "policy.ends",
                EndingGrant.from_json,
                dataset=dataset,
                policy=policy.to_json(),
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate_ends(
        self, dataset: str, policy: Policy, *, on_forged: OnForged | None = None
    ) -> StreamFlow[EndingGrant]:
        """Every grant that such a policy would end or suspend, as `ends`.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            policy: The policy, which is not set yet.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("policy.ends", EndingGrant.from_json, on_forged, dataset=dataset, policy=policy.to_json())

    @operation
    def offer(self, dataset: str, policy: Policy | None = None, *, version: int | None = None) -> Flow[Offer]:
        """Give what goes into the `usageInfo` of a manifest.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`; with `policy` it need not be there yet.
            policy: A policy that may not be set yet; None: the dataset's.
            version: The number of the policy's version; None: the one in force.

        Raises:
            NotFound: There is none.
        """
        drafted = policy.to_json() if policy else None
        return Offer.from_json((yield from self._ask("policy.offer", dataset=dataset, policy=drafted, version=version)))
