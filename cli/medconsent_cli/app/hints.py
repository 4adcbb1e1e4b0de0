"""Next steps that only the command line knows: its options, and the contexts on this machine.

What was refused and why is the contract's or the CA's to say; this adds where to turn.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from medconsent_cli.app.contexts import roles_of
from medconsent_cli.app.state import App
from medconsent_cli.app.words import ROLES

if TYPE_CHECKING:
    from medconsent.contexts import Context

_PARAMETERS = {
    "duration_seconds": ("days", "duration"),
    "purpose.kind": ("purpose",),
    "purpose.methods_development": ("methods",),
    "purpose.ethics": ("ethics_board",),
    "purpose.ethics.sha256": ("ethics_hash",),
    "purpose.ethics.valid_until": ("ethics_until",),
    "policy": ("policy_file",),
    "accepted_terms": ("accept_terms",),
    "for": ("person", "member"),
    "from": ("begins",),
    "attestation": ("attest",),
    "attestation.board": ("attest_board", "attest"),
    "attestation.number": ("attest_number", "attest"),
    "attestation.sha256": ("attest_document", "attest"),
    "attestation.valid_until": ("attest_until", "attest"),
    "others": ("all_",),
    "waiting_person": ("member",),
    "members": ("seats",),
    "manifest.url": ("manifest_url",),
    "notice.url": ("notice_url",),
    "notice.published_at": ("notice_since",),
    "objection.url": ("objection_url",),
    "document.url": ("document_url",),
    "document.title": ("title",),
    "manifest": ("manifest_file",),
}
"""Members of the contract's arguments whose parameters are called something else."""

_ANOTHER_S = re.compile(r"(?:belongs to|is of|on data of) (?P<owner>[a-z0-9-]+), and \S+ is of ")
"""A refusal of what is another institution's: `nuri/bc belongs to nuri, and kim is of hanbit`."""

_NOT_A_NAME = re.compile(r'"([^"\s]+)" is not ')

_CA = {
    10: "medconsent identity list shows who is registered",
    20: "when enrolling: the id or the secret is wrong, the secret was used already or replaced, or the person was "
    "revoked; ask the registrar. Otherwise this CA does not know the context's certificate, or it has ended or was "
    "revoked, or the context is of an earlier network: medconsent context show tells, and medconsent identity enroll "
    "ID --profile FILE --replace makes it anew",
    27: "the context's certificate has ended: enrol again with a secret from the registrar",
    28: "the context's certificate was revoked: ask the registrar",
    42: "this registrar may not give these attributes",
    63: "medconsent identity list shows who is registered",
    71: "this needs the registrar's context: medconsent context list shows yours, --context NAME acts as one",
    74: "medconsent identity list shows who is registered; take another id",
    76: "this needs the registrar's context: medconsent context list shows yours, --context NAME acts as one",
}
"""What to do by the numbers of Fabric CA (lib/caerrors/servererror.go)."""


_REFUSED = {
    "USAGE_INFO_DIFFERS": "medconsent dataset describe --dataset SLUG [--policy FILE] makes a manifest that says what "
    "the policy says",
    "ATTESTATION_MISSING": "--attest FILE, or --attest-board and the others, give the ethics board's approval",
    "CONFLICT_UNDECLARED": "--no-conflict declares that there is none; medconsent request recuse, that there is one",
    "RETURNED": "its requester changes it with medconsent request amend",
    "STAGE_NOT_OPEN": "medconsent request show tells which stages come first",
    "UNJUSTIFIED": "medconsent breakglass justify ID TEXT; medconsent breakglass list shows which",
    "TERMS_NOT_ACCEPTED": "medconsent policy show has the terms' address and hash",
}
"""How the command line does what a refusal by the contract asks for."""


def of_refusal(code: str, said: str = "") -> str:
    """What to do on the command line when the contract refused with this code.

    Empty where nothing is known, or where the contract's own hint has `said` the same command.
    """
    hint = _REFUSED.get(code, "")
    commands = re.findall(r"medconsent [a-z]+ [a-z]+", hint)
    return "" if commands and all(command in said for command in commands) else hint


_NOTHING = re.compile(r"there is no (?P<kind>[a-z]+) (?:\S+ )?")

_LISTED = "shows those that there are"
MADE = {
    "institution": "an operator founds their institution: medconsent institution set",
    "person": "whoever votes or acts as an officer announces their key: medconsent person announce",
    "committee": "a steward seats one: medconsent committee set ROLE --member ID; what waits for a second officer: "
    "medconsent proposal list --waiting",
    "dataset": "a steward publishes one: medconsent dataset publish SLUG --manifest FILE --policy FILE",
    "request": "a researcher asks for data: medconsent request submit DATASET",
    "grant": "one is there when the last vote that a request needs has come: medconsent request list",
    "basis": "a privacy officer states one: medconsent basis set NAME",
    "cohort": "a privacy officer begins one: medconsent consent begin NAME",
    "ground": "a privacy officer says what a version rests on: medconsent ground set DATASET --cohort COHORT "
    "(or --basis BASIS)",
    "deid": "a privacy officer states how a version was de-identified: medconsent deid report drafts a statement, "
    "medconsent deid state DATASET FILE attests it",
    "breakglass": "a privacy officer opens data in an emergency: medconsent breakglass propose DATASET",
    "delegation": "a member names who votes in their place: medconsent committee delegate ROLE DEPUTY --until TIME",
    "proposal": "what one officer does that widens something waits here for another: medconsent inbox tells them",
    "archive": "whoever runs the release keeps data ready: medconsent release archive DATASET FOLDER --out FOLDER",
    "receipt": "one is there when data was taken: medconsent fetch DATASET",
    "ontology": "a steward brings one from its file: medconsent ontology load FILE",
}
"""How what a list or a refusal names comes about, by what the contract calls it."""

