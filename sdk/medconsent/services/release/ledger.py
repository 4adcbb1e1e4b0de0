"""What the keyholder, the server and who fetches ask of the ledger, of one's own peer alone."""

import base64
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_der_public_key

from medconsent.client import Client
from medconsent.errors import MedconsentError
from medconsent.release.judging import Receipt

_FRESH = 5.0  # seconds for which a key that stood is believed to stand


def facts(client: Client, receipt_id: str) -> Receipt:
    """What one's own peer holds of a receipt now.

    Args:
        client: The gateway's client, whose own peer is asked.
        receipt_id: The receipt's id.

    Raises:
        MedconsentError: The peer does not answer, or has no such receipt. Then nothing is given.
    """
    with ThreadPoolExecutor(1, "medconsent-release") as beside:
        check = beside.submit(client.receipts.check, receipt_id)
        view = client.receipts.get(receipt_id)
        permitted = check.result().permitted
    record = view.receipt
    return Receipt(
        id=record.id,
        owner=record.owner,
        sealed=record.sealed and not view.unproven,
        status=view.state,
        written_at=record.created_at,
        files=record.files,
        delivery=record.delivery,
        permitted=permitted,
    )


class Keys:
    """The keys that stand on the ledger for people, asked anew after seconds."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey]] = {}

    def __call__(self, person: str, kid: str) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
        """The public key of `nuri/kim` with this SHA-256; None when it does not stand.

        Raises:
            MedconsentError: The peer does not answer.
        """
        now = time.monotonic()
        with self._lock:
            found = self._known.get((person, kid))
        if found is not None and now - found[0] < _FRESH:
            return found[1]
        institution, _, enrolment_id = person.partition("/")
        if not institution or not enrolment_id:
            return None
        for one in self._client.persons.iterate(institution=institution, person=enrolment_id, state="active"):
            if one.fingerprint == kid:
                public = load_der_public_key(base64.b64decode(one.public_key))
                if isinstance(public, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
                    with self._lock:
                        if len(self._known) > 10_000:
                            self._known.clear()
                        self._known[person, kid] = (now, public)
                    return public
        return None


def said(error: MedconsentError) -> Mapping[str, Any]:
    """An error as it is told over the wire."""
    return {"error": error.diagnosis.to_json()}
