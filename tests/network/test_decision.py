"""Use conditions on a real network: a purpose denied with every reason, claims, terms, and a policy that narrows.

Through the program, as people would; where the program would not send something, through the SDK.
"""

import threading
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from people import DENY, DIFFERS, REFUSED, REVIEW, UNREACHABLE, USAGE
from scenario import Cast

import medconsent
from medconsent import Contexts, errors
from medconsent.policies import Alternative, Modifier, load_yaml
from medconsent.values.purposes import Purpose
from medconsent.values.requests import NewRequest
from medconsent_network.spec import FABRIC_VERSIONS

EXAMPLES = Path(__file__).parents[2] / "examples"
TERMS = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
APPROVALS = """\
stages:
  - {institution: hanbit, role: dac, threshold: 2}
  - {institution: saerom, role: ethics, threshold: 1}
max_duration: 365d
review_period: 30d
"""
CONDITIONS = f"""\
use:
  - permission: HMB
    limits: [NCU, NMDS, {{GS: [KR]}}, IRB, {{TS: 6}}]
    duties: [PUB, {{MOR: 12}}]
  - permission: DS
    diseases: [ICD10:C50-C58]
    limits: [{{US: [nuri/kim]}}]
modes: [download, enclave]
terms: {{url: "https://hanbit.example/terms", sha256: {TERMS}}}
{APPROVALS}"""
HEALTH = f"use: [{{permission: HMB}}]\nmodes: [download, enclave]\n{APPROVALS}"
BREAST = f"use: [{{permission: DS, diseases: [ICD10:C50]}}]\nmodes: [download]\n{APPROVALS}"
VOTERS = ("hanbit/d-1", "hanbit/d-2", "saerom/e-1")


def published(cast: Cast, slug: str, policy: str) -> str:
    data = cast.folder / slug
    data.mkdir()
    (data / "table.csv").write_text("age,stage\n50,2\n61,1\n")
    cast.publish(slug, data, policy=policy)
    return f"hanbit/{slug}"


@pytest.fixture(scope="module", params=FABRIC_VERSIONS)
def cast(request: pytest.FixtureRequest, cast_of: Callable[[str], Cast]) -> Cast:
    """The people, on each Fabric version in turn."""
    return cast_of(request.param)


@pytest.fixture(scope="module")
def conditions(cast: Cast) -> str:
    """A dataset with most of the conditions there are."""
    return published(cast, "conditions", CONDITIONS)