_NOUNS = {"consent": "cohort"}
"""Nouns of the command line whose records the contract calls otherwise."""

_LISTS = {"delegation": "committee delegations"}
"""Commands that list what has no noun of its own."""

_ONLY_SHOWN = ("ground", "deid")
"""What has no list: it belongs to a version of a dataset."""


def of_nothing_there(code: str, message: str) -> str:
    """What to do where the contract has found no such record: which there are, and how one comes about.

    Args:
        code: The refusal's code; another one than NOT_FOUND gives nothing.
        message: The contract's sentence, which says what kind of record there is not.
    """
    found = _NOTHING.match(message) if code == "NOT_FOUND" else None
    kind = found["kind"] if found else ""
    if kind not in MADE:
        return ""
    noun = next((noun for noun, called in _NOUNS.items() if called == kind), kind)
    listed = "" if kind in _ONLY_SHOWN else f"medconsent {_LISTS.get(kind, f'{noun} list')} {_LISTED}; "
    return listed + MADE[kind]


def of_empty_list(command: click.Context) -> str:
    """What to do where a list is empty: look without what narrows it, or see how such a thing comes about."""
    narrowing = [
        parameter.opts[0]
        for parameter in command.command.params
        if isinstance(parameter, click.Option)
        and parameter.name not in _NOT_NARROWING
        and command.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    ]
    if narrowing:
        return f"there may be some without {' and '.join(narrowing)}"
    if hint := _OF_EMPTY.get(command.info_name or ""):
        return hint
    noun = command.parent.info_name if command.parent and command.info_name == "list" else None
    return MADE.get(_NOUNS.get(noun, noun), "") if noun else ""


_OF_EMPTY = {
    "inbox": "nothing waits for you: medconsent request list shows what waits for others",
    "delegations": MADE["delegation"],
}
"""What to do where a list is empty whose command is not called `list`."""


_NOT_NARROWING = ("json", "context", "wait_block", "timeout", "limit", "csv_file", "replace", "all_")


def of_profile(message: str, parameters: Sequence[click.Parameter]) -> str:
    """Which option names one of the organizations that the message lists, where a profile has several.

    Args:
        message: The sentence of the failure.
        parameters: Those of the command that failed; one that has no `--organization` gives nothing.
    """
    own = any(parameter.name == "organization" for parameter in parameters)
    return "say which one you are of: --organization NAME" if own and "organizations" in message else ""


def of_name(message: str) -> str:
    """Which letter is the odd one in a name that was refused as in `"..." is not the name of an institution`."""
    from medconsent._internal.words import odd_letter  # noqa: PLC0415

    found = _NOT_A_NAME.search(message)
    odd = odd_letter(found[1]) if found else ""
    return f"of {found[1]}, {odd}" if found and odd else ""


def of_ca(code: int) -> str:
    """What to do when the CA refused with this number; empty where nothing is known."""
    return _CA.get(code, "")


def option_of(field: str, parameters: Sequence[click.Parameter]) -> str:
    """How the command spells the member `field` of the contract's argument: `--days or --duration`, `SLUG`.

    Empty when it has no parameter for it.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    path = re.sub(r"\[\d+\]", "", field)
    while path:
        names = [name for name in _PARAMETERS.get(path, (path.rpartition(".")[2],)) if name in by_name]
        if names:
            return " or ".join(_spelled(by_name[name]) for name in names)
        path = path.rpartition(".")[0]
    return ""


def _spelled(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return f"{parameter.opts[0]} {parameter.metavar}" if parameter.metavar else parameter.opts[0]
    return parameter.human_readable_name


def who_acted(app: App, message: str) -> str:
    """Whom the refused command acted as, and which contexts here have a role that the refusal names.

    Args:
        app: The settings of this run, with the context.
        message: The contract's sentence, in which a role is named.
    """
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.errors import ContextError  # noqa: PLC0415

    try:
        contexts = Contexts()
        acting = contexts.get(app.context)
        told = f"you act as {acting.institution}/{acting.enrollment_id} (context {acting.name})"
        # The person's own id may be called like a role.
        words = set(re.findall(r"[a-z]+", message.replace(acting.enrollment_id, "")))
        wanted = words & set(ROLES) - set(roles_of(acting))
        institution = acting.institution
        if another := _ANOTHER_S.search(message):
            institution, wanted = another["owner"], set(roles_of(acting))
    except ContextError:
        return ""
    fitting = [
        f"{one.name} ({', '.join(sorted(having))})"
        for one in contexts.list()
        if one.institution == institution and (having := wanted & _roles_if_whole(one))
    ]
    return f"{told}; try --context with {' or '.join(fitting)}" if fitting else told


def _roles_if_whole(context: "Context") -> set[str]:
    """The roles of a context; none of one that cannot be used, which is no reason to be silent about the others."""
    from medconsent.errors import ContextError  # noqa: PLC0415

    try:
        return set(roles_of(context))
    except ContextError:
        return set()
