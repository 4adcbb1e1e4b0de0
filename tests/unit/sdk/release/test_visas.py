"""Visas as another JOSE library reads them: who signed, what is said, and for how long."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import answers
import jwt
import pytest

from medconsent.errors import DocumentError
from medconsent.release.visas import Issuer, read_key_set
from medconsent.values.grants import Grant

ADDRESS = "https://release.hanbit.example:7443"
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def grant(**more: Any) -> Grant:
    made = answers.grant().grant.to_json()
    made["record"]["body"] |= more
    return Grant.from_json(made)


def read(token: str, key_set: bytes, at: datetime = NOW) -> dict[str, Any]:
    """By PyJWT, with the key that the header names. Times are compared by hand, as it has no clock to be set."""
    head = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet.from_dict(json.loads(key_set))[head["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["ES256"], issuer=ADDRESS, options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["iat"] <= at.timestamp() < claims["exp"]
    return claims


def test_another_library_verifies_a_visa_by_the_key_set(tmp_path: Path) -> None:
    issuer = Issuer.of(f"{ADDRESS}/", tmp_path / "visa.key")
    minted = issuer.mint(grant(), "nuri/kim", at=NOW)
    claims = read(minted.token, issuer.key_set())
    assert claims["ga4gh_visa_v1"] == {
        "type": "ControlledAccessGrants",
        "value": f"{ADDRESS}/datasets/hanbit/breast-cancer/1",
        "source": ADDRESS,
        "by": "dac",
        "asserted": int(datetime(2026, 11, 24, 10, 50, 10, tzinfo=UTC).timestamp()),
    }
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("nuri/kim", 600)
    assert "aud" not in claims  # a visa document has none (GA4GH AAI 1.2)
    head = jwt.get_unverified_header(minted.token)
    assert (head["alg"], head["typ"]) == ("ES256", "vnd.ga4gh.visa+jwt")
    assert head["jku"] == f"{ADDRESS}/.well-known/jwks.json"


def test_a_visa_that_was_changed_or_signed_by_another_is_refused(tmp_path: Path) -> None:
    issuer, other = (Issuer.of(ADDRESS, tmp_path / name) for name in ("visa.key", "other.key"))
    token = issuer.mint(grant(), "nuri/kim", at=NOW).token
    head, body, signature = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        read(f"{head}.{body[:-4]}AAAA.{signature}", issuer.key_set())
    with pytest.raises(KeyError):
        read(token, other.key_set())


def test_a_visa_ends_with_its_grant(tmp_path: Path) -> None:
    issuer = Issuer.of(ADDRESS, tmp_path / "visa.key")
    ends = NOW + timedelta(minutes=3)
    minted = issuer.mint(grant(until=ends.strftime("%Y-%m-%dT%H:%M:%SZ")), "nuri/kim", at=NOW)
    assert minted.until == ends
    assert read(minted.token, issuer.key_set())["exp"] == int(ends.timestamp())


def test_a_key_is_kept_for_its_owner_alone_and_those_before_it_stay_in_the_set(tmp_path: Path) -> None:
    first, again = (Issuer.of(ADDRESS, tmp_path / "visa.key") for _ in range(2))
    assert first.key_set() == again.key_set()
    assert (tmp_path / "visa.key").stat().st_mode & 0o777 == 0o600
    second = Issuer.of(ADDRESS, tmp_path / "new.key")
    both = second.key_set(first.key_set())
    assert second.key_set(both) == both
    for issuer in (first, second):
        read(issuer.mint(grant(), "nuri/kim", at=NOW).token, both)
    secret = json.loads((tmp_path / "visa.key").read_bytes())["d"]
    assert secret not in both.decode()


@pytest.mark.parametrize("address", ["http://x", "x", "https://", "https://x?y=1", ""])
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(DocumentError, match="issuer"):
        Issuer.of(address, tmp_path / "visa.key")


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '"x"', '{"kty": "oct", "k": "AAAA"}', '{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}'],
)
def test_a_file_that_is_no_key_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "visa.key").write_text(text)
    with pytest.raises(DocumentError, match=r"visa\.key"):
        Issuer.of(ADDRESS, tmp_path / "visa.key")


def test_a_public_key_signs_nothing(tmp_path: Path) -> None:
    Issuer.of(ADDRESS, tmp_path / "visa.key")
    made = json.loads((tmp_path / "visa.key").read_bytes())
    del made["d"]
    (tmp_path / "visa.key").write_text(json.dumps(made))
    with pytest.raises(DocumentError):
        Issuer.of(ADDRESS, tmp_path / "visa.key")


def test_a_secret_key_is_shown_to_nobody(tmp_path: Path) -> None:
    """Neither the key's own file nor a set with it is taken for the set that is served."""
    Issuer.of(ADDRESS, tmp_path / "visa.key")
    with pytest.raises(DocumentError):
        read_key_set(tmp_path / "visa.key")
    (tmp_path / "set.json").write_text(f'{{"keys": [{(tmp_path / "visa.key").read_text()}]}}')
    with pytest.raises(DocumentError, match="secret"):
        read_key_set(tmp_path / "set.json")
