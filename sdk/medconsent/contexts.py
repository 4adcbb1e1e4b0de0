"""Contexts: one identity at one institution, on disk, and which of them is the current one.

    $MEDCONSENT_HOME, else $XDG_CONFIG_HOME/medconsent, else ~/.config/medconsent
    ├── current                           name of the current context
    └── contexts/<institution>/<name>/    mode 0700
        ├── context.json                  where the peer and the CA are, channel and chaincode
        ├── cert.pem, key.pem             the identity; the key has mode 0600
        └── tls-root.pem, ca-tls-root.pem, ca-root.pem

$MEDCONSENT_CONTEXT names another current context for one process.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from medconsent._internal.words import odd_letter
from medconsent.errors import ENROL_AGAIN, ContextError
from medconsent.fabric import wallet
from medconsent.fabric.errors import CAError, IdentityError, ProfileError, WalletError
from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.private_files import private_folder, write_private
from medconsent.times import format_time

if TYPE_CHECKING:
    from medconsent.fabric.ca import CAClient, Enrollment
    from medconsent.fabric.profile import Profile

# The CA's client and profiles are imported where they are used: few commands need them, and all would wait for them.

ATTRIBUTES = ("medconsent.roles", "hf.EnrollmentID")
"""The attributes that the contract reads from a certificate (docs/contract.md, "Who calls"), so that enrolment asks
for them.
"""

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)  # one folder's name
_SETTINGS, _CURRENT = "context.json", "current"
_TLS_ROOT, _CA_TLS_ROOT, _CA_ROOT = "tls-root.pem", "ca-tls-root.pem", "ca-root.pem"
_EXTENSION = "x-medconsent"


@dataclass(frozen=True)
class Context:
    """One identity at one institution: whom to ask, and as whom.

    Attributes:
        name: `<institution>/<name>`.
        folder: Where it is kept.
        institution: The institution's name, which is its MSP id.
        enrollment_id: The enrolment id.
        endpoint: The peer, as `host:port`.
        channel: The channel.
        chaincode: The chaincode's name.
        server_name: The name in the peer's TLS certificate, when it is not the host's.
        ca_url: The CA; empty when none is known: then the identity cannot be renewed, nor others registered, from here.
        ca_name: The name of the CA within its server.
    """

    name: str
    folder: Path
    institution: str
    enrollment_id: str
    endpoint: str
    channel: str
    chaincode: str
    server_name: str | None = None
    ca_url: str = ""
    ca_name: str | None = None

    def load(self) -> tuple[Identity, PrivateKeySigner]:
        """The identity and its key.

        Raises:
            ContextError: They are missing, do not fit, or others can read the key.
        """
        key = self.folder / wallet.KEY
        try:
            if key.stat().st_mode & 0o077:
                raise ContextError(f"other users can read the private key {key}", hint=f"chmod 600 {key}")
            return wallet.load(self.folder, self.institution)
        except (OSError, WalletError, IdentityError) as error:
            raise ContextError(f"the identity of the context {self.name} cannot be used: {error}") from error

    @property
    def tls_root(self) -> bytes | None:
        """The PEM that the peer's TLS certificate is checked against; None for a peer without TLS."""
        path = self.folder / _TLS_ROOT
        return path.read_bytes() if path.exists() else None

    @property
    def ca_root(self) -> bytes | None:
        """The PEM of the root that certifies the institution's people, as its operator gave it.

        Where the profile had none, that of the CA's TLS certificate: it is the same where a CA certifies itself. None
        when no CA is known.
        """
        for path in (self.folder / _CA_ROOT, self.folder / _CA_TLS_ROOT):
            if path.exists():
                return path.read_bytes()
        return None

    def ca(self) -> "CAClient":
        """A client of the institution's CA.

        Raises:
            ContextError: The context names none.
        """
        if not self.ca_url:
            raise ContextError(
                f"the context {self.name} names no certificate authority", hint="make it from a connection profile"
            )
        return _ca(self.ca_url, ca_name=self.ca_name, tls_root=(self.folder / _CA_TLS_ROOT).read_bytes())

    def registrar(self) -> "Enrollment":
        """The identity as the CA client wants it: to register others with, or to renew itself."""
        from medconsent.fabric.ca import Enrollment  # noqa: PLC0415

        identity, signer = self.load()
        return Enrollment(self.enrollment_id, identity.certificate_pem, b"", signer)


