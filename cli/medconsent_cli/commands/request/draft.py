"""`medconsent request draft`: requests written in pieces on this machine, and sent when they are whole."""

from typing import TYPE_CHECKING, Any, NoReturn

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output, persons, shape, steps
from medconsent_cli.app.options import duration_of, duration_options
from medconsent_cli.app.purpose import optional_purpose_options
from medconsent_cli.app.render import confirm, how_long, show_next, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import COLLEAGUE, DATASET, GRANT, SHA256, DatasetVersion
from medconsent_cli.commands.request.again import AGAIN_OPTION, ask_whether_again
from medconsent_cli.commands.request.view import say_whether_oneself, standing, summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from medconsent.desk.steps import Step
    from medconsent.documents.drafts import Draft, Drafts
    from medconsent.errors import DocumentError
    from medconsent.values.purposes import Purpose

draft = shape.group(
    "draft",
    help="""Write a request in pieces, and send it when it is whole.

    A draft is a YAML file of mode 0600 in the context's folder. Nothing of it leaves this machine before `submit`.""",
    examples="""
    medconsent request draft new tumours hanbit/breast-cancer --purpose disease --disease ICD10:C50
    medconsent request draft edit tumours --mode download --days 90 --project "Which measurements?"
    medconsent request draft submit tumours
    """,
)


