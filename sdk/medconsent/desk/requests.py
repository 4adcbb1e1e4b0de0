"""A request as it is shown to whoever decides on it: everything that a vote is about, in the order of reading."""

from collections.abc import Iterator
from dataclasses import dataclass

from medconsent import times
from medconsent._internal.words import counted
from medconsent.client import Client
from medconsent.contract import states
from medconsent.desk.facts import Fact, fact, moment
from medconsent.desk.people import People
from medconsent.errors import MedconsentError
from medconsent.nouns.decisions import Decision
from medconsent.values.purposes import Ethics
from medconsent.values.records import ForgedRecord
from medconsent.values.requests import (
    InvitationView,
    Remark,
    Request,
    RequestView,
    StageProgress,
    TextReference,
    Vote,
)

UNDECIDED = states("request", final=False)
"""The states of a request in which a vote still counts."""
_FOR = frozenset({"USE_PERMITTED"})
"""Reasons of the rules that speak for a request; what is in none of these speaks against it."""
_TO_JUDGE = ("_NEEDS_REVIEW", "CLAIMED_ONLY")
"""How the codes of reasons end that are left to people."""
_TO_KNOW = frozenset({"EXCLUSION_DUE", "ASKED_ABOUT", "INSTITUTION_UNKNOWN"})
_SHORT = 12  # characters of a digest: the vote names it whole


@dataclass(frozen=True)
class Background:
    """What a request is about, in words.

    Attributes:
        title: The title of the version that is asked for.
        policy: What the policy says that it is judged by, in the contract's sentences.
    """

    title: str
    policy: tuple[str, ...]


@dataclass(frozen=True)
class VoteLine:
    """A vote that was given.

    Attributes:
        vote: The word: `approve`, `reject`, `recuse`, `return` or `close`.
        note: `before the amendment` for a vote on what the request said before it was amended, which counts no longer.
        by: Who voted, and for whom.
        committee: In which committee, as `hanbit/dac`.
        at: When, as the contract spells times.
        reason: Why; empty when none was given.
    """

    vote: str
    note: str
    by: str
    committee: str
    at: str
    reason: str


@dataclass(frozen=True)
class RemarkLine:
    """Something that was said: who said it when, and what."""

    heading: str
    said: str


@dataclass(frozen=True)
class InvitationLine:
    """A question to somebody: who is asked, by whom, whether it was answered, until when it may be, and what."""

    asked: str
    by: str
    answered: str
    until: str
    question: str


@dataclass(frozen=True)
class RequestScreen:
    """Everything of a request, in the order of reading.

    Attributes:
        facts: The request, whom it waits for, what is asked for, what the rules say now, and what was done to it.
        votes: The votes so far, oldest first.
        attested: The approvals of ethics boards that go with votes that count.
        remarks: What was said besides.
        invitations: Who was asked for an opinion.
        not_counted: Votes and rosters that were found forged.
        grant: What the approval gave.
    """

    facts: tuple[Fact, ...]
    votes: tuple[VoteLine, ...]
    attested: tuple[str, ...]
    remarks: tuple[RemarkLine, ...]
    invitations: tuple[InvitationLine, ...]
    not_counted: tuple[ForgedRecord, ...]
    grant: tuple[Fact, ...]


def screen(
    view: RequestView, decision: Decision | None, people: People, background: Background | None = None
) -> RequestScreen:
    """The screen of one request.

    Args:
        view: The request as the contract answers it.
        decision: What the rules say of it now (`judged`); None leaves that out.
        people: How people are named.
        background: The dataset's title, and the policy in words (`background_of`); None leaves them out.
    """
    former = {vote.id for vote in view.votes if _is_former(vote, view.request)}
    attestations = (
        f"{attested(vote.attestation)}, by {people.person(vote.voter)}"
        for vote in view.votes
        if vote.attestation and vote.id not in former
    )
    given = view.grant
    return RequestScreen(
        facts=(
            Fact("request", (view.id,)),
            Fact("state", _more_of_state(view), view.state),
            Fact("waits for", _waits_for(view, people)),
            *summary(view.request, people, background),
            *_judgement(decision),
            *(
                Fact(change.action, (f"{moment(change.at)} by {people.person(change.by)}",))
                for change in view.request.changes[1:]
            ),
        ),
        votes=tuple(_vote(vote, people, former=vote.id in former) for vote in view.votes),
        attested=tuple(attestations),
        remarks=tuple(_remark(remark, people) for remark in view.remarks),
        invitations=tuple(_invitation(one, people) for one in view.invitations),
        not_counted=view.not_counted,
        grant=(fact("grant", given.id), fact("valid until", moment(given.until))) if given else (),
    )


