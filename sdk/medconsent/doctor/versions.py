"""Which programs are installed; what the peer's contract is, is asked by `medconsent.doctor.ledger`."""

import platform
import sys
from collections.abc import Iterator
from importlib import metadata

from medconsent._version import __version__
from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.patient import Patient

_OLDEST = (3, 11)
_NEEDED = ("grpcio", "cryptography", "protobuf", "hyperledger-fabric-protos", "requests", "click")


def check(_patient: Patient) -> Iterator[Finding]:
    """This program, Python, and the libraries that it rests on."""
    known = {name: _version(name) for name in _NEEDED}
    python = f"medconsent {__version__}, Python {platform.python_version()}"
    if sys.version_info < _OLDEST:
        yield finding("versions", "wrong", python, "install Python 3.11 or later, and medconsent into it")
    else:
        yield finding("versions", "ok", python)
    missing = [name for name, version in known.items() if version is None]
    if missing:
        mend = "install medconsent again, into an environment of its own"
        yield finding("versions", "wrong", f"not installed: {', '.join(missing)}", mend)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
