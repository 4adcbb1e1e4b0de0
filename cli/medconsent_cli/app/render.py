"""What several nouns show people in the same way: a record's digest and age, a change that was committed, a purpose."""

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, persons, steps
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.desk.plans import Plan
    from medconsent.desk.steps import Step
    from medconsent.values.records import Proposal, Record, Written


def show_written(
    app: App,
    written: "Written[Any]",
    people: Callable[[], None],
    value: dict[str, Any] | None = None,
    *,
    then: "Step | None",
) -> None:
    """A change: what it made, and on stdout also the transaction and the block, which others may wait for.

    Args:
        app: The settings of this run.
        written: What the SDK answered.
        people: Prints what was made.
        value: The JSON, where there is more to say than `written_json`.
        then: Who has to do what now; None where that could not be read.
    """
    if written.proposal is not None:
        show_waiting(app, written, written.proposal)
        return

    def told() -> None:
        people()
        committed(written)
        for text in app.ends:
            output.line(output.safe(f"with it: {text}"))
        show_next(then)

    app.show(value or written_json(written), told)


def then_of_dataset(app: App, client: "Client", dataset: str, version: int | None = None) -> "Step | None":
    """What comes next for a dataset after a change of it, for people.

    Args:
        app: The settings of this run.
        client: Whose peer is asked.
        dataset: The dataset.
        version: Its number, from 1; None for the newest.
    """
    from medconsent.desk.datasets import read_status  # noqa: PLC0415

    return following(app, lambda: read_status(client, dataset, version).next())


def show_next(step: "Step | None") -> None:
    """The line that says who has to do what now; for None, where that could not be read, how one finds out."""
    output.line(output.safe(f"next: {step or steps.unread()}"))


def following(app: App, read: "Callable[[], Step | None]") -> "Step | None":
    """What comes after a change that is committed, for people.

    Args:
        app: The settings of this run.
        read: Asks the ledger for it.

    Returns:
        None with --json, and where it cannot be read: the change stands all the same.
    """
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    app.change = None  # this only reads
    if app.json:
        return None
    try:
        return read()
    except MedconsentError:
        return None


def show_waiting(app: App, written: "Written[Any]", proposal: "Proposal") -> None:
    """What one did waits for a second officer: the proposal, and who has to do what now."""
    short = output.short(proposal.id)

    def told() -> None:
        proposal_lines(proposal, proposal.status)
        committed(written)
        output.line(
            f"next: it waits for a second officer of {proposal.institution}: medconsent proposal confirm {short}"
        )

    value = {"proposal": proposal.to_json(), "transaction_id": written.transaction_id, "block": written.block}
    app.show(value, told)
    _say_whether_again(app, proposal)


def _say_whether_again(app: App, proposal: "Proposal") -> None:
    """Say on stderr, for people, that the same was proposed already and still waits."""
    from medconsent.desk.repeated import same_proposal  # noqa: PLC0415
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    app.change = None  # this only reads
    if app.json:
        return
    try:
        with app.asking("reading the proposals") as client:
            first = same_proposal(client, proposal)
    except MedconsentError:
        return  # the proposal stands all the same
    if first is not None:
        by = persons.person(first.proposed_by)
        told = f"the same was proposed already, by {by}, and waits: medconsent proposal show {output.short(first.id)}"
        again = f"`medconsent proposal reject {output.short(proposal.id)}` takes this one back"
        click.echo(output.safe(f"warning: {told}; {again}"), err=True)


def proposal_lines(proposal: "Proposal", state: str, why: str | None = None) -> None:
    """A proposal, and in words what it widens.

    Args:
        proposal: The proposal.
        state: Its state, in the contract's word.
        why: Why it is in that state; None where the word says it.
    """
    output.fields(
        [
            ("proposal", proposal.id),
            ("state", state + (f" ({why})" if why else "")),
            ("does", proposal.function),
            *(("widens", words) for words in proposal.widens),
            ("proposed by", f"{persons.person(proposal.proposed_by)} at {when(proposal.created_at)}"),
            ("confirmed by", persons.person(proposal.confirmed_by) if proposal.confirmed_by else ""),
            *record_lines(proposal),
        ]
    )


def written_json(written: "Written[Any]") -> dict[str, Any]:
    """A change as JSON: the contract's answer, and with it the transaction and its block."""
    return {**written.answer.to_json(), "transaction_id": written.transaction_id, "block": written.block}


def committed(written: "Written[Any]") -> None:
    """The line that ends each change."""
    output.line(f"committed in block {written.block}, transaction {written.transaction_id}")


def record_lines(record: "Record") -> list[tuple[str, object]]:
    """The lines on a record itself, whatever it is of."""
    return [("since", when(record.updated_at)), ("digest", record.digest)]


def when(moment: Any) -> str:
    """A time as the contract spells it."""
    from medconsent.times import format_time  # noqa: PLC0415

    return format_time(moment)


def how_long(seconds: int) -> str:
    """A duration as people write it."""
    from medconsent.times import format_duration  # noqa: PLC0415

    return format_duration(seconds)


def size(count: int) -> str:
    """Bytes for people, in binary units."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


def purpose(value: Any) -> str:
    """A purpose in one line: `disease ICD10:C50`."""
    return " ".join([value.kind, ", ".join(value.diseases or ())]).strip()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back.

    Args:
        question: What is asked; the answer is yes or no.
        yes: The user has said yes already (`--yes`).

    Raises:
        click.UsageError: nobody can be asked, and --yes was not given.
        click.Abort: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this asks first, and there is no terminal to ask at: give --yes.")
    click.confirm(question, abort=True, err=True)


def ask_first(app: App, make: "Callable[[Client], Plan]", *, yes: bool) -> "Plan | None":
    """Show on stderr what an act would do, and ask; with --yes it is only counted, for what is told after the act.

    Args:
        app: The settings of this run.
        make: Reads what the act would change, and says what it would do.
        yes: The user has said yes already (`--yes`).

    Returns:
        What was shown; None with --yes, where nobody has seen anything.

    Raises:
        click.UsageError: nobody can be asked, and --yes was not given.
        click.Abort: the answer was no.
    """
    if yes:
        app.ends = counted_before(app, lambda client: make(client).told_after())
        return None
    if app.json and not sys.stdin.isatty():
        confirm("", yes=False)
    with app.asking("reading what it would change") as client:
        plan = make(client)
    app.ends = plan.told_after()
    with redirect_stdout(sys.stderr):
        show_plan(plan)
    confirm(plan.question, yes=False)
    return plan


def counted_before(app: App, count: "Callable[[Client], tuple[str, ...]]") -> tuple[str, ...]:
    """What an act that nobody is asked about takes away, a line each, for people.

    Args:
        app: The settings of this run.
        count: Reads it.

    Returns:
        Nothing with --json, and where it cannot be read: whether the act is done is the contract's to say.
    """
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    if app.json:
        return ()
    try:
        with app.asking("reading what it changes") as client:
            return count(client)
    except MedconsentError:
        return ()


def show_plan(plan: "Plan") -> None:
    """What an act would do, with a sign before each line: gone, new, changed."""
    output.line(output.strong(output.safe(plan.title)))
    for sign, colour, lines in (("-", "red", plan.goes), ("+", "green", plan.comes), ("~", "yellow", plan.changes)):
        for text in lines:
            output.line(output.tinted(f"{sign} {output.safe(text)}", colour))
    if plan.stays:
        output.line(output.safe(f"  as before: {plan.stays}"))
    for text in (*plan.ends, *plan.notes):
        output.line(output.safe(text))


ASK_OPTION = click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
"""The option --yes of what asks first."""
