"""What the data rests on bites: who withdrew is in nothing that leaves, and what rests on nothing does not leave."""

from pathlib import Path

from people import REFUSED
from releasing import give_delivery_key, keep, opened_door, serving
from scenario import Cast

CONSENT = """\
use:
  - permission: HMB
law: {code: KR-BIOETHICS-CONSENT, article: "16"}
wording:
  url: https://hanbit.example/form-3
  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""
TABLE = "id,age\n" + "".join(f"P-{number:03},{number}\n" for number in range(30))
FILES = {"table.csv": TABLE.encode(), "scans/007.bin": b"seven" * 20_000, "scans/008.bin": b"eight" * 20_000}
WHOSE = "path,id\nscans/007.bin,P-007\nscans/008.bin,P-008\n"


def test_who_withdrew_is_in_nothing_that_leaves(cast: Cast, tmp_path: Path) -> None:
    source, members = tmp_path / "version", tmp_path / "members.csv"
    for path, content in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(content)
    (tmp_path / "consent.yaml").write_text(CONSENT)
    (tmp_path / "whose.csv").write_text(WHOSE)

    def people(withdrawn: str = "") -> None:
        lines = [f"P-{number:03},{'out' if f'P-{number:03}' == withdrawn else 'in'}" for number in range(30)]
        members.write_text("id,state\n" + "\n".join(lines) + "\n")

    officer, steward = cast.people["hanbit/p-1"], cast.people["hanbit/steward"]
    key, out = str(tmp_path / "cohort.key"), tmp_path / "without"
    known = ("--members", str(members), "--key", key)
    cast.publish("withdrawing", source, grounded=False)
    people()
    officer.run("consent", "key", key)
    consent = (*known, "--consent", str(tmp_path / "consent.yaml"))
    officer.run("consent", "begin", "withdrawing", "--title", "A form", "--batch", "1s", *consent)
    officer.run("ground", "set", "hanbit/withdrawing", "--cohort", "hanbit/withdrawing")
    give_delivery_key(cast)
    with opened_door(cast, "hanbit/withdrawing", source, tmp_path) as door:
        grant = door.grant()
        door.fetch(tmp_path / "before")
        people(withdrawn="P-007")
        officer.run("consent", "epoch", "hanbit/withdrawing", *consent, "--yes")
        refused = door.fetch(tmp_path / "refused", exit_code=REFUSED)
        assert refused.error["code"] == "RELEASE_DENIED"
        assert "have withdrawn from hanbit/withdrawing" in refused.error["message"]
        assert not list((tmp_path / "refused").rglob("*.bin"))

    excluding = (
        "release", "exclude", "hanbit/withdrawing@1", str(source), "--cohort", "hanbit/withdrawing",
        "--files", str(tmp_path / "whose.csv"), "--table", "table.csv=id", "--out", str(out),
    )  # fmt: skip
    people()
    steward.run(*excluding, *known, exit_code=2)  # not the members of the newest epoch
    people(withdrawn="P-007")
    told = steward.json(*excluding, *known)
    assert (told["files_left_out"], told["rows_left_out"], told["epoch"]) == (1, {"table.csv": 1}, 2)
    attest = ("--epoch", "2", "--content", told["manifest"])
    steward.run("consent", "exclude", "hanbit/withdrawing", "hanbit/withdrawing@1", *attest)
    more = ("--manifest", told["manifest"], "--without", "hanbit/withdrawing")
    keep(cast, "hanbit/withdrawing@1", out, tmp_path / "archive-2", tmp_path / "keyholder", *more)
    archive, headers = tmp_path / "archive-2", tmp_path / "keyholder"
    with serving(cast, "hanbit/withdrawing", archive, headers, tmp_path) as door:
        got = door.fetch(tmp_path / "after").json
    assert got["without"] == [{"cohort": "hanbit/withdrawing", "epoch": 2}]
    assert got["content"] == told["content"]["root"]
    assert (tmp_path / "after" / "table.csv").read_text() == TABLE.replace("P-007,7\n", "")
    assert [one.name for one in (tmp_path / "after" / "scans").iterdir()] == ["008.bin"]
    receipts = door.receipts(grant=grant)
    assert [[(one.cohort, one.epoch) for one in view.receipt.exclusions] for view in receipts] == [
        [("hanbit/withdrawing", 2)], [],
    ]  # fmt: skip


def test_an_agreement_that_nobody_was_told_of_lets_nothing_leave(cast: Cast, tmp_path: Path) -> None:
    """Ascension, 2019, to its end: approved, archived and served, and resting on a contract alone."""
    source = tmp_path / "version"
    source.mkdir()
    (source / "records.csv").write_text(TABLE)
    cast.publish("ascension", source)
    give_delivery_key(cast)
    with opened_door(cast, "hanbit/ascension", source, tmp_path) as door:
        grant = door.grant()
        before = door.fetch(tmp_path / "before").json
        agreement = cast.basis("unannounced", "--code", "US-HIPAA-BAA", notice=False)
        cast.people["hanbit/p-1"].run("ground", "set", "hanbit/ascension", "--basis", agreement)
        refused = door.fetch(tmp_path / "after", exit_code=REFUSED)
        assert refused.error["code"] == "RELEASE_DENIED"
        assert "NO_NOTICE" in {reason["code"] for reason in refused.error["details"]}
        assert not (tmp_path / "after").exists()
        assert [view.id for view in door.receipts(grant=grant)] == [before["receipt"]]
