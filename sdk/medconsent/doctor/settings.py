"""The files of this machine: contexts, the choice among them, names and drafts; and the environment's variables."""

import os
from collections.abc import Iterator

from medconsent.desk.names import StaffNames
from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.patient import Patient
from medconsent.documents.drafts import Drafts
from medconsent.errors import ContextError, DocumentError

_ENROLL = "medconsent identity enroll ID --profile FILE makes a context"


def check(patient: Patient) -> Iterator[Finding]:
    """What stands in files."""
    yield from _contexts(patient)
    yield from _files(patient)
    yield from _environment()


def _contexts(patient: Patient) -> Iterator[Finding]:
    contexts = patient.contexts
    for name, error in contexts.damaged().items():
        yield finding("settings", "warning", f"the context {name} is damaged: {error.message}", error.hint)
    for one in contexts.list():
        try:
            one.load()
        except ContextError as error:
            mend = error.hint or f"enrol again with --replace, or medconsent context remove {one.name}"
            yield finding("settings", "warning", f"the context {one.name} cannot act: {error.message}", mend)
    try:
        acting = contexts.get(patient.name)
    except ContextError as error:
        yield finding("settings", "wrong", f"no context acts: {error.message}", error.hint or _ENROLL)
        return
    yield finding("settings", "ok", f"the context {acting.name} acts, of {len(contexts.list())} in {contexts.home}")


def _files(patient: Patient) -> Iterator[Finding]:
    context = patient.context
    if context is None:
        return
    try:
        StaffNames(context.institution, patient.contexts.home).read()
    except DocumentError as error:
        yield finding("settings", "warning", f"no names of people are shown: {error}", error.hint)
    for name, why in Drafts(context).read_all()[1].items():
        mend = f"medconsent request draft delete {name}, or correct the file"
        yield finding("settings", "warning", f"the draft {name} cannot be read: {why}", mend)


def _environment() -> Iterator[Finding]:
    for name in ("MEDCONSENT_HOME", "MEDCONSENT_CONTEXT"):
        if value := os.environ.get(name):
            yield finding("settings", "ok", f"{name} is set: {value}")
    for name in ("http_proxy", "grpc_proxy"):
        if os.environ.get(name) and not (os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")):
            mend = "set https_proxy where the peer and the CA are behind a proxy"
            yield finding("settings", "warning", f"{name} is set, and is not read", mend)
