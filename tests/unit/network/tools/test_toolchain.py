"""Finding programs, checking their versions, and knowing what has to be built again."""

from pathlib import Path

import pytest

from medconsent_network.errors import NetworkError
from medconsent_network.progress import SILENT
from medconsent_network.tools import go, toolchain
from medconsent_network.tools.build import Target, targets

PROGRAMS = ("peer", "orderer", "configtxgen", "configtxlator")


def put(folder: Path, name: str, version: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho ' Version: {version}'\n")
    program.chmod(0o755)


@pytest.fixture
def own_binaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's folder of binaries, named in FABRIC_BIN, and a chaincode that was built."""
    for name in PROGRAMS:
        put(tmp_path / "bin", name, "v3.1.4")
    put(tmp_path / "ca", "fabric-ca-server", "1.5.22")
    put(tmp_path / "build" / "chaincode", "medconsent", "")
    monkeypatch.setenv("FABRIC_BIN", f"{tmp_path / 'bin'}:{tmp_path / 'ca'}")
    monkeypatch.delenv("MEDCONSENT_CHAINCODE", raising=False)
    return tmp_path


def test_an_operators_binaries_are_used(own_binaries: Path) -> None:
    found = toolchain.find("3.1.1", own_binaries / "build")
    assert found.peer == own_binaries / "bin" / "peer"
    assert found.ca_server == own_binaries / "ca" / "fabric-ca-server"


@pytest.mark.parametrize("version", ["2.5.9", "v3.0.0", "3.1.0", "latest"])
def test_of_another_version_they_are_refused(own_binaries: Path, version: str) -> None:
    put(own_binaries / "bin", "orderer", version)
    with pytest.raises(NetworkError) as refused:
        toolchain.find("3.1.1", own_binaries / "build")
    assert refused.value.code == "TOOL_VERSION"
    assert "orderer" in refused.value.message
    assert "3.1.1" in refused.value.message


def test_a_missing_one_is_named(own_binaries: Path) -> None:
    (own_binaries / "bin" / "configtxgen").unlink()
    with pytest.raises(NetworkError, match="no program configtxgen") as missing:
        toolchain.find("3.1.1", own_binaries / "build")
    assert missing.value.code == "TOOL_MISSING"


def test_without_a_build_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FABRIC_BIN", raising=False)
    with pytest.raises(NetworkError) as missing:
        toolchain.find("3.1.1", tmp_path)
    assert missing.value.code == "TOOL_MISSING"
    assert "make build" in missing.value.hint


def test_what_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FABRIC_BIN", raising=False)
    titles = [target.title for target in targets(tmp_path, ["3.1.1", "2.5.9"])]
    assert titles == ["Fabric 3.1.1", "Fabric 2.5.9", "Fabric CA 1.5.21", "chaincode"]
    monkeypatch.setenv("FABRIC_BIN", "/somewhere")
    assert [target.title for target in targets(tmp_path, ["3.1.1"])] == ["chaincode"]
    monkeypatch.delenv("FABRIC_BIN")
    with pytest.raises(NetworkError, match=r"2\.2\.0 is not one of"):
        targets(tmp_path, ["2.2.0"])


def test_a_build_is_repeated_when_a_source_changed_and_only_then(tmp_path: Path) -> None:
    module, out = tmp_path / "module", tmp_path / "out"
    (module / "cmd").mkdir(parents=True)
    for name, text in {"go.mod": "module m\n", "go.sum": "", "cmd/main.go": "package main\n"}.items():
        (module / name).write_text(text)
    target = Target("m", module, ("./cmd",), out)
    assert not target.up_to_date()
    out.mkdir()
    (out / ".built-from").write_text(target.fingerprint())
    assert target.up_to_date()
    (module / "cmd" / "main_test.go").write_text("package main\n")
    assert target.up_to_date()
    (module / "go.sum").write_text("a sum\n")
    assert not target.up_to_date()


def fake_go(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "go"
    program.write_text(f"#!/bin/sh\necho 'go version {version} linux/amd64'\n")
    program.chmod(0o755)
    return program


def test_the_machines_go_is_used_when_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = fake_go(tmp_path / "own", "go1.27.1")
    monkeypatch.setenv("PATH", str(own.parent), prepend=":")
    assert go.find([], tmp_path / "venv", SILENT) == own


def test_an_old_one_gives_way_to_the_installed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = fake_go(tmp_path / "own", "go1.22.3")
    installed = fake_go(tmp_path / "venv" / "bin", "go1.26.6")
    monkeypatch.setenv("PATH", str(own.parent), prepend=":")
    assert go.find([], tmp_path / "venv", SILENT) == installed


def test_the_modules_say_how_new_it_has_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = fake_go(tmp_path / "own", "go1.26.4")
    installed = fake_go(tmp_path / "venv" / "bin", "go1.27.3")
    monkeypatch.setenv("PATH", str(own.parent), prepend=":")
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.27.2\n")
    assert go.find([], tmp_path / "venv", SILENT) == own
    assert go.find([tmp_path], tmp_path / "venv", SILENT) == installed
