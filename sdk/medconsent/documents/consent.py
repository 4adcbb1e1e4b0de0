"""What people in the data permit, as an institution writes it: the YAML of an epoch.

    use:                              # as in a policy: what the people permit, as alternatives (GA4GH DUO)
      - permission: HMB
        limits: [NCU]
    law: {code: KR-BIOETHICS-CONSENT, article: "16"}
    wording: {url: "https://hanbit.example/consent-form-3", sha256: ...}
    statement: Consent form 3, in use since May 2024     # may be left out

Who is in and who is out comes from the members' file (`medconsent.data.people`). Whether it makes sense is
decided by the contract.
"""

from collections.abc import Mapping
from pathlib import Path

from medconsent.data.people.commitment import Commitment
from medconsent.data.people.keys import CohortKey
from medconsent.data.people.members import counts
from medconsent.documents.policies import PolicyReader
from medconsent.documents.yaml import read_source
from medconsent.nouns.consents import Law, NewEpoch, Wording


def read_epoch(file: Path, key: CohortKey, cohort: str, number: int, members: Mapping[str, str]) -> NewEpoch:
    """The epoch that a file and the members (state by identifier) make.

    Root and bands are computed here, and nothing else of the members is in it.

    Args:
        file: The document, as docs/consent.md has it.
        key: The cohort's key.
        cohort: The cohort, as `hanbit/breast-2024`.
        number: The number that the epoch will have.
        members: The state of each member (`in` or `out`) by identifier.

    Raises:
        DocumentError: It cannot be read; with the line.
    """
    document, name = read_source(file, "consent")
    reader = PolicyReader("consent", name)
    found = reader.mapping(
        reader.compose(document), "the consent", ("use", "law", "wording", "statement"), optional={"statement"}
    )
    law = reader.mapping(found["law"], "law", ("code", "article"), optional={"article"})
    wording = reader.mapping(found["wording"], "wording", ("url", "sha256"), optional=())
    people, withdrawn = counts(members)
    return NewEpoch(
        root=Commitment(key, cohort, number, members).root,
        people=people,
        withdrawn=withdrawn,
        use=reader.list(found["use"], "use", reader.alternative),
        law=Law(**{name: reader.text(node, name) for name, node in law.items()}),
        wording=Wording(**{name: reader.text(node, name) for name, node in wording.items()}),
        statement=reader.text(found["statement"], "statement") if "statement" in found else None,
        key_check=key.check(cohort),
    )
