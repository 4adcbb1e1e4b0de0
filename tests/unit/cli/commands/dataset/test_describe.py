"""`medconsent dataset describe` and `verify`: a manifest of a folder, and a copy compared with it."""

import json
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.data import manifest
from medconsent.policies import Offer, load_yaml
from medconsent_cli.main import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table and a file in a folder below."""
    folder = tmp_path / "data"
    (folder / "below").mkdir(parents=True)
    (folder / "table.csv").write_text("a,b\n1,2\n3,4\n")
    (folder / "below" / "notes.txt").write_text("notes")
    return folder


def test_describe_and_verify(client: SimpleNamespace, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client.institutions = SimpleNamespace(get=Recorder(SimpleNamespace(title="Hanbit", contact="data@hanbit.example")))
    assert run(["dataset", "describe", str(folder), "--title", "Table", "--keyword", "oncology"]) == 0
    assert "records             2" in capsys.readouterr().out
    text = (folder / "croissant.json").read_bytes()
    document = manifest.read(text)
    assert (document.title, document.contact, len(document.files)) == ("Table", "data@hanbit.example", 2)
    assert run(["dataset", "describe", str(folder), "--title", "Again"]) == 2
    assert "--replace" in capsys.readouterr().err
    assert (folder / "croissant.json").read_bytes() == text

    client.datasets = SimpleNamespace(
        get=Recorder(answers.dataset(document)),
        manifest=Recorder(SimpleNamespace(text=text.decode())),
        compare_usage=Recorder("differs"),
    )
    verify = ["dataset", "verify", "hanbit/breast-cancer", str(folder)]
    assert run(verify) == 0  # that conditions of use differ is only told
    told = capsys.readouterr().out
    assert told.startswith("same: ")
    assert "conditions of use in the manifest: not those of the policy in force; the policy holds\n" in told
    assert client.datasets.compare_usage.calls == [(("hanbit/breast-cancer", text), {})]
    (folder / "table.csv").write_text("a,b\n1,2\n3,5\n")
    (folder / "below" / "notes.txt").unlink()
    (folder / "new.txt").write_text("new")
    assert run(verify) == 8
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  changed: table.csv",
        "  missing: below/notes.txt",
        "  too many: new.txt",
    ]
    assert run([*verify, "--json"]) == 8
    told = json.loads(capsys.readouterr().out)
    assert (told["same"], told["changed"], told["missing"]) == (False, ["table.csv"], ["below/notes.txt"])
    assert told["usage_info"] == "differs"
    assert told["extra"] == ["new.txt"]


def test_describe_puts_in_what_the_contract_offers(
    client: SimpleNamespace, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client.institutions = SimpleNamespace(get=Recorder(SimpleNamespace(title="Hanbit", contact="data@hanbit.example")))
    client.policies = SimpleNamespace(offer=Recorder(Offer({"@type": "odrl:Offer"}, "f" * 64)))
    describe = ["dataset", "describe", str(folder), "--title", "Table", "--replace"]
    policy = answers.EXAMPLES / "open-research.yaml"
    assert run([*describe, "--policy", str(policy)]) == 2
    assert "--dataset" in capsys.readouterr().err
    assert not (folder / "croissant.json").exists()
    assert run([*describe, "--policy", str(policy), "--dataset", "table"]) == 0
    assert "conditions of use   stated, as the policy has them" in capsys.readouterr().out
    assert run([*describe, "--dataset", "nuri/table"]) == 0
    assert client.policies.offer.calls == [(("hanbit/table", load_yaml(policy)), {}), (("nuri/table", None), {})]
    content = json.loads((folder / "croissant.json").read_bytes())
    assert content["usageInfo"] == {"@type": "odrl:Offer"}
    capsys.readouterr()
    assert run([*describe, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["usage_info_sha256"] is None
