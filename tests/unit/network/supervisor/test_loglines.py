"""What lines of a log mean, and which line it was."""

from pathlib import Path

import pytest

from medconsent_network.supervisor.loglines import explain


@pytest.mark.parametrize(
    ("line", "means", "mend"),
    [
        (
            "panic: tocommit(1042) is out of range [lastIndex(964)]. Was the raft log corrupted, truncated, or lost?",
            "older than what it has acknowledged",
            "whose orderer leads",
        ),
        (
            "setup signing identity: signing identity expired 9m ago",
            "a certificate has ended",
            "medconsent-network renew",
        ),
        ("write /x/000.ldb: no space left on device", "the disk is full", "Make room"),
        ("open /x: too many open files", "too few files", "ulimit -n"),
        ("listen tcp 127.0.0.1:7102: bind: address already in use", "another program listens", "up` names it"),
        ("local IP: no non-loopback, IPv4 interface detected", "no address but the loopback", "ip address add"),
        ("open msp/keystore/key.pem: permission denied", "not readable", "chown -R"),
        ("Failed opening leveldb: leveldb/table: corruption on data-block", "is damaged", "remove `peer/data`"),
    ],
)
def test_a_known_line_is_quoted_with_its_meaning_and_what_to_do(
    tmp_path: Path, line: str, means: str, mend: str
) -> None:
    log = tmp_path / "orderer.log"
    log.write_text(f"2026-12-01 starting\n2026-12-01 {line}\ngoroutine 1 [running]:\nmain.main()\n")
    said, todo = explain(log)
    assert means in said
    assert f"{log}, line 2" in said
    assert line[:60] in said
    assert mend in todo


def test_the_last_of_them_counts_and_only_near_the_end(tmp_path: Path) -> None:
    log = tmp_path / "peer.log"
    log.write_text("no space left on device\nopen: too many open files\n")
    assert explain(log)[0].startswith("it may open too few files")
    log.write_text("no space left on device\n" + "all is well\n" * 400)
    assert explain(log) == ("", "")


def test_a_panic_that_nobody_knows_is_quoted_too(tmp_path: Path) -> None:
    log = tmp_path / "peer.log"
    log.write_text("hello\npanic: the sky is falling\n")
    assert explain(log) == (f"it ended with: panic: the sky is falling ({log}, line 2)", "")
    assert explain(tmp_path / "none.log") == ("", "")
