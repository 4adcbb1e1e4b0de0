"""The approval desk, on a real network, through the program that its users run.

A policy in steps asks the ethics board of whoever asks, by majority and with its letter, and then hanbit's committee;
everybody who votes declares that there is no conflict of interest. A request is drafted, voted on too early, returned,
amended and approved, with one member recused and another represented. Another policy approves at once: a grant is
renewed, joined, suspended, given back, and ended with all that gives the same. Last, glass is broken and justified.
"""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from people import DENY, Person
from scenario import Cast

STAGED = """\
use:
  - permission: HMB
stages:
  - {of: requester, role: ethics, rule: majority}
  - {institution: hanbit, role: dac, threshold: 2, step: 2}
vetoes: [{institution: hanbit, role: privacy}]
conflicts: declare
modes: [enclave]
max_duration: 365d
review_period: 30d
"""
TERMS = hashlib.sha256(b"what hanbit asks of everybody").hexdigest()
AT_ONCE = """\
use:
  - permission: NRES
stages:
  - {institution: hanbit, role: dac}
automatic: true
modes: [enclave]
terms: {url: "https://hanbit.example/terms", sha256: SHA256}
max_duration: 90d
review_period: 14d
""".replace("SHA256", TERMS)
HEALTH = ("--purpose", "health-research", "--mode", "enclave")
DATASETS = ("hanbit/staged", "hanbit/at-once")
ENDS = "2099-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def desk(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """The people of the story, and two datasets of hanbit's."""
    prepare(cast, tmp_path_factory.mktemp("data"))
    return cast


def prepare(cast: Cast, data: Path) -> None:
    """Enrol and seat who is not yet, and publish."""
    cast.enrol("nuri/steward", "steward")
    for member in ("n-1", "n-2", "n-3"):
        cast.enrol(f"nuri/{member}", "ethics")
    cast.seat("nuri/ethics", "n-1", "n-2", "n-3")
    cast.enrol("hanbit/d-4", "dac")
    cast.enrol("hanbit/p-1", "privacy")
    cast.enrol("hanbit/p-2", "privacy")
    cast.seat("hanbit/privacy", "p-1")
    (data / "table.csv").write_text("id,value\n1,2\n")
    cast.publish("staged", data, policy=STAGED)
    cast.publish("at-once", data, policy=AT_ONCE)


