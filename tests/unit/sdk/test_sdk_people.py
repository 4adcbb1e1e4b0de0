"""Pseudonyms, commitments and each person's own proof."""

import json
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent.data.people.commitment import Commitment, read_proof
from medconsent.data.people.keys import CohortKey
from medconsent.data.people.members import BANDS, band, counts, read_members
from medconsent.errors import DocumentError

KEY = CohortKey(bytes(range(32)))
COHORT = "hanbit/oncology"


def test_a_key_is_for_its_owner_alone_and_never_written_over(tmp_path):
    file = tmp_path / "cohort.key"
    KEY.save(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CohortKey.load(file) == KEY
    assert KEY.secret.hex() not in repr(KEY)
    with pytest.raises(DocumentError, match="cannot be had again"):
        CohortKey.new().save(file)
    file.chmod(0o640)
    with pytest.raises(DocumentError, match="chmod 600"):
        CohortKey.load(file)


@pytest.mark.parametrize("content", ["", "00" * 31, "zz" * 32])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path, content):
    file = tmp_path / "cohort.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(DocumentError) as caught:
        CohortKey.load(file)
    assert not content or content not in str(caught.value)


def test_pseudonyms_cannot_be_linked_between_epochs_cohorts_or_keys():
    seen = {
        key.pseudonym(cohort, epoch, person)
        for key in (KEY, CohortKey(bytes(32)))
        for cohort in (COHORT, "hanbit/cardiology")
        for epoch in (1, 2, 12)
        for person in ("P-1", "P-2", "2P-1")
    }
    assert len(seen) == 2 * 2 * 3 * 3


def test_the_root_of_known_people():
    # Fixed for ever: a change here changes every root on every ledger.
    root = Commitment(KEY, COHORT, 1, {"P-1": "in", "P-2": "out"}).root
    assert root == "3c88b5359ec0d275ae4cdcde7b4c9e682e1054e21ecd4cec698f852371b58c8c"


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(st.text("abc123", min_size=1, max_size=4), st.sampled_from(["in", "out"]), min_size=1), st.data()
)
def test_everybody_has_a_proof_of_their_own_state_and_no_other(members, data):
    person = data.draw(st.sampled_from(sorted(members)))
    commitment = Commitment(KEY, COHORT, 3, members)
    proof = read_proof(json.loads(json.dumps(commitment.proof(person).to_json())))
    assert proof.state == members[person]
    assert proof.holds(commitment.root)
    document = proof.to_json()
    other = {"in": "out", "out": "in"}[proof.state]
    for change in (
        {"state": other},
        {"state": "maybe"},
        {"pseudonym": "00" * 32},
        {"pseudonym": "short"},
        {"index": (proof.index + 1) % proof.count},
        {"index": -1},
        {"path": list(proof.path[:-1])},
        {"path": [*proof.path, "00" * 32]},
    ):
        assert not read_proof({**document, **change}).holds(commitment.root)
    assert not proof.holds(Commitment(KEY, COHORT, 4, members).root)
    assert not proof.holds("nonsense")


def test_a_path_does_not_tell_how_many_people_there_are():
    few = Commitment(KEY, COHORT, 1, {"P-1": "in"})
    many = Commitment(KEY, COHORT, 1, {f"P-{number}": "in" for number in range(1_000)})
    assert len(few.proof("P-1").path) == len(many.proof("P-1").path) == 10
    more = Commitment(KEY, COHORT, 1, {f"P-{number}": "in" for number in range(1_025)})
    assert more.proof("P-7").count == 2_048


def test_whoever_never_was_in_the_cohort_has_no_proof():
    with pytest.raises(KeyError):
        Commitment(KEY, COHORT, 1, {"P-1": "in"}).proof("P-2")


def test_counts_are_told_in_bands_alone():
    assert [band(count) for count in (0, 1, 19, 20, 99, 100, 999_999, 10_000_000)] == [
        "none",
        "under-20",
        "under-20",
        "20-99",
        "20-99",
        "100-999",
        "100000-999999",
        "1000000-or-more",
    ]
    assert len({name for _, name in BANDS}) == len(BANDS)
    assert counts({"a": "in", "b": "out"}) == ("under-20", "under-20")
    assert counts({"a": "out"}) == ("none", "under-20")


def test_members_are_read_from_a_csv(tmp_path):
    file = tmp_path / "members.csv"
    file.write_text("id,state\nP-1,in\nP-2,out\n")
    assert read_members(file) == {"P-1": "in", "P-2": "out"}


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("P-1,in\n", 1, "first line"),
        ("id,state\n", 0, "nobody"),
        ("id,state\nSECRET,in\nSECRET,out\n", 3, "twice"),
        ("id,state\nSECRET,maybe\n", 2, "in or out"),
        ("id,state\n SECRET,in\n", 2, "around"),
        ("id,state\nSECRET\n", 2, "an id and a state"),
        ('id,state\n"SECRET,in\n', 0, "no"),
    ],
)
def test_a_bad_members_file_is_refused_with_the_line_and_without_the_person(tmp_path, text, line, why):
    file = tmp_path / "members.csv"
    file.write_text(text)
    with pytest.raises(DocumentError, match=why) as caught:
        read_members(file)
    assert caught.value.line == line
    assert "SECRET" not in str(caught.value)
