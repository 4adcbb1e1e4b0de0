"""A visa is what a check says at that moment, of the institution's own data."""

import copy

import jwt
import pytest
from contract_answers import GRANT, GRANT_RECORD, gateway
from fake_gateway import AT, client

from medconsent import errors
from medconsent.release.visas import Issuer


def asked(tmp_path, *, decision="permit", grant=GRANT, owner="hanbit", people=("kim",), person=None):
    record = copy.deepcopy(GRANT_RECORD)
    record["record"]["owner"] = owner
    record["record"]["body"] |= {"grantees": [*people], "until": "2027-01-01T00:00:00Z"}
    reasons = [] if decision == "permit" else [{"code": "REVOKED", "message": "it was revoked"}]
    check = {"decision": decision, "at": AT, "reasons": reasons, "obligations": [], "evaluated": [], "grant": grant}
    fake = gateway(grant__get={"grant": record, "state": "active"}, check=check)
    minted = client(fake).release.visa(GRANT, Issuer.of("https://h.example", tmp_path / "visa.key"), person=person)
    return fake, minted


def test_a_permit_by_this_grant_becomes_a_visa(tmp_path):
    fake, minted = asked(tmp_path, people=("kim", "lee"), person="nuri/lee")
    assert fake.asked[-1].argument == {
        "dataset": "hanbit/bc", "version": 2, "for": "nuri/lee", "purpose": {"kind": "health-research"},
        "mode": "download",
    }  # fmt: skip
    claims = jwt.decode(minted.token, options={"verify_signature": False})
    assert (claims["sub"], claims["iss"]) == ("nuri/lee", "https://h.example")


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"decision": "deny"}, errors.ReleaseDenied),
        ({"decision": "review"}, errors.ReleaseDenied),
        ({"grant": "ab" * 32}, errors.ReleaseDenied),  # another grant permits it, and this one need not
        ({"owner": "saerom"}, errors.ReleaseError),
        ({"people": ("kim", "lee")}, errors.ReleaseError),
        ({"person": "nuri/mi"}, errors.NotFound),
    ],
    ids=["denied", "review", "another-grant", "another-owner", "several", "not-a-holder"],
)
def test_nothing_else_does(tmp_path, how, error):
    with pytest.raises(error):
        asked(tmp_path, **how)
