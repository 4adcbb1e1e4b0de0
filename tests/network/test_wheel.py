"""The wheel installs by itself into an empty environment and works against a network elsewhere."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from scenario import Cast

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by setuptools as `pip wheel` does, without what the checkout's environment has beyond it."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(REPOSITORY)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    (built,) = out.glob("*.whl")
    return built


def sources() -> set[str]:
    """Every Python module of the three packages, as the wheel must hold it."""
    found = set()
    for root in ("sdk", "cli", "network"):
        base = REPOSITORY / root
        for package in base.glob("medconsent*"):
            found |= {p.relative_to(base).as_posix() for p in package.rglob("*.py")}
    return found


def test_files(wheel: Path) -> None:
    """setuptools drops a sub-package silently when it is not listed: compare with the tree."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert sources() <= names, sources() - names
    assert {
        "medconsent/py.typed",
        "medconsent/contract.json",
        "medconsent/documents/policy-schema.json",
        "medconsent_cli/py.typed",
        "medconsent_network/data/consortium.yaml",
    } <= names
    assert not [n for n in names if n.startswith(("tests/", "bench/", "examples/"))]


def page(heading: str) -> str:
    """What docs/install.md says to run below a heading."""
    text = (REPOSITORY / "docs" / "install.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^## {heading}\n(?:(?!^## ).)*?^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(block)


def test_runs_from_an_empty_environment(wheel: Path, cast: Cast, tmp_path: Path) -> None:
    """As docs/install.md says: the pinned, hashed dependencies, the wheel by itself, then one extra."""
    for file in (wheel, REPOSITORY / "requirements" / "core.txt"):
        shutil.copy(file, tmp_path)
    env = {"PATH": os.environ["PATH"], "MEDCONSENT_HOME": str(tmp_path / "visitor"), "HOME": str(tmp_path)}
    programs = tmp_path / "medconsent" / "bin"

    def run(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [str(it) for it in arguments], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    run("bash", "-euc", page("A laptop"))
    run(programs / "python", "-m", "pip", "check")
    secret = tmp_path / "visitor.secret"
    cast.registrar("nuri").run("identity", "register", "visitor", "--role", "researcher", "--secret-out", str(secret))
    profile = cast.network.home("nuri").path / "connection.json"
    medconsent = programs / "medconsent"
    assert run(medconsent, "--help").stdout
    run(medconsent, "identity", "enroll", "visitor", "--profile", profile, "--secret-file", secret)
    assert run(medconsent, "--json", "dataset", "list").stdout

    status = (programs / "medconsent-network", "--network", cast.network.folder, "status")
    assert "supervisor==" in run(*status, code=1).stderr
    run("bash", "-euc", page("Extras"))
    assert "hanbit" in run(*status).stdout
