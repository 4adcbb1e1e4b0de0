"""A request as people are shown it, before they vote and after."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medconsent._internal.words import counted
from medconsent_cli.app import output
from medconsent_cli.app.lists import warn_forged
from medconsent_cli.app.persons import member, members, person
from medconsent_cli.app.render import actors, how_long, when
from medconsent_cli.app.state import App
from medconsent_cli.app.words import UNDECIDED

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.nouns.decisions import Decision
    from medconsent.nouns.requests import (
        InvitationView,
        Remark,
        Request,
        RequestView,
        StageProgress,
        TextReference,
        Vote,
    )
    from medconsent.values.purposes import Ethics

HEADERS = ["request", "state", "dataset", "by", "purpose", "mode", "for", "since", "waits for", "waiting since"]


def row(view: "RequestView") -> list[object]:
    """One row of a list of requests, below `HEADERS`."""
    request = view.request
    return [
        output.short(view.id),
        view.state,
        f"{request.dataset}@{request.version}",
        person(request.requester),
        request.purpose,
        request.mode,
        how_long(request.duration_seconds),
        when(request.created_at),
        *waited_for(view),
    ]


def waited_for(view: "RequestView") -> tuple[str, str]:
    """Whom it waits for, and since when, in a cell each."""
    if view.state == "returned":
        return person(view.request.requester), when(view.returned_at) if view.returned_at else ""
    stages = view.open_stages()
    since = [stage.since for stage in stages if stage.since]
    return ", ".join(f"{stage.committee} ({stage.missing})" for stage in stages), when(min(since)) if since else ""


def summary(request: "Request") -> list[tuple[str, object]]:
    """What is asked for, by whom, and the digests that a vote names."""
    return [
        ("dataset", f"{request.dataset}@{request.version}"),
        ("policy", f"{request.dataset}#{request.policy_version}"),
        ("by", person(request.requester)),
        ("researchers", actors(request.owner, request.researchers)),
        ("renews grant", request.renews),
        ("joins grant", request.joins),
        ("purpose", request.purpose),
        ("mode", request.mode),
        ("for", how_long(request.duration_seconds)),
        ("project", request.project),
        ("private", [_private_text(text) for text in request.texts or ()]),
        ("accepted terms", request.accepted_terms),
        ("to be decided by", when(request.review_until)),
        ("digest of the request", request.digest),
        ("digest of the version", request.version_digest),
        ("digest of the policy", request.policy_digest),
    ]


def _private_text(text: "TextReference") -> str:
    return f"{text.kind}: {text.commitment}" + (" (replaced)" if text.replaced else "")


def standing(app: App, client: "Client", request: str) -> str:
    """Where a request stands that was just submitted, for people: it may have been approved at once.

    Empty when that cannot be read: the request is there all the same.
    """
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    app.change = None  # this only reads
    if app.json:
        return ""
    try:
        found = client.requests.get(request)
    except MedconsentError:
        return ""
    return f"{found.state}, grant {found.grant.id}" if found.grant else found.state


def judged(client: "Client", view: "RequestView") -> "Decision | None":
    """What the policy, and what the data rests on, say of an undecided request now.

    None when it is decided, or when that cannot be read: the request is shown all the same.
    """
    from medconsent.errors import MedconsentError  # noqa: PLC0415

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


def _judgement(decision: "Decision | None") -> list[tuple[str, object]]:
    """What is left to people, in the contract's sentences."""
    if decision is None:
        return []
    why = [reason.message for reason in decision.reasons if reason.code != "USE_PERMITTED"]
    heading = {"review": "for people to judge", "deny": "not permitted now"}.get(decision.decision, "to know")
    return [
        ("the rules say", output.Styled(output.word(decision.decision))),
        (heading, why),
        ("only claimed", ", ".join(decision.claimed)),
    ]


