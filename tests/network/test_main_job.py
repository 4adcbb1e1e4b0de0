"""The main job, on a real network, through the program that its users run.

A steward of hanbit publishes real data; a researcher of nuri finds it, asks, and is refused a check; hanbit's committee
and saerom's ethics board approve; the check permits that person, that purpose, that way, that long; the data
arrives and its hash fits; hanbit revokes; every peer denies and nothing more leaves; the trail shows who did what,
when, in which transaction; a changed copy is told by file.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from medical_data import write_images, write_wisconsin
from people import DENY, DIFFERS, REFUSED, REVIEW, Person
from releasing import Door, give_delivery_key, opened_door
from scenario import POLICY, Cast, as_text

DATASET = "hanbit/breast-cancer"
KINDS = ("--kind", "tabular", "--kind", "CT", "--kind", "MR", "--body-part", "abdomen")
STATEMENT = """\
law: KR-BIOETHICS
term: coded
methods: [{method: direct identifiers replaced, tool: dicognito, tool_version: 0.19.0}]
images:
  - {modality: CT, body_part: abdomen, volumes: 1, faces: not-present, checked: 1, checked_by: d-1}
  - {modality: MR, body_part: abdomen, volumes: 1, faces: not-present, checked: 1, checked_by: d-1}
residual_risk: Somebody may be recognised by rare findings.
report: {sha256: FORM}
""".replace("FORM", "9f" * 32)
C50 = ("--purpose", "disease", "--disease", "ICD10:C50", "--mode", "download")


def check(person: Person, researcher: str, *how: str, exit_code: int = 0) -> dict[str, Any]:
    answer = person.json("check", DATASET, "--for", researcher, *(how or C50), exit_code=exit_code)
    assert isinstance(answer, dict)
    return answer


def codes(decision: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in decision["reasons"]}


@pytest.mark.parametrize("fabric_version", ["3.1.1", "2.5.9"])
def test_main_job(cast_of: Callable[[str], Cast], fabric_version: str, tmp_path: Path) -> None:
    """One story, told once on each Fabric version."""
    cast = cast_of(fabric_version)

    # hanbit publishes: the manifest's hash and the content's root land on the ledger
    data = tmp_path / "breast-cancer"
    write_wisconsin(data)
    write_images(data)
    published = cast.publish("breast-cancer", data, title="Breast cancer, with sample images", kinds=KINDS)
    statement = tmp_path / "statement.yaml"
    statement.write_text(STATEMENT)
    cast.people["hanbit/p-1"].run("deid", "state", DATASET, str(statement))
    version = published["version"]["body"]
    assert version["content"]["files"] == sum(1 for f in data.rglob("*") if f.is_file())
    assert len(version["content"]["root"]) == 64
    assert len(version["manifest"]["jcs_sha256"]) == 64

    # what is released is kept encrypted; kim's delivery key stands before the request, so whoever votes sees it
    give_delivery_key(cast)
    with opened_door(cast, DATASET, data, tmp_path) as door:
        _from_finding_to_looking_back(cast, door, data, version, tmp_path)


def _from_finding_to_looking_back(cast: Cast, door: Door, data: Path, version: dict[str, Any], tmp_path: Path) -> None:
    kim, steward = cast.people["nuri/kim"], cast.people["hanbit/steward"]
    statement = tmp_path / "statement.yaml"

    # nuri finds it
    found = kim.json("dataset", "list", "--keyword", "oncology")
    assert DATASET in as_text(found)
    shown = kim.json("dataset", "show", DATASET)
    assert shown["version"]["record"]["body"] == version
    assert all(shown[part]["sealed"] for part in ("dataset", "version", "policy"))

    # not yet permitted; asked; still not
    assert "NO_GRANT" in codes(check(kim, "nuri/kim", exit_code=DENY))
    early = door.fetch(tmp_path / "early", exit_code=REFUSED)
    assert "no grant" in early.error["message"]
    error = kim.refused(
        "POLICY_DENIES", "request", "submit", DATASET, "--purpose", "general-research", "--mode", "enclave",
        "--days", "30", "--project", "Anything at all",
    )  # fmt: skip
    assert {reason["code"] for reason in error["details"]} == {"USE_NOT_PERMITTED", "MODE_NOT_ALLOWED"}
    request = cast.submit("nuri/kim", DATASET)
    assert check(kim, "nuri/kim", exit_code=DENY)["decision"] == "deny"
    waiting = kim.json("request", "show", request)
    assert waiting["state"] == "submitted"
    assert {(w["institution"], w["role"], w["missing"]) for w in waiting["waits_for"]} == {
        ("hanbit", "dac", 2),
        ("saerom", "ethics", 1),
    }

    # by an id's unique prefix, as people type
    cast.people["hanbit/d-1"].run("request", "approve", request[:12], "--yes")
    cast.approve(request, "saerom/e-1")
    assert kim.json("request", "show", request)["state"] == "in-review"
    assert check(kim, "nuri/kim", exit_code=DENY)["decision"] == "deny"
    decided = cast.approve(request, "hanbit/d-2")
    assert decided["state"] == "approved"
    grant = decided["grant"]["id"]

    # permitted, and why; and nothing else is
    permitted = check(kim, "nuri/kim")
    assert permitted["decision"] == "permit"
    assert "GRANTED" in codes(permitted)
    assert {"no-reidentification", "no-undeclared-linking"} <= set(permitted["obligations"])
    assert check(kim, "nuri/kim", "--purpose", "disease", "--disease", "ICD10:C50.9", "--mode", "download")
    diabetes = ("--purpose", "disease", "--disease", "ICD10:E11", "--mode", "download")
    assert "PURPOSE_NOT_COVERED" in codes(check(kim, "nuri/kim", *diabetes, exit_code=DENY))
    check(kim, "nuri/kim", "--purpose", "general-research", "--mode", "download", exit_code=DENY)
    assert "MODE_NOT_COVERED" in codes(check(kim, "nuri/kim", *C50[:-1], "enclave", exit_code=DENY))
    assert "NO_GRANT" in codes(check(kim, "nuri/lee", exit_code=DENY))
    # another disease system is a person's matter, never a guess
    check(kim, "nuri/kim", "--purpose", "disease", "--disease", "MONDO:0007254", "--mode", "download", exit_code=REVIEW)

    # and the data arrives: each segment under the archive's root, and the whole is the version's
    copy = tmp_path / "copy"
    got = door.fetch(copy).json
    assert (got["content"], got["files"]) == (version["content"]["root"], version["content"]["files"])
    kim.run("dataset", "verify", DATASET, str(copy))

    # hanbit's privacy officer stops it for a while
    officer = cast.people["hanbit/p-1"]
    written = officer.json("grant", "suspend", grant, "--reason", "A question of the ethics board")
    stopped = ("--wait-block", str(written["block"]), "check", DATASET, "--for", "nuri/kim", *C50)
    assert "SUSPENDED" in codes(kim.json(*stopped, exit_code=DENY))
    assert "is suspended" in door.fetch(tmp_path / "late", exit_code=REFUSED).error["message"]
    written = officer.json("grant", "lift", grant, "--reason", "It was answered")
    assert kim.json("--wait-block", str(written["block"]), *stopped[2:])["decision"] == "permit"

    # after expiry: asked about a later moment, and a short grant that really ends
    late = check(kim, "nuri/kim", *C50, "--at", "2100-01-01T00:00:00Z", exit_code=DENY)
    assert "GRANT_EXPIRED" in codes(late)
    brief = cast.submit("nuri/lee", DATASET, duration="4s")
    ended_after = time.monotonic() + 5
    cast.approve(brief, "hanbit/d-1", "hanbit/d-2", "saerom/e-1")
    time.sleep(max(0.0, ended_after - time.monotonic()))
    for _ in range(20):
        ran = kim.json("--context", "nuri/kim", "grant", "list", "--holder", "nuri/lee")
        if "expired" in as_text(ran):
            break
        time.sleep(1)
    assert "GRANT_EXPIRED" in codes(check(kim, "nuri/lee", exit_code=DENY))

    # hanbit narrows another dataset's policy, for existing grants too: a grant that it no longer permits has ended
    cast.publish("narrowed", data, policy=POLICY.replace("C50]", "C50, ICD10:C61]"), kinds=KINDS)
    cast.people["hanbit/p-1"].run("deid", "state", "hanbit/narrowed", str(statement))
    prostate = ("--purpose", "disease", "--disease", "ICD10:C61", "--mode", "download")
    granted = cast.submit("nuri/kim", "hanbit/narrowed", disease="ICD10:C61")
    cast.approve(granted, "hanbit/d-1", "hanbit/d-2", "saerom/e-1")
    narrowed = ("check", "hanbit/narrowed", "--for", "nuri/kim", *prostate)
    block = str(cast.network.heights()["saerom"] - 1)
    assert kim.json("--wait-block", block, *narrowed)["decision"] == "permit"
    narrower = tmp_path / "narrower.yaml"
    narrower.write_text(POLICY)
    would = steward.json("policy", "diff", "hanbit/narrowed", str(narrower))
    assert [it["grant"]["record"]["body"]["purpose"]["diseases"] for it in would["ends"]] == [["ICD10:C61"]]
    written = steward.json(
        "policy", "set", "hanbit/narrowed", "--policy", str(narrower), "--applies", "existing", "--yes"
    )
    ended = kim.json("--wait-block", str(written["block"]), *narrowed, exit_code=DENY)
    assert "POLICY_NARROWED" in codes(ended)

    # hanbit revokes: denied at every peer
    revoked = steward.json("grant", "revoke", grant, "--reason", "The study was stopped by its sponsor", "--yes")
    block = str(revoked["block"])
    for name in ("hanbit/d-1", "nuri/kim", "saerom/e-1"):
        answer = cast.people[name].json(
            "--wait-block", block, "check", DATASET, "--for", "nuri/kim", *C50, exit_code=DENY
        )
        assert "GRANT_REVOKED" in codes(answer), name

    # nothing more leaves, and why; what left is on the list of everybody
    refused = door.fetch(tmp_path / "late", exit_code=REFUSED)
    assert "The study was stopped by its sponsor" in refused.error["message"]
    assert not (tmp_path / "late").exists()
    for name in ("hanbit/steward", "nuri/kim", "saerom/e-1"):
        (left,) = cast.people[name].json("receipt", "list", "--dataset", DATASET)["items"]
        assert (left["id"], left["state"]) == (got["receipt"], "completed"), name
        assert left["receipt"]["record"]["body"]["grant"] == grant

    # the trail: all of it, with transaction, who and when
    trail = kim.json("audit", "trail", DATASET)
    entries = trail["entries"]
    actions = [entry["action"] for entry in entries]
    for action in (
        "dataset.created", "request.created", "vote.created", "grant.created", "receipt.created", "receipt.completed",
        "grant.revoked",
    ):  # fmt: skip
        assert action in actions, as_text(trail)
    assert all(len(entry["tx"]) == 64 and entry["at"] and entry["by"]["institution"] for entry in entries)
    revocation = entries[actions.index("grant.revoked")]
    assert (revocation["by"]["institution"], revocation["by"]["id"]) == ("hanbit", "steward")
    assert [e["at"] for e in entries] == sorted(e["at"] for e in entries)

    # what arrived: whole, then with one file changed, one gone and one too many
    kim.run("dataset", "verify", DATASET, str(copy))
    files = sorted(f for f in copy.rglob("*") if f.is_file())
    changed, gone = files[0], files[1]
    changed.write_bytes(changed.read_bytes() + b" ")
    gone.unlink()
    (copy / "extra.txt").write_text("not of the dataset")
    verdict = kim.run("--json", "dataset", "verify", DATASET, str(copy), exit_code=DIFFERS).json
    assert verdict["changed"] == [changed.relative_to(copy).as_posix()]
    assert verdict["missing"] == [gone.relative_to(copy).as_posix()]
    assert verdict["extra"] == ["extra.txt"]
