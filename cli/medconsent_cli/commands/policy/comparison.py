"""What a policy says that another does not, and what it would end: `policy diff`, and before `policy set`."""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medconsent_cli.app import output, persons
from medconsent_cli.app.lists import warn_forged
from medconsent_cli.app.render import when
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medconsent.desk.policies import PolicyChange
    from medconsent.nouns.decisions import Reason
    from medconsent.policies import EndingGrant, Policy, PolicyDiff


@dataclass(frozen=True)
class Compared:
    """A policy in a file, compared with what stands."""

    file: str
    change: "PolicyChange"

    def to_json(self) -> dict[str, Any]:
        found = self.change
        ends = {} if found.ends is None else {"ends": [it.to_json() for it in found.ends]}
        forged = {"forged": [it.to_json() for it in found.forged]} if found.forged else {}
        return {**found.diff.to_json(), "lapses": dict(found.lapses), **ends, **forged}

    def tell(self) -> None:
        found = self.change
        show_diff(found.diff, output.safe("standard input" if self.file == "-" else self.file))
        output.line(found.of_requests())
        if found.ends is None:
            return
        output.line(found.of_grants() + (":" if found.ends else ""))
        if found.ends:
            rows = [line for it in found.ends for line in _ending(it)]
            output.table(["grant", "state", "would be", "held by", "until", "why"], rows)
        warn_forged(found.forged)


def _ending(grant: "EndingGrant") -> "Iterable[list[object]]":
    """The rows of a grant that a policy would end or suspend, its reasons over as many lines as they take."""
    held = persons.people(grant.grant.institution, grant.grant.grantees)
    head: list[object] = [output.short(grant.id), grant.state, grant.becomes, held, when(grant.grant.until)]
    for part in wrapped("; ".join(reason.message for reason in grant.reasons)):
        yield [*head, part]
        head = [""] * len(head)


def wrapped(text: str) -> list[str]:
    """A text as the lines of a table's last column."""
    return textwrap.wrap(output.safe(text), 60)


def compare(app: App, dataset: str, file: str, drafted: "Policy", from_: int | None = None) -> Compared:
    """A policy that is not set yet with the one that stands, or with number `from_`.

    Args:
        app: The settings of this run.
        dataset: The dataset whose policy it is.
        file: The file that the new one was read from, for what is printed.
        drafted: The new one.
        from_: The number of the policy that it is compared with, from 1; None for the one that stands.
    """
    from medconsent.desk.policies import compare as compared  # noqa: PLC0415

    with app.asking("comparing the policies") as client:
        return Compared(file, compared(client, dataset, drafted, from_))


def show_diff(found: "PolicyDiff", file: str | None = None) -> None:
    """What was removed and added, and whether the later one (`file`, when it is not set yet) narrows."""
    dataset = output.safe(found.dataset)
    if file is None:
        later = str(found.to)
        output.line(f"policy {later} of {dataset}, compared with {found.from_}")
    else:
        later = file
        output.line(f"{file}, compared with policy {found.from_} of {dataset}")
    lines = [f"- {output.safe(it)}" for it in found.removed] + [f"+ {output.safe(it)}" for it in found.added]
    for line in lines or ["they say the same"]:
        output.line(line)
    if not lines:
        return
    if found.narrower:
        output.line(f"{later} is narrower than {found.from_}")
    show_reasons(f"{later} is not narrower than {found.from_}:", found.wider)
    if existing := found.existing:
        than = " and ".join(map(str, existing.than))
        could = "can" if existing.narrower else "cannot"
        output.line(f"such a policy {could} apply to existing grants: for that it has to be narrower than {than}")


def show_reasons(title: str, reasons: "Iterable[Reason]") -> None:
    """A line a reason below a title; nothing when there are none."""
    for number, reason in enumerate(reasons):
        if number == 0:
            output.line(title)
        output.line(output.safe(f"  - {reason.message} [{reason.clause}]"))