def codes(reasons: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The clauses of each code."""
    found: dict[str, list[str]] = {}
    for reason in reasons:
        found.setdefault(reason["code"], []).append(reason["clause"])
    return found


def granted(cast: Cast, dataset: str, *purpose: str) -> str:
    kim = cast.people["nuri/kim"]
    asked = kim.json("request", "submit", dataset, *purpose, "--mode", "download", "--days", "30", "--project", "P")
    return str(cast.approve(asked["id"], *VOTERS)["grant"]["id"])


def test_a_denied_purpose_with_all_its_reasons(cast: Cast, conditions: str) -> None:
    ask = (
        "--purpose",
        "health-research",
        "--commercial",
        "--training",
        "--country",
        "US",
        "--linking",
        "--mode",
        "download",
    )
    kim = cast.people["nuri/kim"]
    before = cast.heights()
    error = kim.refused("POLICY_DENIES", "request", "submit", conditions, *ask, "--days", "300", "--project", "A model")
    assert codes(error["details"]) == {
        "LIMIT_NOT_MET": [f"use[0].limits[{i}]" for i in range(4)],
        "DURATION_TOO_LONG": ["use[0].limits[4]"],
        "USE_NOT_PERMITTED": ["use[1]"],
        "LINKING_NEEDS_REVIEW": ["purpose.linking"],
    }
    shown = kim.run("policy", "explain", conditions, *ask, exit_code=DENY).stdout
    assert "commercial use is excluded, whoever the user is" in shown
    assert "use[1]" in shown
    assert cast.heights() == before


def test_what_is_only_claimed_is_for_people(cast: Cast, conditions: str) -> None:
    letter = (
        "--ethics-board", "IRB of Nuri", "--ethics-number", "2026-11", "--ethics-hash", TERMS,
        "--ethics-until", "2036-01-01T00:00:00Z",
    )  # fmt: skip
    ask = ("--purpose", "health-research", "--country", "KR", *letter, "--mode", "download")
    kim = cast.people["nuri/kim"]
    decision = kim.json("explain", conditions, *ask, "--days", "90", exit_code=REVIEW)
    assert decision["claimed"] == ["commercial", "methods_development", "training", "countries", "ethics"]
    submit = ("request", "submit", conditions, *ask, "--days", "90", "--project", "A cohort")
    assert kim.refused("TERMS_NOT_ACCEPTED", *submit)["field"] == "accepted_terms"
    kim.refused("TERMS_NOT_ACCEPTED", *submit, "--accept-terms", "0" * 64)
    asked = kim.json(*submit, "--accept-terms", TERMS)
    shown = cast.people["hanbit/d-1"].run("request", "show", asked["id"]).stdout
    assert "the rules say          review\n" in shown
    assert "only claimed           commercial, methods_development, training, countries, ethics\n" in shown
    grant = cast.approve(asked["id"], *VOTERS)["grant"]
    obligations = grant["body"]["obligations"] if "body" in grant else grant["obligations"]
    assert "publish-results" in obligations
    assert any(it.startswith("no-publication-before ") for it in obligations)
    check = ("check", conditions, "--for", "nuri/kim", "--purpose", "health-research", "--mode", "download")
    assert kim.json(*check, "--country", "KR")["decision"] == "permit"
    # what was granted for one country is not permitted without saying where
    assert "PURPOSE_NOT_COVERED" in codes(kim.json(*check, exit_code=DENY)["reasons"])


def test_a_page_that_changes_behind_its_link_is_noticed(cast: Cast, tmp_path: Path) -> None:
    page = tmp_path / "terms.html"
    page.write_text("No copies.\n")
    kim = cast.people["nuri/kim"]

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/terms.html"
            terms = f'terms: {{url: "{url}", sha256: {sha256(page.read_bytes()).hexdigest()}}}\n'
            dataset = published(cast, "linked", HEALTH + terms)
            assert kim.run("policy", "verify", dataset).stdout == f"same: terms, {url}\n"
            # what one has read is named by its file
            ask = ("--purpose", "health-research", "--mode", "download", "--days", "30", "--project", "P")
            kim.json("request", "submit", dataset, *ask, "--accept-terms", str(page))
            page.write_text("Copies are fine.\n")
            changed = kim.run("policy", "verify", dataset, exit_code=DIFFERS).stdout
            assert f"changed: terms, {url}\n" in changed
            kim.refused("TERMS_NOT_ACCEPTED", "request", "submit", dataset, *ask, "--accept-terms", str(page))
        finally:
            server.shutdown()
    assert kim.run("policy", "verify", dataset, exit_code=UNREACHABLE).stdout.startswith("unreachable: terms, ")


def test_the_user_is_known_by_enrolment(cast: Cast, conditions: str) -> None:
    disease = ("--purpose", "disease", "--disease", "ICD10:C54.1", "--mode", "enclave")
    assert cast.people["nuri/kim"].json("explain", conditions, *disease)["decision"] == "permit"
    assert cast.people["nuri/lee"].json("explain", conditions, *disease, exit_code=DENY)["decision"] == "deny"


def test_a_narrowed_policy_ends_a_grant(cast: Cast, tmp_path: Path) -> None:
    dataset = published(cast, "narrowing", HEALTH)
    breast, lung = (
        ("--purpose", "disease", "--disease", "ICD10:C50"),
        ("--purpose", "disease", "--disease", "ICD10:C34"),
    )
    kept, ended = granted(cast, dataset, *breast), granted(cast, dataset, *lung)
    kim, steward = cast.people["nuri/kim"], cast.people["hanbit/steward"]
    pending = kim.json(
        "request", "submit", dataset, *breast, "--mode", "download", "--days", "30", "--project", "Another"
    )["id"]

    def check(*purpose: str, exit_code: int = 0) -> Any:
        return kim.json("check", dataset, "--for", "nuri/kim", *purpose, "--mode", "download", exit_code=exit_code)

    assert check(*lung)["decision"] == "permit"
    policy = tmp_path / "policy.yaml"
    policy.write_text(HEALTH.replace("HMB", "GRU"))
    change = ("policy", "set", dataset, "--policy", str(policy), "--applies", "existing", "--yes")
    error = steward.refused("POLICY_NOT_NARROWER", *change)
    assert codes(error["details"]) == {"NOT_NARROWER": ["use[0]"]}

    policy.write_text(BREAST)
    would = steward.run("policy", "diff", dataset, str(policy)).stdout
    assert "- Permitted: health, medical or biomedical research (HMB)." in would
    assert ended[:12] in would
    assert kept[:12] not in would
    block = str(steward.json(*change)["block"])
    steward.refused("CONFLICT", "--wait-block", block, *change)  # it would change nothing
    assert check(*breast)["decision"] == "permit"
    denied = check("--wait-block", block, *lung, exit_code=DENY)
    assert "POLICY_NARROWED" in codes(denied["reasons"])
    assert (
        kim.json("grant", "list", "--dataset", dataset, "--state", "narrowed")["items"][0]["grant"]["record"]["id"]
        == ended
    )
    assert (
        kim.json("grant", "list", "--dataset", dataset, "--state", "active")["items"][0]["grant"]["record"]["id"]
        == kept
    )
    # at every institution, and the trail says what was done
    auditor = cast.people["saerom/steward"]
    answer = auditor.json(
        "--wait-block", block, "check", dataset, "--for", "nuri/kim", *lung, "--mode", "download", exit_code=DENY
    )
    assert "POLICY_NARROWED" in codes(answer["reasons"])
    assert "which applies to existing grants" in auditor.run("audit", "trail", dataset, "--json").stdout
    diff = steward.run("policy", "diff", dataset).stdout
    assert "- Permitted: health, medical or biomedical research (HMB)." in diff
    assert " is narrower than " in diff
    assert "such a policy can apply to existing grants: for that it has to be narrower than " in diff

    # a request that was under review when the policy changed has lapsed, and cannot be voted on
    voter = cast.people["hanbit/d-3"]
    voter.refused("CONFLICT", "--wait-block", block, "request", "approve", pending, "--yes")


def test_the_examples_are_sound(cast: Cast) -> None:
    steward = cast.people["hanbit/steward"]
    cast.enrol("hanbit/p-1", "privacy")
    cast.seat("hanbit/privacy", "p-1")
    for example in sorted(EXAMPLES.glob("*.yaml")):
        lint = steward.json("policy", "lint", str(example))
        assert lint["words"][0].startswith("Permitted: "), example
        assert lint["contradictions"] == lint["unmeetable"] == [], example


def test_lint_finds_what_is_wrong(cast: Cast, tmp_path: Path) -> None:
    steward = cast.people["hanbit/steward"]
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        BREAST.replace("threshold: 2", "threshold: 200").replace("ICD10:C50]", "ICD10:C50], limits: [NPU, NPUNCU]")
    )
    lint = steward.run("policy", "lint", str(policy), exit_code=REFUSED).stdout
    assert "NPUNCU says already what NPU says" in lint
    assert "hanbit/dac must give 200 approvals" in lint
    policy.write_text(BREAST.replace("DS", "XYZ"))
    assert "permission should be one of" in steward.run("policy", "lint", str(policy), exit_code=USAGE).stderr


def test_names_and_lists_that_are_not_what_they_seem(cast: Cast) -> None:
    """Separators, look-alike letters, and lists of a hundred thousand, past the checks of the files."""
    dataset = published(cast, "names", HEALTH)
    policy = load_yaml(BREAST)
    steward, kim = cast.people["hanbit/steward"], cast.people["nuri/kim"]
    before = cast.heights()
    with medconsent.connect(Contexts(steward.home).get()) as client:

        def refused(alternative: Alternative, field: str, kind: type[errors.Refused] = errors.Invalid) -> None:
            with pytest.raises(kind) as caught:
                client.policies.set(dataset, type(policy)((alternative,), policy.stages, policy.modes, 60, 60))
            if field:
                assert caught.value.field == f"policy.use[0].{field}", str(caught.value)

        def limit(**members: Any) -> Alternative:
            return Alternative("GRU", limits=(Modifier(**members),))

        refused(limit(term="IS", institutions=("nuri/kim",)), "limits[0].institutions[0]")
        refused(limit(term="IS", institutions=("nur\u0456",)), "limits[0].institutions[0]")  # a Cyrillic i
        refused(limit(term="US", persons=("nuri/kim/x",)), "limits[0].persons[0]")
        refused(limit(term="US", persons=("nuri/k\u0130m",)), "limits[0].persons[0]")
        refused(limit(term="GS", countries=("\uff2b\uff32",)), "limits[0].countries[0]")  # full-width letters
        refused(limit(term="PS", projects=("a\x00b",)), "limits[0].projects[0]")
        refused(limit(term="RS", text="cohorts\u202e"), "limits[0].text")
        refused(Alternative("DS", ("ICD10:\u0421\u0035\u0030",)), "diseases[0]")  # a Cyrillic C
        refused(Alternative("DS", ("ICD10:C58-C50",)), "diseases[0]")
        refused(Alternative("\u039dRES"), "permission")  # a Greek N
        refused(limit(term="PS", projects=tuple(f"p{n}" for n in range(30_000))), "limits[0].projects")
        refused(limit(term="PS", projects=tuple(f"p{n}" for n in range(100_000))), "", errors.TooLarge)
    with medconsent.connect(Contexts(kim.home).get()) as client:
        for purpose, field in (
            (Purpose("disease", tuple(f"ICD10:C{n}" for n in range(10, 10_000))), "purpose.diseases"),
            (Purpose("origins", countries=("KR",) * 100_000), "purpose.countries"),
            (Purpose("origins", project_id="K/1"), "purpose.project_id"),
            (Purpose("origins", sensitive=("ch\u0456ldren",)), "purpose.sensitive[0]"),
            (Purpose("\u043erigins"), "purpose.kind"),
        ):
            with pytest.raises(errors.Invalid) as caught:
                client.requests.submit(NewRequest(dataset, purpose, "download", duration=60, project="P"))
            assert caught.value.field == field
    assert cast.heights() == before
