"""Private text about a request: seen by the data's owner and by whoever asks, and by nobody else.

On the public ledger stands a commitment, `SHA-256("medconsent/text/1" ‖ 0x00 ‖ salt (32 bytes) ‖ text)`. The text
itself goes, salted, to the two institutions' implicit collections in a transaction of its own that they alone endorse.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, TypeVar

from medconsent._internal.codec import Value
from medconsent.errors import UnexpectedAnswer
from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun
from medconsent.nouns.datasets import owner_of
from medconsent.values.records import Written

M = TypeVar("M")

MAX_BYTES = 64 * 1024
_DOMAIN = b"medconsent/text/1\x00"


@dataclass(frozen=True)
class PrivateText:
    """A text with the salt (32 bytes) that makes its commitment unguessable; not shown by `repr`."""

    text: str = field(repr=False)
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def commitment(self) -> str:
        """What stands on the public ledger in its place (lower-case hex)."""
        return hashlib.sha256(_DOMAIN + self.salt + self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Kept(Value):
    """A private text was kept, or purged: its commitment, which stays on the ledger."""

    request: str
    commitment: str


class Texts(Noun[M]):
    """Private texts about requests."""

    @operation
    def keep(self, request: str, text: PrivateText) -> Flow[Written[Kept]]:
        """Send a text that the request, or a remark on it, already names by its commitment.

        Both institutions must endorse, and nobody else is asked. May be sent again when it failed.

        Args:
            request: The request's id, or a unique prefix of it.
            text: The text with its salt.
        """
        parties = yield from self._parties(request)
        return (
            yield from self._change(
                "text.keep",
                {"request": request, "commitment": text.commitment},
                Kept.from_json,
                parties=parties,
                transient={"text": text.text.encode(), "salt": text.salt},
            )
        )

    @operation
    def get(self, request: str, commitment: str) -> Flow[PrivateText]:
        """The text that one's own institution keeps.

        Args:
            request: The request's id, or a unique prefix of it.
            commitment: The text's commitment, 64 lower-case hex digits.

        Raises:
            NotFound: There is none.
            Forbidden: One's institution is neither of the two.
            UnexpectedAnswer: What the peer answers is not the text that was committed to.
        """
        answer = yield from self._ask("text.get", request=request, commitment=commitment)
        try:
            found = PrivateText(answer["text"], bytes.fromhex(answer["salt"]))
        except (KeyError, TypeError, ValueError) as error:
            raise UnexpectedAnswer(f"the answer is no private text: {error}") from error
        if found.commitment != commitment:
            raise UnexpectedAnswer("the text that our institution keeps is not the one that was committed to")
        return found

    @operation
    def purge(self, request: str, commitment: str) -> Flow[Written[Kept]]:
        """Remove a text from one's own institution's collection and from its peers' history; the commitment stays.

        Needs no other institution's consent. The other institution keeps its copy until its people purge it too.

        Args:
            request: The request's id, or a unique prefix of it.
            commitment: The text's commitment, 64 lower-case hex digits.
        """
        argument = {"request": request, "commitment": commitment}
        return (yield from self._change("text.purge", argument, Kept.from_json))

    def _parties(self, request: str) -> Flow[dict[str, str]]:
        """The institutions that may see the request's texts: the data's owner and the requester's."""
        view: dict[str, Any] = yield from self._ask("request.get", request=request)
        record = view["request"]["record"]
        return {"owner": owner_of(record["body"]["dataset"]), "requester": str(record["owner"])}
