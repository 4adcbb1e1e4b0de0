"""Policies as values, and as the YAML that people write: what a program needs to read one and to set it."""

from medconsent.documents.policies import dump_yaml, load_yaml
from medconsent.nouns.policies import (
    EndingGrant,
    ForExisting,
    Lint,
    Offer,
    OntologyRef,
    Policies,
    PolicyDiff,
    PolicyRecord,
    unpinned,
)
from medconsent.values.policies import Alternative, Attachment, Modifier, Policy, Stage, Terms, Veto

__all__ = [
    "Alternative",
    "Attachment",
    "EndingGrant",
    "ForExisting",
    "Lint",
    "Modifier",
    "Offer",
    "OntologyRef",
    "Policies",
    "Policy",
    "PolicyDiff",
    "PolicyRecord",
    "Stage",
    "Terms",
    "Veto",
    "dump_yaml",
    "load_yaml",
    "unpinned",
]
