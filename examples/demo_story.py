"""The main job, told in commands: enrol, publish, find, ask, approve, check, revoke, audit, verify."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from demo_steps import Desk, chapter, say

DATASET = "hanbit/breast-cancer"
C50 = "--purpose disease --disease ICD10:C50 --mode download"

PEOPLE = {
    "hanbit": {
        "operator": ["operator"],
        "park": ["steward"],
        "lee": ["dac", "researcher"],
        "choi": ["dac"],
        "song": ["privacy"],
        "shin": ["privacy"],
        "door": ["gateway"],
        "vault": [],
    },
    "nuri": {"operator": ["operator"], "baek": ["privacy"], "kim": ["researcher"], "han": ["researcher"]},
    "saerom": {"operator": ["operator"], "seo": ["steward"], "yoon": ["ethics"]},
}
"""Who takes part: institution, enrolment id, roles in the certificate."""

OFFICES = {"operator", "privacy", "steward"}
"""Who has one of these acts for the institution, and is named in its record with a key."""

VOTING = {"dac", "ethics", "privacy"}
"""Who has one of these has a seat, which counts for their key."""

IMAGES_POLICY = """\
# Any health research; hanbit's own committee decides, and its members may ask, too.
use:
  - permission: HMB
stages:
  - {institution: hanbit, role: dac, threshold: 1}
modes: [download, enclave]
max_duration: 365d
review_period: 30d
recipients: any
own_institution_votes: true
"""

IMAGES = "explain hanbit/images --purpose health-research --mode download --days 30"

STATEMENT = """\
law: KR-PIPA
term: pseudonymous
methods: [{method: direct identifiers replaced, tool: dicognito, tool_version: 0.19.0}]
images:
  - {modality: CT, body_part: chest, faces: not-present, volumes: 1, checked: 1, checked_by: lee}
  - {modality: MR, body_part: head, faces: present, volumes: 2, checked: 0}
