"""What the contract's functions are called on the command line: its hints name functions, for every client.

The left side of the table is docs/contract.md ("Transactions", "Queries").
"""

import re

_ALIKE = """
    institution.set institution.dismiss institution.list person.announce person.admit person.end person.list
    proposal.confirm proposal.reject proposal.list committee.set committee.list committee.delegate committee.undelegate
    dataset.publish dataset.manifest dataset.list policy.set policy.lint policy.diff policy.offer
    request.submit request.amend request.withdraw request.remark request.invite request.list
    grant.revoke grant.suspend grant.lift grant.relinquish grant.accept grant.others grant.list
    breakglass.propose breakglass.confirm breakglass.justify breakglass.list
    ground.set basis.set basis.end basis.list consent.begin consent.epoch consent.exclude consent.end consent.list
    archive.publish archive.list receipt.list deid.state text.keep text.purge
    ontology.adopt ontology.list ontology.term audit.trail
    """
"""`grant.revoke` is `medconsent grant revoke`."""

_OTHERWISE = {
    "archive.get": "archive show",
    "basis.get": "basis show",
    "breakglass.get": "breakglass show",
    "committee.get": "committee show",
    "committee.seat": "committee add",
    "committee.unseat": "committee remove",
    "consent.get": "consent show",
    "contract.version": "version",
    "dataset.get": "dataset show",
    "deid.get": "deid show",
    "delegation.list": "committee delegations",
    "grant.get": "grant show",
    "ground.get": "ground show",
    "institution.get": "institution show",
    "invitation.list": "inbox",
    "ledger.age": "watch age",
    "ledger.beat": "watch beat",
    "ontology.get": "ontology show",
    "ontology.missing": "ontology load",
    "ontology.page": "ontology load",
    "ontology.publish": "ontology load",
    "policy.ends": "policy diff",
    "policy.get": "policy show",
    "proposal.get": "proposal show",
    "receipt.get": "receipt show",
    "release.check": "receipt show",
    "release.close": "receipt close",
    "release.open": "receipt open",
    "request.get": "request show",
    "request.vote": "request approve",
    "text.get": "text show",
}

COMMANDS = {**{name: name.replace(".", " ") for name in _ALIKE.split()}, **_OTHERWISE}
"""Function of the contract -> command, without `medconsent`."""

_FUNCTION = re.compile(r"(?<![\w./-])[a-z]+\.[a-z]+(?![\w./-]*\w)")
_BARE = re.compile(r"(?<!medconsent )\b(explain|check)(?= (tells|says|shows))")
"""The two functions without a dot, where a hint says what they tell: they are words of English besides."""


def in_commands(hint: str) -> str:
    """A hint of the contract with the commands that do what it names: `medconsent grant revoke` for `grant.revoke`."""
    return _BARE.sub(r"medconsent \1", _FUNCTION.sub(lambda found: _command(found[0]), hint))


def _command(word: str) -> str:
    return f"medconsent {COMMANDS[word]}" if word in COMMANDS else word
