"""The files that institutions give each other: bounded, with a digest, and without a key."""

import json
from pathlib import Path
from typing import Any

import pytest

from medconsent_network.errors import NetworkError
from medconsent_network.founding import papers, terms
from medconsent_network.spec import Spec


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.json"
    papers.write(path, "update", {"what": "add", "update": papers.packed(b"\x00\xff")})
    return path


def refused(path: Path, *kinds: str, most: int = papers.MOST_BYTES) -> NetworkError:
    with pytest.raises(NetworkError) as told:
        papers.read(path, *(kinds or ("update",)), most=most)
    return told.value


def test_what_was_written_is_read(paper: Path) -> None:
    read = papers.read(paper, "bundle", "update")
    assert (read.kind, read.text("what"), read.data("update")) == ("update", "add", b"\x00\xff")
    assert read.fingerprint == papers.fingerprint(read.digest)
    assert [len(group) for group in read.fingerprint.split()] == [4] * 8


def test_every_byte_counts(paper: Path) -> None:
    """Whatever letter of the content is another one, the digest says so, or it is no such file any more."""
    text = paper.read_bytes()
    for position, letter in enumerate(text):
        if chr(letter).isalnum():
            paper.write_bytes(text[:position] + (b"0" if letter != ord("0") else b"1") + text[position + 1 :])
            assert refused(paper).code == "PAPER_INVALID"


def test_another_kind_is_refused(paper: Path) -> None:
    assert "is of the kind 'update', and wanted is bundle" in refused(paper, "bundle").message


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    assert "is larger than 10 bytes" in refused(huge, most=10).message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"medconsent": 1}',
        "[" * 5000,
        '{"a":' * 900 + "1" + "}" * 900,
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
    ],
)
def test_what_is_no_paper_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "paper.json"
    path.write_text(text)
    assert refused(path).code == "PAPER_INVALID"


def test_a_key_is_found_wherever_it_stands(paper: Path) -> None:
    document = json.loads(paper.read_text())
    paper.write_text(json.dumps({**document, "note": ["-----BEGIN EC PRIVATE KEY-----"]}))
    assert refused(paper).code == "KEY_INSIDE"


def test_a_later_format_is_named(paper: Path) -> None:
    document = json.loads(paper.read_text())
    paper.write_text(json.dumps({**document, "format": 2}))
    assert "has the format 2; this version reads 1" in refused(paper).message


@pytest.mark.parametrize("value", [None, 7, "not base64!", "AAA"])
def test_bytes_are_base64(tmp_path: Path, value: Any) -> None:
    papers.write(tmp_path / "paper.json", "update", {"update": value})
    read = papers.read(tmp_path / "paper.json", "update")
    with pytest.raises(NetworkError) as told:
        read.data("update")
    assert told.value.code == "PAPER_INVALID"


def test_fingerprints_are_compared_as_people_write_them() -> None:
    assert papers.same_fingerprint("3F2A-91bc", "3f2a 91bc")
    assert not papers.same_fingerprint("3f2a", "3f2a 91bc")
    assert not papers.same_fingerprint("", "")


OWN = """\
membership: {quorum: 2}
ordering: {batch_timeout: 300ms}
institutions:
  - {name: hanbit, host: hanbit.example, port_base: 7100}
"""


def test_an_institutions_own_file(tmp_path: Path, sample: Spec) -> None:
    file = tmp_path / "hanbit.yaml"
    file.write_text(OWN)
    spec, quorum = terms.read_own(file)
    assert (spec.names, quorum) == (("hanbit",), 2)
    file.write_text(sample.to_yaml())
    with pytest.raises(NetworkError, match="institutions must have one entry, your own, and has 3"):
        terms.read_own(file)
    for wrong in ("quorum: some", "quorum: true", "quorum: 0"):
        file.write_text(OWN.replace("quorum: 2", wrong))
        with pytest.raises(NetworkError, match=r"membership.quorum must be all or a number"):
            terms.read_own(file)


def test_terms_have_a_form() -> None:
    assert terms.readable({"channel": "c", "ordering": {"tick": "1s", "n": 1}})
    for odd in ({"a": None}, {"a": [1]}, {"a": {"b": {"c": 1}}}):
        assert not terms.readable(odd)


def test_differing_terms_are_named(tmp_path: Path) -> None:
    file = tmp_path / "hanbit.yaml"
    file.write_text(OWN)
    spec, quorum = terms.read_own(file)
    ours, theirs = terms.of(spec, quorum), terms.of(spec, "all")
    theirs["ordering"] = {**theirs["ordering"], "batch_timeout": "9s"}
    assert terms.differences(ours, ours) == []
    assert terms.differences(ours, theirs) == [
        "membership.quorum: 2 here, 'all' there",
        "ordering.batch_timeout: '300ms' here, '9s' there",
    ]
    assert terms.differences(ours, {})
    assert terms.differences({}, ours)
