"""Drafts of requests: written in pieces on one's own machine, and sent when they are whole.

One YAML file each, mode 0600, in the folder `drafts` of the context that is to send it:

    dataset: hanbit/breast-cancer     # or hanbit/breast-cancer@2
    purpose:
      kind: disease
      diseases: [ICD10:C50]
      training: true
    mode: enclave
    duration: 90d
    project: "Screening intervals"
    researchers: [kim, lee]           # may be left out, like what follows
    accepted_terms: 9f86d0...
    renews: 7c01be
    joins: 7c01be

`request` is the id that it was sent under. Nothing of a draft leaves the machine before it is submitted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from ruamel.yaml.nodes import Node

from medconsent import times
from medconsent._internal.codec import Value, encode_members
from medconsent._internal.words import odd_letter
from medconsent.contexts import Context
from medconsent.documents.yaml import Quoted, Reader, dump, read_source
from medconsent.errors import DocumentError
from medconsent.private_files import private_folder, write_private
from medconsent.values.purposes import Ethics, Mode, Purpose
from medconsent.values.requests import NewRequest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
NEEDED = ("dataset", "purpose", "mode", "duration_seconds", "project")


@dataclass(frozen=True)
class Draft(Value):
    """A request that is being written: members are those of a `NewRequest`, and None where nothing is said yet.

    `request` is the id that it was sent under.
    """

    dataset: str | None = None
    version: int | None = None
    purpose: Purpose | None = None
    mode: Mode | None = None
    duration_seconds: int | None = None
    project: str | None = None
    researchers: tuple[str, ...] | None = None
    accepted_terms: str | None = None
    renews: str | None = None
    joins: str | None = None
    request: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be said before it can be sent."""
        return tuple(name.removesuffix("_seconds") for name in NEEDED if getattr(self, name) is None)

    def whole(self) -> NewRequest:
        """The request that it has become.

        Raises:
            DocumentError: Something is missing.
        """
        if self.missing:
            raise DocumentError(f"the draft lacks {', '.join(self.missing)}")
        members = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "request"}
        return NewRequest(duration=members.pop("duration_seconds"), **members)

    def with_(self, **members: Any) -> "Draft":
        """With the members that are given; those that are None stay as they are."""
        return replace(self, **{name: member for name, member in members.items() if member is not None})


