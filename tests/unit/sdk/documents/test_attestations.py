"""The approval of an ethics board, as people write it down."""

import hashlib
from datetime import UTC, datetime

import pytest

from medconsent.documents.attestations import load_attestation
from medconsent.errors import DocumentError
from medconsent.values.purposes import Ethics

UNTIL = datetime(2027, 11, 1, tzinfo=UTC)

ATTESTATION = 'board: "IRB of Hanbit"\nnumber: "2026-114"\nvalid_until: 2027-11-01T00:00:00Z\n'


def test_an_attestation_hashes_the_letter_beside_it(tmp_path):
    (tmp_path / "letter.pdf").write_bytes(b"approved")
    file = tmp_path / "approval.yaml"
    file.write_text(ATTESTATION + "document: letter.pdf\n")
    digest = hashlib.sha256(b"approved").hexdigest()
    assert load_attestation(file) == Ethics("IRB of Hanbit", "2026-114", digest, UNTIL)
    file.write_text(ATTESTATION + f'sha256: "{"9" * 64}"\n')
    assert load_attestation(file).sha256 == "9" * 64


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ATTESTATION, "one of them"),
        (ATTESTATION + f"document: letter.pdf\nsha256: {'a' * 64}\n", "one of them"),
        (ATTESTATION + "document: missing.pdf\n", "the document cannot be read: No such file"),
        (ATTESTATION.replace("2027-11-01T00:00:00Z", "next year") + f"sha256: {'a' * 64}\n", "not a time"),
        ("board: x", "lacks number, valid_until"),
        (ATTESTATION + "sha256: 00aa\n", "sha256 should be 64 digits"),
    ],
)
def test_an_attestation_that_is_none(tmp_path, text, says):
    file = tmp_path / "approval.yaml"
    file.write_text(text)
    with pytest.raises(DocumentError, match=says):
        load_attestation(file)
