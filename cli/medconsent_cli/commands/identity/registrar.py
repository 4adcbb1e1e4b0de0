"""What a registrar does for an institution's people: register, list, change roles, give a lost secret anew, revoke."""

import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from medconsent._internal.words import counted
from medconsent.staff import REASONS, Which
from medconsent_cli._secrets import SecretFile
from medconsent_cli.app import output, steps
from medconsent_cli.app.persons import member
from medconsent_cli.app.render import confirm, show_next, show_plan, when
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import ENROLLMENT_ID, Word
from medconsent_cli.app.words import ROLES

if TYPE_CHECKING:
    from medconsent.contexts import Context
    from medconsent.staff import StaffMember

_ROLE = click.option(
    "--role",
    "roles",
    multiple=True,
    type=Word(*ROLES),
    metavar="ROLE",
    help=f"One of {', '.join(ROLES)}; may be repeated.",
)
_INTO_CHANNEL = "the institution's operator puts the CA's list into the channel: medconsent-network crl"


@click.command(
    "register",
    cls=Command,
    help="""Make a person known to one's own CA, with roles.

    The certificates of that person will carry the roles. The context must be that of a registrar. The one-time
    secret goes to a new file of mode 0600, or is shown once on the terminal. A voting role alone gives no vote: the
    person also needs a seat (`medconsent committee set`). Every institution can read the ID: take a pseudonym.""",
    examples="""
    medconsent identity register kim --role researcher --secret-out kim.secret
    medconsent identity register lee --role dac --role researcher --context hanbit/registrar
    """,
)
@click.argument("enrollment_id", type=ENROLLMENT_ID, metavar="ID")
@_ROLE
@click.option(
    "--secret-out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the one-time secret to this new file, mode 0600.",
)
@click.option(
    "--enrollments",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="How often the secret can be used.",
)
@pass_app
def register(
    app: App, *, enrollment_id: str, roles: tuple[str, ...], secret_out: Path | None, enrollments: int
) -> None:
    """See the help."""
    if secret_out is None and (app.json or not sys.stdout.isatty()):
        raise click.UsageError("the one-time secret is shown on a terminal only: give --secret-out FILE.")
    from medconsent.staff import Staff  # noqa: PLC0415

    registrar = _registrar(app)
    # The file is made first: a secret that cannot be kept would be lost, and the person registered all the same.
    with SecretFile(secret_out) as file, Staff(registrar) as staff, app.working("asking the CA to register"):
        secret = staff.register(enrollment_id, roles, enrollments=enrollments)
        file.write(secret)
    who = f"{registrar.institution}/{enrollment_id}"
    told: dict[str, Any] = {"registered": who, "roles": list(roles), "enrollments": enrollments}
    if secret_out is not None:
        told["secret_file"] = str(secret_out)

    def people() -> None:
        output.fields(
            [
                ("registered", who),
                ("roles", ", ".join(roles) or "none"),
                ("secret in" if secret_out else "one-time secret", str(secret_out) if secret_out else secret),
            ]
        )
        show_next(steps.of_secret(enrollment_id, secret_out))

    app.show(told, people)


@click.command(
    "list",
    cls=Command,
    help="""List who can act, with which roles, and until when.

    The context must be that of a registrar. Roles are those that the next certificate has. Roles in brackets were
    taken away, and a certificate that was issued before still has them. A state is `registered` (no certificate
    yet), `enrolled` (until the last certificate ends), `ended`, or `revoked`: then peers refuse the person as soon
    as the CA's list is in the channel (`medconsent-network crl`, which the institution's operator runs).""",
    examples="""
    medconsent identity list --context hanbit/registrar
    """,
)
@pass_app
def list_(app: App) -> None:
    """See the help."""
    from medconsent.staff import Staff  # noqa: PLC0415

    registrar, now = _registrar(app), datetime.now(UTC)
    with Staff(registrar) as staff, app.working("asking the CA"):
        items = [_as_json(one, now) for one in staff.list()]
    app.show(
        {"items": items, "more": False},
        lambda: output.table(
            ["id", "roles", "state", "until"],
            [
                [
                    member(registrar.institution, one["id"]),
                    _roles(one),
                    output.word(one["state"]),
                    one["until"] or "",
                ]
                for one in items
            ],
        ),
    )


