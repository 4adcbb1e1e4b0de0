"""hanbit's own chaincode is down, and somebody at hanbit asks through hanbit's own gateway. The colluders' chaincode
would say yes to anything.
"""

from collections.abc import Iterator

import pytest
from actors import CHAINCODE, Refused
from colluders import Colluders
from scene import Scene, question

from medconsent.client import Nouns
from medconsent.errors import Unreachable
from medconsent.fabric.errors import EvaluateError
from medconsent.values.purposes import Purpose

DATASET = "hanbit/never-granted"


@pytest.fixture
def chaincode_down(scene: Scene, colluders: Colluders) -> Iterator[None]:
    scene.publish(DATASET, ("hanbit", "dac"))
    assert scene.check("nuri/kim", DATASET)["decision"] == "deny"
    scene.network.stop("hanbit", "chaincode")
    yield
    scene.network.start("hanbit", "chaincode")
    assert scene.check("nuri/kim", DATASET)["decision"] == "deny"


def test_an_error_and_never_anothers_answer(scene: Scene, chaincode_down: None) -> None:
    # What the gateway does when nobody is named: it asks a colluder, without a word. This is what must not happen.
    assert scene.auditor.ask("check", question("nuri/kim", DATASET), targets=())["decision"] == "permit"
    # One's own institution named: an error.
    with pytest.raises(Refused) as refused:
        scene.check("nuri/kim", DATASET)
    assert refused.value.code == ""
    assert isinstance(refused.value.__cause__, EvaluateError)
    # That is what the SDK does.
    nouns = Nouns(scene.auditor.channel, CHAINCODE)
    with pytest.raises(Unreachable):
        nouns.decisions.check(DATASET, for_="nuri/kim", purpose=Purpose("general-research"), mode="download")