class Contexts:
    """The contexts of one user on this machine."""

    def __init__(self, home: str | Path | None = None) -> None:
        """`home` None takes the folder that the module's text names."""
        self.home = Path(home) if home is not None else default_home()

    def list(self) -> "tuple[Context, ...]":
        """The contexts that can be read, by name; `damaged` has the others."""
        return self._all()[0]

    def damaged(self) -> "Mapping[str, ContextError]":
        """The contexts that cannot be read, and why; `remove` deletes one."""
        return self._all()[1]

    def _all(self) -> "tuple[tuple[Context, ...], dict[str, ContextError]]":
        found: list[Context] = []
        damaged: dict[str, ContextError] = {}
        for name in self._names():
            try:
                found.append(_read(self.home / "contexts" / name / _SETTINGS))
            except ContextError as error:
                damaged[name] = error
        return tuple(found), damaged

    def _names(self) -> "tuple[str, ...]":
        """The names of all contexts, whatever stands in their folders, and whether these can be reached."""
        found = sorted((self.home / "contexts").glob("*/*"))
        folders = [path for path in found if path.is_symlink() or path.is_dir()]
        return tuple(f"{path.parent.name}/{path.name}" for path in folders)

    def get(self, name: str | None = None) -> Context:
        """A context by its name; None takes the current one.

        Raises:
            ContextError: There is no such context, or it cannot be read.
        """
        name = name or self.current_name()
        if not name:
            raise ContextError(
                "no identity is chosen",
                hint="medconsent identity enroll makes a context, medconsent context use NAME chooses one",
            )
        return _read(self.existing(name) / _SETTINGS)

    def existing(self, name: str) -> Path:
        """The folder of a context that is there, whether it can be read or not.

        Raises:
            ContextError: There is none of that name.
        """
        folder = self._folder(name)
        if not (folder.is_symlink() or folder.is_dir()):
            raise ContextError(f"there is no context {name}", hint=self._known())
        return folder

    def current_name(self) -> str:
        """The name of the current context; empty when none is chosen."""
        return os.environ.get("MEDCONSENT_CONTEXT") or self._chosen()

    def _chosen(self) -> str:
        path = self.home / _CURRENT
        # A file that was damaged names no context, and is told of as that.
        return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""

    def use(self, name: str) -> Context:
        """Make a context the current one.

        Raises:
            ContextError: There is none of that name, or it cannot be used.
        """
        context = self.get(name)
        context.load()
        write_private(self.home / _CURRENT, f"{context.name}\n".encode())
        return context

    def remove(self, name: str) -> None:
        """Delete a context with its private key, also one that is damaged.

        Raises:
            ContextError: There is none of that name.
        """
        folder = self.existing(name)
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
        if self._chosen() == name:
            (self.home / _CURRENT).unlink()

    def enroll(
        self,
        profile: "Profile | str | Path",
        enrollment_id: str,
        secret: str,
        *,
        name: str | None = None,
        channel: str | None = None,
        chaincode: str | None = None,
        replace: bool = False,
    ) -> Context:
        """Trade a secret of the institution's CA for a certificate, and make a context of it.

        The private key is made here and never leaves. The first context becomes the current one.

        Args:
            profile: A Fabric connection profile, or the file that has one.
            enrollment_id: Whose certificate it will be.
            secret: What the institution's registrar handed out.
            name: The context's name; None: `<institution>/<enrolment id>`.
            channel: The channel's name; None: the one in the profile's `x-medconsent`.
            chaincode: The chaincode's name; None: the one in the profile's `x-medconsent`.
            replace: Whether a context of that name is replaced, with its key.

        Raises:
            ContextError: The name is taken, or something that a context needs is neither given nor in the profile.
            ProfileError: The profile cannot be read, or lacks what is needed.
            CAError: The CA refuses, or cannot be reached.
        """
        profile = read_profile(profile)
        folder, settings = self._prepare(
            profile, enrollment_id, name=name, channel=channel, chaincode=chaincode, replace=replace
        )
        authority = profile.certificate_authority
        with _ca(authority.url, ca_name=authority.ca_name, tls_root=authority.tls_root) as ca:
            enrollment = ca.enroll(enrollment_id, secret, attributes=ATTRIBUTES)
        return self._write(folder, settings, profile, enrollment.certificate_pem, enrollment.private_key_pem)

    def add(
        self,
        profile: "Profile | str | Path",
        identity_folder: str | Path,
        *,
        name: str | None = None,
        channel: str | None = None,
        chaincode: str | None = None,
        replace: bool = False,
    ) -> Context:
        """Make a context of an identity that exists. Certificate and key are copied.

        Args:
            profile: A Fabric connection profile, or the file that has one.
            identity_folder: An MSP folder, a wallet entry of ours, or one that hfc left.
            name: The context's name; None: `<institution>/<enrolment id>`.
            channel: The channel's name; None: the one in the profile's `x-medconsent`.
            chaincode: The chaincode's name; None: the one in the profile's `x-medconsent`.
            replace: Whether a context of that name is replaced, with its key.

        Raises:
            ContextError: The name is taken, or the certificate is another institution's.
            ProfileError: It cannot be read, or lacks what is needed.
            WalletError: There is no identity in it.
        """
        profile = read_profile(profile)
        identity, signer = wallet.load(identity_folder, profile.msp_id)
        _require_issued(identity, profile)
        folder, settings = self._prepare(
            profile, identity.common_name, name=name, channel=channel, chaincode=chaincode, replace=replace
        )
        return self._write(folder, settings, profile, identity.certificate_pem, signer.to_pem())

    def reenroll(self, name: str | None = None, *, new_key: bool = False) -> Context:
        """Renew a context's certificate before it expires, for the same key: seats and offices count for it.

        Args:
            name: The context; None: the current one.
            new_key: For a new key. It has to be announced and admitted like the first (`client.persons`).

        Raises:
            ContextError: There is no such context, or it cannot be read.
            CAError: The CA refuses, or does not answer.
        """
        context = self.get(name)
        identity, own_key = context.load()
        if identity.expires <= datetime.now(UTC):
            when = format_time(identity.expires)
            raise ContextError(
                f"the certificate of the context {context.name} has ended at {when}: a CA renews only what holds",
                hint=ENROL_AGAIN,
            )
        with context.ca() as ca:
            key = None if new_key else own_key
            enrollment = ca.reenroll(context.registrar(), attributes=ATTRIBUTES, key=key)
        wallet.save(context.folder, enrollment.certificate_pem, enrollment.private_key_pem)
        return context

    def _prepare(
        self,
        profile: "Profile",
        enrollment_id: str,
        *,
        name: str | None,
        channel: str | None,
        chaincode: str | None,
        replace: bool,
    ) -> tuple[Path, dict[str, Any]]:
        """Everything that can be wrong is found before a one-time secret is spent."""
        folder = self._folder(f"{profile.msp_id}/{name or enrollment_id}")
        if (folder / _SETTINGS).exists() and not replace:
            raise ContextError(
                f"there is a context {profile.msp_id}/{name or enrollment_id} already",
                hint="give another name (`--name NAME`), or replace it (`--replace`)",
            )
        ours = profile.document.get(_EXTENSION)
        ours = ours if isinstance(ours, Mapping) else {}
        channel = channel or ours.get("channel") or next(iter(profile.channels), None)
        chaincode = chaincode or ours.get("chaincode")
        if odd := [name for name in (channel, chaincode) if name and not isinstance(name, str)]:
            raise ContextError(f"channel and chaincode in the connection profile are names, and {odd[0]!r} is none")
        if not channel or not chaincode:
            raise ContextError("the connection profile does not name channel and chaincode (x-medconsent): give them")
        peer = profile.peer
        settings = {
            "institution": profile.msp_id,
            "enrollment_id": enrollment_id,
            "endpoint": peer.endpoint,
            "server_name": peer.server_name,
            "channel": channel,
            "chaincode": chaincode,
        }
        for authority in profile.certificate_authorities[:1]:
            settings |= {"ca_url": authority.url, "ca_name": authority.ca_name}
        return folder, settings

    def _write(
        self, folder: Path, settings: dict[str, Any], profile: "Profile", certificate: bytes, key: bytes
    ) -> Context:
        private_folder(folder)
        wallet.save(folder, certificate, key)
        if profile.peer.tls_root is not None:
            write_private(folder / _TLS_ROOT, profile.peer.tls_root)
        for authority in profile.certificate_authorities[:1]:
            write_private(folder / _CA_TLS_ROOT, authority.tls_root)
        roots = profile.root_certificates(_EXTENSION)
        if roots is not None:
            write_private(folder / _CA_ROOT, roots)
        # Last, because it is what makes the folder a context.
        write_private(folder / _SETTINGS, (json.dumps(settings, indent=2) + "\n").encode())
        context = _read(folder / _SETTINGS)
        if not (self.home / _CURRENT).exists():
            write_private(self.home / _CURRENT, f"{context.name}\n".encode())
        return context

    def _folder(self, name: str) -> Path:
        institution, slash, short = name.partition("/")
        if not slash or not _PART.fullmatch(institution) or not _PART.fullmatch(short):
            raise ContextError(
                f"{name!r} is not the name of a context: it should be <institution>/<name>, such as hanbit/steward"
                + (f"; {odd}" if (odd := odd_letter(name)) else ""),
                hint=self._known(ending=f"/{name}"),
            )
        return self.home / "contexts" / institution / short

    def _known(self, ending: str = "") -> str:
        """The contexts that there are, or those that end so when there are such."""
        names = self._names()
        fitting = [name for name in names if ending and name.endswith(ending)]
        if fitting:
            return f"did you mean {' or '.join(fitting)}?"
        return f"known contexts: {', '.join(names) or 'none yet'}"


