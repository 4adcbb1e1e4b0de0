"""Archives and receipts: what is sent, and how what comes back is read."""

import base64
from datetime import UTC, datetime

import pytest
from contract_answers import gateway, view
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fake_gateway import AT, client, digest

from medconsent.fabric.identity import PrivateKeySigner
from medconsent.values.releases import Ask, Files

FILES = Files(digest("files"), 2, 1000)
ASK = Ask(digest("grant"), "nuri/kim", digest("delivery"), digest("archive"), FILES)
ARCHIVE = view(
    "archive",
    digest("archive"),
    "hanbit",
    "final",
    dataset="hanbit/breast-cancer",
    version=1,
    version_digest=digest("version"),
    content={"root": digest("content"), "files": 2, "bytes": 1000},
    files=FILES.to_json(),
)
RECEIPT = view(
    "receipt",
    digest("receipt"),
    "hanbit",
    "open",
    dataset="hanbit/breast-cancer",
    version=1,
    version_digest=digest("version"),
    grant=digest("grant"),
    person={"institution": "nuri", "id": "kim"},
    delivery=digest("delivery"),
    archive=digest("archive"),
    files=FILES.to_json(),
    mode="download",
    asked={"at": AT, "key": digest("key"), "signature": "AAAA"},
    exclusions=[{"cohort": "hanbit/oncology", "epoch": 2}],
)


def test_what_is_signed_is_what_the_contract_computes():
    """The bytes stand in docs/contract.md; chaincode/records has the same in Go (Receipt.AskBytes)."""
    signer = PrivateKeySigner.generate()
    at = datetime(2026, 12, 1, 8, 25, 0, 999_999, tzinfo=UTC)
    ask = ASK.signed(digest("key"), signer.sign, at)
    assert ask.asked is not None
    assert ask.asked.at == at.replace(microsecond=0)
    members = (
        f'{{"archive":"{ASK.archive}","at":"2026-12-01T08:25:00Z","delivery":"{ASK.delivery}",'
        f'"files":{{"bytes":1000,"count":2,"root":"{FILES.root}"}},"grant":"{ASK.grant}",'
        '"mode":"download","person":"nuri/kim"}'
    )
    message = b"medconsent/ask/1\x00" + members.encode()
    public = signer.private_key.public_key()
    public.verify(base64.b64decode(ask.asked.signature), message, ec.ECDSA(hashes.SHA256()))


def test_a_release_is_opened_by_what_was_signed_and_closed_by_the_owner_alone():
    fake = gateway(release__open=RECEIPT["record"], release__close=RECEIPT["record"])
    receipts = client(fake).receipts
    with pytest.raises(ValueError, match="not signed"):
        receipts.open(ASK)
    signed = ASK.signed(digest("key"), lambda _message: b"signature", datetime(2026, 12, 1, tzinfo=UTC))
    opened = receipts.open(signed).answer
    assert (str(opened.person), opened.exclusions[0].epoch, opened.sent) == ("nuri/kim", 2, None)
    receipts.close(digest("receipt"), "aborted", sent=0, reason="a full disk")
    first, second = fake.changes()
    assert first.argument == signed.to_json()
    assert first.argument["asked"]["signature"] == base64.b64encode(b"signature").decode()
    assert second.argument == {"receipt": digest("receipt"), "outcome": "aborted", "bytes": 0, "reason": "a full disk"}
    assert second.organizations == ("hanbit",)


def test_receipts_are_read():
    shown = {"receipt": RECEIPT, "state": "open", "unproven": "there is no such grant"}
    check = {"answer": "deny", "state": "open", "at": AT, "reasons": [{"code": "GRANT_REVOKED", "message": "x"}]}
    fake = gateway(
        receipt__get=shown, receipt__list={"items": [shown], "bookmark": ""}, release__check=check,
    )  # fmt: skip
    receipts = client(fake).receipts
    assert receipts.get("4c7e21").unproven == "there is no such grant"
    assert [it.id for it in receipts.iterate(holder="nuri/kim")] == [digest("receipt")]
    now = receipts.check(digest("receipt"))
    assert (now.permitted, now.reasons[0].code) == (False, "GRANT_REVOKED")


def test_archives_are_published_and_read():
    shown = {"archive": ARCHIVE, "newest": True}
    fake = gateway(
        archive__publish=ARCHIVE["record"], archive__get=shown, archive__list={"items": [shown], "bookmark": ""},
    )  # fmt: skip
    archives = client(fake).archives
    archives.publish("hanbit/breast-cancer", version=1, version_digest=digest("version"), files=FILES)
    (sent,) = fake.changes()
    assert sent.argument["files"] == {"root": FILES.root, "count": 2, "bytes": 1000}
    assert "exclusions" not in sent.argument
    assert archives.get("hanbit/breast-cancer").newest
    assert [it.id for it in archives.iterate("hanbit/breast-cancer")] == [digest("archive")]
