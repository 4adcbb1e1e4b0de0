"""What a program imports to read a policy and to set it: names alone, and no code.

What they name stands where it belongs: the values in `medconsent.values.policies`, the YAML that people write in
`medconsent.documents.policies`, the transactions and what they answer in `medconsent.nouns.policies`.
"""

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
