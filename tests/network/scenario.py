"""The cast of the sample consortium and the data they hold: set up through the CLI, as their institutions would."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from people import Person

REGISTRAR = "registrar"
SECOND = "second"
"""The officer of each institution who confirms what others of it do."""
OFFICES = ("operator", "privacy", "steward")
VOTING = ("dac", "ethics", "privacy")
BASIS = "hanbit/research"
"""What hanbit's data rests on, unless a test says otherwise."""

POLICY = """\
use:
  - permission: DS
    diseases: [ICD10:C50]
stages:
  - {institution: hanbit, role: dac, threshold: 2}
  - {institution: saerom, role: ethics, threshold: 1}
modes: [download]
max_duration: 365d
review_period: 30d
recipients: any
"""


def seats(*members: str) -> tuple[str, ...]:
    """The options of `committee set` that name members."""
    return tuple(part for it in members for part in ("--member", it))


def settled_heights(network: Any) -> dict[str, int]:
    """The number of blocks at each peer that is up, once all have the same: a client waits for its own alone."""
    for _ in range(300):
        heights: dict[str, int] = network.heights()
        if len(set(heights.values())) == 1:
            return heights
        time.sleep(0.1)
    raise AssertionError(f"the peers do not come to the same height: {heights}")


@dataclass
class Cast:
    """Everybody who takes part, by `institution/enrolment id`, enrolled with their own CA on first mention."""

    network: Any
    folder: Path
    people: dict[str, Person] = field(default_factory=dict)
    founded: set[str] = field(default_factory=set)
    early: dict[str, list[tuple[str, tuple[str, ...]]]] = field(default_factory=dict)
    delivering: set[str] = field(default_factory=set)

    def heights(self) -> dict[str, int]:
        """How many blocks there are, by institution, once its peers agree."""
        return settled_heights(self.network)

    def registrar(self, institution: str) -> Person:
        """The one who registers people at an institution: works from the registrar's identity in its home."""
        name = f"{institution}/{REGISTRAR}"
        if name not in self.people:
            home = self.network.home(institution).path
            person = Person(name, self.folder / institution / REGISTRAR)
            identity = home / "users" / REGISTRAR
            person.run("context", "add", name, "--profile", str(home / "connection.json"), "--msp", str(identity))
            self.people[name] = person
        return self.people[name]

    def enrol(self, name: str, *roles: str) -> Person:
        """Register `institution/id` with `roles` and enrol them on a computer of their own."""
        if name in self.people:
            return self.people[name]
        institution, enrolment_id = name.split("/")
        secret = self.folder / f"{institution}-{enrolment_id}.secret"
        registration = ["identity", "register", enrolment_id, "--secret-out", str(secret)]
        for role in roles:
            registration += ["--role", role]
        self.registrar(institution).run(*registration)
        second = self.people.get(f"{institution}/{SECOND}") if enrolment_id != SECOND else None
        person = Person(name, self.folder / institution / enrolment_id, second)
        profile = self.network.home(institution).path / "connection.json"
        person.run("identity", "enroll", enrolment_id, "--profile", str(profile), "--secret-file", str(secret))
        self.people[name] = person
        if {*VOTING, *OFFICES} & {*roles} and enrolment_id not in {"operator-1", SECOND}:
            if institution in self.founded:
                self.admit(name, roles)
            else:
                self.early.setdefault(institution, []).append((name, roles))
        return person

    def found(self, institution: str) -> None:
        """Its first record names two officers: an operator, and one who confirms what others do."""
        second = self.enrol(f"{institution}/{SECOND}", *OFFICES)
        operator = self.enrol(f"{institution}/operator-1", "operator")
        named = [
            f"operator-1=operator@{operator.json('person', 'announce')['body']['fingerprint']}",
            f"{SECOND}={','.join(OFFICES)}@{second.json('person', 'announce')['body']['fingerprint']}",
        ]
        operator.run(
            "institution", "set", *self.described(institution), *(part for it in named for part in ("--officer", it))
        )
        self.founded.add(institution)
        for name, roles in self.early.pop(institution, []):
            self.admit(name, roles)

    def described(self, institution: str) -> tuple[str, ...]:
        """What an institution says of itself."""
        roles = ("steward", "dac", "ethics", "privacy", "researcher")
        return (
            "--title", institution.title(), "--country", "KR", "--contact", f"data-access@{institution}.example",
            *(part for role in roles for part in ("--role", role)),
        )  # fmt: skip

    def admit(self, name: str, roles: tuple[str, ...]) -> None:
        """The key of somebody who votes or acts for the institution comes onto the ledger; who acts is an officer."""
        institution, enrolment_id = name.split("/")
        key = self.people[name].json("person", "announce")["body"]["fingerprint"]
        self.people[f"{institution}/{SECOND}"].run("person", "admit", enrolment_id, "--key", key)
        offices = [role for role in roles if role in OFFICES]
        if offices:
            officer = ("--officer", f"{enrolment_id}={','.join(offices)}")
            self.people[f"{institution}/operator-1"].run("institution", "set", *self.described(institution), *officer)

    def assemble(self) -> None:
        """The institutions describe themselves; rosters are set; the sample's people are enrolled."""
        for institution in self.network.institutions:
            self.found(institution)
        self.enrol("hanbit/steward", "steward")
        for member in ("d-1", "d-2", "d-3"):
            self.enrol(f"hanbit/{member}", "dac")
        self.people["hanbit/steward"].run("committee", "set", "dac", *seats("d-1", "d-2", "d-3"), "--yes")
        self.enrol("saerom/steward", "steward")
        for member in ("e-1", "e-2"):
            self.enrol(f"saerom/{member}", "ethics")
        self.people["saerom/steward"].run("committee", "set", "ethics", *seats("e-1", "e-2"), "--yes")
        self.enrol("hanbit/p-1", "privacy")
        assert self.basis(BASIS.partition("/")[2], "--code", "KR-BIOETHICS-EXEMPTION") == BASIS
        self.enrol("nuri/kim", "researcher")
        self.enrol("nuri/lee", "researcher")

    def publish(
        self,
        slug: str,
        folder: Path,
        policy: str = POLICY,
        title: str = "A data set",
        *,
        grounded: bool = True,
        kinds: Sequence[str] = ("--kind", "tabular"),
        owner: str = "hanbit",
    ) -> dict[str, Any]:
        """The owner's steward describes `folder` and publishes it, and its privacy officer says what it rests on,
        unless not `grounded`; the steward's answer.
        """
        steward = self.people[f"{owner}/steward"]
        manifest = self.folder / f"{slug}.croissant.json"
        rules = self.folder / f"{slug}.policy.yaml"
        rules.write_text(policy)
        steward.run(
            "dataset", "describe", str(folder), "--title", title, "--out", str(manifest),
            "--dataset", slug, "--policy", str(rules),
        )  # fmt: skip
        answer = steward.json(
            "dataset", "publish", slug, "--manifest", str(manifest), "--policy", str(rules),
            "--contact", f"data-access@{owner}.example", *kinds, "--keyword", "oncology",
        )  # fmt: skip
        assert isinstance(answer, dict)
        if grounded:
            basis = BASIS.replace("hanbit", owner)
            self.people[f"{owner}/p-1"].run("ground", "set", f"{owner}/{slug}", "--basis", basis)
        return answer

    def basis(self, slug: str, *how: str, notice: bool = True, owner: str = "hanbit") -> str:
        """The owner's privacy officer records a legal basis, with its notice unless not; its name."""
        document = self.folder / f"{slug}.txt"
        document.write_text("A research plan, and the notice of it.")
        public = (
            "--notice", str(document), "--notice-url", "https://hanbit.example/notice",
            "--notice-since", "2026-01-01T00:00:00Z", "--objection-url", "https://hanbit.example/object",
        )  # fmt: skip
        arguments = ["--document", str(document), "--title", "A plan", *(public if notice else ()), *how]
        self.people[f"{owner}/p-1"].run("basis", "set", slug, *arguments)
        return f"{owner}/{slug}"

    def seat(self, committee: str, *members: str) -> None:
        """These sit on a committee, such as `nuri/ethics`, and nobody else; nothing is done where they do already."""
        institution, _, role = committee.partition("/")
        named = [part for member in members for part in ("--member", member)]
        ran = self.people[f"{institution}/steward"].run("committee", "set", role, *named, "--yes", exit_code=None)
        assert ran.exit_code == 0 or "says just this already" in ran.stderr, str(ran)

    def submit(self, person: str, dataset: str, *, duration: str = "90d", disease: str = "ICD10:C50") -> str:
        """A request for `dataset`; its id."""
        answer = self.people[person].json(
            "request", "submit", dataset, "--purpose", "disease", "--disease", disease, "--mode", "download",
            "--duration", duration, "--project", "Recurrence after adjuvant therapy",
        )  # fmt: skip
        return str(answer["id"])

    def approve(self, request: str, *people: str) -> dict[str, Any]:
        """Each of `people` approves in turn; the last answer."""
        answer: dict[str, Any] = {}
        for name in people:
            answer = self.people[name].json("request", "approve", request, "--yes")
        return answer


def as_text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