@click.command(
    "roles",
    cls=Command,
    help="""Give a person other roles, from their next certificate on.

    Name all that they are to have. Certificates that were issued before keep theirs until they end or are revoked. A
    new role comes with `medconsent identity reenroll`, which the person runs. When a role is taken away: take the seat
    (`medconsent committee remove`), which acts at once; let them renew; then revoke what still has the role
    (`medconsent identity revoke ID --certificates outdated`).""",
    examples="""
    medconsent identity roles kim --role researcher --role dac
    medconsent identity roles kim --none
    """,
)
@click.argument("enrollment_id", type=ENROLLMENT_ID, metavar="ID")
@_ROLE
@click.option("--none", is_flag=True, help="Take all roles away.")
@pass_app
def roles_(app: App, *, enrollment_id: str, roles: tuple[str, ...], none: bool) -> None:
    """See the help."""
    if bool(roles) == none:
        raise click.UsageError("which roles? Name all that they are to have with --role ROLE, or give --none.")
    from medconsent.staff import Staff  # noqa: PLC0415

    registrar, now = _registrar(app), datetime.now(UTC)
    with Staff(registrar) as staff, app.working("asking the CA to change the roles"):
        before = staff.set_roles(enrollment_id, roles)
    who = f"{registrar.institution}/{enrollment_id}"
    gained, lost = ([one for one in a if one not in b] for a, b in ((roles, before.roles), (before.roles, roles)))
    still = len(before.good(now))
    new = list(dict.fromkeys(roles))
    told = {"person": who, "roles": new, "gained": gained, "lost": lost, "certificates": still}

    def people() -> None:
        output.fields(
            [
                ("person", who),
                ("roles", ", ".join(new) or "none"),
                ("were", ", ".join(before.roles) or "none"),
            ]
        )
        if still and (gained or lost):
            output.line(
                f"{counted(still, 'certificate')} issued before with the roles of that day, until {_day(before)}. "
                "The next has these: medconsent identity reenroll, which the person runs."
            )
        if still and lost:
            output.line(
                f"To take {', '.join(lost)} away before that, in this order: the seat (medconsent committee remove); "
                f"once they have renewed, medconsent identity revoke {enrollment_id} --reason privilegewithdrawn "
                "--certificates outdated; medconsent-network crl."
            )
        show_next(steps.step(who, "gets the roles with the next certificate", "identity reenroll"))

    app.show(told, people)


@click.command(
    "secret",
    cls=Command,
    help="""Give a new secret to a person who lost theirs before use.

    The one-time secret goes to a new file of mode 0600 and is not shown; the earlier one is good for nothing any more.
    Refused for somebody who has enrolled, because whoever has the secret could take their place: they renew their
    certificate with its key (`medconsent identity reenroll`). Whose key is lost: first `medconsent identity revoke ID
    --certificates all`.""",
    examples="""
    medconsent identity secret kim --secret-out kim.secret
    """,
)
@click.argument("enrollment_id", type=ENROLLMENT_ID, metavar="ID")
@click.option(
    "--secret-out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Write the one-time secret to this new file, mode 0600.",
)
@pass_app
def secret_(app: App, *, enrollment_id: str, secret_out: Path) -> None:
    """See the help."""
    from medconsent.staff import Staff  # noqa: PLC0415

    registrar = _registrar(app)
    with SecretFile(secret_out) as file, Staff(registrar) as staff, app.working("asking the CA for a new secret"):
        file.write(staff.new_secret(enrollment_id, at=datetime.now(UTC)))
    who = f"{registrar.institution}/{enrollment_id}"

    def people() -> None:
        output.fields([("person", who), ("secret in", secret_out)])
        show_next(steps.of_secret(enrollment_id, secret_out))

    app.show({"person": who, "secret_file": str(secret_out)}, people)


