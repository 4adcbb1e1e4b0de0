"""Identities on disk: folders with a certificate and a private key, also as Fabric's tools and hfc left them.

===================  ============================================
layout               files in the identity's folder
===================  ============================================
ours                 `cert.pem`, `key.pem`
MSP                  `signcerts/*.pem`, `keystore/*`
hfc                  `enrollmentCert.pem`, `private_sk`
===================  ============================================
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from medconsent.private_files import private_folder, write_private

from .errors import IdentityError, WalletError
from .identity import Identity, PrivateKeySigner

CERTIFICATE, KEY = "cert.pem", "key.pem"
_MOST = 1024**2


def load(folder: str | Path, msp_id: str) -> tuple[Identity, PrivateKeySigner]:
    """The identity in a folder of any of the layouts, and its signer.

    Enrolling again leaves former keys in `keystore`: the pair that belongs together is taken.

    Args:
        folder: The folder.
        msp_id: The MSP id of the organization: none of the layouts has it.

    Raises:
        WalletError: The folder holds none, or several.
        IdentityError: Certificate and key do not fit together.
    """
    folder = Path(folder)
    certificates, keys = _files(folder)
    if len(certificates) == 1 and len(keys) == 1:
        return _pair(folder, certificates[0], keys[0], msp_id)
    found = []
    for certificate in certificates:
        for key in keys:
            try:
                found.append(_pair(folder, certificate, key, msp_id))
            except IdentityError:
                continue
    if len({identity.certificate_pem for identity, _ in found}) != 1:
        raise WalletError(
            f"{folder} should hold one certificate and one key, and holds {len(certificates)} and {len(keys)}"
            + (f", {len(found)} pairs of which fit" if found else ", none of which fit together")
        )
    return found[0]


def _pair(folder: Path, certificate: Path, key: Path, msp_id: str) -> tuple[Identity, PrivateKeySigner]:
    """The certificate and, of the keys in the key's file, the one that is its own."""
    try:
        signers, pem = PrivateKeySigner.all_from_pem(_read(key)), _read(certificate)
        for signer in signers[:-1]:
            with suppress(IdentityError):  # the last one tells what is wrong
                return Identity.from_pem(msp_id, pem, signer), signer
        return Identity.from_pem(msp_id, pem, signers[-1]), signers[-1]
    except OSError as cause:
        raise WalletError(f"the identity in {folder} cannot be read: {cause.strerror or cause}") from cause


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_MOST + 1)
    if len(data) > _MOST:
        raise WalletError(f"{path} is too long for a certificate or key")
    return data


def save(folder: str | Path, certificate_pem: bytes, private_key_pem: bytes) -> None:
    """Write `cert.pem` and `key.pem` (mode 0600) into a folder (mode 0700), each replaced atomically.

    The key is written first: what can be seen in between is a pair that does not fit, and `load` says so.

    Args:
        folder: The folder; it is made when it is not there.
        certificate_pem: The certificate, PEM.
        private_key_pem: Its key, PEM, not encrypted.
    """
    folder = Path(folder)
    private_folder(folder)
    write_private(folder / KEY, private_key_pem)
    write_private(folder / CERTIFICATE, certificate_pem)


class Wallet:
    """A folder of identities, each in a folder of its own named by its label."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def put(self, label: str, certificate_pem: bytes, private_key_pem: bytes) -> None:
        """Store an identity under a label; a former one is replaced.

        Args:
            label: The label: a name of a folder in the wallet.
            certificate_pem: The certificate, PEM.
            private_key_pem: Its key, PEM, not encrypted.
        """
        save(self.path_of(label), certificate_pem, private_key_pem)

    def get(self, label: str, msp_id: str) -> tuple[Identity, PrivateKeySigner]:
        """The identity under a label, and its signer.

        Args:
            label: The label.
            msp_id: The MSP id of the organization: no wallet of ours has it.

        Raises:
            WalletError: There is none.
            IdentityError: Certificate and key do not fit together.
        """
        return load(self.path_of(label), msp_id)

    def remove(self, label: str) -> None:
        """Delete an identity with its key.

        Raises:
            WalletError: There is none.
        """
        if label not in self:
            raise WalletError(f"the wallet {self.folder} has no identity {label!r}")
        shutil.rmtree(self.path_of(label))

    def __contains__(self, label: str) -> bool:
        return is_identity(self.path_of(label))

    def __iter__(self) -> Iterator[str]:
        """The labels, sorted."""
        if self.folder.is_dir():
            yield from sorted(entry.name for entry in self.folder.iterdir() if is_identity(entry))

    def path_of(self, label: str) -> Path:
        """The folder of the identity under a label, whether it is there or not.

        Args:
            label: The label.

        Raises:
            WalletError: It cannot be the name of a folder.
        """
        if not label or label.startswith(".") or "/" in label or os.sep in label or "\0" in label:
            raise WalletError(f"{label!r} cannot be the label of an identity: it names a folder")
        return self.folder / label


def is_identity(folder: Path) -> bool:
    """Whether a folder holds an identity in one of the layouts."""
    try:
        _files(folder)
    except WalletError:
        return False
    return True


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files that may hold a certificate, and those that may hold its key."""
    for certificate, key in ((CERTIFICATE, KEY), ("enrollmentCert.pem", "private_sk")):
        if (folder / certificate).is_file() and (folder / key).is_file():
            return [folder / certificate], [folder / key]
    certificates, keys = _listed(folder / "signcerts"), _listed(folder / "keystore")
    if certificates and keys:
        return certificates, keys
    raise WalletError(
        f"{folder} holds no identity: expected cert.pem and key.pem, or signcerts/ and keystore/, "
        "or enrollmentCert.pem and private_sk"
    )


def _listed(folder: Path) -> list[Path]:
    """The files of a folder; those that a desktop hides there are none of an identity."""
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith("."))
