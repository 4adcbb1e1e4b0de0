"""Identities on disk: what a context holds, who can read it, and how one is chosen."""

import json
import stat
from datetime import UTC, datetime

import pytest
from fake_gateway import identity

from medconsent import contexts, errors
from medconsent.client import connect, connect_async
from medconsent.contexts import Contexts
from medconsent.fabric import ca
from medconsent.fabric.ca import CAInfo, Enrollment
from medconsent.fabric.errors import CAError
from medconsent.fabric.identity import Identity

PEM = identity("tls", "root")[0].certificate_pem.decode()


@pytest.fixture
def profile(tmp_path):
    document = {
        "organizations": {"hanbit": {"mspid": "hanbit", "peers": ["p"], "certificateAuthorities": ["ca"]}},
        "peers": {
            "p": {
                "url": "grpcs://127.0.0.1:7051",
                "grpcOptions": {"ssl-target-name-override": "peer.hanbit"},
                "tlsCACerts": {"pem": PEM},
            }
        },
        "certificateAuthorities": {"ca": {"url": "https://127.0.0.1:7054", "tlsCACerts": {"pem": PEM}}},
        "x-medconsent": {"channel": "medconsent", "chaincode": "medconsent"},
    }
    path = tmp_path / "connection.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def person(tmp_path):
    """An identity as hfc left it."""
    found, signer = identity("hanbit", "steward", "steward")
    folder = tmp_path / "wallet" / "steward"
    folder.mkdir(parents=True)
    (folder / "enrollmentCert.pem").write_bytes(found.certificate_pem)
    (folder / "private_sk").write_bytes(signer.to_pem())
    return folder


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.delenv("MEDCONSENT_CONTEXT", raising=False)
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path / "home"))
    return Contexts()


def edit(path, **members):
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


def test_a_context_is_made_of_an_existing_identity(store, profile, person):
    context = store.add(profile, person)
    assert context.name == "hanbit/steward"
    assert (context.endpoint, context.server_name) == ("127.0.0.1:7051", "peer.hanbit")
    assert (context.channel, context.chaincode, context.ca_url) == (
        "medconsent",
        "medconsent",
        "https://127.0.0.1:7054",
    )
    assert context.tls_root == PEM.encode()
    found, signer = context.load()
    assert found.attributes["medconsent.roles"] == "steward"
    signer.require_match(found)
    assert store.list() == (context,)
    assert store.get() == context  # the first is the current one


def test_the_root_of_people_is_not_that_of_servers(store, profile, person):
    assert store.add(profile, person).ca_root == PEM.encode()  # all that this profile knows
    people = identity("hanbit", "root")[0].certificate_pem.decode()
    edit(profile, **{"x-medconsent": {"channel": "c", "chaincode": "c", "rootCerts": {"pem": people}}})
    context = store.add(profile, person, name="second")
    assert context.ca_root == people.encode()
    assert context.tls_root == PEM.encode()


def test_nobody_else_can_read_a_context(store, profile, person):
    context = store.add(profile, person)
    assert stat.S_IMODE(context.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in context.folder.iterdir()} == {0o600}


def test_a_key_that_others_can_read_is_not_used(store, profile, person):
    context = store.add(profile, person)
    (context.folder / "key.pem").chmod(0o644)
    with pytest.raises(errors.ContextError, match="other users can read") as caught:
        context.load()
    assert "chmod 600" in caught.value.hint


def test_a_context_is_chosen_by_name_by_use_or_by_the_environment(store, profile, person, monkeypatch):
    store.add(profile, person)
    store.add(profile, person, name="second")
    assert store.get().name == "hanbit/steward"
    store.use("hanbit/second")
    assert store.get().name == "hanbit/second"
    monkeypatch.setenv("MEDCONSENT_CONTEXT", "hanbit/steward")
    assert store.get().name == "hanbit/steward"
    assert store.get("hanbit/second").name == "hanbit/second"
    assert [context.name for context in store.list()] == ["hanbit/second", "hanbit/steward"]


