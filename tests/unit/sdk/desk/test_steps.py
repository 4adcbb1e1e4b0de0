"""Who has to do what after a request was changed, and after an epoch."""

from typing import Any

import pytest
from contract_answers import GRANT_RECORD, REQUEST_VIEW

from medconsent.desk.people import People
from medconsent.desk.steps import of_request, of_withdrawal
from medconsent.values.requests import RequestView

STAGE = REQUEST_VIEW["waits_for"][0]
LATER = {**STAGE, "role": "privacy", "open": False, "step": 2}


def step(**members: Any) -> str:
    found = of_request(RequestView.from_json({**REQUEST_VIEW, **members}), People("hanbit", {"lee": "Lee Jiwoo"}))
    return str(found)


def test_whoever_is_asked_votes() -> None:
    short = RequestView.from_json(REQUEST_VIEW).id[:12]
    ethics = {**STAGE, "institution": "saerom", "role": "ethics", "waits_for": ["yoon"]}
    assert step(waits_for=[STAGE, ethics, LATER]) == (
        "1 of hanbit/dac (lee (Lee Jiwoo), park) and 1 of saerom/ethics (yoon) vote: "
        f"medconsent request approve {short}"
    )
    assert step(state="returned", waits_for=[]) == f"nuri/kim amends it: medconsent request amend {short}"
    assert step(state="rejected", waits_for=[]) == "None"


@pytest.mark.parametrize("stage", [{**STAGE, "missing": 3}, {**LATER, "waits_for": []}])
def test_a_stage_that_cannot_be_met_is_seen_to_first(stage: dict[str, Any]) -> None:
    assert step(waits_for=[STAGE, stage]) == (
        f"a steward of hanbit seats others, for hanbit/{stage['role']} can no longer meet it: "
        f"medconsent committee add {stage['role']} ID"
    )


def test_whoever_has_the_grant_is_told_where_the_data_is() -> None:
    grant = GRANT_RECORD
    assert step(state="approved", waits_for=[], grant=grant) == (
        "nuri/kim may have the data now; where it is and whom to ask: medconsent grant show "
        f"{grant['record']['id'][:12]}"
    )


def test_a_withdrawal_is_attested_where_somebody_withdrew() -> None:
    assert of_withdrawal("hanbit/c", 2, ("hanbit/bc@1",), "none") is None
    assert of_withdrawal("hanbit/c", 2, (), "under-20") is None
    assert str(of_withdrawal("hanbit/c", 2, ("hanbit/bc@1", "hanbit/bc@2"), "under-20")) == (
        "a steward or privacy officer of hanbit attests that the withdrawn are left out (and 1 other version): "
        "medconsent consent exclude hanbit/c hanbit/bc@1 --epoch 2 --list FILE"
    )
