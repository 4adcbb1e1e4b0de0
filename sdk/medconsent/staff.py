"""An institution's staff at its own CA: who can act, with which roles, until when; and what a registrar changes.

A certificate keeps the roles that it was issued with. So new roles come with the next certificate, and what is taken
away is gone when the old ones are revoked and the CA's list is in the channel (docs/network.md, "Leavers and new
roles").
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Self, get_args

from medconsent.errors import AlreadyEnrolled, IdentityRevoked

if TYPE_CHECKING:
    from medconsent.contexts import Context
    from medconsent.fabric.ca import CAClient, IssuedCertificate, RegisteredIdentity, Revocation

State = Literal["registered", "enrolled", "ended", "revoked"]
"""Where somebody stands: has no certificate yet; has one that is good; has none any more that is not ended; was
revoked."""

Reason = Literal[
    "keycompromise",
    "affiliationchanged",
    "superseded",
    "cessationofoperation",
    "privilegewithdrawn",
    "unspecified",
]
"""Why a certificate is revoked: those of RFC 5280 that fit a person. The CA takes any other word for `unspecified`."""
REASONS: tuple[Reason, ...] = get_args(Reason)

Which = Literal["all", "outdated"]
"""Which of somebody's certificates: all, or those with a role that they do not have any more."""

_ROLES = "medconsent.roles"
_SECRET_BYTES = 24


@dataclass(frozen=True)
class StaffMember:
    """Somebody whom the institution's CA knows.

    Attributes:
        enrollment_id: The enrolment id.
        type: `client` for people.
        roles: The roles that the next certificate carries.
        max_enrollments: How often they can enrol with a secret, in all; -1: any number, 0: never.
        certificates: All that they were issued; those that end last come first.
    """

    enrollment_id: str
    type: str
    roles: tuple[str, ...]
    max_enrollments: int
    certificates: "tuple[IssuedCertificate, ...]"

    @property
    def unrevoked(self) -> "tuple[IssuedCertificate, ...]":
        """The certificates that are not revoked, also those that have ended."""
        return tuple(one for one in self.certificates if not one.revoked)

    @property
    def until(self) -> datetime | None:
        """When the last certificate ends; None without one that is not revoked."""
        return self.unrevoked[0].ends if self.unrevoked else None

    @property
    def closed(self) -> bool:
        """Whether the identity itself was revoked, which is for ever."""
        return self.max_enrollments == 0

    def good(self, at: datetime) -> "tuple[IssuedCertificate, ...]":
        """The certificates with which they can act at that moment."""
        return tuple(one for one in self.certificates if one.counts(at))

    def acting_roles(self, at: datetime) -> tuple[str, ...]:
        """The roles with which they can act at that moment: those in their good certificates."""
        return tuple(dict.fromkeys(role for one in self.good(at) for role in _roles_of(one.attributes)))

    @property
    def outdated(self) -> "tuple[IssuedCertificate, ...]":
        """The certificates, not revoked, with a role that they do not have any more."""
        return tuple(one for one in self.unrevoked if not set(_roles_of(one.attributes)) <= set(self.roles))

    def state(self, at: datetime) -> State:
        """Where they stand at that moment."""
        if self.good(at):
            return "enrolled"
        if self.closed or (self.certificates and not self.unrevoked):
            return "revoked"
        return "ended" if self.certificates else "registered"


