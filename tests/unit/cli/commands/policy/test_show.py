"""`medconsent policy show`: what is shown can be read back."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.policies import load_yaml
from medconsent_cli.main import run


def test_the_policy_that_is_shown_can_be_read_back(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:

    policy = answers.dataset().policy
    client.policies = SimpleNamespace(get=Recorder(policy))
    assert run(["policy", "show", "hanbit/breast-cancer@1"]) == 0
    assert load_yaml(capsys.readouterr().out) == policy.policy
    assert client.policies.get.calls == [(("hanbit/breast-cancer", 1), {})]
