"""`medconsent dataset show` and `manifest`: what stands on the ledger, as it is."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent_cli.main import run


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("current", "those of the policy in force"),
        ("outdated", "not those of the policy in force"),
        ("absent", "not stated"),
        ("off-ledger", "the manifest is elsewhere"),
        ("a later word", "a later word"),
    ],
)
def test_a_dataset_shows_how_its_manifest_stands_to_the_policy(
    state: str, words: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.datasets = SimpleNamespace(get=Recorder(replace(answers.dataset(), usage_info=state)))
    assert run(["dataset", "show", "hanbit/breast-cancer"]) == 0
    assert re.search(f"^conditions in it +{words}", capsys.readouterr().out, re.MULTILINE)
    assert run(["dataset", "show", "hanbit/breast-cancer", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["usage_info"] == state


def test_the_manifest_is_printed_as_it_is(
    client: SimpleNamespace, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    text = '{"b": 1,\n "a": "한"}\r\n'
    client.datasets = SimpleNamespace(manifest=Recorder(SimpleNamespace(text=text)))
    out = tmp_path / "out.json"
    assert run(["dataset", "manifest", "hanbit/breast-cancer", "--out", str(out)]) == 0
    assert out.read_bytes() == text.encode()
    assert run(["dataset", "manifest", "hanbit/breast-cancer"]) == 0
    assert capfdbinary.readouterr().out == text.encode()
