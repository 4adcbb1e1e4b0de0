"""What can go wrong with a network: one exception, a stable code, a sentence, and what to do about it."""

from typing import Literal

Code = Literal[
    "USAGE",  # an option or an argument is wrong; nothing was done
    "STOPPED",  # somebody ended it with Ctrl-C, or said no
    "CONSORTIUM_INVALID",  # the consortium file does not say what it must
    "HOME_MISSING",  # there is no such home folder, or it was never set up
    "PORT_TAKEN",  # another program listens where one of ours has to
    "TOOL_MISSING",  # Go, a C compiler or a binary is not there
    "TOOL_VERSION",  # a binary is there, of another version
    "BUILD_FAILED",  # Fabric, Fabric CA or the chaincode did not build
    "CA_FAILED",  # a CA did not answer, or refused to enrol
    "CERTIFICATE_ENDED",  # a certificate of a home's own has ended
    "CHANNEL_FAILED",  # the channel could not be made, joined or changed
    "CHAINCODE_FAILED",  # the chaincode could not be installed, approved or committed
    "PAPER_INVALID",  # a file of another institution is damaged, too large, or another thing
    "KEY_INSIDE",  # there is a private key in a file of another institution
    "BUNDLE_REFUSED",  # a bundle's certificates or addresses are not what they have to be
    "BUNDLE_CONFLICT",  # a bundle speaks for an institution that is known by other roots
    "TERMS_DIFFER",  # institutions expect different things of one consortium
    "NOT_HARDENED",  # a configuration of the channel lacks a rule that seals stand on
    "NOT_AGREED",  # a configuration is not what follows from the bundles that are held
    "NOT_SIGNED",  # signatures are missing, or are not what they say
    "BACKUP_FAILED",  # a backup, or a key for backups, could not be made
    "BACKUP_LOCKED",  # a backup is encrypted to another key, or the key's passphrase is another
    "BACKUP_DAMAGED",  # a backup is damaged, cut, or another thing
    "RESTORE_FAILED",  # a home could not be put into place
    "RUNS_ELSEWHERE",  # a home would run twice
    "NOT_CHECKED",  # nobody could be asked whether a home runs elsewhere
    "PROCESS_FAILED",  # a process ended instead of serving
    "TIMEOUT",  # a condition did not come true in time
]


class NetworkError(Exception):
    """A network operation that did not succeed.

    `code` is stable, `message` says what was wrong and where, `hint` what to do.
    """

    def __init__(self, code: Code, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.hint = hint

    def diagnostics(self) -> str:
        """The whole story for a person: code, sentence and next step."""
        return f"{self.code}: {self.message}" + (f"\n  {self.hint}" if self.hint else "")