def _pieces(function: Any) -> Any:
    """What a draft can say besides its dataset."""
    decorators: tuple[Callable[[Any], Any], ...] = (
        optional_purpose_options,
        duration_options(required=False),
        click.option("--project", metavar="TEXT", help="What for, in up to 500 characters; public once it is sent."),
        click.option(
            "--researcher",
            "researchers",
            multiple=True,
            type=COLLEAGUE,
            metavar="ID",
            help="Who will use the data, by enrolment id: oneself only when named; may be repeated. Default: oneself.",
        ),
        click.option(
            "--accept-terms",
            type=SHA256,
            metavar="FILE|SHA256",
            help="The policy's terms as one has read them, or their hash.",
        ),
        click.option("--renews", type=GRANT, metavar="GRANT", help="Go on from this grant when it ends."),
        click.option("--joins", type=GRANT, metavar="GRANT", help="Add the researchers to this grant."),
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def _members(options: dict[str, Any]) -> dict[str, Any]:
    """What was given, named as in a `Draft`; what was not is None."""
    seconds = duration_of(options.pop("days"), options.pop("duration"), required=False)
    researchers = options.pop("researchers")
    return {
        **options,
        "accepted_terms": options.pop("accept_terms"),
        "duration_seconds": seconds,
        "researchers": researchers or None,
    }


@draft.command(
    "new",
    help="Begin a draft.",
    examples="""
    medconsent request draft new tumours hanbit/breast-cancer
    medconsent request draft new tumours hanbit/breast-cancer@2 --purpose disease --disease ICD10:C50 --days 90
    """,
)
@click.argument("name", metavar="NAME")
@click.argument("dataset", type=DATASET, metavar="DATASET[@VERSION]")
@_pieces
@pass_app
def new(app: App, /, *, name: str, dataset: DatasetVersion, purpose: "Purpose | None", **options: Any) -> None:
    """See the help."""
    from medconsent.documents.drafts import Draft  # noqa: PLC0415

    begun = Draft(dataset.dataset, dataset.version).with_(purpose=purpose, **_members(options))
    _drafts(app).write(name, begun, new=True)
    _show(app, name, begun)


@draft.command(
    "list",
    help="""List the drafts of the context.

    A file that is no draft is told of on stderr; the exit code is then 2.""",
    examples="""
    medconsent request draft list
    """,
)
@pass_app
def list_(app: App) -> None:
    """See the help."""
    found, broken = _drafts(app).read_all()
    value: dict[str, Any] = {"items": [_json(name, one) for name, one in found.items()], "more": False}
    if broken:
        value["broken"] = [{"draft": name, "message": str(error)} for name, error in broken.items()]
    app.show(
        value,
        lambda: output.table(
            ["draft", "dataset", "purpose", "mode", "for", "lacks", "sent as"],
            [
                [
                    name,
                    one.dataset,
                    one.purpose,
                    one.mode,
                    "" if one.duration_seconds is None else how_long(one.duration_seconds),
                    ", ".join(one.missing),
                    output.short(one.request or ""),
                ]
                for name, one in found.items()
            ],
            empty="no drafts that can be read" if broken else "no drafts: medconsent request draft new begins one",
        ),
    )
    if broken:
        _refuse(broken)


@draft.command(
    "show",
    help="Show a draft, and what it lacks.",
    examples="""
    medconsent request draft show tumours
    """,
)
@click.argument("name", metavar="NAME")
@pass_app
def show(app: App, *, name: str) -> None:
    """See the help."""
    _show(app, name, _drafts(app).read(name))


@draft.command(
    "edit",
    help="""Change a draft.

    By the options that are given; what is not given stays. Without any, in the editor that $VISUAL or $EDITOR
    names.""",
    examples="""
    medconsent request draft edit tumours --days 60
    medconsent request draft edit tumours
    """,
)
@click.argument("name", metavar="NAME")
@click.option("--dataset", type=DATASET, metavar="DATASET[@VERSION]", help="Ask for this one.")
@_pieces
@pass_app
def edit(app: App, /, *, name: str, dataset: DatasetVersion | None, purpose: "Purpose | None", **options: Any) -> None:
    """See the help."""
    drafts = _drafts(app)
    former = drafts.read(name)
    members = {"purpose": purpose, **_members(options)}
    if dataset is not None:
        members |= {"dataset": dataset.dataset, "version": dataset.version}
    changed = former.with_(**members) if any(members.values()) else _edited(former)
    drafts.write(name, changed)
    _show(app, name, changed)


@draft.command(
    "submit",
    help="""Send a draft (role: researcher).

    As `request submit` does. The draft stays, with the id of the request.""",
    examples="""
    medconsent request draft submit tumours
    """,
)
@click.argument("name", metavar="NAME")
@AGAIN_OPTION
@pass_app
def submit(app: App, *, name: str, yes: bool) -> None:
    """See the help."""
    from medconsent.errors import DocumentError  # noqa: PLC0415

    drafts = _drafts(app)
    whole = drafts.read(name)
    if whole.request:
        raise DocumentError(
            f"the draft {name} was sent already, as request {whole.request}",
            hint=f"medconsent request show {whole.request[:12]}; medconsent request amend changes it",
        )
    if whole.missing:
        raise DocumentError(
            f"the draft {name} lacks {', '.join(whole.missing)}", hint=f"medconsent request draft edit {name}"
        )
    ask_whether_again(app, whole.whole(), yes=yes)
    with app.changing("submitting the request") as client:
        say_whether_oneself(app, client, whole.researchers or ())
        written = client.requests.submit(whole.whole())
        drafts.write(name, whole.with_(request=written.answer.id))
        state, then = standing(app, client, written.answer.id)
    show_written(
        app,
        written,
        lambda: output.fields([("request", written.answer.id), ("state", state), *summary(written.answer)]),
        then=then,
    )


@draft.command(
    "delete",
    help="Delete a draft from this machine.",
    examples="""
    medconsent request draft delete tumours
    medconsent request draft delete tumours --yes
    """,
)
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@pass_app
def delete(app: App, *, name: str, yes: bool) -> None:
    """See the help."""
    drafts = _drafts(app)
    drafts.existing(name)
    confirm(f"Delete the draft {name}?", yes=yes)
    drafts.delete(name)
    app.show({"deleted": name}, lambda: output.line(f"deleted {name}"))


def _drafts(app: App) -> "Drafts":
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.documents.drafts import Drafts  # noqa: PLC0415

    return Drafts(Contexts().get(app.context))


def _refuse(broken: "dict[str, DocumentError]") -> NoReturn:
    """Say what is wrong with drafts that cannot be read.

    Args:
        broken: Name of the draft -> what is wrong with it.

    Raises:
        DocumentError: Always; it names each file.
    """
    from medconsent.errors import DocumentError  # noqa: PLC0415

    raise DocumentError(
        f"{counted(len(broken), 'draft')} cannot be read: {'; '.join(map(str, broken.values()))}",
        hint="correct the file, or remove it: medconsent request draft delete NAME",
    )


def _edited(former: "Draft") -> "Draft":
    """The draft as it comes out of an editor.

    Raises:
        click.UsageError: there is no terminal for one.
        click.Abort: it was left without saving.
    """
    import sys  # noqa: PLC0415

    from medconsent.documents.drafts import format_draft, parse_draft  # noqa: PLC0415

    if not sys.stdin.isatty():
        raise click.UsageError("what is to change? Give options; there is no terminal for an editor.")
    text = click.edit(format_draft(former), extension=".yaml", require_save=True)
    if text is None:
        raise click.Abort
    return parse_draft(text)


def _json(name: str, found: "Draft") -> dict[str, Any]:
    return {"draft": name, **found.to_json(), "missing": list(found.missing)}


def _show(app: App, name: str, found: "Draft") -> None:
    from medconsent.contexts import Contexts  # noqa: PLC0415

    institution = Contexts().get(app.context).institution
    version = "" if found.version is None else f"@{found.version}"

    def people() -> None:
        output.fields(
            [
                ("draft", name),
                ("dataset", f"{found.dataset or ''}{version}"),
                ("purpose", found.purpose),
                ("mode", found.mode),
                ("for", "" if found.duration_seconds is None else how_long(found.duration_seconds)),
                ("project", found.project),
                ("researchers", persons.people(institution, found.researchers or ())),
                ("accepted terms", found.accepted_terms),
                ("renews grant", found.renews),
                ("joins grant", found.joins),
                ("lacks", ", ".join(found.missing)),
                ("sent as", found.request),
            ]
        )
        show_next(_then(name, found))

    app.show(_json(name, found), people)


def _then(name: str, found: "Draft") -> "Step":
    if found.request:
        return steps.nothing(f"request show {output.short(found.request)}")
    if found.missing:
        return steps.step("you", f"add what it lacks ({', '.join(found.missing)})", f"request draft edit {name}")
    return steps.step("you", "send it", f"request draft submit {name}")
