"""What a short command is spared, and that it does what it does all the same."""

import subprocess
import sys
from pathlib import Path


def python(program: str, folder: Path, *, code: int = 0) -> str:
    """What a program of its own prints; it ends with `code`."""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )
    assert (told.returncode, told.stderr) == (code, "")
    return told.stdout


def test_a_question_loads_no_asyncio(tmp_path: Path) -> None:
    program = (
        "import sys; from medconsent_cli.app import startup; startup.spare()\n"
        "import medconsent.client, medconsent.nouns.decisions\n"
        "print({'asyncio.events', 'grpc.aio._call', 'requests', 'ruamel.yaml'} & set(sys.modules))"
    )
    assert python(program, tmp_path) == "set()\n"


def test_what_was_deferred_is_there_when_it_is_used(tmp_path: Path) -> None:
    program = (
        "from medconsent_cli.app import startup; startup.spare()\n"
        "import asyncio, grpc\n"
        "from medconsent.fabric.aio import AsyncGateway\n"
        "async def close():\n"
        "    await grpc.aio.insecure_channel('localhost:1').close()\n"
        "    return 'closed'\n"
        "print(asyncio.run(close()), asyncio.Future.__name__)"
    )
    assert python(program, tmp_path) == "closed Future\n"


def test_what_is_not_installed_is_not_deferred(tmp_path: Path) -> None:
    program = (
        "import sys; from medconsent_cli.app import startup; startup.defer('no.such'); print('no.such' in sys.modules)"
    )
    assert python(program, tmp_path) == "False\n"


def test_the_end_loses_no_output_and_no_code(tmp_path: Path) -> None:
    program = (
        "import atexit, sys; from medconsent_cli.app import startup\n"
        "atexit.register(print, 'told of the end')\n"
        "sys.stdout.write('x' * 100_000 + '\\n'); startup.leave(4)"
    )
    out = python(program, tmp_path, code=4)
    assert out == "x" * 100_000 + "\ntold of the end\n"
