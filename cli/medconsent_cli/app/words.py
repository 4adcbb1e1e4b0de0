"""The contract's words that the command line offers as choices and names in its messages.

All of them come from the contract's own description: what each means and may do is the contract's to say.
"""

from medconsent.contract import choices, states, trail_kinds, words

ROLES = words("roles")
"""What a certificate can say that somebody is."""
COMMITTEE_ROLES = words("committee_roles")
"""Those of `ROLES` that vote in a committee."""
OFFICER_ROLES = words("officer_roles")
"""Those of `ROLES` in which somebody acts for the institution."""
REQUEST_STATES = states("request")
GRANT_STATES = states("grant")
DELEGATION_STATES = states("delegation")
BREAKGLASS_STATES = states("breakglass")
RECEIPT_STATES = states("receipt")
PERSON_STATES = choices("person.list", "state")
PROPOSAL_STATES = choices("proposal.list", "state")
DATA_KINDS = words("kinds")
"""Kinds of data; for images the modality as DICOM names it."""
REMARK_KINDS = words("remark_kinds")
DISEASE_SYSTEMS = words("disease_systems")
"""Classifications of diseases (docs/contract.md, "Names")."""
TRAIL_KINDS = (*trail_kinds(), *words("votes"))
"""Types of record in a trail, and the words of votes."""
