"""What keeps bytes of a dataset from being kept, given or taken."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from medconsent.errors.told import Diagnosis, MedconsentError


class ReleaseError(MedconsentError):
    """Bytes of a dataset cannot be kept, given or taken; subclasses have codes of their own (`medconsent.release`)."""

    code = "RELEASE"


class DamagedCiphertext(ReleaseError):  # noqa: N818
    """A segment or a header is not what its key made: it was changed, cut, swapped, or is of another file."""

    code = "CIPHERTEXT_DAMAGED"


class ArchiveDiffers(ReleaseError):  # noqa: N818
    """The files are not those that stand on the ledger, or not those that were asked for."""

    code = "ARCHIVE_DIFFERS"


class DiskFull(ReleaseError):  # noqa: N818
    """There is no room left for what is to be written; what is there stays, and the next run goes on with it."""

    code = "DISK_FULL"


class HeaderRefused(ReleaseError):  # noqa: N818
    """The keyholder gives no header; `details` has all its reasons."""

    code = "HEADER_REFUSED"

    def __init__(self, message: str, *, details: Sequence[Any] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.details = tuple(details)

    @property
    def diagnosis(self) -> Diagnosis:
        return replace(super().diagnosis, details=self.details)


class NotSigned(ReleaseError):  # noqa: N818
    """A request to a release's server is not signed by who it says, or is not the request that was signed."""

    code = "NOT_SIGNED"


class ReleaseCut(ReleaseError):  # noqa: N818
    """A transfer was ended by the owner's institution before everything was sent: the grant permits it no longer."""

    code = "RELEASE_CUT"
