"""What people write down on their own machine: drafts, attestations, the names of their people, staged policies."""

import hashlib
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent.contexts import Context
from medconsent.desk.names import StaffNames
from medconsent.documents.attestations import load_attestation
from medconsent.documents.drafts import Draft, Drafts, format_draft, parse_draft
from medconsent.errors import DocumentError
from medconsent.policies import Stage, Veto, dump_yaml, load_yaml
from medconsent.values.purposes import KINDS, SENSITIVE, Ethics, Purpose

UNTIL = datetime(2027, 11, 1, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[3] / "examples"
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


def test_a_whole_draft_gives_the_arguments_of_a_request():
    draft = Draft("hanbit/bc", None, Purpose("origins"), "enclave", 60, "x", request="f" * 64)
    assert draft.missing == ()
    assert draft.arguments()["duration"] == 60
    assert set(draft.arguments()) & {"request", "duration_seconds"} == set()
    with pytest.raises(DocumentError, match="lacks project"):
        Draft("hanbit/bc", None, Purpose("origins"), "enclave", 60).arguments()


ATTESTATION = 'board: "IRB of Hanbit"\nnumber: "2026-114"\nvalid_until: 2027-11-01T00:00:00Z\n'


def test_an_attestation_hashes_the_letter_beside_it(tmp_path):
    (tmp_path / "letter.pdf").write_bytes(b"approved")
    file = tmp_path / "approval.yaml"
    file.write_text(ATTESTATION + "document: letter.pdf\n")
    digest = hashlib.sha256(b"approved").hexdigest()
    assert load_attestation(file) == Ethics("IRB of Hanbit", "2026-114", digest, UNTIL)
    file.write_text(ATTESTATION + f'sha256: "{"9" * 64}"\n')
    assert load_attestation(file).sha256 == "9" * 64


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ATTESTATION, "one of them"),
        (ATTESTATION + f"document: letter.pdf\nsha256: {'a' * 64}\n", "one of them"),
        (ATTESTATION + "document: missing.pdf\n", "the document cannot be read: No such file"),
        (ATTESTATION.replace("2027-11-01T00:00:00Z", "next year") + f"sha256: {'a' * 64}\n", "not a time"),
        ("board: x", "lacks number, valid_until"),
    ],
)
def test_an_attestation_that_is_none(tmp_path, text, says):
    file = tmp_path / "approval.yaml"
    file.write_text(text)
    with pytest.raises(DocumentError, match=says):
        load_attestation(file)


def test_names_are_kept_for_this_machine_alone(tmp_path):
    names = StaffNames("nuri", tmp_path)
    assert names.read() == {}
    names.set("kim", "  Kim Minji ")
    names.set("1e5", "NO")
    assert names.read() == {"1e5": "NO", "kim": "Kim Minji"}
    assert stat.S_IMODE(names.path.stat().st_mode) == 0o600
    assert names.path == tmp_path / "contexts" / "nuri" / "names.yaml"
    names.remove("1e5")
    with pytest.raises(DocumentError, match="1e5 has no name"):
        names.remove("1e5")
    names.remove("kim")
    assert names.read() == {}
    for bad in ("", " ", "a\nb", "x" * 101, "\u202ekim"):
        with pytest.raises(DocumentError, match="a name is one line"):
            names.set("kim", bad)


STAGED = """\
use:
  - permission: HMB
stages:
  - {of: requester, role: ethics, rule: majority}
  - {institution: hanbit, role: ethics, step: 2, attests: false}
vetoes: [{institution: hanbit, role: privacy}]
automatic: true
conflicts: declare
modes: [enclave]
max_duration: 365d
review_period: 30d
"""


def test_stages_and_who_decides_are_read_and_written_back():
    policy = load_yaml(STAGED)
    assert policy.stages == (
        Stage(of="requester", role="ethics", rule="majority"),
        Stage("hanbit", "ethics", 1, step=2, attests=False),
    )
    assert policy.vetoes == (Veto("hanbit", "privacy"),)
    assert (policy.automatic, policy.conflicts) == (True, "declare")
    assert load_yaml(dump_yaml(policy)) == policy


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("of: requester", "of: anybody", "should be one of requester", 4),
        ("of: requester, ", "", "should have one of institution, of", 4),
        ("of: requester, ", "of: requester, institution: hanbit, ", "should have one of institution, of", 4),
        ("rule: majority", "rule: majority, threshold: 2", "should not have both threshold and rule", 4),
        ("rule: majority", "rule: most", "should be one of majority, unanimous", 4),
        ("step: 2", "step: 9", "from 1 to 8", 5),
        ("role: ethics, step", "role: dac, step", "with attests, the role of an entry of stages should be ethics", 5),
        ("role: privacy}]", "role: steward}]", "should be one of dac, ethics, privacy", 6),
        ("automatic: true", "automatic: 1", "automatic should be true or false", 7),
        ("conflicts: declare", "conflicts: ask", "should be one of none, declare", 8),
    ],
)
def test_stages_that_are_none_are_told_with_their_line(old, new, says, line):
    assert old in STAGED
    with pytest.raises(DocumentError, match=says) as caught:
        load_yaml(STAGED.replace(old, new))
    assert caught.value.line == line


def test_the_examples_show_what_they_are_for():
    staged = load_yaml(EXAMPLES / "requester-board-first.yaml")
    assert next((stage.of, stage.rule, stage.step) for stage in staged.stages) == ("requester", "majority", 1)
    assert load_yaml(EXAMPLES / "approved-at-once.yaml").automatic
