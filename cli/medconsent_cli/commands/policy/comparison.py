"""What a policy says that another does not, and which grants it would end: `policy diff`, and before `policy set`."""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medconsent_cli.app import output
from medconsent_cli.app.lists import warn_forged
from medconsent_cli.app.render import actors, when
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medconsent.nouns.decisions import Reason
    from medconsent.policies import EndingGrant, Policy, PolicyDiff
    from medconsent.values.records import ForgedRecord


@dataclass(frozen=True)
class Compared:
    """A policy in a file, compared with what stands; `ends` is None when it could not apply to existing grants."""

    file: str
    found: "PolicyDiff"
    ends: "Sequence[EndingGrant] | None"
    forged: "Sequence[ForgedRecord]"

    def to_json(self) -> dict[str, Any]:
        ends = {} if self.ends is None else {"ends": [it.to_json() for it in self.ends]}
        forged = {"forged": [it.to_json() for it in self.forged]} if self.forged else {}
        return {**self.found.to_json(), **ends, **forged}

    def tell(self) -> None:
        show_diff(self.found, output.safe("standard input" if self.file == "-" else self.file))
        if self.ends is None:
            return
        output.line("grants that it would end, if it applied to them:" + ("" if self.ends else " none"))
        if self.ends:
            rows = [line for it in self.ends for line in _ending(it)]
            output.table(["grant", "state", "held by", "until", "why"], rows)
        warn_forged(self.forged)


def _ending(grant: "EndingGrant") -> "Iterable[list[object]]":
    """The rows of a grant that a policy would end, its reasons over as many lines as they take."""
    held = actors(grant.grant.institution, grant.grant.grantees)
    head: list[object] = [output.short(grant.id), grant.state, held, when(grant.grant.until)]
    for part in wrapped("; ".join(reason.message for reason in grant.reasons)):
        yield [*head, part]
        head = [""] * len(head)


def wrapped(text: str) -> list[str]:
    """A text as the lines of a table's last column."""
    return textwrap.wrap(output.safe(text), 60)


def compare(app: App, dataset: str, file: str, drafted: "Policy", from_: int | None = None) -> Compared:
    """A policy that is not set yet with the one that stands, or with number `from_`."""
    forged: list[ForgedRecord] = []
    with app.asking("comparing the policies") as client:
        found = client.policies.diff(dataset, from_, policy=drafted)
        could = found.existing is not None and found.existing.narrower
        ends = list(client.policies.iterate_ends(dataset, drafted, on_forged=forged.append)) if could else None
    return Compared(file, found, ends, forged)


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
