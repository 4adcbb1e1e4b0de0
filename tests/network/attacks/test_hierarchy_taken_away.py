"""A disease hierarchy that hanbit goes by is taken away by the institution that had loaded it.

Who: nuri's peer alone, and with saerom's. nuri loaded the file first; hanbit adopted the version, and its policy, or
the consent of the people in its data, names diseases by it. What must hold: what cannot be read whole denies, with
EVIDENCE_MISSING, and is never a question for people; and what an institution goes by, nobody else can take away.
"""

import contextlib
import time
from dataclasses import dataclass
from typing import Any

import pytest
from actors import Refused
from doing import explained
from past import Owner
from scene import Scene, application, ballot, question, with_another
from statements import ASTHMA, BREAST, CANCER, EPOCH, TERMS

from medconsent.ontology.pages import Hierarchy, StatedTerm


@pytest.fixture(scope="module")
def nuri(scene: Scene) -> Owner:
    for institution in scene.network.institutions:
        described = {"title": institution, "country": "KR", "contact": f"data@{institution}.example", "roles": ["dac"]}
        scene.actor(f"{institution}/operator", "operator").ensure(
            "institution.set", described, *with_another(institution)
        )
    return Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)


@dataclass(frozen=True)
class Adopted:
    """The version that hanbit goes by, and the data that rests on it."""

    hierarchy: Hierarchy
    limited_by_policy: str
    limited_by_people: str

    def keys(self, nuri: Owner, part: str) -> list[str]:
        """Where the hierarchy's index or pages stand."""
        digests = [self.hierarchy.digest] if part == "index" else [page.sha256 for page in self.hierarchy.pages]
        nuri.past.read()
        return [
            key for key in nuri.past.values if any(digest in key for digest in digests) and f"ontology-{part}" in key
        ]


@pytest.fixture(params=["index", "page"])
def part(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def adopted(scene: Scene, part: str) -> Adopted:
    """nuri loads, hanbit adopts; two datasets of hanbit's for cancer alone: by policy, and by what the people said."""
    mark = f"{part}-{time.time_ns() % 10**6}"
    named = StatedTerm("DOID:305", f"carcinoma, as {mark} has it", ("DOID:162",))  # so that its pages are its own
    hierarchy = Hierarchy.of((*TERMS, named), system="DOID", version=mark)
    loader = scene.actor("nuri/steward", "steward")
    loader.change("ontology.page", {"pages": [page.content() for page in hierarchy.pages]}, *with_another("nuri"))
    pages = [page.sha256 for page in hierarchy.pages]
    published = {"system": "DOID", "version": mark, "pages": pages}
    loader.change("ontology.publish", published, *with_another("nuri"))
    scene.steward.change("ontology.adopt", {"system": "DOID", "digest": hierarchy.digest}, *with_another("hanbit"))
    by_policy, by_people = f"hanbit/policy-{mark}", f"hanbit/people-{mark}"
    scene.publish(by_policy, ("hanbit", "dac"), use=CANCER)
    scene.publish(by_people, ("hanbit", "dac"))
    privacy = scene.actor("hanbit/privacy", "privacy")
    begin = {"slug": f"people-{mark}", "title": "A cohort", **EPOCH, "withdrawn": "none", "use": CANCER}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    digest = privacy.ask("dataset.get", {"dataset": by_people})["version"]["digest"]
    ground = {"dataset": by_people, "version_digest": digest, "cohorts": [by_people]}
    privacy.change("ground.set", ground, *with_another("hanbit"))
    return Adopted(hierarchy, by_policy, by_people)


def take_away(nuri: Owner, adopted: Adopted, part: str) -> None:
    """By nuri alone, and together with saerom: a key without a policy of its own is a majority's to delete."""
    keys = adopted.keys(nuri, part)
    assert keys
    for beside in ([], ["saerom"]):
        nuri.writes(*({"do": "delete", "key": key} for key in keys), beside=beside)


def asks_and_gets(scene: Scene, dataset: str, purpose: dict[str, Any]) -> None:
    """nuri's researcher asks, hanbit's committee approves what it is shown; refusals end it."""
    kim, member = scene.actor("nuri/kim", "researcher"), scene.actor("hanbit/d-1", "dac")
    with contextlib.suppress(Refused):
        request = kim.change("request.submit", application(kim, dataset) | {"purpose": purpose}, "nuri", "hanbit")["id"]
        member.change("request.vote", ballot(member, request, "dac"), *with_another("hanbit"))


@pytest.mark.parametrize("limited_by", ["policy", "people"])
def test_what_was_denied_stays_denied(scene: Scene, nuri: Owner, adopted: Adopted, part: str, limited_by: str) -> None:
    """Asthma is no cancer, with the hierarchy and without it."""
    dataset = adopted.limited_by_policy if limited_by == "policy" else adopted.limited_by_people
    before = explained(scene, dataset, ASTHMA)
    assert before["decision"] == "deny", before
    take_away(nuri, adopted, part)
    after = explained(scene, dataset, ASTHMA)
    asks_and_gets(scene, dataset, ASTHMA)
    decision = scene.auditor.ask("check", question("nuri/kim", dataset) | {"purpose": ASTHMA})
    assert (after["decision"], decision["decision"]) == ("deny", "deny"), (after["reasons"], decision["reasons"])


def test_what_was_permitted_stays_permitted(scene: Scene, nuri: Owner, adopted: Adopted, part: str) -> None:
    """A grant for breast cancer, which is a cancer: nobody else closes it."""
    asks_and_gets(scene, adopted.limited_by_people, BREAST)
    asked = question("nuri/kim", adopted.limited_by_people) | {"purpose": BREAST}
    assert scene.auditor.ask("check", asked)["decision"] == "permit"
    take_away(nuri, adopted, part)
    decision = scene.auditor.ask("check", asked)
    assert decision["decision"] == "permit", decision["reasons"]
    assert explained(scene, adopted.limited_by_policy, BREAST)["decision"] == "permit"
