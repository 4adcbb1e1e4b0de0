"""`medconsent dataset publish`: what was given is sent, and what is no manifest is not."""

from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.data import manifest
from medconsent.values.records import Written
from medconsent_cli.main import run


def test_publish_sends_what_was_given(
    client: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("x\n1\n")
    document = manifest.describe(
        tmp_path / "data", title="T", summary="S", publisher="Hanbit", contact="a@b.example", license="CC0-1.0"
    )
    (tmp_path / "m.json").write_bytes(document)
    (tmp_path / "p.yaml").write_text("use: [")
    client.datasets = SimpleNamespace(publish=Recorder(Written(answers.dataset(), answers.TX, 4)))
    publish = ["dataset", "publish", "breast-cancer", "--manifest", str(tmp_path / "m.json")]
    assert run([*publish, "--policy", str(tmp_path / "p.yaml")]) == 2
    assert run([*publish, "--manifest", str(tmp_path / "none.json")]) == 2
    capsys.readouterr()
    assert run([*publish, "--manifest", str(tmp_path / "p.yaml")]) == 2
    told = capsys.readouterr().err
    assert f"error DOCUMENT: {tmp_path / 'p.yaml'}:1:1: " in told
    assert "expected a Croissant manifest" in told
    assert not client.datasets.publish.calls
    assert run([*publish, "--kind", "tabular", "--keyword", "oncology", "--keyword", "breast"]) == 0
    (arguments, options) = client.datasets.publish.calls[0]
    assert arguments == ("breast-cancer", document, None)
    assert (options["kinds"], options["keywords"], options["title"]) == (("tabular",), ("oncology", "breast"), None)
