"""A chaincode package of type `ccaas` (chaincode as a service): where the service is, and nothing else."""

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import replace

from medconsent_network.home import Home


def label(home: Home) -> str:
    """The label of the home's chaincode package."""
    return f"{home.spec.chaincode.name}_{home.spec.chaincode.version}"


def package(home: Home) -> bytes:
    """The home's chaincode package: the address of the chaincode beside the peer. No keys.

    The same home gives the same bytes, so that the package's id is known before it is installed.
    """
    address = {"address": f"127.0.0.1:{home.institution.port(home.institution.chaincode_at)}"}
    code = _archive({"connection.json": json.dumps(address).encode()})
    metadata = json.dumps({"type": "ccaas", "label": label(home)}).encode()
    return _archive({"metadata.json": metadata, "code.tar.gz": code})


def package_id(home: Home) -> str:
    """The id that peers give the home's chaincode package: its label and its SHA-256."""
    return f"{label(home)}:{hashlib.sha256(package(home)).hexdigest()}"


def following(home: Home) -> Home:
    """The home as it will be once it has changed to the chaincode's next version, which is at the other place.

    Each version listens at the port of its place, which is in its package for ever.
    """
    spec = home.spec.with_institution(replace(home.institution, chaincode_at=home.institution.chaincode_free_at))
    spec = replace(spec, chaincode=replace(spec.chaincode, version=spec.chaincode.next, next=""))
    return replace(home, institution=spec.institution(home.name), spec=spec)


def _archive(members: dict[str, bytes]) -> bytes:
    """A .tar.gz of the members that depends on nothing but them."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()
