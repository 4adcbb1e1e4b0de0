"""The secrets with which a home's own identities first enrol: who finds one cannot become the administrator with it."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from lone import NAME, Lone, alone

from medconsent.fabric.ca import CAClient, Enrollment
from medconsent.fabric.errors import CAError
from medconsent_network import identities
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import AUTHORITIES, Authority, Home
from medconsent_network.spec import Spec
from medconsent_network.status import status, well


def test_every_secret_is_nowhere_afterwards(lone: Lone) -> None:
    """Not in settings, databases, logs, keys, or anything else that is in the home or beside it."""
    assert len(lone.secrets) >= 8
    searched = 0
    for file in lone.network.folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            searched += 1
            assert not [secret for secret in lone.secrets if secret.encode() in content], file
    assert searched > 50


@pytest.mark.parametrize("ca", AUTHORITIES)
def test_no_secret_enrols_again(lone: Lone, ca: Authority) -> None:
    assert enrolled_again(lone.home, ca, lone.secrets) == []


@pytest.mark.parametrize("ca", AUTHORITIES)
def test_nor_in_a_home_whose_secrets_were_good_for_ever(lone: Lone, ca: Authority) -> None:
    """A home of 0.1.0 has them so in its CAs' registers; the next start closes them."""
    lone.network.down()
    with sqlite3.connect(lone.home.node(ca) / "fabric-ca-server.db") as register:
        register.execute("UPDATE users SET max_enrollments = -1")
    register.close()
    lone.network.up()
    assert enrolled_again(lone.home, ca, lone.secrets) == []


def test_a_start_that_was_interrupted_is_taken_up(
    tmp_path: Path, sample_consortium: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret was used, and nobody has the certificate: the identity gets another one, and the first is good for
    nothing more.
    """
    network = Consortium.with_free_ports(tmp_path / "network", alone(sample_consortium))
    home = network.home(NAME)
    enroll, begun = CAClient.enroll, iter(range(100))

    def interrupted(self: CAClient, *arguments: Any, **options: Any) -> Enrollment:
        issued = enroll(self, *arguments, **options)
        if next(begun) == 2:
            raise KeyboardInterrupt
        return issued

    try:
        with monkeypatch.context() as patch:
            patch.setattr(CAClient, "enroll", interrupted)
            with pytest.raises(KeyboardInterrupt):
                network.up()
        lost = [one["pass"] for ca in AUTHORITIES for one in json.loads(home.secrets(ca).read_text())]
        with pytest.raises(NetworkError, match="the tlsca of hanbit refused") as refused:
            network.up()
        assert refused.value.code == "CA_FAILED"
        assert "`down` and `up` again" in refused.value.hint
        network.down()
        network.up()
        assert well(status([home]))
        for file in home.path.rglob("*"):
            if file.is_file() and not file.is_symlink():
                assert not [secret for secret in lost if secret.encode() in file.read_bytes()], file
    finally:
        network.clean()


def enrolled_again(home: Home, ca: Authority, secrets: tuple[str, ...]) -> list[str]:
    """Whom somebody who has all the secrets can enrol as, at one of the home's CAs."""
    with sqlite3.connect(f"file:{home.node(ca) / 'fabric-ca-server.db'}?mode=ro", uri=True) as register:
        names = [row[0] for row in register.execute("SELECT id FROM users")]
    register.close()
    assert {"peer", "orderer"} <= set(names)
    become = []
    with identities.client(home, ca) as client:
        for name in names:
            become += [name for secret in secrets if _enrols(client, name, secret)]
    return become


def _enrols(client: CAClient, name: str, secret: str) -> bool:
    try:
        client.enroll(name, secret)
    except CAError:
        return False
    return True
