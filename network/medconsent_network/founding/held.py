"""What a home holds of the consortium: its own terms, and the bundles that it has admitted.

The home's consortium file is derived from these, so that every other command works on it as in any network.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from fabric_protos.common import configtx_pb2

from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.founding import bundles, certificates, papers, terms
from medconsent_network.founding.bundles import Bundle
from medconsent_network.home import Home
from medconsent_network.membership import blocks, genesis
from medconsent_network.spec import Spec, parse
from medconsent_network.tools.toolchain import find

Quorum = int | Literal["all"]


@dataclass(frozen=True)
class Held:
    """What one home holds.

    Attributes:
        home: Whose.
        quorum: How many institutions have to agree to a change of the membership.
        own: The home's own bundle.
        others: The bundles that it has admitted, by the institution's name.
    """

    home: Home
    quorum: Quorum
    own: Bundle
    others: Mapping[str, Bundle]

    @classmethod
    def of(cls, home: Home) -> "Held":
        """What a home holds now.

        Raises:
            NetworkError: HOME_MISSING when it was not made by `home init`, or lacks certificates; what its files hold
                otherwise.
        """
        quorum = quorum_of(home)
        found = {path.stem: bundles.read(path) for path in sorted(_folder(home).glob("*.json"))}
        return cls(home, quorum, bundles.of_home(home, quorum), found)

    @property
    def everybody(self) -> dict[str, Bundle]:
        """All bundles, the home's own among them, by name and in the order of names."""
        return dict(sorted({**self.others, self.own.name: self.own}.items()))

    def spec(self, names: Iterable[str] | None = None) -> Spec:
        """The consortium of the institutions `names`, or of all whose bundles are here.

        Raises:
            NetworkError: CONSORTIUM_INVALID when the addresses of two are the same, or the quorum does not fit;
                HOME_MISSING when a bundle is not here.
        """
        wanted = sorted(self.everybody if names is None else names)
        return _spec(self.home, self.quorum, [self.bundle(name) for name in wanted], strictly=True)

    def bundle(self, name: str) -> Bundle:
        """The bundle of an institution.

        Raises:
            NetworkError: HOME_MISSING when it is not here.
        """
        found = self.everybody.get(name)
        if found is None:
            raise NetworkError(
                "HOME_MISSING",
                f"the bundle of {name[:40]} is not here (there are: {', '.join(self.everybody)})",
                "Get it from that institution, and `medconsent-network home admit` it.",
            )
        return found

    def first_block(self, names: Iterable[str] | None = None) -> bytes:
        """The first block that follows from the bundles: of the institutions `names`, or of all.

        Raises:
            NetworkError: TERMS_DIFFER when two expect different things; CHANNEL_FAILED, TOOL_MISSING.
        """
        spec = self.spec(names)
        for name in spec.names:
            _require_terms(self.home, self.quorum, self.bundle(name))
        with TemporaryDirectory() as folder:
            homes = [self.bundle(name).lay_out(Path(folder, "homes"), spec) for name in spec.names]
            return genesis.make(Path(folder, "channel"), spec, homes, find(spec.fabric_version).configtxgen)

    def configuration(self, names: Iterable[str] | None = None) -> configtx_pb2.Config:
        """The configuration in that block."""
        return blocks.configuration(self.first_block(names), self.home.spec.channel)


def quorum_of(home: Home) -> Quorum:
    """What the home's own file says of `membership.quorum`.

    Raises:
        NetworkError: HOME_MISSING when the home was not made by `home init`.
    """
    file = home.path / "founding" / "terms.json"
    if not file.is_file():
        raise NetworkError(
            "HOME_MISSING",
            f"{home.path} was not made by `medconsent-network home init`",
            "A network that `up` made has all its homes in one place, and exchanges nothing.",
        )
    found = json.loads(file.read_text())["quorum"]
    return "all" if found == "all" else int(found)


def set_quorum(home: Home, quorum: Quorum) -> None:
    """Keep what the home's own file says of `membership.quorum`."""
    files.write_private(home.path / "founding" / "terms.json", json.dumps({"quorum": quorum}) + "\n")


