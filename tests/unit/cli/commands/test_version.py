"""`medconsent version`."""

import json

import pytest

from medconsent_cli.main import run


def test_the_version_is_told_without_a_context(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--json", "version"]) == 0
    assert json.loads(capsys.readouterr().out)["medconsent"]
