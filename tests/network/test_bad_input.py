"""Bad input, tried on purpose, through the program and on a real network.

Each gets its code, and the ledger stays as it was.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import load
import pytest
from people import DONE, REFUSED, UNKNOWN, UNREACHABLE, USAGE, Person, Ran
from scenario import POLICY, Cast

DATASET = "hanbit/bad-input"
SUBMIT = (
    "request", "submit", DATASET, "--purpose", "disease", "--disease", "ICD10:C50",
    "--mode", "download", "--days", "30",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def dataset(cast: Cast) -> None:
    """A small dataset of hanbit, asked for throughout."""
    data = cast.folder / "bad-input"
    data.mkdir()
    (data / "table.csv").write_text("age,stage\n50,2\n61,1\n")
    cast.publish("bad-input", data)


@contextmanager
def nothing_written(cast: Cast) -> Iterator[None]:
    """No block is added while the body runs: whatever it tried was refused before ordering."""
    before = cast.heights()
    yield
    assert cast.heights() == before


def test_wrong_role(cast: Cast) -> None:
    with nothing_written(cast):
        cast.people["nuri/kim"].refused("FORBIDDEN", "committee", "set", "dac", "--member", "kim-2", "--yes")
        cast.people["hanbit/d-1"].refused("FORBIDDEN", *SUBMIT, "--project", "Mine")


def test_a_role_without_a_seat_is_no_vote(cast: Cast) -> None:
    """A registrar can give anybody the role; the roster is the steward's."""
    request = cast.submit("nuri/kim", DATASET)
    minted = cast.enrol("hanbit/minted", "dac")
    with nothing_written(cast):
        minted.refused("FORBIDDEN", "request", "approve", request, "--yes")


def test_a_steward_does_not_seat_themself(cast: Cast) -> None:
    both = cast.enrol("hanbit/both", "steward", "dac")
    with nothing_written(cast):
        both.refused("FORBIDDEN", "committee", "set", "dac", "--member", "d-1", "--member", "both", "--yes")


def test_a_name_that_nobody_has_takes_and_gives_no_seat(cast: Cast) -> None:
    steward = cast.people["hanbit/steward"]
    with nothing_written(cast):
        shown = steward.run("committee", "remove", "dac", "d-11", exit_code=REFUSED)
        assert "did you mean d-1?" in shown.stderr
        steward.refused("CONFLICT", "committee", "remove", "dac", "d-11", "--yes")
        ghost = steward.refused("NOT_FOUND", "committee", "add", "dac", "d-11")
        assert "d-11" in ghost["message"]
        steward.refused("NOT_FOUND", "committee", "set", "dac", "--member", "d-1", "--member", "d-22", "--yes")


def test_the_same_manifest_again_is_no_other_version(cast: Cast, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "table.csv").write_text("a\n1\n")
    cast.publish("twice", data)
    again = ("--manifest", str(cast.folder / "twice.croissant.json"), "--contact", "data-access@hanbit.example")
    with nothing_written(cast):
        error = cast.people["hanbit/steward"].refused(
            "CONFLICT", "dataset", "publish", "twice", *again, "--kind", "tabular", "--keyword", "oncology"
        )
    assert "policy set" in error["hint"]


def test_who_has_returned_a_request_votes_once_it_was_amended(cast: Cast) -> None:
    request = cast.submit("nuri/kim", DATASET)
    member = cast.people["hanbit/d-1"]
    member.run("request", "return", request, "--reason", "Which stages?", "--yes")
    with nothing_written(cast):
        error = member.refused("RETURNED", "request", "approve", request, "--yes")
    assert "medconsent request amend" in error["hint"]
    cast.people["nuri/kim"].run("request", "amend", request, "--project", "Stages 1 and 2", "--yes")
    assert member.json("request", "approve", request, "--yes")["state"] == "in-review"


