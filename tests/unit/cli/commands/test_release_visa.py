"""`medconsent release visa`: a token on stdout, the rest beside it, and keys that are told."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.release.visas import Visa
from medconsent_cli.main import run

ISSUER = ("--issuer", "https://release.hanbit.example", "--key", "visa.key")


def test_the_token_alone_is_on_stdout(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    minted = Visa("a.b.c", "nuri/kim", answers.GRANT, datetime(2026, 12, 1, tzinfo=UTC))
    client.release = SimpleNamespace(visa=Recorder(minted))
    for _again in range(2):
        assert run(["release", "visa", "b2b2", *ISSUER, "--key-set", "jwks.json"]) == 0
    said = capsys.readouterr()
    assert said.out == "a.b.c\n" * 2
    assert "nuri/kim" in said.err
    keys = json.loads((folder / "jwks.json").read_bytes())["keys"]
    assert len(keys) == 1
    assert keys[0].keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert client.release.visa.calls[0][0][0] == "b2b2"


def test_a_set_that_is_none_is_not_written_over(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.release = SimpleNamespace(visa=Recorder(None))
    (folder / "mine.txt").write_text("something of mine")
    assert run(["release", "visa", "b2b2", *ISSUER, "--key-set", "mine.txt"]) == 2
    assert "no JWK set" in capsys.readouterr().err
    assert (folder / "mine.txt").read_text() == "something of mine"
    assert not client.release.visa.calls