def show_request(view: "RequestView", decision: "Decision | None" = None) -> None:
    """Everything: the request, whom it still waits for, what they have to judge, its votes, what was said about it, and
    its grant.
    """
    state = output.word(view.state)
    if view.why:
        state += f" ({output.safe(view.why)})"
    if view.decided_at:
        state += f" since {when(view.decided_at)}"
    returned = f"{person(view.request.requester)} to amend it" if view.state == "returned" else ""
    returned += f" since {when(view.returned_at)}" if returned and view.returned_at else ""
    output.fields(
        [
            ("request", view.id),
            ("state", output.Styled(state)),
            ("waits for", returned or [_waiting(stage) for stage in view.waits_for]),
            *summary(view.request),
            *_judgement(decision),
            *((change.action, f"{when(change.at)} by {person(change.by)}") for change in view.request.changes[1:]),
        ]
    )
    if view.votes:
        _votes(view)
    if view.remarks:
        _remarks(view.remarks)
    if view.invitations:
        _invitations(view.invitations)
    warn_forged(view.not_counted)
    if view.grant:
        output.fields([("grant", view.grant.id), ("valid until", when(view.grant.until))])


def _votes(view: "RequestView") -> None:
    """The votes; those on what the request said before it was amended are marked, as they count no longer."""
    output.line()
    former = {vote.id for vote in view.votes if vote.request_digest != view.request.digest and vote.vote != "recuse"}
    output.table(
        ["vote", "", "by", "as", "when", "reason"],
        [
            [
                vote.vote,
                "before the amendment" if vote.id in former else "",
                voter(vote),
                f"{vote.voter.institution}/{vote.role}",
                when(vote.created_at),
                vote.reason,
            ]
            for vote in view.votes
        ],
    )
    attestations = [
        f"{attested(vote.attestation)}, by {person(vote.voter)}"
        for vote in view.votes
        if vote.attestation and vote.id not in former
    ]
    output.fields([("attested", attestations)])


def voter(vote: "Vote") -> str:
    """Who voted, and for whom."""
    if vote.deputy_for is None:
        return person(vote.voter)
    return f"{person(vote.voter)} for {member(vote.voter.institution, vote.deputy_for.member)}"


def attested(attestation: "Ethics") -> str:
    """An ethics board's approval in one line."""
    until = when(attestation.valid_until)
    return output.brief(f"{attestation.board}, {attestation.number}, until {until}, letter {attestation.sha256}")


def _remarks(remarks: "Sequence[Remark]") -> None:
    """Each on lines of its own: what was said is not cut."""
    output.line()
    for remark in remarks:
        output.line(output.safe(f"{remark.kind} of {person(remark.author)} at {when(remark.created_at)}"))
        said = remark.text or f"(kept off the ledger; commitment {remark.commitment})"
        output.line(f"  {output.safe(said)}")


def _invitations(invitations: "Sequence[InvitationView]") -> None:
    output.line()
    output.table(
        ["asked", "by", "answered", "until", "question"],
        [
            [
                person(view.invitation.reviewer),
                person(view.invitation.inviter),
                "yes" if view.answered else "no",
                when(view.invitation.until) if view.invitation.until else "",
                view.invitation.question,
            ]
            for view in invitations
        ],
    )


def _waiting(stage: "StageProgress") -> str:
    if not stage.open:
        needs = counted(stage.threshold, "approval")
        return f"{stage.committee}: opens after the steps before ({needs}; step {stage.step})"
    more = f"{stage.missing} more" if stage.approvals else str(stage.missing)
    tally = f"{stage.approvals} of {counted(stage.threshold, 'approval')}"
    if stage.rule:
        tally += f", by {stage.rule}"
    if stage.rejections:
        tally += f", {stage.rejections} against"
    told = f"{stage.committee}: {more} ({tally}; {stage.seated} seated)"
    if stage.since:
        told += f" since {when(stage.since)}"
    if stage.waits_for:
        told += f": {members(stage.institution, stage.waits_for)}"
    return told