class Staff:
    """The staff as a registrar sees them. Use it as a context manager.

    Every method raises `CAError` when the CA refuses or does not answer.
    """

    def __init__(self, context: "Context") -> None:
        """Ask as `context`, which must be that of a registrar, at its institution's CA."""
        self._ca: CAClient = context.ca()
        self._registrar = context.registrar()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._ca.close()

    def list(self) -> "list[StaffMember]":
        """Everybody whom the registrar may see, in the CA's order."""
        issued: dict[str, list[IssuedCertificate]] = {}
        for one in self._ca.certificates(self._registrar):
            issued.setdefault(one.enrollment_id, []).append(one)
        return [_member(one, issued.get(one.enrollment_id, ())) for one in self._ca.identities(self._registrar)]

    def get(self, enrollment_id: str) -> StaffMember:
        """One of them."""
        identity = self._ca.identity(self._registrar, enrollment_id)
        return _member(identity, self._ca.certificates(self._registrar, enrollment_id))

    def register(self, enrollment_id: str, roles: Sequence[str] = (), *, enrollments: int = 1) -> str:
        """Make somebody known to the CA.

        Args:
            enrollment_id: The name that they will have at the institution, for ever.
            roles: Which roles go into their certificates, as `researcher`.
            enrollments: How often they can enrol with the secret.

        Returns:
            The secret, good for so many enrolments.
        """
        attributes = {_ROLES: ",".join(roles)} if roles else {}
        return self._ca.register(self._registrar, enrollment_id, attributes=attributes, max_enrollments=enrollments)

    def set_roles(self, enrollment_id: str, roles: Sequence[str]) -> StaffMember:
        """Give somebody other roles, from their next certificate on.

        Args:
            enrollment_id: Whose.
            roles: All that they are to have; none takes all away.

        Returns:
            How they stood before. Their certificates keep the roles that they have.

        Raises:
            IdentityRevoked: They were revoked, and get no certificate any more.
        """
        before = self._open(enrollment_id)
        self._ca.modify(self._registrar, enrollment_id, attributes={_ROLES: ",".join(dict.fromkeys(roles))})
        return before

    def new_secret(self, enrollment_id: str, *, at: datetime) -> str:
        """A new one-time secret for somebody who has lost theirs before they enrolled.

        Whoever has such a secret gets a certificate in that person's name. So there is none while the person has a
        certificate that is good: they renew it with its key.

        Args:
            enrollment_id: Whose.
            at: The moment at which a certificate would be good.

        Returns:
            The secret. What there was before is good for nothing any more.

        Raises:
            AlreadyEnrolled: They have a certificate that is good.
            IdentityRevoked: They were revoked, and get no certificate any more.
        """
        member = self._open(enrollment_id)
        if good := member.good(at):
            raise AlreadyEnrolled(
                f"{enrollment_id} has enrolled, with a certificate until {good[0].ends:%Y-%m-%d}: a new secret would "
                "let whoever has it take their place",
                hint=f"they renew it themselves: medconsent identity reenroll; when the key is lost, first "
                f"medconsent identity revoke {enrollment_id} --certificates all --reason keycompromise",
            )
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._ca.modify(self._registrar, enrollment_id, secret=secret, max_enrollments=_once_more(member))
        return secret

    def revoke(self, enrollment_id: str, reason: Reason) -> "Revocation":
        """Take everything from somebody for ever: all certificates, and that they enrol or renew.

        Args:
            enrollment_id: Whose.
            reason: Why, as RFC 5280 has it (section 5.3.1).

        Returns:
            What was revoked by this. Peers learn of it when the CA's list is in the channel.
        """
        revoked = self._ca.revoke(self._registrar, enrollment_id, reason=reason)
        # The CA does not say whom it revoked. Somebody who never enrols can be told from somebody who has yet to.
        self._ca.modify(self._registrar, enrollment_id, max_enrollments=0)
        return revoked

    def revoke_certificates(self, enrollment_id: str, reason: Reason, which: Which = "all") -> int:
        """Revoke somebody's certificates and leave them registered, so that they can get a new one.

        Args:
            enrollment_id: Whose.
            reason: Why.
            which: `all` for a lost key: then a secret that was handed out earlier is good for nothing any more either.
                `outdated` when roles were taken away: what they renewed since then stays.

        Returns:
            How many were revoked.
        """
        member = self.get(enrollment_id)
        if which == "all" and not member.closed:
            self._ca.modify(self._registrar, enrollment_id, secret=secrets.token_urlsafe(_SECRET_BYTES))
        chosen = member.unrevoked if which == "all" else member.outdated
        for one in chosen:
            self._ca.revoke(self._registrar, serial=one.serial, authority_key_id=one.authority_key_id, reason=reason)
        return len(chosen)

    def _open(self, enrollment_id: str) -> StaffMember:
        member = self.get(enrollment_id)
        if member.closed:
            raise IdentityRevoked(
                f"{enrollment_id} was revoked, which cannot be undone",
                hint="register them under another id: medconsent identity register",
            )
        return member


def _member(identity: "RegisteredIdentity", issued: "Sequence[IssuedCertificate]") -> StaffMember:
    return StaffMember(
        identity.enrollment_id,
        identity.type,
        _roles_of(identity.attributes),
        identity.max_enrollments,
        tuple(issued),
    )


def _roles_of(attributes: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(role for role in attributes.get(_ROLES, "").split(",") if role)


def _once_more(member: StaffMember) -> int:
    """The bound with which the CA lets somebody enrol once more: it counts from the registration on.

    How often somebody has enrolled it does not say: not more often than they were allowed to, and each time they got a
    certificate.
    """
    issued = len(member.certificates)
    return 1 + (issued if member.max_enrollments < 0 else min(issued, member.max_enrollments))
