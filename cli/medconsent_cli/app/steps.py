"""What comes next after a change, for people: the steps that only the command line makes."""

import json
from typing import TYPE_CHECKING

from medconsent_cli.app import output
from medconsent_cli.app.words import COMMITTEE_ROLES, OFFICER_ROLES

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from medconsent import Client
    from medconsent.desk.steps import Step
    from medconsent.values.records import Proposal


def step(who: str, does: str, command: str = "") -> "Step":
    """Somebody, what they do, and with which command (without `medconsent`).

    Args:
        who: As the subject of a sentence.
        does: What follows it.
        command: What they type after `medconsent`; empty for none.
    """
    from medconsent.desk.steps import Step  # noqa: PLC0415

    return Step(who, does, command)


def nothing(command: str) -> "Step":
    """Nobody has to do anything; `command` shows how it stands."""
    return step("nobody", "has to do anything; how it stands", command)


def unread() -> "Step":
    """What comes next is not known, because the ledger could not be asked: the change stands all the same."""
    return step("you", "see what waits, for it could not be read just now", "inbox")


def anew(dataset: str) -> "Step":
    """The data is given to nobody by this any more."""
    return step("whoever still needs the data", "asks for it anew", f"request submit {dataset}")


def justified(breakglass: str, dataset: str) -> "Step":
    """Data that was opened in an emergency is given back: it has ended, and can be justified."""
    who = f"a privacy officer of {dataset.partition('/')[0]} who took no part"
    return step(who, "justifies it", f"breakglass justify {output.short(breakglass)} TEXT")


def of_purge(request: str) -> "Step":
    """A private text is gone from one side."""
    who, does = "the other institution's people", "purge theirs too: until then it keeps its copy"
    return step(who, does, f"request purge {output.short(request)}")


def of_committee(client: "Client", name: str) -> "Step":
    """What a committee whose seats were changed leaves to do: the requests that wait for it.

    Raises:
        MedconsentError: They cannot be read.
    """
    institution, _, role = name.partition("/")
    waiting = list(client.requests.iterate(waiting_for=name))
    stages = [stage for view in waiting for stage in view.waits_for if stage.committee == name]
    if any(not stage.can_be_met for stage in stages):
        return step(
            f"a steward of {institution}",
            "seats others, for open requests can no longer be met",
            f"committee add {role} ID",
        )
    if waiting:
        return step(f"{name}", "votes on what waits for it", f"request list --waiting-for {name}")
    return nothing(f"committee show {name}")


def of_confirmed(proposal: "Proposal") -> "Step":
    """Where one sees what was proposed, now that it is done."""
    try:
        said = json.loads(proposal.argument)
    except ValueError:
        said = {}
    noun = proposal.function.partition(".")[0]
    name = said.get("slug") or said.get("role")
    own = f"{proposal.institution}/{name}"
    if proposal.function == "person.admit":
        return step("a steward", "gives whoever votes a seat for this key", f"committee add ROLE {said.get('person')}")
    shown = {
        "basis": f"basis show {own}",
        "committee": f"committee show {own}",
        "consent": f"consent show {said.get('cohort') or own}",
        "grant": f"grant show {output.short(str(said.get('grant')))}",
        "institution": f"institution show {proposal.institution}",
    }.get(noun)
    dataset = said.get("dataset") or (own if name else "")
    return nothing(shown or (f"dataset status {dataset}" if dataset else "inbox"))


def of_secret(person: str, file: "Path | None") -> "Step":
    """Somebody was made known, or has another secret.

    Args:
        person: The enrolment id.
        file: Where the secret was written; None where it was printed.
    """
    who, does = "whoever that is", "gets the secret and the connection profile from you, and enrols"
    return step(who, does, f"identity enroll {person} --profile FILE --secret-file {file or 'FILE'}")


def of_identity(context: str, roles: "Collection[str]") -> "Step":
    """Somebody has a key and a certificate: where a role counts for one key only, others have to know it.

    Args:
        context: The context that was made.
        roles: Those in the certificate.
    """
    if any(role in (*COMMITTEE_ROLES, *OFFICER_ROLES) for role in roles):
        does = "announce your key, and read its fingerprint to an officer"
        return step("you", does, f"person announce --context {context}")
    return step("you", "see what waits for you", f"inbox --context {context}")


def of_revocation(person: str, certificates: str | None) -> "Step":
    """Somebody's certificates were revoked.

    Args:
        person: The enrolment id.
        certificates: `all` or `outdated`, as `identity revoke` was told; None where the person went.
    """
    if certificates == "all":
        who, does = "you", "give them a new secret, once the CA's list is in the channel"
        return step(who, does, f"identity secret {person} --secret-out FILE")
    if certificates is None:
        return step("a steward", "takes their seat", f"committee remove ROLE {person}")
    return nothing("identity list")
