"""Policies as YAML: what is read, what is refused and where."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medconsent.errors import DocumentError
from medconsent.policies import Alternative, Policy, Stage, dump_yaml, load_yaml

EXAMPLES = Path(__file__).parents[3] / "examples"
GOOD = """\
use:
  - permission: DS
    diseases: [ICD10:C50]
stages:
  - {institution: hanbit, role: dac, threshold: 2}
modes: [download]
max_duration: 365d
review_period: 30d
"""
# Words of the contract's grammars, and words that YAML could take for something else.
_words = st.one_of(
    st.from_regex(r"[A-Za-z0-9]+([-:.][A-Za-z0-9]+)*", fullmatch=True),
    st.sampled_from(
        ["NO", "on", "yes", "true", "null", "~", "any", "1", "0x1f", "1e3", ".5", "2026-01-01", "365d", "=", "12:30"]
    ),
)


def test_a_policy_is_read():
    assert load_yaml(GOOD) == Policy(
        use=(Alternative("DS", ("ICD10:C50",)),),
        stages=(Stage("hanbit", "dac", 2),),
        modes=("download",),
        max_duration_seconds=31_536_000,
        review_period_seconds=2_592_000,
    )


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("policy*.yaml")), ids=lambda path: path.name)
def test_the_examples_are_read_and_written_back(path):
    policy = load_yaml(path)
    assert load_yaml(dump_yaml(policy)) == policy


@given(
    st.builds(
        Policy,
        use=st.lists(st.builds(Alternative, _words, st.lists(_words, max_size=3).map(tuple)), max_size=3).map(tuple),
        stages=st.lists(st.builds(Stage, _words, _words, st.integers(-9, 99)), max_size=3).map(tuple),
        modes=st.lists(_words, max_size=3).map(tuple),
        max_duration_seconds=st.integers(1, 10**9),
        review_period_seconds=st.integers(1, 10**9),
        recipients=st.lists(_words, max_size=3).map(tuple),
        own_institution_votes=st.booleans(),
    )
)
def test_whatever_a_policy_says_is_read_back(policy):
    assert load_yaml(dump_yaml(policy)) == policy


def test_no_is_text():
    assert load_yaml(GOOD + "recipients: [NO, KR]\n").recipients == ("NO", "KR")


@pytest.mark.parametrize("addition", ["recipients: any", "own_institution_votes: false", ""])
def test_defaults_may_be_written_out(addition):
    assert load_yaml(GOOD + addition) == load_yaml(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("modes: [download]", "modes: [download]\nmodes: [enclave]", 7, "modes is there twice"),
        ("permission: DS", "permission: DS\n    permission: GRU", 3, "permission is there twice"),
        ("permission: DS", "permision: DS", 2, "has no member 'permision'"),
        ("permission: DS", "permission: [DS]", 2, "should be text"),
        ("permission: DS", "permission: 1", 2, "should be text"),
        ("[ICD10:C50]", "ICD10:C50", 3, "diseases should be a list"),
        ("threshold: 2", "threshold: two", 5, "a whole number"),
        ("threshold: 2", "threshold: 0x2", 5, "plain whole number"),
        ("threshold: 2", "threshold: true", 5, "a whole number"),
        ("365d", "365", 7, "365 (without a unit)"),
        ("365d", "1y", 7, "'1y' is not a duration"),
        ("modes: [download]\n", "", 1, "lacks modes"),
        ("modes: [download]", "modes: &a [download]", 6, "no anchors"),
        ("modes: [download]", "modes: !!set {download}", 6, "no tags"),
        ("modes: [download]", "modes: [download", 7, "not YAML"),
        ("review_period: 30d", "review_period: 30d\nrecipients: []", 9, "recipients is an empty list"),
        ("review_period: 30d", "review_period: 30d\nrecipients: all", 9, "recipients should be `any` or a list"),
        ("review_period: 30d", "review_period: 30d\nown_institution_votes: no", 9, "true or false"),
        ("review_period: 30d", "review_period: 30d\n---\na: 1", 9, "another document"),
    ],
)
def test_what_cannot_be_converted_is_named_with_its_line(old, new, line, message):
    with pytest.raises(DocumentError) as caught:
        load_yaml(GOOD.replace(old, new, 1))
    assert message in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "empty"),
        ("- a", "should be a mapping"),
        ("%YAML 1.1\n---\n" + GOOD, "directives"),
        ("[" * 5000, "levels deep"),
        ("a: &a [x]\nb: &b [*a, *a]\n", "no anchors"),
        (GOOD + "#" * 65_536, "at most 64 KiB"),
        (b"\xff\xfe", "not UTF-8"),
        ("a: \x00", "not YAML"),
        ("\udc80", "not UTF-8"),
    ],
)
def test_documents_that_are_refused_whole(document, message):
    with pytest.raises(DocumentError, match=message):
        load_yaml(document)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DocumentError, match=r"none\.yaml: the policy cannot be read: No such file"):
        load_yaml(tmp_path / "none.yaml")


def test_the_file_s_name_and_place_begin_the_message(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(GOOD.replace("365d", "soon"))
    with pytest.raises(DocumentError) as caught:
        load_yaml(path)
    assert str(caught.value).startswith(f"{path}:7:15: max_duration: ")
