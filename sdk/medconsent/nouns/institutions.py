"""Institutions: the organizations of the consortium, as each describes itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from medconsent._internal.codec import Value
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True)
class Officer(Value):
    """Somebody who acts for an institution.

    Attributes:
        id: The enrolment id.
        roles: Out of `steward`, `privacy` and `operator`.
        key: The SHA-256 of the public key by which they do; None, where one is named: the one that stands on the
            ledger.
    """

    id: str
    roles: tuple[str, ...]
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Institution(Record):
    """An institution's own description.

    Attributes:
        title: Its name, for people.
        country: ISO 3166-1 alpha-2.
        contact: A URL or a role mailbox.
        roles: Roles that it has people in, as it says itself.
        officers: Who acts for it, each by one key.
        release: Where its server of the release is, as `https://release.hanbit.example:7443`; None: that is not said.
    """

    title: str
    country: str
    contact: str
    roles: tuple[str, ...] = ()
    officers: tuple[Officer, ...] = ()
    release: str | None = None


class Institutions(Noun[M]):
    """What the institutions say of themselves."""

    @operation
    def get(self, institution: str) -> Flow[Institution]:
        """One institution, by its MSP id.

        Raises:
            NotFound: There is none.
        """
        return Institution.from_json((yield from self._ask("institution.get", institution=institution)))

    @operation
    def set(
        self,
        *,
        title: str,
        country: str,
        contact: str,
        roles: Sequence[str],
        officers: Sequence[Officer] | None = None,
        release: str | None = None,
    ) -> Flow[Written[Institution]]:
        """Describe one's own institution; needs the role `operator`.

        Args:
            title: Its name, for people.
            country: ISO 3166-1 alpha-2.
            contact: A URL or a role mailbox.
            roles: Roles that it has people in.
            officers: Who acts for it: the first time at least two, each with their key. Later None keeps them; others
                wait for a second officer when somebody acts who did not before.
            release: Where its server of the release is (https); empty: nowhere any more. None keeps what stands.
        """
        named = None if officers is None else [officer.to_json() for officer in officers]
        argument = {
            "title": title,
            "country": country,
            "contact": contact,
            "roles": [*roles],
            "officers": named,
            "release": release,
        }
        return (yield from self._change("institution.set", argument, Institution.from_json))

    @operation
    def dismiss(self, officers: Sequence[str]) -> Flow[Written[Institution]]:
        """Let officers act for one's own institution no more; needs the role `operator`.

        Needs no other institution's consent.

        Args:
            officers: Their enrolment ids.

        Raises:
            Conflict: Somebody of them is no officer, or fewer than two would be left.
        """
        return (yield from self._change("institution.dismiss", {"officers": [*officers]}, Institution.from_json))

    @operation
    def list(self, *, page_size: int | None = None, bookmark: str | None = None) -> Flow[Page[Institution]]:
        """One page of the institutions.

        Args:
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page("institution.list", Institution.from_json, page_size=page_size, bookmark=bookmark)
        )

    @stream
    def iterate(self, *, on_forged: OnForged | None = None) -> StreamFlow[Institution]:
        """Every institution."""
        return self._items("institution.list", Institution.from_json, on_forged)
