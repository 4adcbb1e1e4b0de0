"""The wheel installs by itself into an empty environment and works against a network elsewhere."""

import os
import subprocess
import sys
import venv
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


def test_runs_from_an_empty_environment(wheel: Path, cast: Cast, tmp_path: Path) -> None:
    environment = tmp_path / "empty"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    # the pinned, hashed dependencies, then the wheel by itself
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--require-hashes", "-r", REPOSITORY / "requirements" / "core.txt"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    for command in (["install", "-q", "--no-deps", str(wheel)], ["check"]):
        subprocess.run([python, "-m", "pip", *command], check=True, capture_output=True, text=True)

    secret = tmp_path / "visitor.secret"
    cast.registrar("nuri").run("identity", "register", "visitor", "--role", "researcher", "--secret-out", str(secret))
    env = {"PATH": os.environ["PATH"], "MEDCONSENT_HOME": str(tmp_path / "visitor"), "HOME": str(tmp_path)}
    program = environment / "bin" / "medconsent"
    profile = cast.network.home("nuri").path / "connection.json"

    def run(*arguments: object) -> str:
        done = subprocess.run(
            [program, *map(str, arguments)], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert run("--help")
    run("identity", "enroll", "visitor", "--profile", profile, "--secret-file", secret)
    assert run("--json", "dataset", "list")
