"""Private text among four institutions: two may see it, and the other two never hold it, anywhere.

What is looked for is random, so that no compression hides it, and it must be found where it belongs: else not finding
it elsewhere would say nothing.
"""

import base64
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from networks import running
from people import REFUSED, UNKNOWN
from scenario import Cast

from medconsent_network.consortium import Consortium
from medconsent_network.spec import Spec, parse

FOURTH = """\
- name: onnuri
  title: Onnuri Clinic
  country: KR
  host: 127.0.0.1
  port_base: 7400
"""
PARTIES, OTHERS = ("hanbit", "nuri"), ("saerom", "onnuri")


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Cast]:
    """A consortium of four, with its people."""
    folder = tmp_path_factory.mktemp("four")
    with running(folder / "network", parse(sample_consortium.to_yaml() + FOURTH)) as network:
        cast = Cast(network, folder / "cast")
        cast.folder.mkdir()
        cast.assemble()
        yield cast


def spellings(text: str) -> list[bytes]:
    """The text, as bytes, hex and base64 at each of the three alignments."""
    raw = text.encode()
    shifted = [base64.b64encode(b" " * shift + raw)[4:-4] for shift in range(3)]
    return [raw, raw.hex().encode(), raw.hex().upper().encode(), *shifted]


def holding(network: Consortium, institution: str, text: str) -> list[Path]:
    """The files in an institution's home (state, blocks, transient store, logs, all of it) that hold the text."""
    found = []
    wanted = spellings(text)
    for file in network.home(institution).path.rglob("*"):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            if any(spelling in content for spelling in wanted):
                found.append(file)
    return found


def test_no_other_peer_ever_holds_it(four: Cast, tmp_path: Path) -> None:
    text = secrets.token_hex(300)
    data = tmp_path / "data"
    data.mkdir()
    (data / "t.csv").write_text("a\n1\n")
    four.publish("private", data)
    kim, steward = four.people["nuri/kim"], four.people["hanbit/steward"]
    description = tmp_path / "description.txt"
    description.write_text(text)
    block = str(four.network.heights()["hanbit"] - 1)
    ran = kim.run(
        "--json", "--wait-block", block, "request", "submit", "hanbit/private", "--purpose", "disease", "--disease",
        "ICD10:C50", "--mode", "download", "--days", "30", "--project", "Public words", "--description",
        str(description),
    )  # fmt: skip
    assert text not in ran.stdout + ran.stderr
    request = ran.json
    (kept,) = request["texts"]
    commitment = kept["commitment"]
    names = ("text", "show", request["id"], "--commitment", commitment)

    # where it belongs
    for person in (kim, four.people["hanbit/d-1"]):
        shown = person.json("--wait-block", str(kept["block"]), *names)
        assert shown["text"] == text
    for institution in PARTIES:
        assert holding(four.network, institution, text), institution

    # and nowhere else: not in state, blocks, transient store, logs; asked for, it is refused or not there
    for institution in OTHERS:
        assert not holding(four.network, institution, text), institution
    ethics = four.people["saerom/e-1"]
    ran = ethics.run("--json", "--wait-block", str(kept["block"]), *names, exit_code=REFUSED)
    assert ran.error["code"] in {"FORBIDDEN", "NOT_FOUND"}
    assert text not in json.dumps(steward.json("audit", "trail", "hanbit/private"))
    assert text not in json.dumps(steward.json("request", "show", request["id"]))

    # amended: the new text takes the place of the former, which can still be read
    anew = secrets.token_hex(300)
    description.write_text(anew)
    amended = kim.json("request", "amend", request["id"], "--description", str(description), "--yes")
    (now,) = amended["texts"]
    block = str(now["block"])
    for shown, which in ((anew, now["commitment"][:8]), (text, commitment)):
        for person in (kim, four.people["hanbit/d-1"]):
            read = person.json("--wait-block", block, "text", "show", request["id"], "--commitment", which)
            assert read["text"] == shown
    assert kim.json("text", "show", request["id"])["text"] == anew
    for institution in OTHERS:
        assert not holding(four.network, institution, anew), institution
    told = steward.run("--wait-block", block, "request", "show", request["id"]).stdout
    assert f"description: {commitment} (replaced)\n" in told
    assert f"description: {now['commitment']}\n" in told

    # purged by each side for itself, the other keeps its copy until then; the commitment stays
    four.network.stop("hanbit", "peer")
    try:
        purged = kim.json("text", "purge", request["id"], "--commitment", commitment, "--yes")
        kim.refused("NOT_FOUND", "--wait-block", str(purged["block"]), *names)
    finally:
        four.network.start("hanbit", "peer")
    member, privacy = four.people["hanbit/d-1"], four.people["hanbit/p-1"]
    assert member.json("--wait-block", str(purged["block"]), *names)["text"] == text
    purged = privacy.json("text", "purge", request["id"], "--commitment", commitment, "--yes")
    member.refused("NOT_FOUND", "--wait-block", str(purged["block"]), *names)
    assert commitment in json.dumps(steward.json("request", "show", request["id"]))
    assert kim.json("text", "show", request["id"])["text"] == anew


def test_a_text_that_the_owner_cannot_keep_is_told_of_and_sent_again(four: Cast, tmp_path: Path) -> None:
    kim = four.people["nuri/kim"]
    description = tmp_path / "description.txt"
    description.write_text("what the owner is to read")
    four.network.stop("hanbit", "peer")
    try:
        ran = kim.run(
            "--json", "request", "submit", "hanbit/private", "--purpose", "disease", "--disease", "ICD10:C50",
            "--mode", "download", "--days", "30", "--project", "Public words", "--description", str(description),
            exit_code=UNKNOWN,
        )  # fmt: skip
    finally:
        four.network.start("hanbit", "peer")
    (kept,) = ran.json["texts"]
    request, file = ran.json["id"], Path(kept["file"])
    assert (kept["kept"], file.stat().st_mode & 0o777) == (False, 0o600)
    assert ran.error["code"] == "TEXT_NOT_KEPT"
    assert ran.error["hint"].endswith(f"medconsent text keep {request[:12]} {file}")
    assert kim.json("request", "show", request)["state"] == "submitted"
    kim.refused("NOT_FOUND", "text", "show", request)
    four.network.wait_ready()
    kim.json("text", "keep", request[:12], str(file))
    assert kim.json("text", "show", request)["text"] == "what the owner is to read"
    assert not file.exists()


def test_another_text_than_the_one_committed_to_is_refused(four: Cast, tmp_path: Path) -> None:
    kim = four.people["nuri/kim"]
    request = four.submit("nuri/kim", "hanbit/private")
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"text": "something else", "salt": "00" * 32}))
    ran = kim.run("--json", "text", "keep", request, str(other), exit_code=REFUSED)
    assert ran.error["code"] in {"NOT_FOUND", "CONFLICT", "INVALID"}
