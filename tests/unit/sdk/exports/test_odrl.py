"""A grant as an agreement of ODRL: read as RDF by rdflib, and held against the information model by pySHACL."""

import json
from typing import Any

import answers
import pytest
from pyshacl import validate
from rdflib import RDF, Graph, Namespace, URIRef

from medconsent.exports import odrl
from medconsent.values.grants import GrantView

ODRL = Namespace("http://www.w3.org/ns/odrl/2/")
LEDGER = Namespace("tag:medconsent.org,2026:")
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

# Of an agreement (ODRL Information Model 2.2, 2.1.3): a name, a profile, and at least one rule.
[] a sh:NodeShape ; sh:targetClass odrl:Agreement ; sh:nodeKind sh:IRI ;
  sh:property [ sh:path odrl:profile ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:or ( [ sh:property [ sh:path odrl:permission ; sh:minCount 1 ] ]
          [ sh:property [ sh:path odrl:prohibition ; sh:minCount 1 ] ] ) ;
  sh:property [ sh:path odrl:permission ; sh:class odrl:Permission ] ;
  sh:property [ sh:path odrl:prohibition ; sh:class odrl:Prohibition ] ;
  sh:property [ sh:path odrl:obligation ; sh:class odrl:Duty ] .

# Of its rules (2.6): one action, one target, one of each party.
odrl:Rules a sh:NodeShape ; sh:targetClass odrl:Permission, odrl:Prohibition, odrl:Duty ;
  sh:property [ sh:path odrl:action ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path odrl:target ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path odrl:assigner ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path odrl:assignee ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path odrl:constraint ; sh:class odrl:Constraint ] .

# Of a constraint (2.5): its three parts, and operands and operators of the vocabulary.
[] a sh:NodeShape ; sh:targetClass odrl:Constraint ;
  sh:property [ sh:path odrl:leftOperand ; sh:minCount 1 ; sh:maxCount 1 ;
                sh:in ( odrl:purpose odrl:spatial odrl:deliveryChannel odrl:dateTime ) ] ;
  sh:property [ sh:path odrl:operator ; sh:minCount 1 ; sh:maxCount 1 ;
                sh:in ( odrl:eq odrl:isA odrl:isAnyOf odrl:isNoneOf odrl:gteq odrl:lt ) ] ;
  sh:property [ sh:path odrl:rightOperand ; sh:minCount 1 ; sh:maxCount 1 ] .
"""
PURPOSE = {
    "kind": "disease", "diseases": ["ICD10:C50", "MONDO:0007254"], "training": True, "countries": ["KR", "JP"],
    "sensitive": ["one-sex"], "project_id": "P-1",
}  # fmt: skip


def grant(state: str = "active", **body: Any) -> GrantView:
    made = answers.grant(state).to_json()
    made["grant"]["record"]["body"] |= body
    return GrantView.from_json(made)


def graph(*views: GrantView) -> Graph:
    """The document as RDF, which fits the information model."""
    read = Graph().parse(data=json.dumps(odrl.agreements(views)), format="json-ld")
    fits, _, told = validate(read, shacl_graph=Graph().parse(data=SHAPES, format="turtle"))
    assert fits, told
    return read


def constraints(read: Graph, rule: Any) -> set[tuple[str, str, str]]:
    """Each constraint of a rule in short; a list as its words."""
    found = set()
    for one in read.objects(rule, ODRL.constraint):
        left, operator, right = (read.value(one, ODRL[name]) for name in ("leftOperand", "operator", "rightOperand"))
        several = list(read.items(right)) if not isinstance(right, URIRef) else []
        words = " ".join(_short(it) for it in several) or _short(right)
        found.add((_short(left), _short(operator), words))
    return found


def _short(term: Any) -> str:
    return str(term).removeprefix(str(ODRL)).removeprefix(str(LEDGER))


def test_a_grant_permits_its_people_what_it_says_and_no_more() -> None:
    read = graph(grant(purpose=PURPOSE, grantees=["kim", "lee"]))
    rules = list(read.subjects(RDF.type, ODRL.Permission))
    assert {_short(read.value(it, ODRL.assignee)) for it in rules} == {"person/nuri/kim", "person/nuri/lee"}
    assert not list(read.subjects(RDF.type, ODRL.Prohibition))
    for rule in rules:
        assert _short(read.value(rule, ODRL.target)) == "version/hanbit/breast-cancer@1"
        assert _short(read.value(rule, ODRL.assigner)) == "institution/hanbit"
        assert constraints(read, rule) == {
            ("purpose", "isA", "purpose/disease"),
            ("purpose", "isA", "project/P-1"),
            ("purpose", "isAnyOf", "ICD10:C50 http://purl.obolibrary.org/obo/MONDO_0007254"),
            (
                "purpose",
                "isNoneOf",
                "activity/methods_development activity/linking activity/commercial activity/genetic "
                "sensitive/children sensitive/vulnerable sensitive/stigmatised-disease sensitive/psychological-traits "
                "sensitive/illegal-behaviour sensitive/not-health",
            ),
            (
                "spatial",
                "isAnyOf",
                "https://www.iso.org/obp/ui/#iso:code:3166:KR https://www.iso.org/obp/ui/#iso:code:3166:JP",
            ),
            ("deliveryChannel", "eq", "mode/download"),
            ("dateTime", "gteq", "2026-11-24T10:50:10+00:00"),
            ("dateTime", "lt", "2027-02-22T10:50:10+00:00"),
        }


@pytest.mark.parametrize("state", ["revoked", "relinquished", "narrowed", "ended", "suspended", "unproven"])
def test_what_is_not_in_force_prohibits(state: str) -> None:
    read = graph(grant(state))
    assert not list(read.subjects(RDF.type, ODRL.Permission))
    (rule,) = read.subjects(RDF.type, ODRL.Prohibition)
    assert not constraints(read, rule)  # without any condition


def test_an_expired_grant_permits_until_a_moment_that_is_over() -> None:
    assert len(list(graph(grant("expired")).subjects(RDF.type, ODRL.Permission))) == 1


def test_each_of_its_people_is_obliged() -> None:
    obliged = [
        "no-reidentification",
        "publish-results: in an open journal",
        "no-publication-before 2027-06-01T00:00:00Z",
    ]
    read = graph(grant(obligations=obliged, grantees=["kim", "lee"]))
    said = {
        (_short(read.value(it, ODRL.action)), str(read.value(it, URIRef("https://schema.org/description")) or ""))
        for it in read.subjects(RDF.type, ODRL.Duty)
    }
    assert said == {
        ("obligation/no-reidentification", ""),
        ("obligation/publish-results", "in an open journal"),
        ("obligation/no-publication-before", "2027-06-01T00:00:00Z"),
    }
    assert len(list(read.subjects(RDF.type, ODRL.Duty))) == 6


def test_several_grants_are_one_document() -> None:
    read = graph(grant(), grant("revoked", grantees=["lee"]))
    assert len(list(read.subjects(RDF.type, ODRL.Agreement))) == 1  # the same grant twice is one node
    assert json.loads(json.dumps(odrl.agreements([])))["@graph"] == []


def test_the_shapes_find_what_is_missing() -> None:
    """A shape that takes everything would prove nothing."""
    made = odrl.agreement(grant())
    del made["odrl:permission"][0]["odrl:target"]
    read = Graph().parse(data=json.dumps(made), format="json-ld")
    assert not validate(read, shacl_graph=Graph().parse(data=SHAPES, format="turtle"))[0]
