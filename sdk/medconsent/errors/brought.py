"""What is wrong with what the caller brings, a file or an identity."""

from dataclasses import replace

from medconsent.errors.told import Diagnosis, MedconsentError


class DocumentError(MedconsentError):
    """A document of the caller cannot be used; nothing was sent.

    Attributes:
        source: The document's file; empty for text.
        line: The line that is meant, from 1; 0 when not known.
        column: The column in it, from 1; 0 when not known.
        others: What else is wrong with it, each as `line:column: sentence`.
    """

    code = "DOCUMENT"
    others: tuple[str, ...] = ()

    def __init__(self, message: str, *, source: str = "", line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.source = source
        self.line = line
        self.column = column

    @property
    def diagnosis(self) -> Diagnosis:
        place = f"{self.source}:" if self.source else ""
        return replace(super().diagnosis, details=tuple(place + other for other in self.others))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.source, self.line or "", self.column or "") if part)
        return f"{place}: {self.message}" if place else self.message


ANEW = (
    "A context of an earlier network is made anew, with the present connection profile and a secret from the "
    "registrar: medconsent identity enroll ID --profile FILE --replace"
)
"""What to do where a context is not of the network that answers."""


ENROL_AGAIN = (
    "ask the registrar for a new secret (medconsent identity secret ID), and enrol again: "
    "medconsent identity enroll ID --profile FILE --replace"
)
"""What to do where a certificate has ended."""


class ContextError(MedconsentError):
    """There is no usable identity to act with: no such context, or files missing from it."""

    code = "CONTEXT"


class AlreadyEnrolled(MedconsentError):  # noqa: N818
    """There is no new secret for somebody who has a certificate that is good; nothing was changed."""

    code = "ALREADY_ENROLLED"


class IdentityRevoked(MedconsentError):  # noqa: N818
    """There are no roles and no secret for somebody who was revoked; nothing was changed."""

    code = "IDENTITY_REVOKED"
