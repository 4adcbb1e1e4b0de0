"""What the tests of commands begin with: settings of their own, a client that stands in for the SDK's, and stdin."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder
from identities import issue

from medconsent.errors import Unreachable
from medconsent_cli.app import output
from medconsent_cli.app.state import App


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration folder, and none of the developer's own settings."""
    for name in list(os.environ):
        if name.startswith("MEDCONSENT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def always_next(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test changes, whoever did it is told what comes next: a line `next:`, unless it was with --json."""
    changing, line = App.changing, output.line
    done: list[str] = []
    told: list[str] = []

    @contextmanager
    def watched(app: App, what: str) -> Iterator[Any]:
        with changing(app, what) as found:
            yield found
        if not app.json:
            done.append(what)

    def noted(text: str = "") -> None:
        told.append(text)
        line(text)

    monkeypatch.setattr(App, "changing", watched)
    monkeypatch.setattr(output, "line", noted)
    yield
    assert not done or any(text.startswith("next: ") for text in told), done


@pytest.fixture
def home(settings: Path) -> Path:
    """A configuration folder with the context hanbit/lee, which is the current one and has no keys."""
    folder = settings / "contexts" / "hanbit" / "lee"
    folder.mkdir(parents=True)
    members = {"institution": "hanbit", "enrollment_id": "lee", "endpoint": "localhost:1"}
    (folder / "context.json").write_text(json.dumps({**members, "channel": "c", "chaincode": "m"}))
    (settings / "current").write_text("hanbit/lee\n")
    return settings


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A client of hanbit/lee whose nouns a test fills in; nobody is at the keyboard."""
    found = SimpleNamespace(institution="hanbit", enrollment_id="lee", roles=("dac",), behind=0)
    found.decisions = SimpleNamespace(explain=Recorder(answers.decision("permit")))
    # What is read only to say what comes next.
    found.datasets = SimpleNamespace(get=_unreachable)
    found.requests = SimpleNamespace(get=_unreachable, iterate=_unreachable)
    found.proposals = SimpleNamespace(iterate=_unreachable)

    @contextmanager
    def connect(_app: App) -> Iterator[Any]:
        yield found

    monkeypatch.setattr(App, "connect", connect)
    monkeypatch.setattr(sys, "stdin", StringIO())
    return found


def _unreachable(*_arguments: Any, **_options: Any) -> Any:
    raise Unreachable("the peer does not answer")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts text on stdin: a pipe, or with `terminal` what somebody types."""

    def put(text: bytes, *, terminal: bool = False) -> None:
        stdin = TextIOWrapper(BytesIO(text))
        monkeypatch.setattr(stdin, "isatty", lambda: terminal)
        monkeypatch.setattr("sys.stdin", stdin)

    return put


@pytest.fixture
def profile(tmp_path: Path) -> str:
    """A connection profile of hanbit's."""
    pem = issue("tls", "")[0].decode()
    document = {
        "client": {"organization": "hanbit"},
        "organizations": {"hanbit": {"mspid": "hanbit", "peers": ["p"], "certificateAuthorities": ["ca"]}},
        "peers": {"p": {"url": "grpcs://127.0.0.1:7051", "tlsCACerts": {"pem": pem}}},
        "certificateAuthorities": {"ca": {"url": "https://127.0.0.1:7054", "tlsCACerts": {"pem": pem}}},
        "x-medconsent": {"channel": "medconsent", "chaincode": "medconsent"},
    }
    path = tmp_path / "connection.json"
    path.write_text(json.dumps(document))
    return str(path)
