"""Where a dataset stands: on what it rests, who has to agree and whether they can, what is asked and what was given."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from medconsent._internal.words import counted
from medconsent.client import Client
from medconsent.desk.facts import Fact, fact, moment
from medconsent.desk.people import People
from medconsent.desk.policies import undecided_requests
from medconsent.desk.steps import Step
from medconsent.documents.policies import words_of
from medconsent.errors import MedconsentError, NotFound
from medconsent.nouns.datasets import DatasetView
from medconsent.nouns.policies import Lint
from medconsent.values.grants import Grant
from medconsent.values.policies import Stage
from medconsent.values.requests import RequestView


@dataclass(frozen=True)
class DatasetStatus:
    """Where a version of a dataset stands.

    Attributes:
        view: The dataset, with its ground and its statement.
        former: What the version before rested on, when it has the same content and this one rests on nothing.
        lint: What the contract says of the policy by the committees as they stand.
        seated: Who sits on each committee that the policy names, by its name; None for one that is not there.
        undecided: How many requests are undecided, by their state.
        stuck: How many requests the committees, as they stand, can no longer meet, by the committee's name.
        grants: How many grants there are, by their state.
        released: How often it was released, by the receipts' state.
        sent: How many bytes have left in all, as the owner says.
    """

    view: DatasetView
    former: DatasetView | None
    lint: Lint
    seated: Mapping[str, tuple[str, ...] | None]
    undecided: Mapping[str, int]
    stuck: Mapping[str, int]
    grants: Mapping[str, int]
    released: Mapping[str, int]
    sent: int

    @property
    def needs_statement(self) -> bool:
        """Whether the policy asks for a statement of de-identification, and there is none."""
        return self.view.policy.policy.deidentification is not None and self.view.deid is None

    def to_json(self) -> dict[str, Any]:
        """As JSON: the dataset as the contract answers it, and what was read beside it."""
        step = self.next()
        return {
            **self.view.to_json(),
            "unmeetable": [reason.to_json() for reason in self.lint.unmeetable],
            "seated": {name: list(members or ()) for name, members in self.seated.items()},
            "undecided": dict(self.undecided),
            "stuck": dict(self.stuck),
            "grants": dict(self.grants),
            "released": dict(self.released),
            "sent": self.sent,
            "next": {"who": step.who, "does": step.does, "command": step.command},
        }

    def facts(self, people: People) -> tuple[Fact, ...]:
        """Everything, in the order of reading."""
        view = self.view
        version = view.version
        by = version.changes[0].by if version.changes else None
        return (
            fact("dataset", f"{view.id}@{version.version} of {view.dataset.latest_version}: {version.title}"),
            fact("published", moment(version.created_at) + (f" by {people.person(by)}" if by else "")),
            Fact("rests on", self._ground()),
            Fact("de-identified", self._statement()),
            Fact("permits", tuple(words_of(it) for it in view.policy.policy.use)),
            Fact("asks", tuple(self._asks(people))),
            Fact("cannot be met", tuple(reason.message for reason in self.lint.unmeetable)),
            Fact("requests", (_counts(self.undecided) or "none is undecided", *self._stuck())),
            Fact("grants", (_counts(self.grants) or "none",)),
            Fact("released", (self._released(),)),
        )

    def next(self) -> Step:
        """What comes first: the first thing that keeps anything from being granted, or who can go on."""
        name, version = self.view.id, self.view.version.version
        officer = f"a privacy officer of {name.partition('/')[0]}"
        if self.view.ground is None:
            return Step(officer, "says what it rests on", f"ground set {name}@{version} {same_ground(self.former)}")
        if self.needs_statement:
            return Step(officer, "says how it was de-identified", f"deid state {name}@{version} FILE")
        if self.lint.unmeetable:
            empty = next((it for it, members in self.seated.items() if not members), next(iter(self.seated), ""))
            institution, _, role = empty.partition("/")
            return Step(f"a steward of {institution}", "seats people", f"committee add {role} ID")
        if self.undecided:
            return self._undecided()
        return Step("a researcher", "asks for it", f"request submit {name}")

    def _undecided(self) -> Step:
        """What the undecided requests wait for: others on a committee, a change by whoever asked, or votes."""
        owner = self.view.id.partition("/")[0]
        for committee in self.stuck:
            institution, _, role = committee.partition("/")
            does = "seats others, for open requests can no longer be met"
            return Step(f"a steward of {institution}", does, f"committee add {role} ID")
        if set(self.undecided) == {"returned"}:
            return Step("whoever asked", "amends what was returned", f"request list --owner {owner} --state returned")
        return Step("the committees that are asked", "vote", "request list --waiting-for me")

    def _ground(self) -> tuple[str, ...]:
        ground = self.view.ground
        if ground is None:
            return ("nothing yet, so nothing can be granted",)
        return (*ground.cohorts, *ground.bases)

    def _statement(self) -> tuple[str, ...]:
        stated = self.view.deid
        if stated is None:
            return ("no statement, and the policy asks for one" if self.needs_statement else "no statement",)
        return (f"{stated.statement.get('term', '')} ({stated.statement.get('law', '')})",)

    def _stuck(self) -> Iterator[str]:
        for committee, count in self.stuck.items():
            yield f"{count} can no longer be met by those who sit on {committee}"

    def _released(self) -> str:
        if not self.released:
            return "never"
        return f"{_counts(self.released)}; {self.sent} bytes sent (receipt list --dataset {self.view.id})"

    def _asks(self, people: People) -> Iterator[str]:
        policy = self.view.policy.policy
        if not policy.stages:
            yield "nobody: what it permits is approved at once"
        for stage in policy.stages:
            needs = stage.rule or counted(stage.threshold or 1, "approval")
            if stage.of:
                yield f"{stage.role} of whoever asks: {needs}"
                continue
            yield f"{_committee(stage)}: {needs}; {self._sits(stage, people)}"

    def _sits(self, stage: Stage, people: People) -> str:
        members = self.seated.get(_committee(stage))
        if not members:
            return "nobody sits there"
        return f"{len(members)} sit there: {people.members(stage.institution, members)}"


def read_status(client: Client, dataset: str, version: int | None = None) -> DatasetStatus:
    """Ask the ledger where a dataset stands.

    Args:
        client: Whose peer is asked.
        dataset: The dataset, as `hanbit/brain-mri`.
        version: Its number, from 1; None for the newest.

    Raises:
        NotFound: There is none.
    """
    return status_of(client, client.datasets.get(dataset, version))


def status_of(client: Client, view: DatasetView) -> DatasetStatus:
    """Ask the ledger where a dataset stands that was read already.

    Args:
        client: Whose peer is asked.
        view: The version, as `datasets.get` gave it.

    Raises:
        Refused: The contract refuses.
    """
    policy = view.policy.policy
    named = [_committee(stage) for stage in policy.stages if stage.institution]
    grants = Counter(
        it.state for it in client.grants.iterate(dataset=view.id) if it.grant.version == view.version.version
    )
    released: Counter[str] = Counter()
    sent = 0
    for it in client.receipts.iterate(dataset=view.id):
        if it.receipt.version == view.version.version:
            released["unproven" if it.unproven else it.state] += 1
            sent += it.receipt.sent or 0
    open_requests = undecided_requests(client, view.id)
    return DatasetStatus(
        view=view,
        former=_former(client, view),
        lint=client.policies.lint(policy),
        seated={name: _members(client, name) for name in named},
        undecided=Counter(it.state for it in open_requests),
        stuck=_stuck(open_requests),
        grants=dict(sorted(grants.items())),
        released=dict(sorted(released.items())),
        sent=sent,
    )


def of_publication(client: Client, view: DatasetView) -> Step:
    """What a version needs that was just published: it rests on nothing, whatever the one before rested on.

    The arguments are those of `status_of`.

    Raises:
        MedconsentError: The version before cannot be read.
    """
    name = f"{view.version.dataset}@{view.version.version}"
    former = _former(client, view)
    demanded = view.policy.policy.deidentification is not None
    does = "says what it rests on"
    if demanded:
        stated = ", as of the version before" if former and former.deid else ""
        does += f" and how it was de-identified (deid state {name}{stated})"
    return Step(f"a privacy officer of {view.version.owner}", does, f"ground set {name} {same_ground(former)}")


def same_ground(former: DatasetView | None) -> str:
    """The options of `ground set` for a version: those of the version before, where its content is the same."""
    before = former.ground if former else None
    if before is None:
        return "--cohort COHORT (or --basis BASIS)"
    options = [*(f"--cohort {it}" for it in before.cohorts), *(f"--basis {it}" for it in before.bases)]
    return " ".join(options) + f" (as version {before.version}, whose content is the same)"


def where_the_data_is(client: Client, grant: Grant) -> tuple[Fact, ...]:
    """Where the data of a grant is, and whom to ask: empty when the version cannot be read.

    Args:
        client: Whose peer is asked.
        grant: What permits to have the data.
    """
    try:
        version = client.datasets.get(grant.dataset, grant.version).version
    except MedconsentError:
        return ()
    name = f"{grant.dataset}@{grant.version}"
    manifest = version.manifest.url or f"medconsent dataset manifest {name}"
    return (
        fact("the data", f"{version.title}: at {version.owner}, by {grant.mode}; the ledger has none of it"),
        fact("whom to ask", version.contact),
        fact("its files", f"{counted(version.content.files, 'file')}, listed in the manifest: {manifest}"),
        fact("to compare", f"medconsent dataset verify {name} FOLDER"),
    )


def _former(client: Client, view: DatasetView) -> DatasetView | None:
    """The version before, when this one rests on nothing and has the same content."""
    number = view.version.version
    if view.ground is not None or number == 1:
        return None
    before = client.datasets.get(view.version.dataset, number - 1)
    return before if before.version.content == view.version.content else None


def _stuck(views: Iterable[RequestView]) -> Mapping[str, int]:
    """The committees that can no longer meet a request, and how many; what was returned waits for no vote."""
    stages = (stage for view in views if view.state != "returned" for stage in view.waits_for)
    return Counter(stage.committee for stage in stages if not stage.can_be_met)


def _members(client: Client, committee: str) -> tuple[str, ...] | None:
    try:
        found = client.committees.get(committee)
    except NotFound:
        return None
    now = datetime.now(UTC)
    return tuple(sorted({seat.id for seat in found.seats if seat.seated(now)}))


def _committee(stage: Stage) -> str:
    return f"{stage.institution}/{stage.role}"


def _counts(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in states.items())
