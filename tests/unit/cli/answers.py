"""Answers of the contract, as docs/contract.md spells them, for commands that are tried without a network."""

from pathlib import Path
from typing import Any

from medconsent.data.manifest import Document
from medconsent.nouns.breakglass import BreakglassView
from medconsent.nouns.datasets import DatasetView
from medconsent.nouns.decisions import Decision
from medconsent.nouns.requests import Invitation, InvitationView, RequestView, Vote, VoteOutcome
from medconsent.policies import PolicyRecord, load_yaml
from medconsent.values.grants import Grant, GrantView
from medconsent.values.records import Page, Written
from medconsent.values.releases import Receipt, ReceiptView

EXAMPLES = Path(__file__).parents[3] / "examples"
AT = "2026-11-24T10:50:10Z"
REQUEST, GRANT, TX = "a1" * 32, "b2" * 32, "c3" * 32
DIGESTS = {"request": "d1" * 32, "version": "d2" * 32, "policy": "d3" * 32}
PERSON = {"institution": "nuri", "id": "park"}
PURPOSE = {"kind": "disease", "diseases": ["ICD10:C50"]}


def view(
    kind: str, identifier: str, body: dict[str, Any], *, owner: str = "hanbit", status: str = "final"
) -> dict[str, Any]:
    """A view of a record."""
    by = {"institution": owner, "id": "park", "roles": ["steward"]}
    change = {"action": f"{kind}.created", "at": AT, "tx": TX, "by": by}
    record = {
        "type": kind,
        "id": identifier,
        "owner": owner,
        "status": status,
        "revision": 1,
        "updated_at": AT,
        "changes": [change],
        "body": body,
    }
    return {"record": record, "key": f"{kind}/{identifier}", "digest": DIGESTS.get(kind, "d0" * 32), "sealed": True}


def request(**more: Any) -> RequestView:
    """A request of nuri/kim for hanbit/breast-cancer that waits for both stages."""
    body = {
        "dataset": "hanbit/breast-cancer",
        "version": 1,
        "version_digest": DIGESTS["version"],
        "policy_version": 1,
        "policy_digest": DIGESTS["policy"],
        "purpose": PURPOSE,
        "mode": "download",
        "duration_seconds": 7_776_000,
        "project": "which measurements?",
        "requester": {"institution": "nuri", "id": "kim"},
        "researchers": ["kim"],
        "review_until": AT,
    }
    tally = {"approvals": 0, "rejections": 0}
    waits = [
        {
            "institution": "hanbit",
            "role": "dac",
            "threshold": 2,
            "approvals": 1,
            "rejections": 0,
            "seated": 3,
            "missing": 1,
            "waits_for": ["mi", "park"],
        },
        {
            "institution": "saerom",
            "role": "ethics",
            "threshold": 1,
            **tally,
            "seated": 1,
            "missing": 1,
            "waits_for": ["yoon"],
        },
    ]
    answer = {
        "request": view("request", REQUEST, body, owner="nuri", status="open"),
        "state": "in-review",
        "waits_for": waits,
        "votes": [vote().to_json()],
    }
    return RequestView.from_json({**answer, **more})


def vote() -> Vote:
    """lee's approval."""
    digests = {f"{name}_digest": digest for name, digest in DIGESTS.items()}
    voter = {"institution": "hanbit", "id": "lee"}
    body = {
        "request": REQUEST,
        "dataset": "hanbit/breast-cancer",
        "seq": 1,
        "voter": voter,
        "role": "dac",
        "vote": "approve",
        "reason": "",
        **digests,
    }
    return Vote.from_json(view("vote", TX, body))


def grant(state: str = "active") -> GrantView:
    """kim's grant."""
    body = {
        "dataset": "hanbit/breast-cancer",
        "version": 1,
        "version_digest": DIGESTS["version"],
        "policy_version": 1,
        "policy_digest": DIGESTS["policy"],
        "request": REQUEST,
        "request_digest": DIGESTS["request"],
        "votes": [{"key": f"vote/{REQUEST}/{TX}", "digest": "d0" * 32}],
        "institution": "nuri",
        "grantees": ["kim"],
        "purpose": PURPOSE,
        "mode": "download",
        "from": AT,
        "until": "2027-02-22T10:50:10Z",
        "obligations": ["no-reidentification"],
    }
    return GrantView.from_json({"grant": view("grant", GRANT, body, status="active"), "state": state})


