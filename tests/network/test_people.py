"""The people in the data, on a real network, through the program: consent, legal basis, de-identification,
and the cases that medconsent exists for as attempts that are refused.
"""

from pathlib import Path
from typing import Any

import pytest
from medical_data import write_head
from people import DENY, DIFFERS, USAGE
from scenario import BASIS, POLICY, Cast, as_text

C50 = ("--purpose", "disease", "--disease", "ICD10:C50", "--mode", "download")
FORM = "9f" * 32
CONSENT = f"""\
use:
  - permission: DS
    diseases: [ICD10:C50]
law: {{code: KR-BIOETHICS-CONSENT, article: "16"}}
wording: {{url: "https://hanbit.example/form-3", sha256: {FORM}}}
"""
HEADS = """\
law: KR-PIPA
term: pseudonymous
methods: [{{method: direct identifiers replaced, tool: dicognito, tool_version: 0.19.0}}]
images: [{{modality: MR, body_part: head, volumes: 2, {faces}}}]
residual_risk: Somebody may be recognised by rare findings.
report: {{sha256: {form}}}
"""
HEAD = ("--kind", "MR", "--body-part", "head")
REMOVED = "faces: removed, tool: pydeface, tool_version: 2.0.2, checked: 2, checked_by: d-1"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people") / "data"
    folder.mkdir()
    (folder / "visits.csv").write_text("age,sex,diagnosis\n50,f,C50\n50,f,C50\n61,m,C61\n61,m,C61\n")
    return folder


def explained(cast: Cast, dataset: str, *how: str, exit_code: int = 0) -> dict[str, Any]:
    steward = cast.people["hanbit/p-1"]  # what hanbit's own peer says, which has what hanbit has written
    who = ("--institution", "nuri", "--researcher", "kim")
    answer = steward.json("explain", dataset, *(how or C50), "--days", "30", *who, exit_code=exit_code)
    assert isinstance(answer, dict)
    return answer


def codes(decision: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in decision["reasons"]}


def test_ascension_a_contract_that_nobody_was_told_of_grants_nothing(cast: Cast, data: Path) -> None:
    """2019: ten million records moved on a lawful agreement; what was missing was the notice."""
    cast.publish("agreement", data, grounded=False)
    dataset, privacy = "hanbit/agreement", cast.people["hanbit/p-1"]
    assert "NO_GROUND" in codes(explained(cast, dataset, exit_code=DENY))
    ask = ("request", "submit", dataset, *C50, "--days", "30", "--project", "A product")
    height = cast.network.heights()["nuri"] - 1
    kim = cast.people["nuri/kim"]
    error = kim.refused("POLICY_DENIES", "--wait-block", str(height), *ask)
    assert "NO_GROUND" in {reason["code"] for reason in error["details"]}

    agreement = cast.basis("baa", "--code", "US-HIPAA-BAA", notice=False)
    privacy.run("ground", "set", dataset, "--basis", agreement)
    assert {"NO_NOTICE", "NO_OBJECTION"} <= codes(explained(cast, dataset, exit_code=DENY))
    # told to the public, it still carries no research
    cast.basis("baa", "--code", "US-HIPAA-BAA")
    told = explained(cast, dataset, exit_code=DENY)
    assert "BASIS_DOES_NOT_COVER" in codes(told)
    assert "NO_NOTICE" not in codes(told)
    privacy.run("ground", "set", dataset, "--basis", BASIS)
    explained(cast, dataset)
    # whoever publishes does not attest
    cast.people["hanbit/steward"].refused("FORBIDDEN", "ground", "set", dataset, "--basis", BASIS)
    cast.people["hanbit/steward"].refused("FORBIDDEN", "basis", "end", BASIS, "--reason", "not mine to end", "--yes")