class Desk:
    """Everybody's program, each of whose peers first has what was last written."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.block = 0

    def person(self, name: str) -> Person:
        return self.cast.people[name]

    def do(self, name: str, *arguments: str, exit_code: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = self.person(name).json(
            "--wait-block", str(self.block), *arguments, exit_code=exit_code
        )
        self.block = max(self.block, answer.get("block", 0), *(done["block"] for done in answer.get("ended", ())), 0)
        return answer

    def refused(self, code: str, name: str, *arguments: str) -> dict[str, Any]:
        return self.person(name).refused(code, "--wait-block", str(self.block), *arguments)

    def inbox(self, name: str) -> list[dict[str, Any]]:
        """What waits for somebody on the datasets of this module: other tests leave requests behind."""
        items: list[dict[str, Any]] = self.do(name, "request", "list", "--waiting-for", "me")["items"]
        return [item for item in items if any(f'"{ours}"' in json.dumps(item) for ours in DATASETS)]

    def check(self, dataset: str, person: str, *how: str, exit_code: int = 0) -> set[str]:
        answer = self.do("nuri/kim", "check", dataset, "--for", person, *(how or HEALTH), exit_code=exit_code)
        return {reason["code"] for reason in answer["reasons"]}


def test_a_request_through_the_steps(desk: Cast, tmp_path: Path) -> None:
    d = Desk(desk)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"approved")
    approval = tmp_path / "approval.yaml"
    approval.write_text(f"board: IRB of Nuri\nnumber: '2026-7'\ndocument: letter.pdf\nvalid_until: {ENDS}\n")
    attested = ("--no-conflict", "--attest", str(approval), "--yes")
    kim = d.person("nuri/kim")
    kim.run(
        "request", "draft", "new", "tumours", "hanbit/staged", *HEALTH, "--days", "90", "--project", "Which return?"
    )
    request = d.do("nuri/kim", "request", "draft", "submit", "tumours")["id"]

    # the requester's board first, each with its letter and a declaration
    d.refused("STAGE_NOT_OPEN", "hanbit/d-1", "request", "approve", request, "--no-conflict", "--yes")
    d.refused("CONFLICT_UNDECLARED", "nuri/n-1", "request", "approve", request, *attested[1:])
    d.refused("ATTESTATION_MISSING", "nuri/n-1", "request", "approve", request, "--no-conflict", "--yes")
    assert [it["what"] for it in d.inbox("nuri/n-1")] == ["vote"]
    d.do("nuri/n-1", "request", "approve", request, *attested)
    d.do("nuri/n-2", "request", "recuse", request, "--reason", "I work with the requester", "--yes")

    # somebody is asked, who has no vote
    asked = d.do("hanbit/d-1", "request", "invite", request, "saerom/e-1", "Is the sample large enough?")["id"]
    assert [it["what"] for it in d.inbox("saerom/e-1")] == ["answer"]
    d.do("saerom/e-1", "request", "remark", request, "It is", "--invitation", asked)

    # returned, amended: the votes count no longer, the recusal does
    d.do("nuri/n-3", "request", "return", request, "--reason", "ninety days are too many", "--yes")
    d.refused("RETURNED", "hanbit/d-1", "request", "approve", request, "--no-conflict", "--yes")
    assert [it["what"] for it in d.inbox("nuri/kim")] == ["amend"]
    d.do("nuri/kim", "request", "amend", request, "--days", "30", "--yes")
    d.refused("RECUSED", "nuri/n-2", "request", "approve", request, *attested)
    d.do("nuri/n-1", "request", "approve", request, *attested)
    d.do("nuri/n-3", "request", "approve", request, *attested)
    shown = d.do("nuri/kim", "request", "show", request)
    assert [(w["institution"], w["open"], w["missing"]) for w in shown["waits_for"]] == [("hanbit", True, 2)]

    # a deputy gives a member's vote, once
    d.do("hanbit/d-3", "committee", "delegate", "dac", "d-4", "--until", _in_days(30))
    waiting = d.inbox("hanbit/d-4")
    assert [(it["what"], it["members"]) for it in waiting] == [("vote", ["d-3"])]
    d.do("hanbit/d-4", "request", "approve", request, "--for", "d-3", "--no-conflict", "--yes")
    d.refused("ALREADY_VOTED", "hanbit/d-3", "request", "approve", request, "--no-conflict", "--yes")
    decided = d.do("hanbit/d-2", "request", "approve", request, "--no-conflict", "--yes")
    assert decided["state"] == "approved"
    shown = d.do("nuri/kim", "request", "show", request)
    assert [it["record"]["body"]["text"] for it in shown["remarks"]] == ["It is"]
    assert shown["invitations"][0]["answered"] is True
    assert d.check("hanbit/staged", "nuri/kim") == {"GRANTED"}


def test_a_grant_from_its_beginning_to_its_end(desk: Cast) -> None:
    d = Desk(desk)
    ask = ("request", "submit", "hanbit/at-once", *HEALTH, "--project", "Methods", "--accept-terms", TERMS)
    grant = d.do("nuri/kim", *ask, "--days", "30")["id"]
    assert d.do("nuri/kim", "request", "show", grant)["state"] == "approved"
    assert d.check("hanbit/at-once", "nuri/kim") == {"GRANTED"}

    # renewed and joined
    renewal = d.do("nuri/kim", *ask, "--days", "30", "--renews", grant)["id"]
    first, second = (d.do("nuri/kim", "grant", "show", it) for it in (grant, renewal))
    assert second["state"] == "pending"
    assert second["grant"]["record"]["body"]["from"] == first["grant"]["record"]["body"]["until"]
    joined = d.do("nuri/kim", *ask, "--days", "20", "--joins", grant, "--researcher", "lee")["id"]
    assert "TERMS_NOT_ACCEPTED" in d.check("hanbit/at-once", "nuri/lee", exit_code=DENY)
    assert [(it["what"], it["grant"]["grant"]["record"]["id"]) for it in d.inbox("nuri/lee")] == [("accept", joined)]
    d.do("nuri/lee", "grant", "accept", joined, "--terms", TERMS)
    assert d.check("hanbit/at-once", "nuri/lee") == {"GRANTED"}

    # suspended with the one that it joins, and lifted
    d.do("hanbit/p-1", "grant", "suspend", grant, "--reason", "an incident is being looked at")
    assert "SUSPENDED" in d.check("hanbit/at-once", "nuri/kim", exit_code=DENY)
    assert "PARENT_ENDED" in d.check("hanbit/at-once", "nuri/lee", exit_code=DENY)
    d.do("hanbit/p-1", "grant", "lift", grant, "--reason", "it was elsewhere")
    assert d.check("hanbit/at-once", "nuri/lee") == {"GRANTED"}

    # given back by who holds it
    d.do("nuri/lee", "grant", "relinquish", joined, "--reason", "another project", "--yes")
    assert "RELINQUISHED" in d.check("hanbit/at-once", "nuri/lee", exit_code=DENY)

    # ended with all that gives the same
    others = d.do("hanbit/p-1", "grant", "others", grant)["items"]
    assert [it["grant"]["record"]["id"] for it in others] == [renewal]
    ended = d.do("hanbit/p-1", "grant", "revoke", grant, "--reason", "consent withdrawn", "--all", "--yes")
    assert [done["grants"] for done in ended["ended"]] == [[grant, renewal]]
    assert ended["others"] == []
    assert "GRANT_REVOKED" in d.check("hanbit/at-once", "nuri/kim", exit_code=DENY)


def test_break_glass(desk: Cast) -> None:
    d = Desk(desk)
    care = ("--purpose", "clinical-care", "--mode", "enclave")
    propose = ("breakglass", "propose", "hanbit/staged", "--institution", "nuri", "--person", "lee", *care)
    propose = (*propose, "--duration", "12h", "--reason", "an emergency transfer")
    proposed = d.do("hanbit/p-1", *propose)["id"]
    time.sleep(1.1)  # a ledger's times are whole seconds: the order of two within one second is not told
    second = d.do("hanbit/p-1", *propose)["id"]
    d.refused("OWN_REQUEST", "hanbit/p-1", "breakglass", "confirm", proposed, "--yes")

    # it waits for everybody who could be the second person, before all else, and for nobody besides
    for name in ("hanbit/d-1", "hanbit/steward"):
        assert waiting(d, name) == [("confirm", proposed), ("confirm", second)]
    for name in ("hanbit/p-1", "hanbit/d-4", "nuri/steward", "nuri/lee", "saerom/e-1"):  # d-4 has no seat
        assert waiting(d, name) == []
    shown = d.person("hanbit/d-1").run("request", "list", "--waiting-for", "me").stdout.splitlines()
    until = d.do("nuri/lee", "breakglass", "show", proposed)["confirm_until"]
    assert shown[1].split()[:5] == ["confirm", "BREAK-GLASS", proposed[:12], "hanbit/staged@1", "hanbit/p-1"]
    assert shown[1].endswith(f"  {until}  breakglass confirm")
    told = d.person("hanbit/d-1").run("remind").stdout.splitlines()
    assert told[0].startswith(f"break-glass {proposed[:12]} for hanbit/staged proposed at ")
    assert told[0].endswith(f", waits for a second person until {until}")

    grant = d.do("hanbit/d-1", "breakglass", "confirm", proposed, "--yes")["grant"]["id"]
    assert d.check("hanbit/staged", "nuri/lee", *care) == {"GRANTED"}
    d.refused("UNJUSTIFIED", "hanbit/p-1", *propose)
    d.refused("CONFLICT", "hanbit/p-2", "breakglass", "justify", proposed, "While it lasts.")
    assert waiting(d, "hanbit/p-2") == [("confirm", second)]
    assert waiting(d, "hanbit/d-1") == [("confirm", second)]
    (hindered,) = d.inbox("hanbit/d-1")
    assert f"break-glass {proposed[:12]} of hanbit is not justified yet" in hindered["breakglass"]["why"]
    listed = d.person("hanbit/p-1").run("grant", "list", "--holder", "nuri/lee").stdout
    assert [line.split()[2] for line in listed.splitlines() if line.startswith(grant[:12])] == ["BREAK-GLASS"]
    d.do("hanbit/steward", "grant", "revoke", grant, "--reason", "it is over", "--yes")
    assert waiting(d, "hanbit/p-1") == []  # who took part does not justify it
    assert ("justify", proposed) in waiting(d, "hanbit/p-2")
    told = d.person("hanbit/p-2").run("remind").stdout
    assert f"break-glass {proposed[:12]} for hanbit/staged opened at " in told
    assert "emergency" not in told
    d.refused("OWN_REQUEST", "hanbit/p-1", "breakglass", "justify", proposed, "It had to be.")
    d.do("hanbit/p-2", "breakglass", "justify", proposed, "The reference images decided the operation.")
    assert d.do("nuri/kim", "breakglass", "show", proposed)["state"] == "justified"
    (left,) = d.person("hanbit/p-1").run("remind").stdout.splitlines()
    assert left.startswith(f"break-glass {second[:12]} for hanbit/staged proposed at ")
    (item,) = d.inbox("hanbit/d-1")
    assert "why" not in item["breakglass"]


def waiting(d: Desk, name: str) -> list[tuple[str, str]]:
    """What waits for somebody, and the break-glass that it is about."""
    return [(it["what"], it["breakglass"]["breakglass"]["record"]["id"]) for it in d.inbox(name)]


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