def test_another_institutions_dataset(cast: Cast, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    foreign = cast.people["saerom/steward"]
    with nothing_written(cast):
        foreign.refused("FORBIDDEN", "policy", "set", DATASET, "--policy", str(policy), "--yes")


def test_votes(cast: Cast) -> None:
    """A second vote, with a second certificate too; the requester's; one after the decision."""
    request = cast.submit("nuri/kim", DATASET)
    cast.approve(request, "hanbit/d-1")
    again = cast.people["hanbit/d-1"]
    with nothing_written(cast):
        again.refused("ALREADY_VOTED", "request", "approve", request, "--yes")
    again.run("identity", "reenroll")
    with nothing_written(cast):
        again.refused("ALREADY_VOTED", "request", "reject", request, "--reason", "With a second certificate", "--yes")
    both = cast.enrol("nuri/both", "researcher", "ethics")
    with nothing_written(cast):
        both.refused("FORBIDDEN", "request", "approve", request, "--role", "ethics", "--yes")
    cast.approve(request, "hanbit/d-2", "saerom/e-1")
    with nothing_written(cast):
        cast.people["saerom/e-2"].refused("DECIDED", "request", "reject", request, "--reason", "Too late", "--yes")


def test_the_requester_does_not_vote(cast: Cast, tmp_path: Path) -> None:
    """Someone of hanbit who sits on its committee asks for hanbit's own dataset."""
    insider = cast.enrol("hanbit/insider", "researcher", "dac")
    steward = cast.people["hanbit/steward"]
    members = ("d-1", "d-2", "d-3", "insider")
    steward.run("committee", "set", "dac", *(part for m in members for part in ("--member", m)), "--yes")
    data = tmp_path / "data"
    data.mkdir()
    (data / "table.csv").write_text("a\n1\n")
    cast.publish("own", data, policy=POLICY + "own_institution_votes: true\n")
    request = cast.submit("hanbit/insider", "hanbit/own")
    with nothing_written(cast):
        insider.refused("OWN_REQUEST", "request", "approve", request, "--role", "dac", "--yes")


def test_a_grant_past_its_limit(cast: Cast) -> None:
    with nothing_written(cast):
        error = cast.people["nuri/kim"].refused(
            "LIMIT_EXCEEDED", "request", "submit", DATASET, "--purpose", "disease", "--disease", "ICD10:C50",
            "--mode", "download", "--days", "366", "--project", "A long one",
        )  # fmt: skip
    assert "duration" in error["field"]


def test_a_purpose_the_policy_denies(cast: Cast) -> None:
    with nothing_written(cast):
        error = cast.people["nuri/kim"].refused(
            "POLICY_DENIES", "request", "submit", DATASET, "--purpose", "general-research",
            "--mode", "enclave", "--days", "30", "--project", "Anything at all",
        )  # fmt: skip
    reasons = {detail["code"] for detail in error["details"]}
    assert len(reasons) >= 2, f"all reasons are told, not only the first: {reasons}"


def test_unknown_and_ambiguous_ids(cast: Cast) -> None:
    kim: Person = cast.people["nuri/kim"]
    with nothing_written(cast):
        kim.refused("NOT_FOUND", "request", "show", "f" * 64)
        kim.refused("NOT_FOUND", "dataset", "show", "hanbit/nothing-here")
        kim.refused("INVALID", "request", "show", "../../grant")
        kim.refused("INVALID", "dataset", "show", "hanbit/bad-input/x")
        looks_alike = kim.run("--json", "dataset", "show", "hanbit/b\u0430d-input", exit_code=USAGE)
        assert "Its 9th letter is U+0430 CYRILLIC SMALL LETTER A" in looks_alike.error["message"]


@pytest.mark.parametrize(
    ("manifest", "where"),
    [
        (b'{"name": "cut off', "1:10"),
        (b'{"name": "twice", "name": "again"}', "'name'"),
        (b"[]", "Croissant"),
    ],
    ids=["malformed", "duplicate member", "not an object"],
)
def test_manifests_that_cannot_be_read(cast: Cast, tmp_path: Path, manifest: bytes, where: str) -> None:
    """Nothing is sent; the place is told."""
    with nothing_written(cast):
        ran = publish(cast, tmp_path, manifest, exit_code=USAGE)
    assert ran.error["code"] == "DOCUMENT"
    assert where in ran.error["message"]


def test_a_manifest_of_10_mb(cast: Cast, tmp_path: Path) -> None:
    """How much stands on the ledger is the contract's rule: it is asked, and refuses."""
    described = json.loads((cast.folder / "bad-input.croissant.json").read_text())
    described["description"] = "x" * 10_000_000
    with nothing_written(cast):
        ran = publish(cast, tmp_path, json.dumps(described).encode(), exit_code=REFUSED)
    assert ran.error["code"] == "TOO_LARGE"


def publish(cast: Cast, folder: Path, manifest: bytes, exit_code: int) -> Ran:
    path, policy = folder / "manifest.json", folder / "policy.yaml"
    path.write_bytes(manifest)
    policy.write_text(POLICY)
    return cast.people["hanbit/steward"].run(
        "--json", "dataset", "publish", "bad", "--manifest", str(path), "--policy", str(policy), "--title", "Bad",
        "--contact", "data-access@hanbit.example", "--kind", "tabular", exit_code=exit_code,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("  - {institution: saerom, role: ethics, threshold: 3}", "two sit on the board"),
        ("  - {institution: nuri, role: dac, threshold: 1}", "no such committee"),
        ("  - {institution: nowhere, role: dac, threshold: 1}", "no such institution"),
    ],
)
def test_a_policy_that_can_never_be_met(cast: Cast, tmp_path: Path, line: str, why: str) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY.replace("  - {institution: saerom, role: ethics, threshold: 1}", line))
    with nothing_written(cast):
        cast.people["hanbit/steward"].refused(
            "POLICY_UNMEETABLE", "policy", "set", DATASET, "--policy", str(policy), "--yes"
        )