def test_a_withdrawal_excludes_from_the_next_decision_on(cast: Cast, data: Path, tmp_path: Path) -> None:
    """Consent in epochs; a person's own proof; nobody else's data is frozen; the owner attests the exclusion."""
    cast.publish("consented", data, policy=POLICY + "exclusion_period: 30d\n", grounded=False)
    dataset, privacy, kim = "hanbit/consented", cast.people["hanbit/p-1"], cast.people["nuri/kim"]
    members, key, form = tmp_path / "members.csv", tmp_path / "cohort.key", tmp_path / "consent.yaml"
    people = [f"RRN-{number:07}" for number in range(150)]
    members.write_text("id,state\n" + "".join(f"{person},in\n" for person in people))
    form.write_text(CONSENT)
    privacy.run("consent", "key", str(key))
    keep = ("--members", str(members), "--key", str(key))
    begin = ("consent", "begin", "cohort-a", "--title", "Cohort A", *keep, "--consent", str(form))
    written = privacy.json(*begin, "--batch", "1s")
    assert (written["epoch"]["body"]["people"], written["epoch"]["body"]["withdrawn"]) == ("100-999", "none")
    cast.people["nuri/kim"].refused("FORBIDDEN", *[w.replace("cohort-a", "cohort-b") for w in begin])
    grounded = privacy.json("ground", "set", dataset, "--cohort", "hanbit/cohort-a")

    # what the people permit is asked, whatever the policy permits
    kim.run("--wait-block", str(grounded["block"]), "dataset", "show", dataset)
    request = cast.submit("nuri/kim", dataset)
    cast.approve(request, "hanbit/d-1", "hanbit/d-2", "saerom/e-1")
    check = ("check", dataset, "--for", "nuri/kim", *C50)
    block = str(cast.network.heights()["saerom"] - 1)
    permitted = kim.json("--wait-block", block, *check)
    assert not any("exclude-withdrawn" in duty for duty in permitted["obligations"])
    assert any(it["type"] == "epoch" and it["id"] == "hanbit/cohort-a~1" for it in permitted["evaluated"])

    # one withdraws: the next epoch, the next decision
    members.write_text("id,state\n" + "".join(f"{p},{'out' if p == people[7] else 'in'}\n" for p in people))
    epoch = ("consent", "epoch", "hanbit/cohort-a", *keep, "--consent", str(form), "--yes")
    told = privacy.run(*epoch[:-1], exit_code=USAGE).stderr  # nobody can be asked
    assert "people: 1 withdrawn, 149 as before" in told
    assert "1 active grant goes by it at once" in told

    # another cohort's key, and a line that was deleted: told before anything is sent, and by the contract
    other = tmp_path / "other.key"
    privacy.run("consent", "key", str(other))
    wrong = [str(other) if word == str(key) else word for word in epoch]
    assert "another key than that of hanbit/cohort-a" in privacy.run(*wrong, exit_code=USAGE).stderr
    whole = members.read_text()
    members.write_text(whole.replace(f"{people[9]},in\n", ""))
    assert "line 11 of the members before" in privacy.run(*epoch, exit_code=USAGE).stderr
    members.write_text(whole)
    next_one = privacy.json(*epoch)
    assert next_one["epoch"]["body"]["withdrawn"] == "under-20"
    due = kim.json("--wait-block", str(next_one["block"]), *check)
    assert due["decision"] == "permit"
    assert "exclude-withdrawn hanbit/cohort-a~2" in due["obligations"]
    assert "EXCLUSION_DUE" in codes(due)

    # each person's own proof needs the root and nothing else
    for person, state in ((people[7], "out"), (people[8], "in")):
        proof = tmp_path / f"{state}.json"
        privacy.run("consent", "prove", "hanbit/cohort-a", person, *keep, "--out", str(proof))
        shown = kim.json("--wait-block", str(next_one["block"]), "consent", "verify", str(proof))
        assert (shown["state"], shown["holds"]) == (state, True)
        privacy.run("consent", "verify", str(proof), "--root", "00" * 32, exit_code=DIFFERS)

    # the owner attests the exclusion
    (tmp_path / "withdrawn.csv").write_text(f"{people[7]}\n")
    excluded = privacy.json(
        "consent",
        "exclude",
        "hanbit/cohort-a",
        f"{dataset}@1",
        "--epoch",
        "2",
        "--list",
        str(tmp_path / "withdrawn.csv"),
    )
    attested = kim.json("--wait-block", str(excluded["block"]), *check)
    assert "EXCLUSION_DUE" not in codes(attested)
    assert "exclude-withdrawn hanbit/cohort-a~2" in attested["obligations"]

    # an epoch that permits less ends what it does not permit, at once; nobody asked the committees
    form.write_text(CONSENT.replace("ICD10:C50", "ICD10:C61"))
    last = privacy.json(*epoch)
    denied = kim.json("--wait-block", str(last["block"]), *check, exit_code=DENY)
    assert "CONSENT_DENIES" in codes(denied)
    ended = privacy.json("consent", "end", "hanbit/cohort-a", "--reason", "the study has ended", "--yes")
    denied = kim.json("--wait-block", str(ended["block"]), *check, exit_code=DENY)
    assert "CONSENT_ENDED" in codes(denied)
    privacy.refused("DECIDED", *epoch)

    # nothing that could be guessed back to a person is anywhere on the ledger
    everything = as_text(
        [kim.json("audit", "trail", dataset), kim.json("consent", "show", "hanbit/cohort-a"), due, attested]
    )
    assert not any(person in everything for person in people)


