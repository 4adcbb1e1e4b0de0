"""Policies as YAML: what is read, what is refused and where."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent._internal import files
from medconsent.documents import policy_schema
from medconsent.documents.policies import MOST_DAYS
from medconsent.errors import DocumentError
from medconsent.policies import Alternative, Attachment, Modifier, Policy, Stage, Terms, Veto, dump_yaml, load_yaml

CHAINCODE = Path(__file__).parents[4] / "chaincode" / "input"
EXAMPLES = Path(__file__).parents[4] / "examples"
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
# Ids of projects and free text may be words that YAML could take for something else.
_projects = st.one_of(
    st.from_regex(r"[A-Za-z0-9]{1,9}([._-][A-Za-z0-9]{1,9})*", fullmatch=True).filter(lambda word: len(word) <= 64),
    st.sampled_from(["NO", "on", "yes", "true", "null", "any", "1", "0x1f", "1e3", "2026-01-01", "365d"]),
)
_texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30),
    st.sampled_from(["NO", "~", "=", "12:30", "a: b", "- x", "{}", "#", "'", "null", ".5"]),
)
_institutions = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,2}", fullmatch=True)
_countries = st.one_of(st.just("NO"), st.from_regex(r"[A-Z]{2}", fullmatch=True))
_digests = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
_urls = st.just("https://hanbit.example/terms?a=1#x")


def _some(words, least=0):
    return st.lists(words, min_size=least, max_size=3, unique=True).map(tuple)


def _modifiers(kind):
    bare = st.builds(Modifier, st.sampled_from(policy_schema.schema()["$defs"][kind]["anyOf"][0]["enum"]))
    values = {
        "countries": _some(_countries, 1),
        "institutions": _some(_institutions, 1),
        "projects": _some(_projects, 1),
        "persons": _some(_institutions.map(lambda name: f"{name}/kim"), 1),
        "months": st.integers(1, 120),
        "text": _texts,
    }
    with_parameter = [
        st.builds(Modifier, st.just(term), **{member: values[member]})
        for term, member in policy_schema.parameters(kind).items()
    ]
    return st.lists(st.one_of(bare, *with_parameter), max_size=3, unique_by=lambda modifier: modifier.term).map(tuple)


_alternatives = st.builds(
    Alternative,
    st.sampled_from(["NRES", "GRU", "HMB", "DS", "POA"]),
    _some(st.sampled_from(["ICD10:C50", "ICD10CM:C50.9", "ICD10:C50-C58", "MONDO:0007254"])),
    _modifiers("limit"),
    _modifiers("duty"),
    st.booleans(),
).map(lambda one: one if one.diseases else Alternative(one.permission, (), one.limits, one.duties, one.clinical_care))


_roles = st.sampled_from(["dac", "ethics", "privacy"])
_needs = st.one_of(
    st.builds(dict, threshold=st.integers(1, 99)), st.builds(dict, rule=st.sampled_from(["majority", "unanimous"]))
)
_stages = st.builds(
    lambda who, needs, step: Stage(**who, **needs, step=step),
    st.one_of(
        st.builds(dict, institution=_institutions, role=_roles),
        st.builds(dict, of=st.just("requester"), role=_roles),
        st.builds(dict, institution=_institutions, role=st.just("ethics"), attests=st.booleans()),
    ),
    _needs,
    st.integers(1, 8),
)


def test_a_policy_is_read():
    assert load_yaml(GOOD) == Policy(
        use=(Alternative("DS", ("ICD10:C50",)),),
        stages=(Stage("hanbit", "dac", 2),),
        modes=("download",),
        max_duration_seconds=31_536_000,
        review_period_seconds=2_592_000,
    )


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_are_read_and_written_back(path):
    policy = load_yaml(path)
    assert load_yaml(dump_yaml(policy)) == policy


@settings(deadline=None)
@given(
    st.builds(
        Policy,
        use=st.lists(_alternatives, min_size=1, max_size=3).map(tuple),
        stages=st.lists(_stages, min_size=1, max_size=3).map(tuple),
        modes=_some(st.sampled_from(["download", "enclave", "federated"]), 1),
        max_duration_seconds=st.integers(1, 3660 * 86_400),
        review_period_seconds=st.integers(1, 732 * 86_400),
        recipients=_some(_institutions),
        own_institution_votes=st.booleans(),
        vetoes=st.lists(st.builds(Veto, _institutions, _roles), max_size=2, unique=True).map(tuple),
        automatic=st.booleans(),
        conflicts=st.sampled_from(["none", "declare"]),
        training_counts_as_methods=st.booleans(),
        terms=st.none() | st.builds(Terms, _urls, _digests),
        attachments=st.lists(st.builds(Attachment, _texts, _urls, _digests), max_size=2).map(tuple),
    )
)
def test_whatever_a_policy_says_is_read_back(policy):
    assert load_yaml(dump_yaml(policy)) == policy


def test_no_is_text():
    policy = load_yaml(GOOD.replace("diseases:", "limits: [{GS: [NO, KR]}]\n    diseases:"))
    assert policy.use[0].limits == (Modifier("GS", countries=("NO", "KR")),)


def test_short_forms():
    text = """
      - permission: HMB
        limits: [NMDS, {GS: [KR]}, {IS: [nuri]}, {PS: [P-1]}, {US: [nuri/kim]}, {TS: 24}, {RS: cohort studies}]
        duties: [PUB, {COL: with the authors}, {MOR: 12}]
        clinical_care: true
