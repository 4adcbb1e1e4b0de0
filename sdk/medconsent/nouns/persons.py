"""Persons: the public keys of an institution's people, each announced by its holder and admitted by somebody else."""

from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent.errors import NotFound
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True, kw_only=True)
class PersonKey(Record):
    """A public key of a person. Its status is `announced`, `active` or `ended`.

    Attributes:
        institution: The person's institution.
        person: The enrolment id there.
        fingerprint: The SHA-256 of the public key, in hex.
        public_key: The key: SubjectPublicKeyInfo in DER, in base64.
    """

    institution: str
    person: str
    fingerprint: str
    public_key: str


class Persons(Noun[M]):
    """The keys that stand for people."""

    @operation
    def announce(self) -> Flow[Written[PersonKey]]:
        """Put one's own public key on the ledger; the transaction's signature shows that one holds it.

        Raises:
            Conflict: It stands there already.
        """
        return (yield from self._change("person.announce", {}, PersonKey.from_json))

    @operation
    def admit(self, person: str, key: str) -> Flow[Written[PersonKey]]:
        """Say that an announced key is a person's, after comparing its fingerprint with them.

        The first one an officer admits who is somebody else. For another one it takes the person with the key before
        it, or two officers: then it waits for the second.

        Args:
            person: The enrolment id.
            key: The fingerprint of the key.

        Raises:
            NotFound: They have announced no such key.
            OwnRequest: Nobody admits their own.
        """
        return (yield from self._change("person.admit", {"person": person, "key": key}, PersonKey.from_json))

    @operation
    def end(self, person: str, *, reason: str, key: str | None = None) -> Flow[Written[PersonKey]]:
        """Take a key away; needs an officer's role, or that it is one's own.

        Args:
            person: The enrolment id.
            reason: Why.
            key: Its fingerprint; None: the one that stands.

        Raises:
            NotFound: There is none.
        """
        keys = yield from self._every(
            "person.list", PersonKey.from_json, None, institution=self._session.institution, person=person
        )
        for found in keys:
            if found.status != "ended" and (found.fingerprint == key or (key is None and found.status == "active")):
                argument: dict[str, Any] = {"person": person, "announced": found.id, "reason": reason}
                return (yield from self._change("person.end", argument, PersonKey.from_json))
        raise NotFound(f"no such key of {self._session.institution}/{person} stands on the ledger")

    @operation
    def list(
        self,
        *,
        institution: str | None = None,
        person: str | None = None,
        state: str | None = None,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[PersonKey]]:
        """One page of the keys, of one institution or person, or in one state (`announced`, `active`, `ended`)."""
        return (
            yield from self._page(
                "person.list",
                PersonKey.from_json,
                institution=institution,
                person=person,
                state=state,
                page_size=page_size,
                bookmark=bookmark or None,
            )
        )

    @stream
    def iterate(
        self,
        *,
        institution: str | None = None,
        person: str | None = None,
        state: str | None = None,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[PersonKey]:
        """Every key, as `list`."""
        return self._items(
            "person.list", PersonKey.from_json, on_forged, institution=institution, person=person, state=state
        )