residual_risk: Faces can be restored from the MR volumes.
report: {sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
"""

CONSENT = """\
use:
  - permission: HMB
law: {code: KR-BIOETHICS-CONSENT, article: "16"}
wording:
  url: https://hanbit.example/form-3
  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""


def enrol(desk: Desk, homes: Path, titles: dict[str, str]) -> None:
    """Register and enrol everybody, with the CAs of their own institutions, which work side by side."""
    chapter("People enrol with their institutions' own CAs")

    def institution(name: str) -> None:
        home = homes / name
        desk.run("", f"context add {name}/registrar --profile {home}/connection.json --msp {home}/users/registrar")
        for person, roles in PEOPLE[name].items():
            given = " ".join(f"--role {role}" for role in roles)
            secret = f"{name}-{person}.secret"
            desk.run(f"{name}/registrar", f"identity register {person} {given} --secret-out {secret}")
            desk.run("", f"identity enroll {person} --profile {home}/connection.json --secret-file {secret}")
            (desk.folder / secret).unlink()
        keys = {
            person: desk.run(f"{name}/{person}", "person announce").named("fingerprint")
            for person, roles in PEOPLE[name].items()
            if OFFICES & {*roles} or VOTING & {*roles}
        }
        officers = {person: OFFICES & {*PEOPLE[name][person]} for person in keys if OFFICES & {*PEOPLE[name][person]}}
        desk.run(
            f"{name}/operator",
            f"institution set --title '{titles[name]}' --country KR --contact data-access@{name}.example"
            + "".join(f" --role {role}" for role in sorted({role for roles in PEOPLE[name].values() for role in roles}))
            + "".join(
                f" --officer {person}={','.join(sorted(roles))}@{keys[person]}" for person, roles in officers.items()
            ),
        )
        for person in sorted(keys.keys() - {"operator"}):
            desk.run(f"{name}/operator", f"person admit {person} --key {keys[person]}")
        if name == "nuri":
            deliver(desk, "kim")

    with ThreadPoolExecutor(max_workers=len(PEOPLE)) as pool:
        list(pool.map(institution, PEOPLE))
    desk.run("hanbit/park", "institution list")
    seating = desk.step(
        "a steward alone seats nobody",
        "hanbit/park",
        "committee set dac --member lee --member choi --yes",
        says="waits for a second officer",
    )
    proposal = seating.named("proposal")[:12]
    desk.step(
        "who proposed it does not confirm it",
        "hanbit/park",
        f"proposal confirm {proposal} --yes",
        code=5,
        says="OWN_REQUEST",
    )
    desk.step(
        "hanbit's access committee seated by two", "hanbit/song", f"proposal confirm {proposal} --yes", says="confirmed"
    )
    desk.both("saerom/seo", "committee set ethics --member yoon --yes", second="saerom/operator")


def deliver(desk: Desk, person: str) -> None:
    """Somebody of nuri gets a key to which data is encrypted; whoever votes on their request approves it, too."""
    delivery = desk.run(f"nuri/{person}", "release key").named("fingerprint")
    public = f"contexts/contexts/nuri/{person}/delivery.pub"
    key = desk.run(f"nuri/{person}", f"person announce --delivery {public}").named("fingerprint")
    desk.run("nuri/operator", f"person admit {person} --key {key} --delivery {delivery}")


def publish(desk: Desk, policy: Path) -> None:
    """hanbit describes and publishes a table and a folder of images."""
    chapter("hanbit publishes: the manifests and content roots land on the ledger, the data stays")
    shutil.copyfile(policy, desk.folder / "policy.yaml")
    (desk.folder / "images-policy.yaml").write_text(IMAGES_POLICY, encoding="utf-8")
    desk.run(
        "hanbit/park",
        "dataset describe wisconsin --title 'Breast Cancer Wisconsin (Diagnostic)' --keyword oncology"
        " --dataset breast-cancer --policy policy.yaml"
        " --summary '569 fine needle aspirates, 30 measurements each, and the diagnosis'",
    )
    desk.step(
        "hanbit publishes the Wisconsin table",
        "hanbit/park",
        "dataset publish breast-cancer --manifest wisconsin/croissant.json --policy policy.yaml",
        says="committed",
    )
    desk.step(
        "hanbit keeps it encrypted, its keys apart",
        "hanbit/door",
        f"release archive {DATASET} wisconsin --out archive --headers keyholder",
        says="archived",
    )
    desk.run(
        "hanbit/park",
        "dataset describe images --title 'CT, MR and MRI volumes' --keyword radiology"
        " --dataset images --policy images-policy.yaml",
    )
    desk.step(
        "hanbit publishes DICOM and NIfTI images",
        "hanbit/park",
        "dataset publish images --manifest images/croissant.json --policy images-policy.yaml"
        " --kind CT --kind MR --body-part chest --body-part head",
        says="committed",
    )


def ground(desk: Desk, door: str) -> None:
    """hanbit's privacy officer says what the data rests on; without it, nothing is granted (Ascension, 2019)."""
    chapter("What the data rests on: a contract that nobody was told of is not enough")
    (desk.folder / "agreement.txt").write_text("Business associate agreement.", encoding="utf-8")
    (desk.folder / "notice.txt").write_text("Our data is used for research. You can object.", encoding="utf-8")
    (desk.folder / "images.yaml").write_text(STATEMENT, encoding="utf-8")
    asked = f"explain {DATASET} {C50} --days 90"
    desk.step("data that rests on nothing", "nuri/kim", asked, code=3, says="NO_GROUND")
    desk.run(
        "hanbit/song",
        "basis set agreement --code US-HIPAA-BAA --document agreement.txt --title 'Agreement with a company'",
    )
    desk.run("hanbit/song", f"ground set {DATASET} --basis hanbit/agreement")
    desk.step("an agreement without notice (Ascension)", "nuri/kim", asked, code=3, says="NO_NOTICE")
    fetch = f"fetch {DATASET} {door} --out early"
    desk.step("... and nothing leaves on it", "nuri/kim", fetch, code=5, says="no grant")
    desk.run(
        "hanbit/song",
        "basis set research --code KR-PIPA-28-2 --document agreement.txt --title 'Research plan 2026-3'"
        " --notice notice.txt --notice-url https://hanbit.example/notice --notice-since 2026-01-01T00:00:00Z"
        " --objection-url https://hanbit.example/object",
    )
    desk.run("hanbit/song", "ground set hanbit/images --basis hanbit/research")
    desk.step("images of heads without a statement", "nuri/kim", IMAGES, code=3, says="DEID_MISSING")
    desk.run("hanbit/song", "deid report --images images/dicom/CT_small.dcm images/dicom/MR_small.dcm")
    desk.run("hanbit/song", "deid state hanbit/images images.yaml")
    desk.step("... with the faces still there (Fraunhofer)", "nuri/kim", IMAGES, code=3, says="FACES_NOT_REMOVED")


def consent(desk: Desk) -> None:
    """Consent of the people in the table, in epochs; only a root and two bands reach the ledger."""
    chapter("The people in the data: consent, with nobody's identifier on the ledger")
    (desk.folder / "consent.yaml").write_text(CONSENT, encoding="utf-8")
    members(desk, withdrawn=0)
    desk.run("hanbit/song", "consent key oncology.key")
    epoch = "--members members.csv --key oncology.key --consent consent.yaml"
    desk.step(
        "hanbit records the consent of 569 people",
        "hanbit/song",
        f"consent begin oncology --title 'Oncology, form 3' --batch 1s {epoch}",
        says="100-999",
    )
    resting = desk.step(
        "hanbit's table is to rest on it",
        "hanbit/song",
        f"ground set {DATASET} --cohort hanbit/oncology",
        says="waits for a second officer",
    )
    proposal = resting.named("proposal")[:12]
    desk.step(
        "... which another officer confirms", "hanbit/shin", f"proposal confirm {proposal} --yes", says="confirmed"
    )


def withdraw(desk: Desk, door: str) -> None:
    """A person withdraws: excluded from the next decision on; nobody else's data is frozen."""
    chapter("A person withdraws: excluded from the next decision on")
    members(desk, withdrawn=1)
    epoch = "--members members.csv --key oncology.key --consent consent.yaml --yes"
    desk.step(
        "the next epoch, with one withdrawn", "hanbit/song", f"consent epoch hanbit/oncology {epoch}", says="under-20"
    )
    check = f"check {DATASET} --for nuri/kim {C50}"
    desk.step("check: the withdrawn are to be excluded", "nuri/kim", check, says="exclude-withdrawn")
    fetch = f"fetch {DATASET} {door} --out late"
    desk.step("the table with the withdrawn does not leave", "nuri/kim", fetch, code=5, says="have withdrawn")
    desk.run("hanbit/song", f"consent prove hanbit/oncology P-000 --out proof.json {epoch.rpartition(' --consent')[0]}")
    desk.step("the person's own proof", "nuri/kim", "consent verify proof.json", says="out hanbit/oncology~2")


def members(desk: Desk, *, withdrawn: int) -> None:
    """Who is in and who is out, in a file that stays at hanbit."""
    lines = [f"P-{number:03},{'out' if number < withdrawn else 'in'}" for number in range(569)]
    (desk.folder / "members.csv").write_text("id,state\n" + "\n".join(lines) + "\n", encoding="utf-8")


def ask(desk: Desk) -> str:
    """kim of nuri finds the table and asks for it; the request's id, as people type it."""
    chapter("kim of nuri finds the data and asks for it")
    desk.step("kim finds it by keyword", "nuri/kim", "dataset list --keyword oncology", says=DATASET)
    desk.run("nuri/kim", f"dataset show {DATASET}")
    desk.step("what would the policy say?", "nuri/kim", f"explain {DATASET} {C50} --days 90", says="permit")
    desk.step(
        "asking for what the policy denies",
        "nuri/kim",
        f"request submit {DATASET} --purpose general-research --mode federated --days 90 --project 'Anything'",
        code=5,
        says="POLICY_DENIES",
    )
    made = desk.step(
        "kim asks",
        "nuri/kim",
        f"request submit {DATASET} {C50} --days 90 --project 'Which measurements tell tumours apart?'",
        says="committed",
    )
    request = made.named("request")[:12]
    desk.step("check before any approval", "nuri/kim", f"check {DATASET} --for nuri/kim {C50}", code=3, says="deny")
    return request


def approve(desk: Desk, request: str) -> tuple[str, str]:
    """Two of hanbit's committee and saerom's ethics board approve, and others try.

    The grant's id, and that of a request for the images that is still open.
    """
    chapter("Approvals, and who may not give them")
    desk.run("hanbit/lee", "request list --waiting-for hanbit/dac")
    desk.step(
        "wrong role: a steward votes",
        "hanbit/park",
        f"request approve {request} --role dac --yes",
        code=5,
        says="FORBIDDEN",
    )
    desk.step("first of hanbit's committee", "hanbit/lee", f"request approve {request} --yes", says="in-review")
    desk.step(
        "the same person votes again",
        "hanbit/lee",
        f"request reject {request} --reason 'on second thoughts' --yes",
        code=5,
        says="ALREADY_VOTED",
    )
    own = desk.run(
        "hanbit/lee",
        "request submit hanbit/images --purpose health-research --mode enclave --days 30 --project 'My own study'",
    ).named("request")[:12]
    desk.step(
        "a committee member votes on their own request",
        "hanbit/lee",
        f"request approve {own} --yes",
        code=5,
        says="OWN_REQUEST",
    )
    desk.step("whom it still waits for", "nuri/kim", f"request show {request}", says="saerom/ethics")
    desk.step("second of hanbit's committee", "hanbit/choi", f"request approve {request} --yes", says="in-review")
    granted = desk.step("saerom's ethics board", "saerom/yoon", f"request approve {request} --yes", says="approved")
    return granted.named("grant")[:12], own


def use(desk: Desk) -> None:
    """The grant permits what it says, and nothing else."""
    chapter("The grant permits what it says, and nothing else")
    check = f"check {DATASET} --for"
    desk.step("check: what was granted", "nuri/kim", f"{check} nuri/kim {C50}", says="permit")
    desk.step(
        "check: another purpose",
        "nuri/kim",
        f"{check} nuri/kim --purpose general-research --mode download",
        code=3,
        says="deny",
    )
    desk.step("check: another researcher", "nuri/han", f"{check} nuri/han {C50}", code=3, says="deny")


def receive(desk: Desk, door: str) -> None:
    """What was granted arrives, and is what stands on the ledger; who has no grant gets nothing."""
    chapter("The data itself: a receipt on the ledger, then bytes")
    fetch = f"fetch {DATASET} {door} --out"
    desk.step("kim fetches what was granted", "nuri/kim", f"{fetch} data", says="same as")
    desk.step("its hash fits the ledger", "nuri/kim", f"dataset verify {DATASET} data", says="same")
    desk.run("nuri/han", "release key")
    desk.step("another researcher gets nothing", "nuri/han", f"{fetch} none", code=5, says="no grant")
    desk.step("the receipt is on everybody's list", "saerom/yoon", "receipt list", says="completed")


def emergency(desk: Desk, grant: str) -> None:
    """The privacy officer stops a grant and lets it go on; two people break the glass, loudly, and must justify it."""
    chapter("The desk: a grant is suspended and goes on; glass is broken by two people, and never quietly")
    check = f"check {DATASET} --for nuri/kim {C50}"
    desk.run("hanbit/song", f"grant suspend {grant} --reason 'a question of a patient'")
    desk.step("check: while suspended", "nuri/kim", check, code=3, says="SUSPENDED")
    desk.both("hanbit/song", f"grant lift {grant} --reason 'answered'", second="hanbit/shin")
    desk.step("check: after it was lifted", "nuri/kim", check, says="permit")
    desk.both("hanbit/park", "committee set privacy --member song --yes", second="hanbit/shin")
    proposed = desk.run(
        "hanbit/song",
        f"breakglass propose {DATASET} --institution nuri --person han --purpose clinical-care --mode enclave"
        " --duration 1h --reason 'an emergency'",
    )
    glass = proposed.named("break-glass")[:12]
    desk.step("one person alone", "hanbit/song", f"breakglass confirm {glass} --yes", code=5, says="OWN_REQUEST")
    opened = desk.step(
        "two people break the glass", "hanbit/park", f"breakglass confirm {glass} --yes", says="committed"
    )
    desk.step("it is on every list", "saerom/yoon", "grant list", says="BREAK-GLASS")
    desk.run("hanbit/park", f"grant revoke {opened.named('grant')[:12]} --reason 'it is over' --yes")
    again = "breakglass propose hanbit/images --institution nuri --person han --purpose clinical-care --mode enclave"
    desk.step(
        "again, before it was justified",
        "hanbit/song",
        f"{again} --duration 1h --reason 'another one'",
        code=5,
        says="UNJUSTIFIED",
    )
    desk.step(
        "who took part does not justify it",
        "hanbit/song",
        f"breakglass justify {glass} 'It had to be.'",
        code=5,
        says="OWN_REQUEST",
    )
    desk.run("hanbit/shin", f"breakglass justify {glass} 'The reading was needed within the hour; no other was there.'")


def expire(desk: Desk) -> None:
    """A grant of eight seconds for another researcher ends by itself."""
    chapter("A grant of eight seconds ends by itself")
    asked = desk.run("nuri/han", f"request submit {DATASET} {C50} --duration 8s --project 'A quick look'")
    request = asked.named("request")[:12]
    desk.run("hanbit/lee", f"request approve {request} --yes")
    desk.run("hanbit/choi", f"request approve {request} --yes")
    granted = desk.run("saerom/yoon", f"request approve {request} --yes")
    check = f"check {DATASET} --for nuri/han {C50}"
    desk.step("check: within the eight seconds", "nuri/han", check, says="permit")
    left = datetime.fromisoformat(granted.named("until")).timestamp() - time.time()
    if left > -1:
        say(f"... {left + 1:.0f} seconds later:\n")
        time.sleep(left + 1)
    desk.step("check: after expiry", "nuri/han", check, code=3, says="deny")


def narrow(desk: Desk, request: str) -> None:
    """A policy that narrows, and says so, ends the grants that it no longer permits."""
    chapter("hanbit narrows a policy, for existing grants too")
    desk.run("hanbit/choi", f"request approve {request} --yes")
    check = "check hanbit/images --for hanbit/lee --purpose health-research --mode enclave"
    desk.step("check: behind glass, as granted", "hanbit/lee", check, says="permit")
    narrower = IMAGES_POLICY.replace("[download, enclave]", "[download]")
    (desk.folder / "narrower.yaml").write_text(narrower, encoding="utf-8")
    desk.step(
        "what a narrower policy would end",
        "hanbit/park",
        "policy diff hanbit/images narrower.yaml",
        says="1 grant would end, if it applied to existing ones:",
    )
    desk.step(
        "a narrower policy, for existing grants too",
        "hanbit/park",
        "policy set hanbit/images --policy narrower.yaml --applies existing --yes",
        says="committed",
    )
    desk.step("check: the grant has ended by it", "hanbit/lee", check, code=3, says="POLICY_NARROWED")


def revoke(desk: Desk, grant: str, door: str) -> None:
    """hanbit takes the grant back, and every institution's peer says deny."""
    chapter("hanbit revokes: the next check denies, at every institution's peer")
    desk.step(
        "another institution cannot revoke",
        "nuri/kim",
        f"grant revoke {grant} --reason 'not mine to take' --yes",
        code=5,
        says="FORBIDDEN",
    )
    desk.step(
        "hanbit revokes the grant",
        "hanbit/park",
        f"grant revoke {grant} --reason 'consent was withdrawn' --yes",
        says="revoked",
    )
    for who in ("hanbit/park", "nuri/kim", "saerom/yoon"):
        institution = who.partition("/")[0]
        desk.step(
            f"check at {institution}'s peer", who, f"check {DATASET} --for nuri/kim {C50}", code=3, says="GRANT_REVOKED"
        )
    desk.step(
        "the same fetch, after the revocation",
        "nuri/kim",
        f"fetch {DATASET} {door} --out late",
        code=5,
        says="consent was withdrawn",
    )
    desk.step("what left before is on the grant", "nuri/kim", f"grant show {grant}", says="What left under it")


def look_back(desk: Desk) -> None:
    """The audit trail, and a local copy held against the ledger."""
    chapter("The audit trail, and a copy held against the ledger")
    desk.step("audit trail", "saerom/yoon", f"audit trail {DATASET}", says="grant.revoked")
    desk.step("... and of what left", "saerom/yoon", f"audit trail {DATASET} --kind receipt", says="receipt.completed")
    desk.step("the regulator's report", "hanbit/song", "audit report", says="once")
    shutil.copytree(desk.folder / "images", desk.folder / "copy")
    desk.step("an honest copy", "nuri/kim", "dataset verify hanbit/images copy", says="same")
    with (desk.folder / "copy" / "dicom" / "CT_small.dcm").open("r+b") as image:
        image.seek(-1, 2)
        last = image.read(1)[0]
        image.seek(-1, 2)
        image.write(bytes([last ^ 1]))
    say("... one bit of copy/dicom/CT_small.dcm is changed:\n")
    desk.step(
        "a copy with one bit changed",
        "nuri/kim",
        "dataset verify hanbit/images copy",
        code=8,
        says="changed: dicom/CT_small.dcm",
    )
