"""`medconsent consent key`, `begin`, `epoch`, `end`: who is in and who is out, as a root and two bands."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, steps
from medconsent_cli.app.render import ASK_OPTION, ask_first, record_lines, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DURATION, SLUG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medconsent.data.people.keys import CohortKey
    from medconsent.nouns.consents import NewEpoch
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.consent.values import FILE


def commitment_options(function: Any) -> Any:
    for option in (
        click.option("--key", "key_file", required=True, type=FILE, metavar="FILE", help="The cohort's secret key."),
        click.option(
            "--members",
            "members_file",
            required=True,
            type=FILE,
            metavar="FILE",
            help="Who is in and who is out (CSV: id,state); it stays here.",
        ),
    ):
        function = option(function)
    return function


def _consent_option(function: Any) -> Any:
    return click.option(
        "--consent",
        "consent_file",
        required=True,
        type=FILE,
        metavar="FILE",
        help="What they permit, and under which law and wording (YAML: docs/consent.md).",
    )(function)


@click.command(
    "key",
    cls=Command,
    help="""Make a cohort's secret key.

    Only its owner can read the file. Without it nobody can compute a pseudonym from an identifier; whoever has it
    can, so keep it, and a copy, where only those can read it who may see the identifiers themselves.""",
    examples="""
    medconsent consent key oncology.key
    """,
)
@click.argument("file", type=FILE, metavar="FILE")
@pass_app
def key(app: App, file: Path) -> None:
    """See the help."""
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415

    CohortKey.new().save(file)
    app.show({"key": str(file)}, lambda: output.line(f"a new key, for you alone to read: {file}"))


@click.command(
    "begin",
    cls=Command,
    help="""Record a new cohort with its first epoch (role: privacy).

    The root and the bands are computed here; identifiers stay here. The members are kept on this computer (mode 0600),
    so that the next epoch can be compared with them.""",
    examples="""
    medconsent consent begin oncology --title "Oncology, form 3" --members members.csv --key oncology.key \\
        --consent consent.yaml --batch 1d
    """,
)
@click.argument("slug", type=SLUG, metavar="SLUG")
@click.option("--title", required=True, metavar="TEXT", help="What people know the cohort as.")
@commitment_options
@_consent_option
@click.option(
    "--batch",
    type=DURATION,
    metavar="TIME",
    help="The least time between two epochs, so that nobody can tell whose withdrawal it was. Default: 1h.",
)
@pass_app
def begin(
    app: App, *, slug: str, title: str, members_file: Path, key_file: Path, consent_file: Path, batch: int | None
) -> None:
    """See the help."""
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415
    from medconsent.data.people.members import read_members  # noqa: PLC0415
    from medconsent.desk.cohorts import KeptMembers  # noqa: PLC0415
    from medconsent.desk.steps import Step  # noqa: PLC0415

    key, members = CohortKey.load(key_file), read_members(members_file)
    with app.changing("recording the cohort") as client:
        name = f"{client.institution}/{slug}"
        new = _epoch(name, 1, members, key, consent_file)
        kept = KeptMembers(name)
        kept.keep(1, members)
        written = client.consents.begin(slug, title, new, batch_seconds=batch)
    if written.proposal is None:
        kept.settle(1)
    then = Step("a privacy officer", "says which versions rest on it", f"ground set DATASET --cohort {name}")
    show_written(app, written, lambda: _recorded(written.answer), then=then)


@click.command(
    "epoch",
    cls=Command,
    help="""Record a cohort's next epoch (role: privacy).

    With the members as they are now: whoever has withdrawn is `out`. What rests on the cohort goes by it at once, so
    what changes is shown first. Members are compared with those before, which this computer keeps (mode 0600): who is
    not in the file any more has vanished and not withdrawn, and is told. A key that is not the cohort's is refused.""",
    examples="""
    medconsent consent epoch hanbit/oncology --members members.csv --key oncology.key --consent consent.yaml
    medconsent consent epoch hanbit/oncology --members members.csv --key oncology.key --consent consent.yaml \\
        --before members-of-last-month.csv --yes
    """,
)
@click.argument("cohort", metavar="COHORT")
@commitment_options
@_consent_option
@click.option(
    "--before",
    type=FILE,
    metavar="FILE",
    help="The members of the epoch before, where this computer does not keep them.",
)
@click.option("--forget", is_flag=True, help="People are left out on purpose, or nobody was: do not compare.")
@click.option("--new-key", is_flag=True, help="The cohort's key is another one from now on.")
@ASK_OPTION
@pass_app
def epoch(
    app: App,
    *,
    cohort: str,
    members_file: Path,
    key_file: Path,
    consent_file: Path,
    before: Path | None,
    forget: bool,
    new_key: bool,
    yes: bool,
) -> None:
    """See the help."""
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415
    from medconsent.data.people.members import read_members  # noqa: PLC0415
    from medconsent.desk import cohorts  # noqa: PLC0415
    from medconsent.desk.steps import of_withdrawal  # noqa: PLC0415

    key, members = CohortKey.load(key_file), read_members(members_file)
    with app.asking("reading the cohort") as client:
        view = client.consents.get(cohort)
    if not new_key:
        cohorts.refuse_another_key(view, key)
    change = None
    if not forget:
        standing = cohorts.members_before(view, None if new_key else key, before)
        change = cohorts.compare(standing, members)
        cohorts.refuse_vanished(change, standing)
    number = view.cohort.latest_epoch + 1
    new = _epoch(cohort, number, members, key, consent_file)
    ask_first(app, lambda client: cohorts.epoch_plan(client, view, new, change), yes=yes)
    kept = cohorts.KeptMembers(cohort)
    kept.keep(number, members)  # before it is sent: where the outcome stays unknown, they are there all the same
    with app.changing("recording the epoch") as client:
        written = client.consents.epoch(cohort, number, new, new_key=new_key)
    then = None
    if written.proposal is None:
        kept.settle(number)
        then = of_withdrawal(cohort, number, view.datasets, new.withdrawn) or steps.nothing(f"consent show {cohort}")
    show_written(app, written, lambda: _recorded(written.answer), then=then)


@click.command(
    "end",
    cls=Command,
    help="""End a cohort's consent (role: privacy).

    Nothing that rests on it is given any more, from now on. What does is shown first.""",
    examples="""
    medconsent consent end hanbit/oncology --reason "the study has ended"
    """,
)
@click.argument("cohort", metavar="COHORT")
@click.option("--reason", required=True, metavar="TEXT", help="Why; every institution can read it.")
@ASK_OPTION
@pass_app
def end(app: App, *, cohort: str, reason: str, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import cohort_plan  # noqa: PLC0415

    ask_first(app, lambda client: cohort_plan(client, cohort), yes=yes)
    with app.changing("ending the consent") as client:
        written = client.consents.end(cohort, reason)
    then = steps.step("a privacy officer", "says what the versions rest on now", "ground set DATASET --basis BASIS")
    show_written(app, written, lambda: output.fields([("ended", cohort), *record_lines(written.answer)]), then=then)


def _epoch(cohort: str, number: int, members: "Mapping[str, str]", key: "CohortKey", consent_file: Path) -> "NewEpoch":
    from medconsent.documents.consent import read_epoch  # noqa: PLC0415

    return read_epoch(consent_file, key, cohort, number, members)


def _recorded(found: Any) -> None:
    output.fields(
        [
            ("cohort", found.cohort.id),
            ("epoch", found.epoch.epoch),
            ("root", found.epoch.root),
            ("people", found.epoch.people),
            ("withdrawn", found.epoch.withdrawn),
        ]
    )