def default_home() -> Path:
    """The folder of the contexts: $MEDCONSENT_HOME, else the XDG configuration folder."""
    home = os.environ.get("MEDCONSENT_HOME")
    if home:
        return Path(home)
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base and os.path.isabs(base) else Path.home() / ".config") / "medconsent"


def _ca(url: str, *, ca_name: str | None, tls_root: bytes) -> "CAClient":
    from medconsent.fabric.ca import CAClient  # noqa: PLC0415

    return CAClient(url, ca_name=ca_name, tls_root=tls_root)


def read_profile(profile: "Profile | str | Path", organization: str | None = None) -> "Profile":
    """The connection profile in a file, or the one given.

    Args:
        profile: The file, or what was read from it.
        organization: The one of it that is meant, by name or MSP id; None: the one that it says itself, or has alone.

    Raises:
        ProfileError: It cannot be read; the error names the file.
    """
    from medconsent.fabric.profile import Profile  # noqa: PLC0415

    if isinstance(profile, Profile):
        return profile
    try:
        return Profile.load(profile, organization)
    except ProfileError as error:
        if str(profile) in str(error):
            raise
        raise ProfileError(f"{profile} is no connection profile that can be used: {error}") from error


def _require_issued(identity: Identity, profile: "Profile") -> None:
    """See that a certificate is one of the profile's institution.

    It is when a root that the profile has, or one in the chain that the CA itself names, has signed it. When neither is
    so and no CA answers, nothing is known, and the institution's peer will say.

    Raises:
        ContextError: The certificate is none of the profile's institution.
    """
    authorities = profile.certificate_authorities
    roots = [authority.tls_root for authority in authorities]
    roots += [own] if (own := profile.root_certificates(_EXTENSION)) is not None else []
    if any(_issued_by(identity, root) for root in roots):
        return
    chains = []
    for authority in authorities:
        try:
            with _ca(authority.url, ca_name=authority.ca_name, tls_root=authority.tls_root) as ca:
                chains.append(ca.info().chain_pem)
        except CAError:
            return
    if chains and not any(_issued_by(identity, chain) for chain in chains):
        raise ContextError(
            f"the certificate of {identity.common_name!r} is not of {profile.msp_id}: its CA did not sign it, "
            f"but {identity.certificate.issuer.rfc4514_string()} did",
            hint="give the connection profile of the institution that issued it",
        )


def _issued_by(identity: Identity, authorities_pem: bytes) -> bool:
    try:
        authorities = x509.load_pem_x509_certificates(authorities_pem)
    except ValueError:
        return False
    for authority in authorities:
        try:
            identity.certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def _read(settings: Path) -> Context:
    folder = settings.parent
    name = f"{folder.parent.name}/{folder.name}"
    try:
        found = json.loads(settings.read_text(encoding="utf-8-sig"))
        if odd := [name for name, value in found.items() if not isinstance(value, str | None)]:
            raise TypeError(f"{odd[0]} is no text")
        return Context(name=name, folder=folder, **found)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ContextError(
            f"{settings} cannot be used: {error}",
            hint=f"enrol again with --replace, or delete the context: medconsent context remove {name}",
        ) from error