def test_yaml_that_means_something_else(cast: Cast, tmp_path: Path) -> None:
    """A duplicate key is refused before anything is sent, with its line."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY + "modes: [enclave]\n")
    with nothing_written(cast):
        ran = cast.people["hanbit/steward"].run("policy", "set", DATASET, "--policy", str(policy), exit_code=USAGE)
    assert "modes" in ran.stderr


def test_secrets_are_not_arguments(cast: Cast) -> None:
    profile = str(cast.network.home("nuri").path / "connection.json")
    person = Person("nuri/nobody", cast.folder / "nobody")
    wrong = cast.folder / "wrong.secret"
    wrong.write_text("not the secret\n")
    enroll = ("identity", "enroll", "nobody", "--profile", profile)
    person.run(*enroll, "--secret", "x", exit_code=USAGE)
    ran = person.run("--json", *enroll, "--secret-file", str(wrong), exit_code=REFUSED)
    assert "not the secret" not in ran.stdout + ran.stderr
    assert json.loads(ran.stderr)["error"]["message"]


def test_a_stopped_peer(cast: Cast) -> None:
    """One's own peer is down: nothing was committed, said so; the other institutions go on."""
    kim = cast.people["nuri/kim"]
    before = cast.heights()["hanbit"]
    cast.network.stop("nuri", "peer")
    try:
        kim.refused("UNREACHABLE", *SUBMIT, "--project", "While my peer is down", exit_code=UNREACHABLE)
        assert cast.heights()["hanbit"] == before
        # a rejection, a lapse or a revocation needs nobody of the requester's institution
        cast.people["hanbit/d-1"].run("dataset", "list")
    finally:
        cast.network.start("nuri", "peer")
        cast.network.wait_ready()


def test_the_requesters_stopped_peer_holds_nothing_back(cast: Cast) -> None:
    """Rejection and revocation go through while the requester's institution is down."""
    granted = cast.submit("nuri/kim", DATASET)
    grant = cast.approve(granted, "hanbit/d-1", "hanbit/d-2", "saerom/e-1")["grant"]["id"]
    refused = cast.submit("nuri/kim", DATASET)
    cast.network.stop("nuri", "peer")
    try:
        for member in ("saerom/e-1", "saerom/e-2"):
            cast.people[member].run("request", "reject", refused, "--reason", "The board has doubts", "--yes")
        newest = str(cast.network.heights()["saerom"] - 1)
        shown = cast.people["hanbit/d-1"].json("--wait-block", newest, "request", "show", refused)
        assert shown["state"] == "rejected"
        cast.people["hanbit/steward"].run("grant", "revoke", grant, "--reason", "Withdrawn by the owner", "--yes")
    finally:
        cast.network.start("nuri", "peer")
        cast.network.wait_ready()


def test_stopped_orderers(cast: Cast) -> None:
    """Without a quorum of orderers a submission ends as not known, never as done, and takes effect once at most."""
    kim = cast.people["nuri/kim"]
    stopped = cast.network.institutions[1:]
    for institution in stopped:
        cast.network.stop(institution, "orderer")
    try:
        ran = kim.run("--json", "--timeout", "10", *SUBMIT, "--project", "Without a quorum", exit_code=UNKNOWN)
        transaction = ran.error["transaction_id"]
        assert transaction in ran.error["hint"]
    finally:
        for institution in stopped:
            cast.network.start(institution, "orderer")
        cast.network.wait_ready()
    # and how to find out: an orderer may still have had it, so both ends are possible, and each is said as what it is
    cast.submit("nuri/kim", DATASET)  # the network is back; what was left in the orderers' queues is in a block by now
    status = kim.run("--json", "transaction", "status", transaction, exit_code=None)
    assert (status.json["outcome"], status.exit_code) in {("committed", DONE), ("unknown", UNKNOWN)}
    with load.client_of(cast.network, "nuri") as client:
        blocks = list(client._session.channel.blocks(0))
    found = [one.valid for block in blocks for one in block.decoded() if one.transaction_id == transaction]
    assert sum(found) == (status.json["outcome"] == "committed"), found
