"""The clock, certificates, and that one check that fails hides no other."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from fake_gateway import identity

from medconsent import doctor
from medconsent.contexts import Contexts
from medconsent.doctor import Patient, authority, certificates, clock, examine
from medconsent.doctor.connecting import Reached
from medconsent.fabric.errors import CAError

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def patient(tmp_path, **members):
    found = Patient(contexts=Contexts(tmp_path), now=NOW, **members)
    found.__dict__["context"] = object()
    return found


@pytest.mark.parametrize(
    ("skew", "state"), [(0.4, "ok"), (-29, "ok"), (45, "warning"), (-299, "warning"), (301, "wrong"), (None, "unknown")]
)
def test_a_clock_is_wrong_from_where_the_contract_refuses(skew, state, tmp_path):
    (found,) = clock.check(patient(tmp_path, skew=skew))
    assert found.state == state
    if skew is not None and state != "ok":
        assert ("ahead of" if skew < 0 else "behind") in found.message


def test_a_certificate_is_told_before_it_ends():
    one, _signer = identity("hanbit", "kim", "dac")
    held: x509.Certificate = one.certificate
    ends = held.not_valid_after_utc
    for now, state in (
        (ends - timedelta(days=31), "ok"),
        (ends - timedelta(days=29), "warning"),
        (ends, "wrong"),
        (held.not_valid_before_utc - timedelta(seconds=1), "wrong"),
    ):
        assert certificates.lasting("identity", "it", held, now, "mend").state == state


def test_roots_that_cannot_be_read_are_told():
    assert [one.state for one in certificates.roots("identity", "it", b"junk", NOW, "mend")] == ["wrong"]
    assert list(certificates.roots("identity", "it", None, NOW, "mend")) == []


def test_a_check_that_fails_hides_no_other(tmp_path, monkeypatch):
    def broken(_patient):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(doctor, "CHECKS", (("versions", broken), *doctor.CHECKS[1:]))
    found = list(examine(Patient(contexts=Contexts(tmp_path))))
    assert [(one.about, one.state) for one in found] == [("versions", "unknown"), ("settings", "wrong")]


def at_the_ca(tmp_path, monkeypatch, attributes, roles=""):
    """What is said of somebody, whom the CA knows with these attributes, or does not let look (None)."""

    def own(_registrar, enrollment_id):
        assert enrollment_id == "kim"
        if attributes is None:
            raise CAError("Authorization failure")
        return SimpleNamespace(attributes=attributes)

    (tmp_path / "ca-tls-root.pem").write_bytes(b"")
    monkeypatch.setattr(authority, "reach", lambda *_a, **_k: Reached("127.0.0.1:7054"))
    found = patient(tmp_path)
    found.__dict__["context"] = SimpleNamespace(
        folder=tmp_path, ca_url="https://127.0.0.1:7054", enrollment_id="kim", registrar=lambda: None,
        ca=lambda: nullcontext(SimpleNamespace(identity=own)),
    )  # fmt: skip
    found.__dict__["person"] = identity("hanbit", "kim", roles)
    return [(one.state, one.message) for one in authority.check(found) if one.about == "identity"]


def test_a_registrar_needs_no_role(tmp_path, monkeypatch):
    ((state, message),) = at_the_ca(tmp_path, monkeypatch, {"hf.Registrar.Roles": "client"})
    assert (state, message.partition(",")[0]) == ("ok", "a registrar of the CA")


@pytest.mark.parametrize("attributes", [None, {"hf.Type": "client"}])
def test_who_is_none_and_has_no_role_is_warned(tmp_path, monkeypatch, attributes):
    ((state, message),) = at_the_ca(tmp_path, monkeypatch, attributes)
    assert (state, message) == ("warning", "the certificate has no role: it can ask, and change nothing")


def test_of_who_has_a_role_the_ca_is_asked_nothing(tmp_path, monkeypatch):
    assert at_the_ca(tmp_path, monkeypatch, None, "dac") == []
