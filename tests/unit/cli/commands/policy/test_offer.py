"""`medconsent policy offer`: conditions of use as JSON-LD."""

import json
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.policies import (
    Offer,
    load_yaml,
)
from medconsent_cli.main import run


def test_an_offer_is_printed_as_json_ld(
    client: SimpleNamespace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    offer = Offer({"@type": "odrl:Offer", "sc:description": "\u202e"}, "f" * 64)
    client.policies = SimpleNamespace(offer=Recorder(offer))
    file = answers.EXAMPLES / "behind-glass.yaml"
    assert run(["policy", "offer", str(file)]) == 2
    assert "--dataset SLUG" in capsys.readouterr().err
    assert run(["policy", "offer", "no-such.yaml", "--dataset", "ct"]) == 2
    assert "there is no file no-such.yaml" in capsys.readouterr().err
    assert run(["policy", "offer", str(file), "--dataset", "ct"]) == 0
    out = capsys.readouterr().out
    assert "\u202e" not in out
    assert json.loads(out) == offer.usage_info
    assert run(["policy", "offer", "nuri/ct@2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == offer.to_json()
    assert client.policies.offer.calls == [
        (("hanbit/ct", load_yaml(file)), {"version": None}),
        (("nuri/ct", None), {"version": 2}),
    ]