def judged(client: Client, view: RequestView) -> Decision | None:
    """What the policy, and what the data rests on, say of an undecided request now.

    Args:
        client: Whose peer is asked.
        view: The request, as `requests.get` gave it.

    Returns:
        The contract's answer; None when the request is decided, or when it cannot be had: the request is shown all the
        same.
    """
    if view.state not in UNDECIDED:
        return None
    request = view.request
    try:
        return client.decisions.explain(
            request.dataset,
            version=request.version,
            purpose=request.purpose,
            mode=request.mode,
            duration=request.duration_seconds,
            institution=request.requester.institution,
            researchers=request.researchers,
        )
    except MedconsentError:
        return None


def background_of(client: Client, view: RequestView) -> Background | None:
    """What an undecided request is about, in words.

    The arguments are those of `judged`.

    Returns:
        None when the request is decided, or when it cannot be had: the request is shown all the same.
    """
    if view.state not in UNDECIDED:
        return None
    asked = view.request
    try:
        found = client.datasets.get(asked.dataset, asked.version)
        policy = found.policy
        if policy.version != asked.policy_version:
            policy = client.policies.get(asked.dataset, asked.policy_version)
        return Background(found.version.title, client.policies.lint(policy.policy).words)
    except MedconsentError:
        return None


def summary(request: Request, people: People, background: Background | None = None) -> tuple[Fact, ...]:
    """What is asked for, by whom, and the digests that a vote names, cut short.

    Args:
        request: What is asked for.
        people: Names for enrolment ids.
        background: The dataset's title and the policy in words; None leaves both out.
    """
    return (
        fact("dataset", f"{request.dataset}@{request.version}"),
        fact("title", background.title if background else None),
        Fact(
            "policy",
            (f"{request.dataset}#{request.policy_version}", *(background.policy if background else ())),
        ),
        fact("by", people.person(request.requester)),
        fact("researchers", people.people(request.owner, request.researchers)),
        Fact("data goes to", tuple(_delivery(request, people))),
        fact("renews grant", request.renews),
        fact("joins grant", request.joins),
        fact("purpose", request.purpose),
        fact("mode", request.mode),
        fact("for", times.format_duration(request.duration_seconds)),
        fact("project", request.project),
        Fact("private", tuple(_private_text(text) for text in request.texts or ())),
        fact("accepted terms", request.accepted_terms),
        fact("to be decided by", moment(request.review_until)),
        fact("digest of the request", request.digest[:_SHORT]),
        fact("digest of the version", request.version_digest[:_SHORT]),
        fact("digest of the policy", request.policy_digest[:_SHORT]),
    )


def _delivery(request: Request, people: People) -> Iterator[str]:
    """To which key data would be encrypted, for each researcher: whoever approves, approves that."""
    keys = {one.person: one.sha256 for one in request.deliveries or ()}
    if keys or request.mode == "download":
        for one in request.researchers:
            named = people.people(request.owner, (one,))
            yield (
                f"{named}: the delivery key {keys[one]}"
                if one in keys
                else f"{named}: no delivery key, so nothing can be fetched"
            )


def waited_for(view: RequestView, people: People) -> tuple[str, str]:
    """Whom a request waits for, and since when, as in a list; each empty when there is nothing to say.

    Args:
        view: The request, as `requests.get` gave it.
        people: Names for enrolment ids.
    """
    if view.state == "returned":
        return people.person(view.request.requester), moment(view.returned_at)
    stages = view.open_stages()
    since = [stage.since for stage in stages if stage.since]
    each = (
        f"{stage.committee} ({stage.missing}{'' if stage.can_be_met else ', can no longer be met'})" for stage in stages
    )
    return ", ".join(each), moment(min(since, default=None))


def voter(vote: Vote, people: People) -> str:
    """Who voted, and for whom.

    Args:
        vote: The vote, a deputy's or a member's own.
        people: Names for enrolment ids.
    """
    if vote.deputy_for is None:
        return people.person(vote.voter)
    return f"{people.person(vote.voter)} for {people.member(vote.voter.institution, vote.deputy_for.member)}"


