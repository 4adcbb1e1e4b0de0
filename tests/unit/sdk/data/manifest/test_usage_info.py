"""Conditions of use, stated in a manifest as the contract made them."""

import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from described import made

from medconsent.data.manifest import croissant, read
from medconsent.errors import DocumentError

# As the chaincode makes it: its own tests compare it with the same file.
OFFER = json.loads((Path(__file__).parents[5] / "chaincode/rules/use/testdata/offer.json").read_text(encoding="utf-8"))


def test_conditions_of_use_are_stated_as_the_contract_made_them(folder):
    manifest = made(folder, usage_info=OFFER)
    document = read(manifest)
    assert document.content["usageInfo"] == OFFER
    assert document.usage_info_sha256 == hashlib.sha256(rfc8785.dumps(OFFER)).hexdigest()
    assert document.root == read(made(folder)).root
    assert read(made(folder)).usage_info_sha256 is None
    assert "usageInfo" not in read(made(folder)).content
    with pytest.raises(DocumentError, match="usageInfo has no canonical form"):
        _ = read(json.dumps(document.content | {"usageInfo": 1 << 60}).encode()).usage_info_sha256


def test_croissant_s_own_library_takes_the_conditions_of_use(folder):
    pytest.importorskip("mlcroissant")
    assert croissant.validate(made(folder, usage_info=OFFER)) == ()


ODRL, DUO = "http://www.w3.org/ns/odrl/2/", "http://purl.obolibrary.org/obo/DUO_"


@pytest.mark.parametrize("around", [{}, {"odrl": "https://elsewhere.example/", "obo": "https://elsewhere.example/"}])
def test_an_offer_means_the_same_whatever_stands_around_it(folder, around):
    """As RDF: the author's context says nothing about it, and every part has what ODRL 2.2 requires."""
    rdflib = pytest.importorskip("rdflib")
    content = json.loads(made(folder, usage_info=OFFER))
    content["@context"] |= around
    graph, alone = rdflib.Graph(), rdflib.Graph()
    graph.parse(data=json.dumps(content), format="json-ld")
    alone.parse(data=json.dumps(OFFER), format="json-ld")
    odrl = rdflib.Namespace(ODRL)
    offer = rdflib.URIRef(OFFER["@id"])
    assert (None, rdflib.URIRef("https://schema.org/usageInfo"), offer) in graph
    assert len(alone) > 200
    assert {(p, o) for _, p, o in alone if not isinstance(o, rdflib.BNode)} <= {(p, o) for _, p, o in graph}
    named = {str(term) for triple in alone for term in triple if isinstance(term, rdflib.URIRef)}
    known = ("http://", "https://", "ni:///sha-256;", "tag:medconsent.org,2026:")
    assert not [iri for iri in named if not iri.startswith(known)]  # a prefix that was not expanded
    permissions = list(graph.objects(offer, odrl.permission))
    assert len(permissions) == len(OFFER["odrl:permission"]) == 3
    for permission in permissions:
        for required in (odrl.target, odrl.assigner, odrl.action):
            assert len(list(graph.objects(permission, required))) == 1
    constraints = list(graph.subjects(rdflib.RDF.type, odrl.Constraint))
    assert len(constraints) > 40
    for constraint in constraints:
        for required in (odrl.leftOperand, odrl.operator, odrl.rightOperand):
            assert len(list(graph.objects(constraint, required))) == 1
    terms = {str(term).removeprefix(DUO) for term in graph.objects() if str(term).startswith(DUO)}
    assert len(terms) == 20  # DS, POA, CC, thirteen limits and four duties
    assert rdflib.URIRef("http://purl.obolibrary.org/obo/MONDO_0007254") in set(graph.objects())
