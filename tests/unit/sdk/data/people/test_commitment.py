"""The commitment to who is in and who is out, and each person's own proof."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent.data.people.commitment import Commitment, read_proof
from medconsent.data.people.keys import CohortKey
from medconsent.errors import DocumentError

KEY = CohortKey(bytes(range(32)))
COHORT = "hanbit/oncology"


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
    proof = read_proof(json.dumps(commitment.proof(person).to_json()).encode())
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
        try:
            altered = read_proof(json.dumps({**document, **change}).encode())
        except DocumentError:
            continue
        assert not altered.holds(commitment.root)
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


@pytest.mark.parametrize(
    "change",
    [
        {"cohort": "hanbit/\x1b[2Jall-is-well"},
        {"state": "\x1b]0;x\x07"},
        {"epoch": 10**300},
        {"count": 1 << 60},
        {"path": ["00" * 32] * 60},
        {"path": ["no digest"]},
        {"index": True},
    ],
)
def test_a_stranger_s_proof_says_nothing_but_what_a_proof_says(change):
    document = Commitment(KEY, COHORT, 1, {"P-1": "in"}).proof("P-1").to_json()
    with pytest.raises(DocumentError) as caught:
        read_proof(json.dumps({**document, **change}).encode())
    assert "\x1b" not in str(caught.value)