training_counts_as_methods: false"""
    policy = load_yaml(GOOD.replace("\n  - permission: DS\n    diseases: [ICD10:C50]", text.replace("\n  ", "\n")))
    (one,) = policy.use
    assert [modifier.to_json() for modifier in one.limits] == [
        {"term": "NMDS"},
        {"term": "GS", "countries": ["KR"]},
        {"term": "IS", "institutions": ["nuri"]},
        {"term": "PS", "projects": ["P-1"]},
        {"term": "US", "persons": ["nuri/kim"]},
        {"term": "TS", "months": 24},
        {"term": "RS", "text": "cohort studies"},
    ]
    assert one.duties == (Modifier("PUB"), Modifier("COL", text="with the authors"), Modifier("MOR", months=12))
    assert one.clinical_care
    assert policy.training_counts_as_methods is False
    assert policy.to_json()["training_counts_as_methods"] is False


def test_an_old_policy_is_sent_as_before():
    assert load_yaml(GOOD).to_json() == {
        "use": [{"permission": "DS", "diseases": ["ICD10:C50"]}],
        "stages": [{"institution": "hanbit", "role": "dac", "threshold": 2}],
        "modes": ["download"],
        "max_duration_seconds": 31_536_000,
        "review_period_seconds": 2_592_000,
        "recipients": [],
        "own_institution_votes": False,
    }


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("limits: [PUB]", "should be one of NPOA, NMDS"),
        ("limits: [GS]", "NPUNCU, IRB, {GS: [countries]}, {IS: [institutions]}"),
        ("limits: [TS]", "{TS: months}, {US: [persons]}, and is 'TS' without its months"),
        ("limits: [XX]", "{TS: months}, {US: [persons]}, and is 'XX'"),
        ("duties: [MOR]", "PUB, COL, RTN, {MOR: months}, and is 'MOR' without its months"),
        ("limits: [{NMDS: true}]", "'NMDS' is no limit that takes a parameter"),
        ("limits: [{GS: KR}]", "GS should be a list"),
        ("limits: [{GS: [Korea]}]", "a country in two capital letters (ISO 3166-1), as in KR, and is 'Korea'"),
        ("limits: [{US: [Kim]}]", "a person as INSTITUTION/ID in small letters, as in nuri/kim, and is 'Kim'"),
        ("limits: [{IS: [h\u0430nbit]}]", ": its 2nd letter is U+0430 CYRILLIC SMALL LETTER A"),
        ("limits: [NMD\u0405]", ": its 4th letter is U+0405 CYRILLIC CAPITAL LETTER DZE"),
        ("limits: [{GS: [KR, KR]}]", "'KR' is in GS twice"),
        ("limits: [{GS: []}]", "GS has 0 entries; 1 to 200"),
        ("limits: [{TS: 24, GS: [KR]}]", "one term and its parameter"),
        ("limits: [{TS: 121}]", "TS is 121, and should be from 1 to 120"),
        ("limits: [{TS: two}]", "TS should be a whole number"),
        ("limits: [{RS: ''}]", "at most 500"),
        ("limits: [NMDS, NMDS]", "'NMDS' is in limits twice"),
        ("duties: [NMDS]", "should be one of PUB"),
        ("clinical_care: yes", "true or false"),
    ],
)
def test_limits_that_do_not_fit_their_schema(addition, message):
    with pytest.raises(DocumentError) as caught:
        load_yaml(GOOD.replace("    diseases:", f"    {addition}\n    diseases:"))
    assert message in caught.value.message
    assert caught.value.line == 3


@pytest.mark.parametrize("disease", ["ICD10:E1", "E11", "icd10:e11", "ICD9:E11"])
def test_a_disease_of_another_form_is_told_the_form(disease):
    with pytest.raises(DocumentError) as caught:
        load_yaml(GOOD.replace("ICD10:C50", disease))
    assert "SYSTEM:CODE in capital letters, as in ICD10:C50" in caught.value.message
    assert caught.value.message.endswith(f"and is {disease!r}")


def test_each_pattern_is_said_in_words():
    patterned = {name for name, form in policy_schema.schema()["$defs"].items() if "pattern" in form}
    assert patterned == set(policy_schema.FORMS)


def test_the_longest_spans_are_the_contract_s():
    rules = "".join((CHAINCODE / name).read_text() for name in ("policy.go", "people.go"))
    said = ("oneYear = 366 * day", "MaxDurationSeconds = 10 * oneYear", "maxReviewSeconds   = 2 * oneYear")
    assert all(line in rules for line in (*said, "maxExclusionSeconds = 90 * day"))
    assert MOST_DAYS == {"max_duration": 10 * 366, "review_period": 2 * 366, "exclusion_period": 90}
    load_yaml(GOOD.replace("365d", "3660d").replace("30d", "732d") + "exclusion_period: 90d")


def test_what_never_ends_is_not_read():
    with pytest.raises(DocumentError, match="/dev/zero: the policy cannot be read: it is not a regular file"):
        load_yaml(Path("/dev/zero"))


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "p.yaml")
    with pytest.raises(DocumentError, match="it is not a regular file"):
        load_yaml(tmp_path / "p.yaml")


def test_a_long_file_is_read_to_its_limit(tmp_path):
    with (tmp_path / "p.yaml").open("wb") as stream:
        stream.truncate(8 * 1024**4)  # sparse: it takes no room, but would take 8 TiB of memory
    assert len(files.read_at_most(tmp_path / "p.yaml", 100)) == 101
    with pytest.raises(DocumentError, match="a policy has at most 64 KiB, and this is longer"):
        load_yaml(tmp_path / "p.yaml")


def test_words_of_a_later_version_are_refused_before_anything_is_sent():
    for old, new in (("DS", "XYZ"), ("dac", "priest"), ("download", "post"), ("C50", "C5")):
        with pytest.raises(DocumentError):
            load_yaml(GOOD.replace(old, new))


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
        ("threshold: 2", "threshold: 010", 5, "plain whole number"),
        ("threshold: 2", "threshold: true", 5, "a whole number"),
        ("365d", "365", 7, "365 (without a unit)"),
        ("365d", "99999d", 7, "max_duration is 99999d, and should be at most 3660d"),
        ("365d", "3660d 1s", 7, "max_duration is 3660d 1s, and should be at most 3660d"),
        ("review_period: 30d", "review_period: 733d", 8, "review_period is 733d, and should be at most 732d"),
        ("review_period: 30d", "review_period: 30d\nexclusion_period: 91d", 9, "should be at most 90d"),
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
        (b"\xff", "not UTF-8"),
        ("a: \x00", "null character"),
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


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        "use:\n  - permission: XXX\nstages:\n  - {institution: hanbit, role: cook, threshold: 2}\n"
        "modes: [download, teleport]\n"
        "max_duration: soon\nreview_period: 30d\nrecipients: any\nown_institution_votes: maybe\nflavour: sweet\n"
    )
    with pytest.raises(DocumentError) as caught:
        load_yaml(path)
    told = [str(caught.value), *caught.value.diagnosis.details]
    lines = sorted({int(one.removeprefix(f"{path}:").partition(":")[0]) for one in told})
    assert lines == [2, 4, 5, 6, 9, 10]
    assert any("teleport" in one for one in told)
    assert "flavour" in caught.value.diagnostics()


def test_every_span_that_is_too_long_is_told_at_once():
    text = """\
