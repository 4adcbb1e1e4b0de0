"""Stages, vetoes and who decides, in a policy's YAML."""

from pathlib import Path

import pytest

from medconsent.errors import DocumentError
from medconsent.policies import Stage, Veto, dump_yaml, load_yaml

EXAMPLES = Path(__file__).parents[4] / "examples"

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
