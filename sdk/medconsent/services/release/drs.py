"""GA4GH's Data Repository Service (DRS 1.5): the files of somebody's open receipts, as other systems ask for them."""

import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from medconsent import times
from medconsent._version import __version__
from medconsent.release.leaves import ArchivedFile
from medconsent.services.release.transfers import Transfers

DRS = "/ga4gh/drs/v1"
"""Where it stands below the server's address."""

_PORTABLE = re.compile(r"[A-Za-z0-9._-]+")


class Drs:
    """Its answers. Who asks for an object or its bytes has been verified before."""

    def __init__(self, institution: str, transfers: Transfers) -> None:
        """
        Args:
            institution: Whose server it is.
            transfers: The receipts that are open.
        """
        self._institution, self._transfers = institution, transfers

    async def info(self, _request: Request) -> Response:
        """GA4GH service-info; says nothing of what is kept here, so nobody has to sign for it."""
        return JSONResponse(
            {
                "id": f"medconsent.{self._institution}",
                "name": f"Releases of {self._institution}",
                "type": {"group": "org.ga4gh", "artifact": "drs", "version": "1.5.0"},
                "organization": {"name": self._institution, "url": "https://medconsent.invalid"},
                "version": __version__,
                "drs": {"maxBulkRequestLength": 1, "objectCount": 0, "totalObjectSize": 0},
                "maxBulkRequestLength": 1,
            }
        )

    async def object(self, request: Request, who: str, _body: bytes) -> Response:
        """A file that somebody has an open receipt for, as a DRS object: the ciphertext, which is what is sent.

        Args:
            request: Names the `file` by its id.
            who: The person who asks, as `nuri/kim`.
        """
        found = [one for one in self._transfers.all() if one.person == who and request.path_params["file"] in one.files]
        if not found:
            return drs_error(404, "there is no such object for you: open a release of it first")
        transfer = found[-1]
        file, _place = transfer.files[request.path_params["file"]]
        made = transfer.archive.body(file).stat().st_mtime
        return JSONResponse(
            {
                "id": file.id,
                "name": _portable(file),
                "self_uri": f"drs://{request.url.netloc}/{file.id}",
                "size": file.ciphertext_size,
                "created_time": times.format_time(datetime.fromtimestamp(int(made), UTC)),
                "mime_type": "application/octet-stream",
                "checksums": [{"type": "medconsent-segments-sha-256", "checksum": file.segments}],
                "access_methods": [{"type": "https", "access_id": transfer.receipt}],
            }
        )

    async def access(self, request: Request, who: str, _body: bytes) -> Response:
        """Where the bytes of a DRS object are: to be asked for with a signature, as everything.

        Args:
            request: Names the `file` by its id, and the `receipt`.
            who: The person who asks, as `nuri/kim`.

        Raises:
            NotFound: The receipt is not open here or not theirs, or has no such file.
        """
        transfer = self._transfers.of(who, request.path_params["receipt"])
        file, _place = transfer.file(request.path_params["file"])
        base = f"{request.url.scheme}://{request.url.netloc}"
        return JSONResponse({"url": f"{base}/release/v1/receipts/{transfer.receipt}/files/{file.id}/body"})


def _portable(file: ArchivedFile) -> str:
    """What a DRS object is called: DRS 1.5 wants a portable file name (POSIX, 3.282), and others are not changed."""
    name = file.path.rpartition("/")[2]
    return f"{name if _PORTABLE.fullmatch(name) else file.id}.c4gh"


def drs_error(status: int, message: str) -> Response:
    """An error as DRS has it.

    Args:
        status: HTTP's status.
        message: What is wrong.
    """
    return JSONResponse({"msg": message, "status_code": status}, status_code=status)
