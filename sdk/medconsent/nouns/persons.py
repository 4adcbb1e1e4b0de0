"""Persons: the public keys of an institution's people, each announced by its holder and admitted by somebody else."""

import base64
from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent._internal.codec import Value
from medconsent.errors import NotFound
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True)
class DeliveryKey(Value):
    """The key that data for a person is encrypted to: the 32 bytes of an X25519 public key in base64, their SHA-256."""

    sha256: str
    public_key: str


@dataclass(frozen=True, kw_only=True)
class PersonKey(Record):
    """A public key of a person. Its status is `announced`, `active` or `ended`.

    Attributes:
        institution: The person's institution.
        person: The enrolment id there.
        fingerprint: The SHA-256 of the public key, in hex.
        public_key: The key: SubjectPublicKeyInfo in DER, in base64.
        delivery: The key that data for them is encrypted to; None when none was announced with this one.
    """

    institution: str
    person: str
    fingerprint: str
    public_key: str
    delivery: DeliveryKey | None = None


class Persons(Noun[M]):
    """The keys that stand for people."""

    @operation
    def announce(self, delivery: bytes | None = None) -> Flow[Written[PersonKey]]:
        """Put one's own public key on the ledger; the transaction's signature shows that one holds it.

        Args:
            delivery: The key that data for oneself is to be encrypted to: an X25519 public key, 32 bytes. For another
                one the same key is announced once more, and admitted as any other.

        Raises:
            Conflict: It stands there already.
        """
        argument = {"delivery": base64.b64encode(delivery).decode() if delivery is not None else None}
        return (yield from self._change("person.announce", argument, PersonKey.from_json))

    @operation
    def admit(self, person: str, key: str, *, delivery: str | None = None) -> Flow[Written[PersonKey]]:
        """Say that an announced key is a person's, after comparing its fingerprint with them.

        The first one an officer admits who is somebody else. For another one it takes the person with the key before
        it, or two officers: then it waits for the second.

        Args:
            person: The enrolment id.
            key: The fingerprint of the key.
            delivery: The SHA-256 of the delivery key that was announced with it, compared with them too.

        Raises:
            NotFound: They have announced no such key.
            OwnRequest: Nobody admits their own.
        """
        argument = {"person": person, "key": key, "delivery": delivery}
        return (yield from self._change("person.admit", argument, PersonKey.from_json))

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
        """One page of the keys that fit all that is given.

        Args:
            institution: Of whose people (MSP id); None: of all.
            person: Of the person with this enrolment id.
            state: One state: `announced`, `active` or `ended`.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "person.list",
                PersonKey.from_json,
                institution=institution,
                person=person,
                state=state,
                page_size=page_size,
                bookmark=bookmark,
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
        """Every key that fits all that is given.

        Args:
            institution: Of whose people (MSP id); None: of all.
            person: Of the person with this enrolment id.
            state: One state, as in `list`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "person.list", PersonKey.from_json, on_forged, institution=institution, person=person, state=state
        )
