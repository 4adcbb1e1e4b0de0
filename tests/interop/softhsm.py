"""SoftHSM of Debian, a PKCS #11 token in software: the one that is installed, or one that is unpacked for the tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from medconsent_network.tools.toolchain import build_folder

PIN, OFFICER_PIN = "98765432", "12345678"
LABEL = "fabric"
_PACKAGES = ("softhsm2", "libsofthsm2", "softhsm2-common")
_LIBRARY, _TOOL = "libsofthsm2.so", "softhsm2-util"


def found() -> tuple[Path, Path]:
    """Its library and its tool; the test is skipped where there is no way to them."""
    for root in (lambda: Path("/"), _unpacked):
        libraries = sorted(root().glob(f"usr/lib/*/softhsm/{_LIBRARY}"))
        tool = root() / "usr" / "bin" / _TOOL
        if libraries and tool.is_file():
            return libraries[0], tool
    pytest.skip("there is no SoftHSM: apt install softhsm2")


def _unpacked() -> Path:
    """Where its packages are unpacked: nothing is installed, and nobody has to be root."""
    folder = build_folder() / "softhsm"
    if folder.is_dir() or shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return folder
    work = build_folder() / "softhsm.part"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in _PACKAGES:
        subprocess.run(["apt-get", "download", "-q", name], cwd=work, capture_output=True, check=False)
    packages = list(work.glob("*.deb"))
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, work], cwd=work, capture_output=True, check=False)
    if packages:
        work.rename(folder)
    return folder


def make_token(folder: Path) -> Path:
    """An empty token in a folder, for this process and its children; the library."""
    library, tool = found()
    (folder / "tokens").mkdir(exist_ok=True)
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    command = [tool, "--module", library, "--init-token", "--free", "--label", LABEL]
    done = subprocess.run(
        [*command, "--so-pin", OFFICER_PIN, "--pin", PIN], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return library
