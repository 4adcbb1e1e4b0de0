"""What is measured on: a consortium of the benchmark's own, in a temporary folder, with people and one dataset."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from medconsent.fabric import wallet
from medconsent.fabric.errors import EndorseError
from medconsent.fabric.gateway import Gateway
from medconsent_network.consortium import Consortium
from medconsent_network.guardian import guarded
from medconsent_network.spec import parse

from .clients import Caller

SLUG = "bench"
PURPOSE = {"kind": "disease", "diseases": ["ICD10:C50"]}
MODE = "download"
YEAR = 365 * 24 * 3600

#: Who acts for an institution, and in which roles. The last one only confirms what the others widen.
OFFICERS = {
    "operator-1": ("operator",),
    "steward": ("steward",),
    "privacy": ("privacy",),
    "second": ("operator", "privacy", "steward"),
}


@dataclass(frozen=True)
class World:
    """A running consortium. The first institution owns the data, the second asks for it."""

    consortium: Consortium

    @property
    def owner(self) -> str:
        """The dataset's institution."""
        return self.consortium.institutions[0]

    @property
    def requester(self) -> str:
        """The institution of those who ask."""
        return self.consortium.institutions[1]

    @property
    def dataset(self) -> str:
        """The dataset that everything is about."""
        return f"{self.owner}/{SLUG}"

    def endorsers(self, *sealing: str) -> tuple[str, ...]:
        """Who endorses a write sealed by these institutions: they, and as many others as make a majority."""
        everyone = self.consortium.institutions
        others = [name for name in reversed(everyone) if name not in sealing]
        return (*sealing, *others[: max(0, len(everyone) // 2 + 1 - len(sealing))])

    def caller(self, person: str, *roles: str) -> Caller:
        """A person (``institution/enrolment id``), enrolled with their institution's CA on first mention."""
        institution, _, enrolment_id = person.partition("/")
        folder = self.consortium.enrol(institution, enrolment_id, roles)
        home, spec = self.consortium.home(institution), self.consortium.spec
        return Caller(
            endpoint=home.institution.address("peer"),
            server_name="",
            tls_root=home.tls_root,
            msp=institution,
            certificate=folder / wallet.CERTIFICATE,
            key=folder / wallet.KEY,
            channel=spec.channel,
            chaincode=spec.chaincode.name,
        )

    def submit(self, caller: Caller, function: str, argument: dict[str, Any], orgs: Sequence[str]) -> dict[str, Any]:
        """One write; the contract's answer. Proposed anew while another institution's peer lacks the block before."""
        with _gateway(caller) as gateway:
            contract = gateway.channel(caller.channel).contract(caller.chaincode)
            for pause in (0.2, 0.4, 0.8, 1.6, None):
                try:
                    done = contract.submit(function, json.dumps(argument).encode(), endorsing_organizations=orgs)
                    break
                except EndorseError:
                    if pause is None:
                        raise
                    time.sleep(pause)
        answer: dict[str, Any] = json.loads(done.result)
        return answer

    def evaluate(self, caller: Caller, function: str, argument: dict[str, Any]) -> dict[str, Any]:
        """One question to the caller's own institution's peer; the contract's answer."""
        with _gateway(caller) as gateway:
            contract = gateway.channel(caller.channel).contract(caller.chaincode)
            answer: dict[str, Any] = json.loads(
                contract.evaluate(function, json.dumps(argument).encode(), target_organizations=[caller.msp])
            )
        return answer

    def officer(self, institution: str, enrolment_id: str) -> Caller:
        """One of an institution's officers."""
        return self.caller(f"{institution}/{enrolment_id}", *OFFICERS[enrolment_id])

    def description(self, institution: str) -> dict[str, Any]:
        """The argument of the ``institution.set`` that founds an institution: it names the officers and their keys."""
        officers = [
            {"id": name, "roles": [*roles], "key": fingerprint(self.officer(institution, name))}
            for name, roles in OFFICERS.items()
        ]
        contact = f"data-access@{institution}.example"
        return {"title": institution.title(), "country": "KR", "contact": contact, "roles": [], "officers": officers}

    def members(self, institution: str, role: str, *enrolment_ids: str) -> list[dict[str, str]]:
        """Members of a committee as ``committee.set`` takes them, each with the key that their seat counts for."""
        people = {name: self.caller(f"{institution}/{name}", role) for name in enrolment_ids}
        return [{"id": name, "key": fingerprint(person)} for name, person in people.items()]

    def found(self, institution: str) -> None:
        """Write the institution's first record. It waits for nobody: there are no officers yet."""
        operator = self.officer(institution, "operator-1")
        self.submit(operator, "institution.set", self.description(institution), self.endorsers(institution))

    def act(self, enrolment_id: str, function: str, argument: dict[str, Any]) -> dict[str, Any]:
        """What an officer of the owner does; where it waits for a second officer, that one confirms it."""
        orgs = self.endorsers(self.owner)
        answer = self.submit(self.officer(self.owner, enrolment_id), function, argument, orgs)
        if "proposal" not in answer:
            return answer
        second, named = self.officer(self.owner, "second"), {"proposal": answer["proposal"]["id"]}
        digest = self.evaluate(second, "proposal.get", named)["proposal"]["digest"]
        confirmed = self.submit(second, "proposal.confirm", {**named, "digest": digest}, orgs)
        done: dict[str, Any] = confirmed["done"]
        return done

    def furnish(self, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """Found the owner, seat a committee and publish the dataset; the argument of a ``request.submit`` for it.

        Args:
            content: What is in it: root, files, bytes; None: nothing that anybody looks at.
        """
        self.found(self.owner)
        seats = self.members(self.owner, "dac", "d-1", "d-2")
        self.act("steward", "committee.set", {"role": "dac", "members": seats})
        self.act("steward", "dataset.publish", self._publication() | ({"content": content} if content else {}))
        steward = self.officer(self.owner, "steward")
        published = self.evaluate(steward, "dataset.get", {"dataset": self.dataset})
        self._rest_on_a_basis(published["version"]["digest"])
        return {
            "dataset": self.dataset,
            "version": 1,
            "version_digest": published["version"]["digest"],
            "policy_version": 1,
            "policy_digest": published["policy"]["digest"],
            "purpose": PURPOSE,
            "mode": MODE,
            "duration_seconds": 90 * 24 * 3600,
            "project": "What a client can do",
        }

    def _rest_on_a_basis(self, digest: str) -> None:
        """What every grant needs: the owner's privacy officer says what the data rests on."""
        paper = sha256(b"paper").hexdigest()
        basis = {
            "slug": "research",
            "code": "KR-BIOETHICS-EXEMPTION",
            "document": {"title": "A plan", "sha256": paper},
            "notice": {
                "url": f"https://{self.owner}.example/notice",
                "sha256": paper,
                "published_at": "2026-01-01T00:00:00Z",
            },
            "objection": {"url": f"https://{self.owner}.example/object"},
        }
        self.act("privacy", "basis.set", basis)
        ground = {"dataset": self.dataset, "version_digest": digest, "bases": [f"{self.owner}/research"]}
        self.act("privacy", "ground.set", ground)

    def _publication(self) -> dict[str, Any]:
        text = json.dumps({"@type": "sc:Dataset", "name": "A dataset to measure on"})
        return {
            "slug": SLUG,
            "title": "A dataset to measure on",
            "kinds": ["tabular"],
            "contact": f"data-access@{self.owner}.example",
            "manifest": {
                "url": f"https://data.{self.owner}.example/{SLUG}.json",
                "sha256": sha256(text.encode()).hexdigest(),
                "jcs_sha256": sha256(text.encode()).hexdigest(),
                "bytes": len(text),
            },
            "content": {"root": sha256(b"content").hexdigest(), "files": 1, "bytes": 1000},
            "policy": {
                "use": [{"permission": "DS", "diseases": ["ICD10:C50"]}],
                "stages": [{"institution": self.owner, "role": "dac", "threshold": 1}],
                "modes": [MODE],
                "max_duration_seconds": YEAR,
                "review_period_seconds": YEAR,
                "recipients": [],
                "own_institution_votes": False,
            },
        }


def fingerprint(person: Caller) -> str:
    """The SHA-256 of somebody's public key, as the ledger has it: their seats and offices count for this key alone."""
    key = x509.load_pem_x509_certificate(person.certificate.read_bytes()).public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


@contextmanager
def temporary_consortium(institutions: int | None = None) -> Iterator[Consortium]:
    """The sample consortium in a temporary folder, on free ports, not up yet; gone at the end, whatever happens.

    Only so many of its institutions, if a number is given.
    FABRIC_VERSION in the environment names another version of Fabric than the sample's.
    """
    sample = resources.files("medconsent_network").joinpath("data", "consortium.yaml").read_text(encoding="utf-8")
    spec = parse(sample)
    spec = replace(spec, institutions=spec.institutions[:institutions])
    spec = spec.with_fabric(os.environ.get("FABRIC_VERSION", spec.fabric_version))
    with TemporaryDirectory(prefix="medconsent-bench-") as folder, guarded(Path(folder)):
        consortium = Consortium.with_free_ports(Path(folder) / "network", spec)
        try:
            yield consortium
        finally:
            consortium.clean()


def _gateway(caller: Caller) -> Gateway:
    identity, signer = wallet.load(caller.certificate.parent, caller.msp)
    return Gateway(
        caller.endpoint,
        identity,
        signer,
        tls_root=caller.tls_root.read_bytes(),
        server_name=caller.server_name or None,
    )
