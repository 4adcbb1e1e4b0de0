"""Who of an institution can act, and what a registrar changes in that: with a CA that keeps its register in memory."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from medconsent.contexts import Context
from medconsent.errors import AlreadyEnrolled, IdentityRevoked
from medconsent.fabric.ca import IssuedCertificate, RegisteredIdentity, Revocation
from medconsent.staff import Staff, StaffMember

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def certificate(serial: int, *roles: str, ends: int = 300, revoked: bool = False) -> IssuedCertificate:
    attributes = {"hf.Type": "client", "medconsent.roles": ",".join(roles)}
    return IssuedCertificate("kim", f"{serial:x}", "ca", attributes, NOW + ends * DAY, revoked)


def registered(*roles: str, most: int = 1) -> RegisteredIdentity:
    attributes = {"hf.Type": "client"} | ({"medconsent.roles": ",".join(roles)} if roles else {})
    return RegisteredIdentity("kim", "client", "", attributes, most)


@dataclass
class Register:
    """A CA that knows kim."""

    kim: RegisteredIdentity = field(default_factory=lambda: registered("dac"))
    issued: list[IssuedCertificate] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def identity(self, _registrar: object, enrollment_id: str) -> RegisteredIdentity:
        assert enrollment_id == "kim"
        return self.kim

    def identities(self, _registrar: object) -> list[RegisteredIdentity]:
        return [self.kim, replace(self.kim, enrollment_id="lee")]

    def certificates(self, _registrar: object, enrollment_id: str = "") -> list[IssuedCertificate]:
        assert enrollment_id in ("", "kim")
        return self.issued

    def modify(self, _registrar: object, enrollment_id: str, **what: Any) -> None:
        self.asked.append(f"modify {' '.join(what)}")
        most = what.get("max_enrollments", self.kim.max_enrollments)
        self.kim = replace(self.kim, attributes=self.kim.attributes | what.get("attributes", {}), max_enrollments=most)
        self.secrets += [what["secret"]] if "secret" in what else []

    def revoke(self, _registrar: object, enrollment_id: str = "", *, reason: str, **one: str) -> Revocation:
        self.asked.append(f"revoke {one.get('serial') or enrollment_id} {reason}")
        return Revocation(tuple((each.serial, "ca") for each in self.issued), b"")

    def staff(self) -> Staff:
        class Known:
            ca = staticmethod(lambda: self)
            registrar = staticmethod(lambda: None)

        return Staff(cast(Context, Known()))


@pytest.mark.parametrize(
    ("state", "most", "certificates"),
    [
        ("registered", 1, ()),
        ("registered", -1, ()),
        ("enrolled", 1, (certificate(1),)),
        ("enrolled", 1, (certificate(2), certificate(1, revoked=True))),
        ("enrolled", 0, (certificate(1),)),  # a good certificate acts, whatever the CA says of its holder
        ("ended", 1, (certificate(1, ends=-1),)),
        ("ended", 1, (certificate(1, ends=0),)),
        ("ended", 1, (certificate(2, revoked=True), certificate(1, ends=-1))),
        ("revoked", 1, (certificate(1, revoked=True),)),
        ("revoked", 0, ()),
        ("revoked", 0, (certificate(1, ends=-1),)),
    ],
)
def test_the_state_says_who_can_act(state: str, most: int, certificates: tuple[IssuedCertificate, ...]) -> None:
    assert StaffMember("kim", "client", (), most, certificates).state(NOW) == state


def test_the_list_has_everybody_with_their_own_certificates() -> None:
    ca = Register(registered("dac", "researcher"), [certificate(1), certificate(2, ends=7, revoked=True)])
    kim, lee = ca.staff().list()
    assert (kim.roles, len(kim.certificates), kim.until) == (("dac", "researcher"), 2, certificate(1).ends)
    assert (lee.certificates, lee.until, lee.state(NOW)) == ((), None, "registered")


def test_roles_are_replaced_and_the_certificates_keep_theirs() -> None:
    ca = Register(issued=[certificate(1)])
    assert ca.staff().set_roles("kim", ["researcher", "ethics", "researcher"]).roles == ("dac",)
    assert ca.kim.attributes["medconsent.roles"] == "researcher,ethics"
    ca.staff().set_roles("kim", [])
    assert ca.kim.attributes["medconsent.roles"] == "", "which removes it"
    assert ca.asked == ["modify attributes"] * 2, "nothing is revoked"


def test_a_lost_secret_is_replaced_once() -> None:
    ca = Register()
    secret = ca.staff().new_secret("kim", at=NOW)
    assert ca.secrets == [secret]
    assert len(secret) >= 32
    assert ca.kim.max_enrollments == 1
    assert ca.staff().new_secret("kim", at=NOW) != secret


@pytest.mark.parametrize("others", [(), (certificate(2, revoked=True),), (certificate(2, ends=-1),)])
def test_no_secret_for_somebody_who_can_act(others: tuple[IssuedCertificate, ...]) -> None:
    """Whoever gets it could take their place."""
    ca = Register(issued=[certificate(1), *others])
    with pytest.raises(AlreadyEnrolled) as refused:
        ca.staff().new_secret("kim", at=NOW)
    assert refused.value.code == "ALREADY_ENROLLED"
    assert "medconsent identity reenroll" in refused.value.hint
    assert ca.asked == []


@pytest.mark.parametrize(
    ("issued", "most", "bound"),
    [
        (1, 1, 2),  # enrolled once: once more
        (3, 1, 2),  # and renewed twice since, which the CA does not count
        (1, 2, 2),  # had a second secret, and lost it too
        (2, 5, 3),
        (2, -1, 3),
    ],
)
def test_after_a_lost_key_the_secret_enrols_once_more(issued: int, most: int, bound: int) -> None:
    certificates = [certificate(number, revoked=True) for number in range(issued)]
    ca = Register(registered("dac", most=most), certificates)
    ca.staff().new_secret("kim", at=NOW)
    assert ca.kim.max_enrollments == bound


def test_a_leaver_never_comes_back() -> None:
    ca = Register(issued=[certificate(1)])
    assert len(ca.staff().revoke("kim", "cessationofoperation").certificates) == 1
    assert ca.asked == ["revoke kim cessationofoperation", "modify max_enrollments"], "first what takes away"
    ca.issued = []
    assert ca.staff().get("kim").state(NOW) == "revoked"
    for again in (lambda: ca.staff().new_secret("kim", at=NOW), lambda: ca.staff().set_roles("kim", ["dac"])):
        with pytest.raises(IdentityRevoked, match="cannot be undone"):
            again()


def test_a_lost_key_takes_all_certificates_and_the_secret() -> None:
    ca = Register(issued=[certificate(1), certificate(2, revoked=True), certificate(3)])
    assert ca.staff().revoke_certificates("kim", "keycompromise") == 2
    assert ca.asked == ["modify secret", "revoke 1 keycompromise", "revoke 3 keycompromise"]
    assert ca.kim.max_enrollments == 1, "they stay registered"


def test_certificates_with_roles_that_were_taken_away_go_and_the_others_stay() -> None:
    """Whenever they were issued: Fabric CA's times are whole minutes."""
    ca = Register(
        registered("researcher", "ethics"),
        [
            certificate(1, "researcher", "dac"),
            certificate(2, "ethics", "researcher"),
            certificate(3, "researcher"),
            certificate(4),
            certificate(5, "dac", revoked=True),
            certificate(6, "steward"),
        ],
    )
    assert set(ca.staff().get("kim").acting_roles(NOW)) == {"researcher", "dac", "ethics", "steward"}
    assert ca.staff().revoke_certificates("kim", "privilegewithdrawn", "outdated") == 2
    assert ca.asked == ["revoke 1 privilegewithdrawn", "revoke 6 privilegewithdrawn"]