use: [{permission: GRU}]
stages: [{institution: hanbit, role: dac, threshold: 1}]
modes: [download]
max_duration: 4000d
review_period: 1000d
recipients: any
exclusion_period: 91d
"""
    with pytest.raises(DocumentError) as error:
        load_yaml(text)
    told = [f"{error.value.line}:: {error.value.message}", *error.value.others]
    for line, words in (("4", "max_duration"), ("5", "review_period"), ("7", "exclusion_period")):
        assert any(f"{line}:" in one and f"{words} is " in one and "at most" in one for one in told), (words, told)


def test_mistakes_are_told_in_the_order_of_their_lines_also_where_a_member_is_unknown():
    text = """\
use: [{permission: XX}]
bogus: 1
stages: [{institution: hanbit, role: dac, threshold: x}]
modes: [teleport]
max_duration: 365d
review_period: 30d
recipients: any
"""
    with pytest.raises(DocumentError) as error:
        load_yaml(text)
    assert (error.value.line, "'XX'" in error.value.message) == (1, True)
    assert [int(it.partition(":")[0]) for it in error.value.others] == [2, 3, 4]
    assert "no member 'bogus'" in error.value.others[0]


@pytest.mark.parametrize("name", ["max_duration", "review_period"])
def test_a_span_without_a_unit_is_told_how_one_is_written(name):
    spans = {"max_duration": "365d", "review_period": "30d"} | {name: "30"}
    text = "use: [{permission: gru}]\nstages: []\nmodes: [download]\nrecipients: any\n"
    with pytest.raises(DocumentError) as error:
        load_yaml(text + "".join(f"{key}: {value}\n" for key, value in spans.items()))
    told = "\n".join([str(error.value), *error.value.others])
    assert f"{name} should be a duration, as in 90d, 12h or 1d 12h, and is 30" in told or "30 (without a unit)" in told
    assert "should be text" not in told