def attested(given: Ethics) -> str:
    """An ethics board's approval in one line."""
    return f"{given.board}, {given.number}, until {moment(given.valid_until)}, letter {given.sha256}"


def _is_former(vote: Vote, request: Request) -> bool:
    """Whether a vote is on what the request said before it was amended; a declared conflict stays one."""
    return vote.request_digest != request.digest and vote.vote != "recuse"


def _more_of_state(view: RequestView) -> tuple[str, ...]:
    why = f"({view.why})" if view.why else ""
    since = f"since {moment(view.decided_at)}" if view.decided_at else ""
    more = " ".join(part for part in (why, since) if part)
    return (more,) if more else ()


def _waits_for(view: RequestView, people: People) -> tuple[str, ...]:
    if view.state != "returned":
        return tuple(_stage(stage, people) for stage in view.waits_for)
    since = f" since {moment(view.returned_at)}" if view.returned_at else ""
    return (f"{people.person(view.request.requester)} to amend it{since}",)


def _stage(stage: StageProgress, people: People) -> str:
    if not stage.open:
        needs = counted(stage.threshold, "approval")
        told = f"{stage.committee}: opens after the steps before ({needs}; step {stage.step})"
        return told if stage.can_be_met else f"{told}; {unmeetable(stage)}"
    more = f"{stage.missing} more" if stage.approvals else str(stage.missing)
    tally = f"{stage.approvals} of {counted(stage.threshold, 'approval')}"
    if stage.rule:
        tally += f", by {stage.rule}"
    if stage.rejections:
        tally += f", {stage.rejections} against"
    if stage.recused:
        tally += f", {stage.recused} with a conflict of interest"
    told = f"{stage.committee}: {more} ({tally}; {stage.seated} seated)"
    if stage.since:
        told += f" since {moment(stage.since)}"
    if stage.waits_for:
        told += f": {people.members(stage.institution, stage.waits_for)}"
    if not stage.can_be_met:
        told += f"; {unmeetable(stage)}"
    return told


def unmeetable(stage: StageProgress) -> str:
    """That a stage can no longer be met by those who sit there, and what helps."""
    left = counted(len(stage.waits_for), "member is", "members are") + " left who can vote"
    return f"it can no longer be met: {left}; a steward of {stage.institution} seats others (committee add)"


def _judgement(decision: Decision | None) -> Iterator[Fact]:
    """What the rules say, for and against, and what is left to people: in the contract's sentences."""
    if decision is None:
        return
    yield Fact("the rules say", state=decision.decision)
    said: dict[str, list[str]] = {"for it": [], "against it": [], "for people to judge": [], "to know": []}
    for reason in decision.reasons:
        said[_speaks(reason.code)].append(reason.message)
    for label, sentences in said.items():
        yield Fact(label, tuple(sentences))
    yield fact("only claimed", ", ".join(decision.claimed))


def _speaks(code: str) -> str:
    """For what a reason speaks, as it is headed."""
    if code in _FOR:
        return "for it"
    if code.endswith(_TO_JUDGE):
        return "for people to judge"
    return "to know" if code in _TO_KNOW else "against it"


def _private_text(text: TextReference) -> str:
    return f"{text.kind}: {text.commitment}" + (" (replaced)" if text.replaced else "")


def _vote(vote: Vote, people: People, *, former: bool) -> VoteLine:
    return VoteLine(
        vote.vote,
        "before the amendment" if former else "",
        voter(vote, people),
        f"{vote.voter.institution}/{vote.role}",
        moment(vote.created_at),
        vote.reason or "",
    )


def _remark(remark: Remark, people: People) -> RemarkLine:
    return RemarkLine(
        f"{remark.kind} of {people.person(remark.author)} at {moment(remark.created_at)}",
        remark.text or f"(kept off the ledger; commitment {remark.commitment})",
    )


def _invitation(view: InvitationView, people: People) -> InvitationLine:
    return InvitationLine(
        people.person(view.invitation.reviewer),
        people.person(view.invitation.inviter),
        "yes" if view.answered else "no",
        moment(view.invitation.until),
        view.invitation.question,
    )