def test_a_removed_context_is_gone_with_its_key(store, profile, person):
    context = store.add(profile, person)
    store.remove("hanbit/steward")
    assert not context.folder.exists()
    with pytest.raises(errors.ContextError, match="no identity is chosen"):
        store.get()


def test_removing_the_current_context_leaves_none_even_when_the_environment_names_another(
    store, profile, person, monkeypatch
):
    store.add(profile, person)
    store.add(profile, person, name="second")
    monkeypatch.setenv("MEDCONSENT_CONTEXT", "hanbit/second")
    store.remove("hanbit/steward")
    monkeypatch.delenv("MEDCONSENT_CONTEXT")
    with pytest.raises(errors.ContextError, match="no identity is chosen"):
        store.get()


@pytest.mark.parametrize(
    "name", ["hanbit", "hanbit/", "/x", "../x", "hanbit/..", "a/b/c", "a/.b", "a/b\n", "a/" + "b" * 65]
)
def test_names_that_are_none(store, name):
    with pytest.raises(errors.ContextError, match="not the name of a context"):
        store.get(name)


def test_an_unknown_context_names_those_there_are(store, profile, person):
    store.add(profile, person)
    with pytest.raises(errors.ContextError, match="no context nuri/kim") as caught:
        store.use("nuri/kim")
    assert caught.value.hint == "known contexts: hanbit/steward"


def test_a_context_is_not_replaced_by_accident(store, profile, person):
    store.add(profile, person)
    with pytest.raises(errors.ContextError, match="there is a context"):
        store.add(profile, person)
    store.add(profile, person, replace=True, channel="other")
    assert store.get().channel == "other"


def test_a_profile_without_channel_and_chaincode_needs_them_said(store, profile, person):
    edit(profile, **{"x-medconsent": {}})
    with pytest.raises(errors.ContextError, match="channel and chaincode"):
        store.add(profile, person)
    assert store.add(profile, person, channel="c", chaincode="d").chaincode == "d"


def test_files_that_are_broken_are_named(store, profile, person):
    context = store.add(profile, person)
    (context.folder / "key.pem").unlink()
    with pytest.raises(errors.ContextError, match="cannot be used"):
        context.load()
    (context.folder / "context.json").write_text('{"institution": 1')
    with pytest.raises(errors.ContextError, match=r"context\.json cannot be used"):
        store.get()


class FakeCA:
    """Stands in for the CA's REST client, which has tests of its own."""

    asked: list = []  # noqa: RUF012 - reset by each test that looks at it

    def __init__(self, url, *, ca_name, tls_root):
        self.url, self.tls_root = url, tls_root

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def info(self):
        raise CAError("does not answer")

    def enroll(self, enrollment_id, secret, *, attributes):
        self.asked.append((self.url, enrollment_id, secret, attributes))
        found, signer = identity("hanbit", enrollment_id, "dac")
        return Enrollment(enrollment_id, found.certificate_pem, b"", signer)

    def reenroll(self, holder, *, attributes, key):
        self.asked.append((self.url, holder.enrollment_id, key and key.to_pem(), attributes))
        found, signer = identity("hanbit", holder.enrollment_id, "dac", key=key)
        return Enrollment(holder.enrollment_id, found.certificate_pem, b"", signer)


def test_enrolment_asks_for_the_attributes_that_the_contract_reads(store, profile, monkeypatch):
    monkeypatch.setattr(ca, "CAClient", FakeCA)
    monkeypatch.setattr(FakeCA, "asked", [])
    context = store.enroll(profile, "lee", "s3cret")
    assert FakeCA.asked == [("https://127.0.0.1:7054", "lee", "s3cret", ("medconsent.roles", "hf.EnrollmentID"))]
    assert context.name == "hanbit/lee"
    assert "s3cret" not in "".join(path.read_text() for path in context.folder.iterdir())