def admit(home: Home, path: Path, fingerprint: str | None = None) -> Bundle:
    """Take another institution's bundle, once everything in it was looked at.

    Args:
        home: Who takes it.
        path: The file.
        fingerprint: What the institution said on the telephone; None to compare later.

    Raises:
        NetworkError: PAPER_INVALID, KEY_INSIDE or BUNDLE_REFUSED as `bundles.read`; BUNDLE_CONFLICT when it speaks for
            this institution or for one that is known by other roots, or its fingerprint is another; TERMS_DIFFER;
            CONSORTIUM_INVALID when its addresses are another's.
    """
    bundle = bundles.read(path)
    if fingerprint is not None and not papers.same_fingerprint(fingerprint, bundle.fingerprint):
        raise _conflict(f"the fingerprint of {path} is {bundle.fingerprint}, and {fingerprint} was said")
    held = Held.of(home)
    _require_new(held, bundle)
    _require_terms(home, held.quorum, bundle)
    others = {**held.others, bundle.name: bundle}
    spec = _spec(home, held.quorum, [held.own, *others.values()])
    files.write_private(_folder(home) / f"{bundle.name}.json", path.read_bytes())
    _write(home, spec, others)
    return bundle


def forget(home: Home, name: str) -> None:
    """Put away the bundle of an institution that has left.

    Args:
        home: The home that keeps the bundle.
        name: The institution that has left.

    Raises:
        NetworkError: HOME_MISSING when it is not here.
    """
    held = Held.of(home)
    held.bundle(name)
    if name == home.name:
        raise NetworkError("BUNDLE_CONFLICT", f"{name} is this institution itself")
    others = {other: bundle for other, bundle in held.others.items() if other != name}
    (_folder(home) / f"{name}.json").unlink()
    home.tls_root_of(name).unlink(missing_ok=True)
    _write(home, _spec(home, held.quorum, [held.own, *others.values()]), others)


def discard(home: Home) -> None:
    """Put away all bundles: the home begins anew with its own file."""
    shutil.rmtree(_folder(home), ignore_errors=True)


def _write(home: Home, spec: Spec, others: Mapping[str, Bundle]) -> None:
    files.write_private(home.consortium_file, spec.to_yaml())
    for name, bundle in others.items():
        files.write_private(home.tls_root_of(name), bundle.tlsca)
    files.write_private(home.tls_root_of(home.name), home.tls_root.read_bytes())


def _spec(home: Home, quorum: Quorum, members: Iterable[Bundle], *, strictly: bool = False) -> Spec:
    """The consortium of `members`; the quorum stands in it once there are as many as it is for."""
    institutions = sorted(
        (home.institution if one.name == home.name else one.institution for one in members), key=lambda one: one.name
    )
    fits = quorum != "all" and len(institutions) // 2 + 1 <= quorum <= len(institutions)
    if strictly and quorum != "all" and not fits:
        raise NetworkError(
            "CONSORTIUM_INVALID",
            f"membership.quorum is {quorum}, no number from a majority to all of the {len(institutions)} institutions "
            f"({', '.join(one.name for one in institutions)})",
        )
    spec = replace(home.spec, institutions=tuple(institutions), quorum=quorum if fits else "all")
    return parse(spec.to_yaml(), "the consortium with these bundles")


def _require_new(held: Held, bundle: Bundle) -> None:
    """Check that a bundle speaks for nobody else."""
    known = held.everybody.get(bundle.name)
    if bundle.name == held.own.name:
        raise _conflict(f"the bundle speaks for {bundle.name}, which is this institution itself")
    if known is not None and _keys(known) != _keys(bundle):
        raise _conflict(f"{bundle.name} is known by other roots than those in the bundle: {_told(known)}")
    for other in held.everybody.values():
        if other.name != bundle.name and set(_keys(other)) & set(_keys(bundle)):
            raise _conflict(f"a root in the bundle of {bundle.name} is one of {other.name}")


def _require_terms(home: Home, quorum: Quorum, bundle: Bundle) -> None:
    differ = terms.differences(terms.of(home.spec, quorum), bundle.terms)
    if differ:
        raise NetworkError(
            "TERMS_DIFFER",
            f"{home.name} and {bundle.name} expect different things: {'; '.join(differ)[:1500]}",
            "Agree, and correct the file of whoever is wrong: `medconsent-network home init` again, then a new bundle.",
        )


def _keys(bundle: Bundle) -> list[bytes]:
    return [certificates.public_key(root) for root in bundle.roots]


def _told(bundle: Bundle) -> str:
    return ", ".join(certificates.fingerprint(root)[:16] for root in bundle.roots)


def _conflict(what: str) -> NetworkError:
    return NetworkError("BUNDLE_CONFLICT", what, "Call the institution, at a number that you have from elsewhere.")


def _folder(home: Home) -> Path:
    return home.path / "founding" / "bundles"
