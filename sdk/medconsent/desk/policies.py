"""A policy before it is set: what it says otherwise, which requests lapse for it, and which grants it ends."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medconsent._internal.words import counted
from medconsent.client import Client
from medconsent.desk.requests import UNDECIDED
from medconsent.nouns.policies import EndingGrant, PolicyDiff
from medconsent.values.policies import Policy
from medconsent.values.records import ForgedRecord
from medconsent.values.requests import RequestView

_SUSPENDED = "suspended"


@dataclass(frozen=True)
class PolicyChange:
    """A policy that is not set yet, compared with what stands.

    Attributes:
        diff: What it says otherwise, in sentences.
        digest: The digest of the policy in force, which setting another one names.
        lapses: How many undecided requests lapse when it is set, by their state.
        ends: The grants that it ends or suspends if it applies to existing ones; None when it could not apply to them.
        forged: Grants that were found forged.
    """

    diff: PolicyDiff
    digest: str
    lapses: Mapping[str, int]
    ends: Sequence[EndingGrant] | None
    forged: Sequence[ForgedRecord] = ()

    @property
    def lapsing(self) -> int:
        """How many undecided requests lapse, in all."""
        return sum(self.lapses.values())

    def of_requests(self) -> str:
        """What becomes of the undecided requests, in one sentence."""
        if not self.lapsing:
            return "no request is undecided"
        return f"{counted(self.lapsing, 'undecided request')} would lapse when it is set ({_by_state(self.lapses)})"

    def told_after(self) -> tuple[str, ...]:
        """What became of the undecided requests when it was set, a line each."""
        return of_lapsed(self.lapses)

    def of_grants(self) -> str:
        """What becomes of the grants if it applies to existing ones, in one sentence; empty where it could not."""
        if self.ends is None:
            return ""
        suspended = sum(one.becomes == _SUSPENDED for one in self.ends)
        ended = f"{counted(len(self.ends) - suspended, 'grant')} would end"
        also = f", and {counted(suspended, 'grant')} would be suspended" if suspended else ""
        return f"{ended}{also}, if it applied to existing ones"


def compare(client: Client, dataset: str, policy: Policy, from_: int | None = None) -> PolicyChange:
    """A policy that is not set yet with the one that stands, or with number `from_`.

    Args:
        client: Whose peer is asked.
        dataset: The dataset, as `hanbit/brain-mri`.
        policy: The one that is not set yet.
        from_: The number of the policy that it is compared with, from 1; None for the one that stands.

    Raises:
        NotFound: There is no such dataset or policy.
    """
    forged: list[ForgedRecord] = []
    stands = client.policies.get(dataset)
    diff = client.policies.diff(dataset, from_, policy=policy)
    could = diff.existing is not None and diff.existing.narrower
    ends = list(client.policies.iterate_ends(dataset, policy, on_forged=forged.append)) if could else None
    return PolicyChange(diff, stands.digest, undecided(client, dataset), ends, forged)


def of_lapsed(lapses: Mapping[str, int]) -> tuple[str, ...]:
    """How many undecided requests lapsed with a new policy, a line each; none where none did."""
    count = sum(lapses.values())
    return (f"{counted(count, 'undecided request')} lapsed ({_by_state(lapses)})",) if count else ()


def _by_state(lapses: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in lapses.items())


def undecided(client: Client, dataset: str) -> Mapping[str, int]:
    """How many requests for a dataset are undecided, by their state; states without any are left out.

    Args:
        client: Whose peer is asked.
        dataset: The dataset, as `hanbit/brain-mri`.
    """
    return Counter(view.state for view in undecided_requests(client, dataset))


def undecided_requests(client: Client, dataset: str) -> tuple[RequestView, ...]:
    """The requests for a dataset that are undecided, by their state in the order of its life.

    The arguments are those of `undecided`.
    """
    owner = dataset.partition("/")[0]
    return tuple(
        view
        for state in UNDECIDED
        for view in client.requests.iterate(owner=owner, state=state)
        if view.request.dataset == dataset
    )
