"""The sample of the histories: who there is, what they ask for, and the arguments that need nothing from the ledger."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from model_observer import DATASET
from model_values import DAY

Act = tuple[str, dict[str, Any]]
"""A transaction and its argument."""

LATEST = 240
"""How many seconds the clocks of people are off at most: the contract tolerates five minutes."""
BEGIN = int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp())


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def written(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


# People.

COMMITTEES = {
    "hanbit/dac": ("a", "b", "c"),
    "hanbit/privacy": ("p", "q"),
    "saerom/ethics": ("e-1", "e-2"),
    "nuri/ethics": ("n-1", "n-2"),
}
DEPUTIES = {"hanbit/dac": "d", "saerom/ethics": "e-d", "nuri/ethics": "kim"}
"""Who can vote for a member; the last one is no help for their own request."""
RESEARCHERS = ("nuri/kim", "nuri/lee")
STEWARD, PRIVACY, OTHER_PRIVACY = "hanbit/s:steward", "hanbit/p:privacy", "hanbit/q:privacy"
CHAIR, SECOND = "chair:operator,privacy,steward", "second:operator,privacy,steward"
"""Two officers of each institution who do nothing else: the one names others, the second confirms what they do."""
OFFICERS = {"hanbit": (CHAIR, SECOND, "s:steward", "p:privacy", "q:privacy")}
OF_OTHERS = (CHAIR, SECOND, "s:steward")

# Uses and policies.

TERMS = {"url": "https://hanbit.example/terms", "sha256": digest("terms")}
MODES = ("download", "enclave")
C50 = {"permission": "DS", "diseases": ["ICD10:C50"]}
JUDGED = {"permission": "DS", "diseases": ["KCD8:C50"]}
"""Whether a disease of ICD-10 lies under this one is for people to judge."""
USES: list[list[dict[str, Any]]] = [[{"permission": "GRU"}], [{"permission": "HMB"}], [C50], [JUDGED]]
PURPOSES: list[dict[str, Any]] = [
    {"kind": "disease", "diseases": ["ICD10:C50.1"]},
    {"kind": "disease", "diseases": ["ICD10:C50"]},
    {"kind": "health-research"},
    {"kind": "general-research"},
]
DAC, ETHICS, BOARD = "hanbit/dac", "saerom/ethics", "hanbit/privacy"
OF_REQUESTER = {"of": "requester", "role": "ethics", "threshold": 1, "attests": False}


def stage(committee: str, threshold: int = 1, **more: Any) -> dict[str, Any]:
    institution, _, role = committee.partition("/")
    return {"institution": institution, "role": role, "threshold": threshold, **more}


STAGES: list[list[dict[str, Any]]] = [
    [stage(DAC)],
    [stage(DAC, 2)],
    [stage(DAC), stage(ETHICS)],
    [stage(DAC, 2), stage(ETHICS, step=2)],
    [stage(ETHICS), stage(DAC, step=2)],
    [stage(DAC), OF_REQUESTER],
    [{"institution": "hanbit", "role": "dac", "rule": "majority"}],
    [stage(DAC), stage(BOARD)],
]


def policy(stages: int = 0, uses: int = 0, **more: Any) -> dict[str, Any]:
    """A policy by the numbers of its stages and uses."""
    return {
        "use": USES[uses],
        "stages": STAGES[stages],
        "modes": list(MODES),
        "max_duration_seconds": 90 * DAY,
        "review_period_seconds": 10 * DAY,
        "recipients": [],
        "own_institution_votes": False,
        **more,
    }


ASKED: list[tuple[str, int, dict[str, Any], str]] = [
    ("nuri/kim", 1, PURPOSES[0], "download"),
    ("nuri/kim", 1, PURPOSES[2], "download"),
    ("nuri/kim", 1, PURPOSES[0], "enclave"),
    ("nuri/lee", 1, PURPOSES[0], "download"),
    ("nuri/lee", 2, PURPOSES[0], "download"),
    ("nuri/kim", 2, PURPOSES[0], "download"),
]
"""The uses that `check` is asked about: by whom, of which version, what for and how."""

# Arguments.

BASIS, COHORT = "hanbit/letter", "hanbit/people"
EPOCH: dict[str, Any] = {
    "root": digest("people"),
    "people": "100-999",
    "law": {"code": "KR-BIOETHICS-CONSENT"},
    "wording": {"url": "https://hanbit.example/consent", "sha256": digest("wording")},
}


def seat(committee: str, people: Sequence[str], until: str = "") -> Act:
    members = [{"id": id, **({"until": until} if until else {})} for id in people]
    return "committee.set", {"role": committee.partition("/")[2], "members": members}


def publish(version: int, **more: Any) -> Act:
    return "dataset.publish", {
        "slug": DATASET.partition("/")[2],
        "title": "Tables",
        "kinds": ["tabular"],
        "contact": "data@hanbit.example",
        "manifest": {"text": "{}"},
        "content": {"root": digest(f"root {version}"), "files": 2, "bytes": 1000},
        **more,
    }


def state_basis(uses: int = 0) -> Act:
    return "basis.set", {
        "slug": BASIS.partition("/")[2],
        "code": "KR-BIOETHICS-EXEMPTION",
        "document": {"title": "A letter", "sha256": digest("letter")},
        "notice": {
            "url": "https://hanbit.example/notice",
            "sha256": digest("notice"),
            "published_at": "2026-01-01T00:00:00Z",
        },
        "objection": {"url": "https://hanbit.example/object"},
        "purposes": USES[uses],
    }


def begin_consent() -> Act:
    slug = COHORT.partition("/")[2]
    said = {**EPOCH, "withdrawn": "none", "use": USES[0]}
    return "consent.begin", {"slug": slug, "title": "People", "batch_seconds": 1, **said}


def statement(k: int) -> dict[str, Any]:
    table = {
        "name": "visits",
        "quasi_identifiers": ["age"],
        "sensitive": [],
        "k": k,
        "records_band": "100-999",
        "released_before": [],
    }
    return {
        "law": "KR-PIPA",
        "term": "pseudonymous",
        "methods": [{"method": "replace names", "tool": "own", "tool_version": "1"}],
        "tables": [table],
        "residual_risk": "rare diagnoses",
        "report": {"sha256": digest("report")},
    }