def test_a_renewed_certificate_is_for_the_same_key(store, profile, monkeypatch):
    """Seats and offices count for the key; another one has to be admitted anew."""
    monkeypatch.setattr(ca, "CAClient", FakeCA)
    before, key = store.enroll(profile, "lee", "s3cret").load()
    renewed, kept = store.reenroll().load()
    assert renewed.certificate_pem != before.certificate_pem
    assert kept.to_pem() == key.to_pem()
    _, other = store.reenroll(new_key=True).load()
    assert other.to_pem() != key.to_pem()


def test_a_certificate_that_has_ended_is_not_sent_to_the_ca(store, profile, monkeypatch):
    monkeypatch.setattr(ca, "CAClient", FakeCA)
    store.enroll(profile, "lee", "s3cret")
    monkeypatch.setattr(Identity, "expires", datetime(2026, 11, 1, 9, tzinfo=UTC))
    monkeypatch.setattr(FakeCA, "asked", [])
    with pytest.raises(errors.ContextError, match="hanbit/lee has ended at 2026-11-01") as refused:
        store.reenroll()
    assert "identity secret" in refused.value.hint
    assert not FakeCA.asked


def test_a_secret_is_not_spent_on_a_context_that_cannot_be_made(store, profile, person, monkeypatch):
    monkeypatch.setattr(ca, "CAClient", FakeCA)
    monkeypatch.setattr(FakeCA, "asked", [])
    store.add(profile, person)
    with pytest.raises(errors.ContextError, match="there is a context"):
        store.enroll(profile, "steward", "s3cret")
    assert FakeCA.asked == []


def test_another_institutions_identity_is_refused(store, profile, person, monkeypatch):
    monkeypatch.setattr(ca, "CAClient", FakeCA)
    chain = identity("hanbit", "ca")[0].certificate_pem
    monkeypatch.setattr(FakeCA, "info", lambda self: CAInfo("ca", chain, "1.5"))
    with pytest.raises(errors.ContextError, match="is not of hanbit: its CA did not sign it"):
        store.add(profile, person)
    assert store.list() == ()
    chain += (person / "enrollmentCert.pem").read_bytes()
    assert store.add(profile, person).name == "hanbit/steward"


def test_the_profile_s_own_ca_certificate_is_enough(store, profile, person, monkeypatch):
    monkeypatch.setattr(ca, "CAClient", None)
    document = json.loads(profile.read_text())
    pem = (person / "enrollmentCert.pem").read_text()
    document["certificateAuthorities"]["ca"]["tlsCACerts"]["pem"] = pem
    profile.write_text(json.dumps(document))
    assert store.add(profile, person).name == "hanbit/steward"


def test_an_institution_without_a_ca_is_said(store, profile, person):
    document = json.loads(profile.read_text())
    document["organizations"]["hanbit"].pop("certificateAuthorities")
    profile.write_text(json.dumps(document))
    with pytest.raises(errors.ContextError, match="no certificate authority"):
        store.add(profile, person).ca()


def test_clients_are_made_of_a_context(store, profile, person):
    store.add(profile, person)
    with connect() as client:
        assert (client.institution, client.enrollment_id, client.roles) == ("hanbit", "steward", ("steward",))
    assert connect_async("hanbit/steward").institution == "hanbit"


def test_the_home_is_the_environment_s_or_xdg_s(monkeypatch, tmp_path):
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path))
    assert contexts.default_home() == tmp_path
    monkeypatch.delenv("MEDCONSENT_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert contexts.default_home() == tmp_path / "medconsent"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # XDG: relative paths are to be ignored
    monkeypatch.setenv("HOME", str(tmp_path))
    assert contexts.default_home() == tmp_path / ".config" / "medconsent"


@pytest.mark.parametrize("connected", [connect, connect_async])
def test_a_context_that_cannot_be_used_is_said_before_anything_is_sent(store, profile, person, connected):
    context = store.add(profile, person)
    (context.folder / "tls-root.pem").write_text("no certificate")
    with pytest.raises(errors.ContextError, match="TLS root for the peer holds no certificate") as caught:
        connected(context)
    assert "medconsent identity enroll" in caught.value.hint
