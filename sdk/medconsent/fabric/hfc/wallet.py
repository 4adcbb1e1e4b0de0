"""hfc's wallets: a folder of identities as hfc writes it, or one in memory."""

import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from medconsent.fabric.errors import WalletError
from medconsent.fabric.wallet import Wallet, load
from medconsent.private_files import private_folder, write_private

from .people import Enrollment, User

_KEY, _CERTIFICATE = "private_sk", "enrollmentCert.pem"


class FileSystenWallet:
    """Identities in `<folder>/<id>/` as hfc leaves them (the name is hfc's too); keys are for their owner only."""

    def __init__(self, path: str | Path | None = None) -> None:
        """
        Args:
            path: The folder; None: hfc's own, `tmp/hfc-kvs` in the working folder.
        """
        self._path = Path(os.fspath(path)) if path is not None else Path.cwd() / "tmp" / "hfc-kvs"
        self._wallet = Wallet(self._path)

    def exists(self, enrollment_id: str) -> bool:
        """Whether there is an identity of that name.

        Args:
            enrollment_id: The name.
        """
        return enrollment_id in self._wallet

    def remove(self, enrollment_id: str) -> None:
        """Delete an identity with its key.

        Args:
            enrollment_id: The name.

        Raises:
            WalletError: There is none.
        """
        self._wallet.remove(enrollment_id)

    def create_user(self, enrollment_id: str, org: str, msp_id: str, state_store: Any = None) -> User:
        """The user of an identity in the wallet.

        Args:
            enrollment_id: The identity's name.
            org: The organization's name.
            msp_id: Its MSP id.
            state_store: Not used.

        Raises:
            WalletError: There is none.
            IdentityError: Key and certificate do not fit together.
        """
        del state_store
        identity, signer = self._wallet.get(enrollment_id, msp_id)
        return User(enrollment_id, org, msp_id, Enrollment(signer.private_key, identity.certificate_pem))

    def put(self, enrollment_id: str, enrollment: Enrollment) -> None:
        """Store an identity; a former one of that name is replaced.

        Args:
            enrollment_id: The name.
            enrollment: Key and certificate.

        Raises:
            WalletError: The name cannot be that of a folder.
        """
        folder = self._wallet.path_of(enrollment_id)
        private_folder(folder)
        key = enrollment.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(folder / _KEY, key)
        write_private(folder / _CERTIFICATE, enrollment.cert)
        load(folder, "check")


class Identity:
    """A name and an enrolment, to be stored in a wallet."""

    def __init__(self, enrollment_id: str, user: Enrollment) -> None:
        """
        Args:
            enrollment_id: The name in the wallet.
            user: What the CA gave.
        """
        if not isinstance(user, Enrollment):
            raise WalletError("an identity is made of an Enrollment, as `ca_service(...).enroll` gives it")
        self._enrollment_id, self._enrollment = enrollment_id, user

    def CreateIdentity(self, Wallet: "FileSystenWallet | InMemoryWalletStore") -> None:
        """Store it.

        Args:
            Wallet: Where.
        """
        Wallet.put(self._enrollment_id, self._enrollment)


class InMemoryWalletStore:
    """Identities for as long as the program runs."""

    def __init__(self) -> None:
        self._held: dict[str, Enrollment] = {}

    def exists(self, enrollment_id: str) -> bool:
        """Whether there is an identity of that name.

        Args:
            enrollment_id: The name.
        """
        return enrollment_id in self._held

    def remove(self, enrollment_id: str) -> None:
        """Forget an identity.

        Args:
            enrollment_id: The name.

        Raises:
            WalletError: There is none.
        """
        self._require(enrollment_id)
        del self._held[enrollment_id]

    def put(self, enrollment_id: str, user_enrollment: Enrollment) -> None:
        """Keep an identity.

        Args:
            enrollment_id: The name.
            user_enrollment: Key and certificate.

        Raises:
            WalletError: It is no `Enrollment`.
        """
        if not isinstance(user_enrollment, Enrollment):
            raise WalletError("a wallet holds an Enrollment, as `ca_service(...).enroll` gives it")
        self._held[enrollment_id] = user_enrollment

    def create_user(self, enrollment_id: str, org: str, msp_id: str, state_store: Any = None) -> User:
        """See `FileSystenWallet.create_user`."""
        del state_store
        return User(enrollment_id, org, msp_id, self._require(enrollment_id))

    def _require(self, enrollment_id: str) -> Enrollment:
        if enrollment_id not in self._held:
            raise WalletError(f"the wallet has no identity {enrollment_id!r}")
        return self._held[enrollment_id]
