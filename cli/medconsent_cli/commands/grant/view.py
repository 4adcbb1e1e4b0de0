"""A grant as people are shown it, in lists and by itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medconsent_cli.app import output, persons
from medconsent_cli.app.render import record_lines, when

if TYPE_CHECKING:
    from medconsent.values.grants import Grant, OtherGrant

BREAK_GLASS = "BREAK-GLASS"
"""How every list marks what was opened without an approval."""

HEADERS = ["grant", "state", "", "dataset", "held by", "purpose", "mode", "until"]


def mark(grant: "Grant") -> str:
    """The mark of a break-glass grant; empty for any other."""
    return BREAK_GLASS if grant.breakglass else ""


def row(grant: "Grant", state: str) -> list[object]:
    """One row of a list of grants, below `HEADERS`."""
    return [
        output.short(grant.id),
        state,
        mark(grant),
        f"{grant.dataset}@{grant.version}",
        persons.people(grant.institution, grant.grantees),
        grant.purpose,
        grant.mode,
        when(grant.until),
    ]


def show_others(others: "Sequence[OtherGrant]", title: str) -> None:
    """Other grants below a title; nothing when there are none."""
    if not others:
        return
    output.line()
    output.line(output.strong(title))
    output.table([*HEADERS, "shared people"], [[*row(it.grant, it.state), ", ".join(it.people)] for it in others])


def show_grant(found: "Grant", state: str, why: str | None = None) -> None:
    """Everything about a grant, and what became of it."""
    told = output.word(state) + (f" ({output.safe(why)})" if why else "")
    output.fields(
        [
            ("grant", found.id),
            ("state", output.Styled(told)),
            (output.word(BREAK_GLASS), found.breakglass),
            ("dataset", f"{found.dataset}@{found.version}"),
            ("held by", persons.people(found.institution, found.grantees)),
            ("purpose", found.purpose),
            ("mode", found.mode),
            ("from", when(found.from_)),
            ("until", when(found.until)),
            ("obligations", ", ".join(found.obligations)),
            ("request", found.request),
            ("renews grant", found.renews),
            ("joins grant", found.joins),
            ("votes", [output.brief(f"{vote.key} {vote.digest}") for vote in found.votes]),
            *(
                (
                    change.action,
                    f"{when(change.at)} by {persons.person(change.by)}" + (f": {change.note}" if change.note else ""),
                )
                for change in found.changes[1:]
            ),
            *record_lines(found),
        ]
    )