def test_withdrawals_are_batched_and_overdue_exclusions_close(cast: Cast, data: Path, tmp_path: Path) -> None:
    cast.publish("overdue", data, policy=POLICY + "exclusion_period: 1s\n", grounded=False)
    dataset, privacy = "hanbit/overdue", cast.people["hanbit/p-1"]
    members, key, form = tmp_path / "members.csv", tmp_path / "cohort.key", tmp_path / "consent.yaml"
    members.write_text("id,state\na,in\nb,out\n")
    form.write_text(CONSENT)
    privacy.run("consent", "key", str(key))
    epoch = ("--members", str(members), "--key", str(key), "--consent", str(form))
    privacy.run("consent", "begin", "cohort-c", "--title", "Cohort C", "--batch", "90d", *epoch)
    privacy.refused("TOO_SOON", "consent", "epoch", "hanbit/cohort-c", *epoch, "--yes")
    privacy.run("ground", "set", dataset, "--cohort", "hanbit/cohort-c")
    overdue = explained(cast, dataset, exit_code=DENY)
    assert "EXCLUSION_OVERDUE" in codes(overdue)
    (tmp_path / "list").write_text("b\n")
    privacy.run(
        "consent", "exclude", "hanbit/cohort-c", f"{dataset}@1", "--epoch", "1", "--list", str(tmp_path / "list")
    )
    explained(cast, dataset)


def test_fraunhofer_heads_leave_only_without_faces(cast: Cast, data: Path, tmp_path: Path) -> None:
    """Faces were restored from "anonymous" MRI: no head leaves its institution without attested removal."""
    cast.publish("heads", data, policy=POLICY.replace("DS\n    diseases: [ICD10:C50]", "HMB"))
    dataset, privacy, steward = "hanbit/heads", cast.people["hanbit/p-1"], cast.people["hanbit/steward"]
    manifest = str(cast.folder / "heads.croissant.json")
    images = steward.json(
        "dataset", "publish", "heads", "--manifest", manifest, "--contact", "data@hanbit.example", *HEAD
    )
    assert images["version"]["body"]["version"] == 2
    privacy.run("ground", "set", f"{dataset}@2", "--basis", BASIS)
    assert "DEID_MISSING" in codes(explained(cast, dataset, exit_code=DENY))
    file = tmp_path / "statement.yaml"
    for faces in (
        "faces: present, checked: 2",
        "faces: removed, checked: 2, checked_by: d-1",  # by no tool
        "faces: removed, tool: pydeface, tool_version: 2.0.2, checked: 0",  # and nobody looked
    ):
        file.write_text(HEADS.format(faces=faces, form=FORM))
        privacy.run("deid", "state", dataset, str(file), exit_code=None)
        assert codes(explained(cast, dataset, exit_code=DENY)) & {"FACES_NOT_REMOVED", "DEID_MISSING"}, faces
    file.write_text(HEADS.format(faces=REMOVED, form=FORM))
    steward.refused("FORBIDDEN", "deid", "state", dataset, str(file))
    privacy.run("deid", "state", dataset, str(file))
    explained(cast, dataset)
    # and worse again later: the next decision goes by it
    file.write_text(HEADS.format(faces="faces: present, checked: 2", form=FORM))
    privacy.run("deid", "state", dataset, str(file))
    assert "FACES_NOT_REMOVED" in codes(explained(cast, dataset, exit_code=DENY))


