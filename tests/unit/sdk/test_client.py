"""The clients hold every noun, and load one when it is used."""

import subprocess
import sys

import pytest
from fake_gateway import FakeGateway, client

from medconsent.client import _NOUNS, Nouns

LOADED = """
import sys, medconsent.client
unwanted = ("medconsent.fabric.aio", "ruamel.yaml", "requests", "medconsent.nouns.datasets")
print([name for name in unwanted if name in sys.modules])
"""


def test_a_client_loads_neither_other_nouns_nor_what_others_need():
    """What one question costs is mostly what it imports."""
    ran = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"


def test_every_noun_is_there_when_it_is_asked_for():
    one = client(FakeGateway({}))
    for name, noun in _NOUNS.items():
        assert name in dir(one)
        assert type(getattr(one, name)).__name__ == noun
        assert getattr(one, name) is getattr(one, name)
    assert set(_NOUNS) == set(Nouns.__annotations__)


def test_what_is_no_noun_is_told():
    with pytest.raises(AttributeError, match=r"has no noun 'dataset'; it has: archives, audit, .* datasets"):
        client(FakeGateway({})).dataset  # noqa: B018
