"""The contract's words that the command line offers as choices and names in its messages.

The source is docs/contract.md. Only their spelling is here: what each means and may do is the contract's.
"""

ROLES = ("steward", "dac", "ethics", "privacy", "researcher", "auditor", "gateway", "operator")
"""What a certificate can say that somebody is."""
COMMITTEE_ROLES = ("dac", "ethics", "privacy")
"""Those of `ROLES` that vote in a committee."""
REQUEST_STATES = ("submitted", "in-review", "returned", "approved", "rejected", "withdrawn", "closed", "lapsed")
GRANT_STATES = ("active", "pending", "suspended", "expired", "revoked", "relinquished", "narrowed", "ended")
DELEGATION_STATES = ("planned", "active", "expired", "ended")
BREAKGLASS_STATES = ("proposed", "lapsed", "open", "unjustified", "justified")
REMARK_KINDS = ("remark", "opinion", "answer")