class Drafts:
    """The drafts of one context."""

    def __init__(self, context: Context) -> None:
        self.folder = context.folder / "drafts"

    def names(self) -> tuple[str, ...]:
        """The drafts' names, sorted."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.yaml")))

    def path(self, name: str) -> Path:
        """Where a draft stands.

        Raises:
            DocumentError: It is no name of a draft.
        """
        if not _NAME.fullmatch(name):
            odd = odd_letter(name)
            raise DocumentError(
                f"{name!r} is no name of a draft: letters, digits and `.`, `_`, `-`, up to 64 of them"
                + (f"; {odd}" if odd else "")
            )
        return self.folder / f"{name}.yaml"

    def read(self, name: str) -> Draft:
        """One draft.

        Raises:
            DocumentError: It cannot be read; with the line of what cannot be read in it.
        """
        return parse_draft(self.existing(name))

    def read_all(self) -> tuple[dict[str, Draft], dict[str, DocumentError]]:
        """The drafts that can be read, by name, and why the others cannot."""
        found: dict[str, Draft] = {}
        broken: dict[str, DocumentError] = {}
        for name in self.names():
            try:
                found[name] = self.read(name)
            except DocumentError as error:
                broken[name] = error
        return found, broken

    def write(self, name: str, draft: Draft, *, new: bool = False) -> Path:
        """Keep a draft.

        Args:
            name: The draft's name, which becomes the name of its file.
            draft: The draft.
            new: Whether a draft of that name is left as it is and refused; False: it is replaced.

        Raises:
            DocumentError: It is to be a `new` one and is there already.
        """
        path = self.path(name)
        if new and path.exists():
            raise DocumentError(f"there is a draft {name} already", hint=f"medconsent request draft edit {name}")
        private_folder(self.folder)
        write_private(path, format_draft(draft).encode())
        return path

    def delete(self, name: str) -> None:
        """Delete a draft.

        Raises:
            DocumentError: There is none of that name.
        """
        self.existing(name).unlink()

    def existing(self, name: str) -> Path:
        """The file of a draft that is there, also under a name that no new draft may have.

        Raises:
            DocumentError: It cannot be read or written.
        """
        path = self.folder / f"{name}.yaml" if name in self.names() else self.path(name)
        if not path.is_file() and not path.is_symlink():
            raise DocumentError(f"there is no draft {name}", hint="medconsent request draft list shows yours")
        return path


def format_draft(draft: Draft) -> str:
    """The draft as YAML that `parse_draft` reads back."""
    form: dict[str, Any] = {}
    if draft.dataset is not None:
        form["dataset"] = draft.dataset if draft.version is None else f"{draft.dataset}@{draft.version}"
    if draft.purpose is not None:
        form["purpose"] = _purpose_form(draft.purpose)
    if draft.mode is not None:
        form["mode"] = draft.mode
    if draft.duration_seconds is not None:
        form["duration"] = times.format_duration(draft.duration_seconds)
    if draft.project is not None:
        form["project"] = Quoted(draft.project)
    if draft.researchers is not None:
        form["researchers"] = [Quoted(person) for person in draft.researchers]
    form |= {name: Quoted(text) for name in _TEXTS if (text := getattr(draft, name)) is not None}
    return dump(form)


def _purpose_form(purpose: Purpose) -> dict[str, Any]:
    form = purpose.to_json()
    if purpose.project_id:
        form["project_id"] = Quoted(purpose.project_id)
    if purpose.ethics:
        form["ethics"] = {name: Quoted(member) for name, member in encode_members(purpose.ethics).items()}
    return form


def parse_draft(source: str | Path) -> Draft:
    """The draft in a YAML document, given as text or as the `Path` of a file.

    Raises:
        DocumentError: It cannot be read; with the line.
    """
    document, name = read_source(source, "draft")
    reader = Reader("draft", str(name))
    members = reader.mapping(reader.compose(document), "the draft", _KEYS, optional=_KEYS)
    dataset, _at, version = _text(reader, members, "dataset").partition("@")
    if _at and not (version.isascii() and version.isdigit()):
        reader.refuse(members["dataset"], f"{version!r} is no version: write a number, as in {dataset}@2")
    duration, purpose, researchers = members.get("duration"), members.get("purpose"), members.get("researchers")
    return Draft(
        dataset=dataset or None,
        version=int(version) if version else None,
        purpose=_purpose(reader, purpose) if purpose else None,
        mode=cast("Mode | None", _text(reader, members, "mode") or None),
        duration_seconds=reader.duration(duration, "duration") if duration else None,
        project=_text(reader, members, "project") or None,
        researchers=reader.texts(researchers, "researchers") if researchers else None,
        **{name: _text(reader, members, name) or None for name in _TEXTS},
    )


def _text(reader: Reader, members: Mapping[str, Node], name: str) -> str:
    return reader.text(members[name], name) if name in members else ""


def _purpose(reader: Reader, node: Node) -> Purpose:
    found = reader.mapping(node, "the purpose", _PURPOSE, optional=set(_PURPOSE) - {"kind"})
    read: dict[str, Any] = {}
    for name, member in found.items():
        if name == "ethics":
            read[name] = _ethics(reader, member)
        elif name in ("diseases", "countries", "sensitive"):
            read[name] = reader.texts(member, name)
        elif name in ("kind", "organisation", "project_id"):
            read[name] = reader.text(member, name)
        else:
            read[name] = reader.truth(member, name)
    return Purpose(**read)


def _ethics(reader: Reader, node: Node) -> Ethics:
    members = reader.mapping(node, "ethics", tuple(field.name for field in fields(Ethics)), optional=())
    until = reader.moment(members.pop("valid_until"), "valid_until")
    return Ethics(**{name: reader.text(member, name) for name, member in members.items()}, valid_until=until)


_TEXTS = ("accepted_terms", "renews", "joins", "request")
_KEYS = ("dataset", "purpose", "mode", "duration", "project", "researchers", *_TEXTS)
_PURPOSE = tuple(field.name for field in fields(Purpose))