def test_fraunhofer_with_a_real_head(cast: Cast, tmp_path: Path) -> None:
    """The same with a volume that has a face: what its header says proves nothing; a person has looked."""
    health = POLICY.replace("DS\n    diseases: [ICD10:C50]", "HMB")
    faced = write_head(tmp_path / "faced", with_face=True)
    cast.publish("real-head", faced.parent, policy=health, kinds=HEAD)
    dataset, privacy, steward = "hanbit/real-head", cast.people["hanbit/p-1"], cast.people["hanbit/steward"]

    def published(folder: Path) -> str:
        manifest = tmp_path / f"{folder.name}.json"
        steward.run("dataset", "describe", str(folder), "--title", "A head", "--out", str(manifest))
        answer = steward.json(
            "dataset", "publish", "real-head", "--manifest", str(manifest), "--contact", "data@hanbit.example", *HEAD
        )
        name = f"{dataset}@{answer['version']['body']['version']}"
        assert answer["version"]["body"]["kinds"] == ["MR"]
        privacy.run("ground", "set", name, "--basis", BASIS)
        return name

    def stated(name: str, faces: str) -> None:
        file = tmp_path / "statement.yaml"
        file.write_text(HEADS.format(faces=faces, form=FORM))
        privacy.run("deid", "state", name, str(file))

    before = published(faced.parent)
    report = privacy.json("deid", "report", "--images", str(faced), "--out", str(tmp_path / "draft.yaml"))
    (headers,) = report["images"]
    assert (headers["modality"], headers["body_part"], headers["volumes"]) == ("", "", 1)
    assert "faces: present" in (tmp_path / "draft.yaml").read_text(), "until a person says otherwise"
    stated(before, "faces: present, checked: 2")
    assert "FACES_NOT_REMOVED" in codes(explained(cast, before, exit_code=DENY))

    bare = write_head(tmp_path / "defaced", with_face=False)
    assert bare.read_bytes() != faced.read_bytes()
    after = published(bare.parent)
    assert "DEID_MISSING" in codes(explained(cast, after, exit_code=DENY)), (
        "what was said of one says nothing of the next"
    )
    stated(after, REMOVED)
    explained(cast, after)
    assert "FACES_NOT_REMOVED" in codes(explained(cast, before, exit_code=DENY))


def test_a_policy_asks_for_measured_k_of_tables_alone(cast: Cast, data: Path, tmp_path: Path) -> None:
    cast.publish("visits", data, policy=POLICY + "deidentification: {tables: {k: 2, l: 2}}\n")
    dataset, privacy = "hanbit/visits", cast.people["hanbit/p-1"]
    assert "DEID_MISSING" in codes(explained(cast, dataset, exit_code=DENY))
    draft = tmp_path / "statement.yaml"
    measured = privacy.json(
        "deid", "report", "--table", str(data / "visits.csv"), "--quasi", "age,sex", "--sensitive", "diagnosis",
        "--out", str(draft),
    )  # fmt: skip
    assert (measured["table"]["k"], measured["table"]["l"]) == (2, 1)
    ran = privacy.run("--json", "deid", "state", dataset, str(draft), exit_code=USAGE)
    assert ran.error["code"] == "DOCUMENT"  # a draft that nobody completed
    assert len(ran.error["details"]) == 4, "each place, besides the first"
    complete = draft.read_text().replace("sha256: TO FILL IN", f"sha256: {FORM}").replace("TO FILL IN", "done by hand")
    draft.write_text(complete)
    privacy.run("deid", "state", dataset, str(draft))
    told = codes(explained(cast, dataset, exit_code=DENY))
    assert "L_TOO_LOW" in told
    assert "K_TOO_LOW" not in told


def test_the_record_that_a_regulator_asks_for(cast: Cast, data: Path, tmp_path: Path) -> None:
    cast.publish("regulated", data)
    request = cast.submit("nuri/kim", "hanbit/regulated")
    cast.approve(request, "hanbit/d-1", "hanbit/d-2", "saerom/e-1")
    privacy = cast.people["hanbit/p-1"]
    block = str(cast.network.heights()["saerom"] - 1)
    report = privacy.json("--wait-block", block, "audit", "report", "--csv", str(tmp_path / "report.csv"))
    (entry,) = [entry for entry in report["entries"] if entry["dataset"] == "hanbit/regulated"]
    assert any("KR-BIOETHICS-EXEMPTION" in line and "notice 2026-01-01" in line for line in entry["legal_ground"])
    (use,) = entry["uses"]
    assert (use["recipient"], use["people"], use["state"]) == ("nuri", ["kim"], "active")
    assert "hanbit/regulated" in (tmp_path / "report.csv").read_text("utf-8-sig")
