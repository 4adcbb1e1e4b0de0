"""The settings of the two CAs, before and after their one-time secrets were used."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medconsent_network import files, identities, settings
from medconsent_network.home import Authority, Home

CONFIG = "fabric-ca-server-config.yaml"


def test_the_ca_begins_with_secrets_that_only_its_owner_reads(
    make_home: Callable[..., Home], yaml: Callable[[Path], Any]
) -> None:
    registered = {one["name"]: one for one in yaml(make_home() / "ca" / CONFIG)["registry"]["identities"]}
    assert set(registered) == {"peer", "orderer", "admin", "registrar"}
    assert registered["registrar"]["attrs"]["hf.Registrar.Roles"] == "client"
    assert registered["registrar"]["attrs"]["hf.Registrar.Attributes"] == "medconsent.roles"
    assert not [name for name in registered["admin"]["attrs"] if name.startswith("hf.Registrar")]
    passwords = {one["pass"] for one in registered.values()}
    assert len(passwords) == 4
    assert all(len(password) >= 32 for password in passwords)
    assert {one["maxenrollments"] for one in registered.values()} == {1}


def test_what_is_enrolled_has_no_secret_any_more(
    make_home: Callable[..., Home], yaml: Callable[[Path], Any], tmp_path: Path
) -> None:
    home = make_home()
    for ca in ("ca", "tlsca"):
        enrol_all(home, ca)
    assert not identities.complete(home), "the secrets are still there"
    identities.prepare(home)
    settings.write(home, tmp_path / "s.sock")
    assert [yaml(home / ca / CONFIG)["registry"]["identities"] for ca in ("ca", "tlsca")] == [[], []]
    assert not list(home.path.glob("*/bootstrap.json"))
    assert identities.complete(home)


def test_a_secret_of_an_earlier_attempt_is_not_trusted_again(make_home: Callable[..., Home]) -> None:
    """It may have been used; the CA knows the name by then, so the identity gets another one."""
    home = make_home()
    first = {one["pass"] for one in identities.to_register(home, "ca")}
    with closing(sqlite3.connect(home / "ca" / "fabric-ca-server.db")) as register:
        register.execute("CREATE TABLE users (id TEXT, max_enrollments INTEGER, state INTEGER)")
    identities.prepare(home)
    again = identities.to_register(home, "ca")
    assert not first & {one["pass"] for one in again}
    assert [str(one["name"]).partition("-")[0] for one in again] == ["peer", "orderer", "admin", "registrar"]
    assert not {"peer", "orderer", "admin", "registrar"} & {one["name"] for one in again}


@pytest.mark.parametrize(
    ("ca", "usage"),
    [
        ("ca", ["digital signature"]),
        ("tlsca", ["signing", "key encipherment", "server auth", "client auth", "key agreement"]),
    ],
)
def test_the_tls_ca_alone_certifies_servers(
    make_home: Callable[..., Home], yaml: Callable[[Path], Any], ca: Authority, usage: list[str]
) -> None:
    signing = yaml(make_home() / ca / CONFIG)["signing"]
    assert signing["profiles"]["tls"]["usage"] == usage
    assert signing["default"]["usage"] == ["digital signature"]


def test_the_tls_ca_serves_the_home_alone(make_home: Callable[..., Home], yaml: Callable[[Path], Any]) -> None:
    home = make_home()
    elsewhere = replace(home.institution, host="nuri.example")
    spec = replace(home.spec, institutions=(elsewhere,))
    abroad = make_home(spec=spec)
    assert yaml(abroad / "tlsca" / CONFIG)["address"] == "127.0.0.1"
    assert abroad.ca_url("tlsca") == "https://127.0.0.1:7201"
    assert yaml(abroad / "ca" / CONFIG)["address"] == "0.0.0.0"  # noqa: S104
    assert abroad.ca_url("ca") == "https://nuri.example:7200"


@pytest.mark.parametrize("ca", ["ca", "tlsca"])
def test_operations_are_for_two_certificates(
    make_home: Callable[..., Home], yaml: Callable[[Path], Any], tmp_path: Path, ca: Authority
) -> None:
    """Before the CA has a certificate to show, the listener has a port that nobody knows."""
    home = make_home()
    before = yaml(home / ca / CONFIG)["operations"]
    assert before == {"listenaddress": "127.0.0.1:0", "tls": {"enabled": False}}
    enrol_all(home, "tlsca")
    settings.write(home, tmp_path / "s.sock")
    config = yaml(home / ca / CONFIG)
    assert config["tls"]["certfile"] == "tls/cert.pem"
    assert config["operations"]["listenaddress"] == f"127.0.0.1:{home.institution.port(f'{ca}-operations')}"
    tls = config["operations"]["tls"]
    assert (tls["enabled"], tls["clientcertrequired"]) == (True, True)
    assert tls["clientcacertfiles"] == ["../users/operations/tls/cert.pem", "../users/scraper/tls/cert.pem"]
    assert all((home.node(ca) / path).is_file() for path in tls["clientcacertfiles"])


def enrol_all(home: Home, ca: Authority) -> None:
    """Files where the certificates of the home's identities would be."""
    for place in identities.places(home, ca).values():
        if ca == "ca":
            files.private_folder(place / "signcerts")
        files.write_private(identities.certificate(place), "a certificate")
    files.private_folder(home.msp)
