"""Drafts of requests: whatever one says is read back, and it is kept for its owner alone."""

import stat
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent.contexts import Context
from medconsent.documents.drafts import Draft, Drafts, format_draft, parse_draft
from medconsent.errors import DocumentError
from medconsent.values.purposes import KINDS, SENSITIVE, Ethics, Purpose
from medconsent.values.requests import NewRequest

UNTIL = datetime(2027, 11, 1, tzinfo=UTC)

_lines = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30
) | st.sampled_from(["NO", "~", "12:30", "a: b", "- x", "{}", "#", "'", "null", "1e3", "2026-01-01", "0"])
_purposes = st.builds(
    Purpose,
    kind=st.sampled_from(KINDS),
    diseases=st.lists(st.sampled_from(["ICD10:C50", "MONDO:0007254"]), max_size=2, unique=True).map(tuple),
    training=st.booleans(),
    commercial=st.booleans(),
    organisation=st.sampled_from(["", "non-profit"]),
    countries=st.lists(st.sampled_from(["NO", "KR"]), max_size=2, unique=True).map(tuple),
    sensitive=st.lists(st.sampled_from(SENSITIVE), max_size=2, unique=True).map(tuple),
    ethics=st.none() | st.builds(Ethics, _lines, _lines, _lines, st.just(UNTIL)),
    project_id=st.sampled_from(["", "NO", "12", "P-1"]),
)
_drafts = st.builds(
    Draft,
    dataset=st.none() | st.just("hanbit/breast-cancer"),
    purpose=st.none() | _purposes,
    mode=st.none() | st.just("enclave"),
    duration_seconds=st.none() | st.integers(1, 10**9),
    project=st.none() | _lines,
    researchers=st.none() | st.lists(st.sampled_from(["no", "12", "kim"]), min_size=1, max_size=2).map(tuple),
    accepted_terms=st.none() | st.just("9" * 64),
    renews=st.none() | st.sampled_from(["123456", "7c01be", "1e5000"]),
    request=st.none() | st.just("0" * 64),
)


@settings(deadline=None)
@given(_drafts, st.none() | st.integers(1, 99))
def test_whatever_a_draft_says_is_read_back(draft, version):
    draft = draft.with_(version=version) if draft.dataset else draft
    if draft != Draft():
        assert parse_draft(format_draft(draft)) == draft


@pytest.fixture
def drafts(tmp_path):
    return Drafts(Context("nuri/kim", tmp_path, "nuri", "kim", "localhost:1", "c", "m"))


def test_a_draft_is_kept_for_its_owner_alone(drafts):
    path = drafts.write("tumours", Draft("hanbit/bc", mode="enclave"), new=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert drafts.names() == ("tumours",)
    assert drafts.read("tumours").missing == ("purpose", "duration", "project")
    with pytest.raises(DocumentError, match="there is a draft tumours already"):
        drafts.write("tumours", Draft("hanbit/ct"), new=True)
    assert drafts.read("tumours").dataset == "hanbit/bc"
    drafts.delete("tumours")
    with pytest.raises(DocumentError, match="there is no draft tumours"):
        drafts.read("tumours")


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden", "x" * 65, "a b"])
def test_the_name_of_a_draft_names_no_other_file(drafts, name):
    with pytest.raises(DocumentError, match="no name of a draft"):
        drafts.write(name, Draft("hanbit/bc"))


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("dataset: [a]", "dataset should be text", 1),
        ("dataset: hanbit/bc@x", "'x' is no version", 1),
        ("mode: enclave\nduration: 90", "without a unit", 2),
        ("purpose: {diseases: [ICD10:C50]}", "lacks kind", 1),
        ("purpose: {kind: origins, training: yes please}", "training should be true or false", 1),
        ("project: x\nwho: kim", "no member 'who'", 2),
        ("purpose: {kind: origins, ethics: {board: a, number: b, sha256: c, valid_until: soon}}", "not a time", 1),
    ],
)
def test_what_cannot_be_a_draft_is_told_with_its_line(text, says, line):
    with pytest.raises(DocumentError, match=says) as caught:
        parse_draft(text)
    assert caught.value.line == line


def test_a_whole_draft_is_a_new_request():
    draft = Draft("hanbit/bc", None, Purpose("origins"), "enclave", 60, "x", request="f" * 64)
    assert draft.missing == ()
    assert draft.whole() == NewRequest("hanbit/bc", Purpose("origins"), "enclave", 60, "x")
    with pytest.raises(DocumentError, match="lacks project"):
        Draft("hanbit/bc", None, Purpose("origins"), "enclave", 60).whole()
