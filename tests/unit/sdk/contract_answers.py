"""Records as the contract answers them, and a contract that gives them (docs/contract.md)."""

import hashlib

import rfc8785
from fake_gateway import AT, FakeGateway, digest, view

REQUEST, GRANT = digest("request"), digest("grant")
POLICY = {
    "use": [{"permission": "DS", "diseases": ["ICD10:C50"]}, {"permission": "HMB"}],
    "stages": [{"institution": "hanbit", "role": "dac", "threshold": 2}],
    "modes": ["download"],
    "max_duration_seconds": 86400,
    "review_period_seconds": 3600,
    "recipients": [],
    "own_institution_votes": False,
}
DATASET = {
    "dataset": view("dataset", "hanbit/bc", "hanbit", latest_version=2, latest_policy=3),
    "version": view(
        "version",
        "hanbit/bc@2",
        "hanbit",
        "final",
        dataset="hanbit/bc",
        version=2,
        title="Breast cancer",
        kinds=["tabular"],
        keywords=[],
        contact="data@hanbit.example",
        records=569,
        manifest={"sha256": digest("m"), "bytes": 10, "jcs_sha256": digest("j")},
        content={"root": digest("r"), "files": 1, "bytes": 5},
    ),
    "policy": view("policy", "hanbit/bc#3", "hanbit", "final", dataset="hanbit/bc", version=3, policy=POLICY),
}
STAGES = [
    {
        "institution": name,
        "role": role,
        "threshold": 1,
        "approvals": 0,
        "rejections": 0,
        "recused": 0,
        "seated": 2,
        "missing": 1,
        "step": 1,
        "open": True,
        "since": AT,
        "waits_for": ["lee", "park"],
    }
    for name, role in (("hanbit", "dac"), ("hanbit", "privacy"), ("saerom", "ethics"))
]
REQUEST_VIEW = {
    "request": view(
        "request",
        REQUEST,
        "nuri",
        "open",
        dataset="hanbit/bc",
        version=2,
        version_digest=digest("hanbit/bc@2"),
        policy_version=3,
        policy_digest=digest("hanbit/bc#3"),
        purpose={"kind": "disease", "diseases": ["ICD10:C50"]},
        mode="download",
        duration_seconds=7200,
        project="Screening",
        requester={"institution": "nuri", "id": "kim"},
        researchers=["kim"],
        review_until=AT,
    ),
    "state": "in-review",
    "waits_for": STAGES,
    "votes": [],
    "remarks": [],
    "invitations": [],
}
VOTE = view(
    "vote",
    digest("vote"),
    "hanbit",
    "final",
    request=REQUEST,
    dataset="hanbit/bc",
    seq=1,
    voter={"institution": "hanbit", "id": "lee"},
    role="dac",
    vote="approve",
    request_digest=digest(REQUEST),
    version_digest=digest("hanbit/bc@2"),
    policy_digest=digest("hanbit/bc#3"),
    rosters=[{"committee": "hanbit/dac", "changes": 1, "digest": digest("r")}],
)
GRANT_RECORD = view(
    "grant",
    GRANT,
    "hanbit",
    dataset="hanbit/bc",
    version=2,
    version_digest=digest("hanbit/bc@2"),
    policy_version=3,
    policy_digest=digest("hanbit/bc#3"),
    request=REQUEST,
    request_digest=digest(REQUEST),
    votes=[{"key": "vote/x", "digest": digest("vote")}],
    judged=[{"type": "basis", "id": "hanbit/research", "digest": digest("research")}],
    institution="nuri",
    grantees=["kim"],
    purpose={"kind": "health-research"},
    mode="download",
    **{"from": AT, "until": AT},
    obligations=["no-reidentification"],
)
DELEGATION = view(
    "delegation",
    digest("delegation"),
    "hanbit",
    institution="hanbit",
    role="dac",
    member="lee",
    deputy="choi",
    **{"from": "2020-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"},
)
GIVEN = {"delegation": DELEGATION, "state": "active"}
EMERGENCY = view(
    "breakglass",
    digest("breakglass"),
    "hanbit",
    "proposed",
    dataset="hanbit/bc",
    version=2,
    version_digest=digest("v"),
    institution="nuri",
    people=["kim"],
    purpose={"kind": "clinical-care"},
    mode="enclave",
    duration_seconds=43200,
    reason="an emergency",
    proposed_by={"institution": "hanbit", "id": "p-1"},
    roster={"committee": "hanbit/privacy", "changes": 1, "digest": digest("r")},
)
OUTCOME = {"vote": VOTE["record"], "state": "in-review"}
USAGE_INFO = {"@type": ["odrl:Offer"], "sc:name": "한국"}

OFFER = {"usage_info": USAGE_INFO, "sha256": hashlib.sha256(rfc8785.dumps(USAGE_INFO)).hexdigest()}

# Changes answer bare records, questions answer views.
PUBLISHED = {name: part["record"] for name, part in DATASET.items()}


class Contract:
    """Answers by function; a list is the pages of a list."""

    def __init__(self, **answers):
        self.answers = {name.replace("__", "."): answer for name, answer in answers.items()}

    def __call__(self, function, argument):
        answer = self.answers[function]
        if isinstance(answer, Exception):
            raise answer
        return answer.pop(0) if isinstance(answer, list) else answer


def gateway(**answers):
    return FakeGateway(Contract(**answers))


def only(fake: FakeGateway):
    (asked,) = fake.changes()
    return asked


PROPOSAL = view(
    "proposal",
    digest("proposal"),
    "hanbit",
    "proposed",
    institution="hanbit",
    function="policy.set",
    argument="{}",
    widens=["use by anybody"],
    proposed_by={"institution": "hanbit", "id": "steward"},
)
PROPOSAL_VIEW = {"proposal": PROPOSAL, "state": "proposed", "confirm_until": AT}
PERSON_KEY = view(
    "person",
    digest("announced"),
    "hanbit",
    "announced",
    institution="hanbit",
    person="lee",
    fingerprint=digest("key"),
    public_key="MFkw",
)