@click.command(
    "revoke",
    cls=Command,
    help="""Take a person's certificates away, at one's own CA; asks first.

    For a leaver: the person never enrols or renews again, which cannot be undone. With --certificates they stay
    registered: `all` for a lost key, before a new secret; `outdated` for those with a role that the person does not
    have any more. How many go is shown first, and what of theirs is on the ledger: seats, offices, delegations,
    grants, requests. Peers refuse what is revoked as soon as the CA's list is in the channel: the institution's
    operator runs `medconsent-network crl`. A seat is taken with `medconsent committee remove`, which acts at once.""",
    examples="""
    medconsent identity revoke kim --reason cessationofoperation
    medconsent identity revoke lee --reason keycompromise --certificates all --yes
    """,
)
@click.argument("enrollment_id", type=ENROLLMENT_ID, metavar="ID")
@click.option(
    "--reason",
    type=Word(*REASONS),
    required=True,
    metavar="REASON",
    help=f"One of {', '.join(REASONS)}.",
)
@click.option(
    "--certificates",
    type=Word(*get_args(Which)),
    metavar="WHICH",
    help="Only certificates, `all` or `outdated`; the person stays registered.",
)
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@pass_app
def revoke(app: App, *, enrollment_id: str, reason: Any, certificates: "Which | None", yes: bool) -> None:
    """See the help."""
    from medconsent.staff import Staff  # noqa: PLC0415

    registrar = _registrar(app)
    who = f"{registrar.institution}/{enrollment_id}"
    if enrollment_id == registrar.enrollment_id:
        raise click.UsageError(
            f"you act as {who}, who could then register and revoke nobody: act as another registrar."
        )
    if not yes:
        _ask_first(app, registrar, enrollment_id, certificates)
    with Staff(registrar) as staff, app.working("asking the CA to revoke"):
        if certificates is None:
            revoked = len(staff.revoke(enrollment_id, reason).certificates)
        else:
            revoked = staff.revoke_certificates(enrollment_id, reason, certificates)
    told = {"person": who, "revoked": revoked, "registered": certificates is not None, "reason": reason}

    def people() -> None:
        output.fields([("person", who), ("revoked", counted(revoked, "certificate")), ("reason", reason)])
        if revoked:
            output.line(f"Peers take them until {_INTO_CHANNEL}.")
        if certificates is None:
            output.line("Seats stay until a steward takes them, which acts at once: medconsent committee remove.")
        show_next(steps.of_revocation(enrollment_id, certificates))

    app.show(told, people)


def _ask_first(app: App, registrar: "Context", enrollment_id: str, certificates: "Which | None") -> None:
    """Show what goes, and what of theirs stays on the ledger without anybody who could use it, and ask.

    Raises:
        click.UsageError: nobody can be asked.
        click.Abort: the answer was no.
    """
    from medconsent.desk.plans import Plan  # noqa: PLC0415
    from medconsent.staff import Staff  # noqa: PLC0415

    if app.json and not sys.stdin.isatty():
        confirm("", yes=False)
    now = datetime.now(UTC)
    with Staff(registrar) as staff, app.working("asking the CA"):
        found = staff.get(enrollment_id)
    gone = found.outdated if certificates == "outdated" else found.unrevoked
    until = f", until {gone[0].ends:%Y-%m-%d} at the latest" if gone else ""
    who = f"{registrar.institution}/{enrollment_id}"
    plan = Plan(
        title=f"{who} ({found.state(now)}), at the CA of {registrar.institution}",
        question=f"{_WHAT[certificates]} of {who}? This cannot be undone.",
        goes=(
            counted(len(gone), "certificate") + until,
            *(("the registration: they never enrol or renew again",) if certificates is None else ()),
        ),
        ends=() if certificates == "outdated" else _resting(app, enrollment_id),
    )
    with redirect_stdout(sys.stderr):
        show_plan(plan)
    confirm(plan.question, yes=False)


def _resting(app: App, enrollment_id: str) -> tuple[str, ...]:
    """What rests on somebody on the ledger; revoking does not wait for a peer that does not answer."""
    from medconsent.desk.endings import resting_on  # noqa: PLC0415
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    try:
        with app.asking("reading what rests on them") as client:
            found = resting_on(client, enrollment_id)
    except MedconsentError as error:
        return (f"what of theirs is on the ledger could not be read: {error.message}",)
    if not found:
        return ("no seat, office, delegation, active grant or undecided request of theirs is on the ledger",)
    return (*found, "these stay on the ledger until each is taken away, and nobody acts by them")


_WHAT = {
    None: "Revoke all certificates and the registration",
    "all": "Revoke all certificates",
    "outdated": "Revoke the certificates with roles taken away",
}


def _registrar(app: App) -> "Context":
    from medconsent.contexts import Contexts  # noqa: PLC0415

    return Contexts().get(app.context)


def _roles(told: dict[str, Any]) -> str:
    """The roles that somebody has, and those that a certificate from before still has."""
    still = [role for role in told["acting_roles"] if role not in told["roles"]]
    return ", ".join(told["roles"]) + (f" (still: {', '.join(still)})" if still else "")


def _day(found: "StaffMember") -> str:
    return f"{found.until:%Y-%m-%d}" if found.until else ""


def _as_json(found: "StaffMember", now: datetime) -> dict[str, Any]:
    return {
        "id": found.enrollment_id,
        "type": found.type,
        "roles": list(found.roles),
        "acting_roles": list(found.acting_roles(now)),
        "state": found.state(now),
        "until": when(found.until) if found.until else None,
        "certificates": len(found.good(now)),
        "max_enrollments": found.max_enrollments,
    }
