"""A request as people are shown it, before they vote and after."""

from typing import TYPE_CHECKING

from medconsent_cli import _output
from medconsent_cli._lists import warn_forged
from medconsent_cli._render import actors, how_long, when

if TYPE_CHECKING:
    from medconsent.requests import Request, RequestView, StageProgress


def summary(request: "Request") -> list[tuple[str, object]]:
    """What is asked for, by whom, and the digests that a vote names."""
    return [
        ("dataset", f"{request.dataset}@{request.version}"),
        ("policy", f"{request.dataset}#{request.policy_version}"),
        ("by", request.requester),
        ("researchers", actors(request.owner, request.researchers)),
        ("purpose", request.purpose),
        ("mode", request.mode),
        ("for", how_long(request.duration_seconds)),
        ("project", request.project),
        ("accepted terms", request.accepted_terms),
        ("to be decided by", when(request.review_until)),
        ("digest of the request", request.digest),
        ("digest of the version", request.version_digest),
        ("digest of the policy", request.policy_digest),
    ]


def show_request(view: "RequestView") -> None:
    """Everything: the request, whom it still waits for, its votes and its grant."""
    state = _output.word(view.state)
    if view.why:
        state += f" ({_output.safe(view.why)})"
    if view.decided_at:
        state += f" since {when(view.decided_at)}"
    _output.fields(
        [
            ("request", view.id),
            ("state", _output.Styled(state)),
            ("waits for", [_waiting(stage) for stage in view.waits_for]),
            *summary(view.request),
        ]
    )
    if view.votes:
        _output.line()
        _output.table(
            ["vote", "by", "as", "when", "reason"],
            [
                [vote.vote, vote.voter, f"{vote.voter.institution}/{vote.role}", when(vote.created_at), vote.reason]
                for vote in view.votes
            ],
        )
    warn_forged(view.not_counted)
    if view.grant:
        _output.fields([("grant", view.grant.id), ("valid until", when(view.grant.until))])


def _waiting(stage: "StageProgress") -> str:
    more = f"{stage.missing} more" if stage.approvals else str(stage.missing)
    tally = f"{stage.approvals} of {stage.threshold} approvals"
    if stage.rejections:
        tally += f", {stage.rejections} against"
    return f"{stage.institution}/{stage.role}: {more} ({tally}; {stage.seated} seated)"
