"""Contexts through the program, with real identities on disk; and registering and enrolling, with the CA replaced."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from medconsent import errors
from medconsent.fabric.ca import CAClient, Enrollment
from medconsent.fabric.identity import ATTRIBUTES_OID, PrivateKeySigner
from medconsent_cli.app.failures import explain
from medconsent_cli.app.state import App
from medconsent_cli.main import run


def issue(person: str, roles: str) -> tuple[bytes, PrivateKeySigner]:
    """A certificate such as the CA gives, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, person)])
    now = datetime.now(UTC)
    attributes = json.dumps({"attrs": {"hf.EnrollmentID": person, "medconsent.roles": roles}}).encode()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, attributes), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), PrivateKeySigner(key)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MEDCONSENT_CONTEXT", raising=False)
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def profile(tmp_path: Path) -> str:
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


def wallet(folder: Path, person: str, roles: str) -> str:
    certificate, signer = issue(person, roles)
    folder = folder / person
    folder.mkdir()
    (folder / "cert.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(signer.to_pem())
    return str(folder)


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run(["--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_add_list_use_show_remove(tmp_path: Path, home: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    lee = ["context", "add", "hanbit/lee", "--profile", profile, "--msp", wallet(tmp_path, "lee", "dac,researcher")]
    assert run(lee) == 0
    assert "hanbit/lee (dac, researcher)" in capsys.readouterr().out
    assert run(lee) == 2
    assert "error CONTEXT: there is a context hanbit/lee already" in capsys.readouterr().err
    made = ask(capsys, "context", "add", "hanbit/p", "--profile", profile, "--msp", wallet(tmp_path, "park", "steward"))
    assert (made["enrollment_id"], made["roles"], made["channel"]) == ("park", ["steward"], "medconsent")

    assert [one["name"] for one in ask(capsys, "context", "list")["items"] if one["current"]] == ["hanbit/lee"]
    ask(capsys, "context", "use", "hanbit/p")
    assert ask(capsys, "context", "show")["name"] == "hanbit/p"
    assert ask(capsys, "context", "show", "--context", "hanbit/lee")["name"] == "hanbit/lee"
    assert run(["context", "list"]) == 0
    assert "*  hanbit/p" in capsys.readouterr().out

    assert run(["context", "remove", "hanbit/p"]) == 2  # nobody to ask
    assert ask(capsys, "context", "remove", "hanbit/p", "--yes") == {"removed": "hanbit/p"}
    assert [one["name"] for one in ask(capsys, "context", "list")["items"]] == ["hanbit/lee"]
    (key,) = home.rglob("key.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_no_key_is_ever_printed(tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = wallet(tmp_path, "lee", "dac")
    key = (Path(folder) / "key.pem").read_text().splitlines()[1]
    assert run(["context", "add", "hanbit/lee", "--profile", profile, "--msp", folder]) == 0
    for arguments in (["context", "show"], ["context", "list"], ["--json", "context", "show"]):
        assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert key not in out + err


def test_a_context_is_of_the_profiles_institution(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["context", "add", "nuri/lee", "--profile", profile, "--msp", wallet(tmp_path, "lee", "")]) == 2
    assert "hanbit/NAME" in capsys.readouterr().err


def test_who_is_refused_is_told_who_they_are_and_who_might(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for person, roles in (("kim", "researcher"), ("park", "steward"), ("lee", "dac")):
        assert (
            run(["context", "add", f"hanbit/{person}", "--profile", profile, "--msp", wallet(tmp_path, person, roles)])
            == 0
        )
    hint = explain(errors.Forbidden("hanbit/kim acts as steward here", hint="h"), App()).hint
    assert hint == "h; you act as hanbit/kim (context hanbit/kim); try --context with hanbit/park (steward)"
    assert run(["context", "show", "--context", "lee"]) == 2
    assert "did you mean hanbit/lee?" in capsys.readouterr().err


def test_a_file_that_is_no_profile_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.yaml").write_text("use: []")
    folder = wallet(tmp_path, "lee", "dac")
    assert run(["context", "add", "hanbit/lee", "--profile", str(tmp_path / "policy.yaml"), "--msp", folder]) == 2
    assert "policy.yaml is no connection profile" in capsys.readouterr().err


def test_a_secret_that_cannot_be_read(tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nix")
    assert run(["identity", "enroll", "kim", "--profile", profile, "--secret-file", missing]) == 2
    assert f"the secret file {missing} cannot be read: no such file or directory." in capsys.readouterr().err


def test_register_then_enroll(
    tmp_path: Path, profile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Any, ...]] = []

    def register(_ca: CAClient, _registrar: Any, person: str, **options: Any) -> str:
        asked.append((person, options["attributes"], options["max_enrollments"]))
        return "one-time"

    def enroll(_ca: CAClient, person: str, secret: str, **_options: Any) -> Enrollment:
        asked.append((person, secret))
        certificate, signer = issue(person, "researcher")
        return Enrollment(person, certificate, b"", signer)

    monkeypatch.setattr(CAClient, "register", register)
    monkeypatch.setattr(CAClient, "enroll", enroll)
    registrar = wallet(tmp_path, "registrar", "")
    assert run(["context", "add", "hanbit/registrar", "--profile", profile, "--msp", registrar]) == 0
    secret = tmp_path / "kim.secret"
    capsys.readouterr()
    told = ask(
        capsys, "identity", "register", "kim", "--role", "researcher", "--role", "dac", "--secret-out", str(secret)
    )
    assert told["registered"] == "hanbit/kim"
    assert "one-time" not in json.dumps(told)
    made = ask(capsys, "identity", "enroll", "kim", "--profile", profile, "--secret-file", str(secret), "--use")
    assert made["name"] == "hanbit/kim"
    assert asked == [("kim", {"medconsent.roles": "researcher,dac"}, 1), ("kim", "one-time")]
    assert ask(capsys, "context", "show")["name"] == "hanbit/kim"