def dataset(document: Document | None = None) -> DatasetView:
    """hanbit/breast-cancer, with the manifest of `document`."""
    manifest = {"sha256": "e1" * 32, "bytes": 10, "jcs_sha256": "e2" * 32}
    content = {"root": "e3" * 32, "files": 1, "bytes": 2048}
    if document:
        manifest = {"sha256": document.sha256, "bytes": len(document.data), "jcs_sha256": document.jcs_sha256}
        content = {"root": document.root, "files": len(document.files), "bytes": document.size}
    version = {
        "dataset": "hanbit/breast-cancer",
        "version": 1,
        "title": "Wisconsin",
        "kinds": ["tabular"],
        "keywords": ["oncology"],
        "contact": "data@hanbit.example",
        "records": 569,
        "manifest": manifest,
        "content": content,
    }
    policy = {
        "use": [{"permission": "DS", "diseases": ["ICD10:C50"]}],
        "stages": [{"institution": "hanbit", "role": "dac", "threshold": 2}],
        "modes": ["download"],
        "max_duration_seconds": 31_536_000,
        "review_period_seconds": 2_592_000,
        "recipients": [],
        "own_institution_votes": False,
    }
    name = "hanbit/breast-cancer"
    return DatasetView.from_json(
        {
            "dataset": view("dataset", name, {"latest_version": 1, "latest_policy": 1}, status="active"),
            "version": view("version", f"{name}@1", version),
            "policy": view("policy", f"{name}#1", {"dataset": name, "version": 1, "policy": policy}),
        }
    )


def decision(word: str, code: str = "GRANT_ACTIVE") -> Decision:
    """A decision with a reason."""
    reason = {"code": code, "message": "the grant permits it", "clause": "use[0]"}
    return Decision.from_json(
        {
            "decision": word,
            "at": AT,
            "reasons": [reason],
            "obligations": ["no-reidentification"],
            "evaluated": [{"type": "grant", "id": GRANT, "digest": "d0" * 32}],
        }
    )


def written(answer: Any) -> Written[Any]:
    """A change that was committed in block 17."""
    return Written(answer, TX, 17)


def outcome(state: str = "in-review", **more: Any) -> Written[VoteOutcome]:
    """lee's approval, committed."""
    return written(VoteOutcome(vote(), state, **more))


def approved() -> Written[VoteOutcome]:
    """lee's approval, which completes the request."""
    return outcome("approved", grant=grant().grant)


def stage(**more: Any) -> dict[str, Any]:
    """What a request waits for: hanbit/dac, of which lee and park have not voted."""
    found = request().waits_for[0].to_json()
    return {**found, "since": AT, "waits_for": ["lee", "park"], **more}


def invitation() -> InvitationView:
    """lee is asked by park for an opinion."""
    body = {
        "request": REQUEST,
        "dataset": "hanbit/ct",
        "inviter": PERSON,
        "reviewer": {"institution": "hanbit", "id": "lee"},
        "question": "sound?",
    }
    return InvitationView(Invitation.from_json(view("invitation", "f6" * 32, body)), False)


def breakglass(state: str = "proposed", **more: Any) -> BreakglassView:
    """lee's proposal that kim of nuri sees hanbit/ct for twelve hours."""
    body = {
        "dataset": "hanbit/ct",
        "version": 1,
        "version_digest": "d2" * 32,
        "institution": "nuri",
        "people": ["kim"],
        "purpose": {"kind": "clinical-care"},
        "mode": "enclave",
        "duration_seconds": 43_200,
        "reason": "an emergency",
        "proposed_by": {"institution": "hanbit", "id": "lee"},
    }
    record = view("breakglass", "e5" * 32, body, status="proposed")
    return BreakglassView.from_json({"breakglass": record, "state": state, **more})


def breakglass_grant() -> Grant:
    """The grant that the break-glass made."""
    made = grant().grant.to_json()
    made["record"]["body"] |= {"breakglass": "e5" * 32}
    return Grant.from_json(made)


def reason(**members: Any) -> dict[str, Any]:
    """Why a policy does not permit something."""
    return {"code": "LIMIT_NOT_MET", "message": "commercial use is excluded", "clause": "use[0].limits[0]", **members}


def written_policy(file: str, **more: Any) -> Written[PolicyRecord]:
    """The policy in `file`, committed as the second of a/b."""
    body = {"dataset": "a/b", "version": 2, "policy": load_yaml(Path(file)).to_json(), **more}
    return Written(PolicyRecord.from_json(view("policy", "a/b#2", body, owner="a")), TX, 7)


def receipt(status: str = "open", **more: Any) -> Receipt:
    """A receipt of two files for nuri/kim, under `grant`."""
    body = {
        "dataset": "hanbit/breast-cancer", "version": 1, "version_digest": DIGESTS["version"],
        "files": {"root": "9f" * 32, "count": 2, "bytes": 124_103}, "grant": GRANT,
        "person": {"institution": "nuri", "id": "kim"}, "delivery": "8e" * 32, "archive": "c7" * 32,
        "mode": "download", "asked": {"at": AT, "key": "8e" * 32, "signature": "AAAA"}, **more,
    }  # fmt: skip
    return Receipt.from_json(view("receipt", "c8" * 32, body, status=status))


def receipts(*states: str) -> list[ReceiptView]:
    """A receipt in each of these states."""
    return [ReceiptView(receipt(state, sent=None if state == "open" else 124_888), state) for state in states]


def page(*items: Any) -> Page[Any]:
    """The only page of a list."""
    return Page(tuple(items))
