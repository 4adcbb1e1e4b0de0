"""hanbit's machine approves what people should judge, with the honest programs and chaincode.

What must hold: an automatic approval is enough only while what the data rests on leaves nothing to people.
"""

import time

from scene import Scene, application, question, with_another
from statements import EPOCH

BREAST = {"kind": "disease", "diseases": ["ICD10:C50"]}
OTHERWISE_WRITTEN = [{"permission": "DS", "diseases": ["KCD8:C50"]}]
"""For a disease of another system than what is asked for: only a person can tell whether it is the same."""


def test_what_the_people_said_is_for_a_person_to_read(scene: Scene) -> None:
    slug = f"machine-{time.time_ns() % 10**8}"
    dataset, privacy, kim = (
        f"hanbit/{slug}",
        scene.actor("hanbit/privacy", "privacy"),
        scene.actor("nuri/kim", "researcher"),
    )
    scene.publish(dataset, ("hanbit", "dac"), automatic=True)
    asked = question("nuri/kim", dataset) | {"purpose": BREAST}

    def submit() -> str:
        wish = application(kim, dataset) | {"purpose": BREAST}
        return str(kim.change("request.submit", wish, *with_another("nuri", "hanbit"))["id"])

    first = submit()  # the control: a law that leaves nothing to people
    assert scene.auditor.ask("request.get", {"request": first})["state"] == "approved"
    assert scene.auditor.ask("check", asked)["decision"] == "permit"

    begin = {"slug": slug, "title": "A cohort", **EPOCH, "withdrawn": "none", "use": OTHERWISE_WRITTEN}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    ground = {"dataset": dataset, "version_digest": digest, "cohorts": [dataset]}
    privacy.change("ground.set", ground, *with_another("hanbit"))
    assert scene.auditor.ask("check", asked)["decision"] == "review", "nobody has judged what the machine gave"
    second = submit()
    assert scene.auditor.ask("request.get", {"request": second})["state"] == "submitted"
    assert scene.auditor.ask("check", asked)["decision"] == "review"
    scene.approve("hanbit/d-1", "dac", second)
    assert scene.auditor.ask("check", asked)["decision"] == "permit"
