package records

import "strconv"

// ProposalType is the type of a proposal's record.
const ProposalType = "proposal"

// Proposal is an act of one officer that widens something, and waits for a second one of the same institution; its id is the transaction that proposed it.
type Proposal struct {
	Institution string `json:"institution"`
	// Function and Argument are what was sent, as it was sent.
	Function string `json:"function"`
	Argument string `json:"argument"`
	// Widens says in words what it widens.
	Widens     []string `json:"widens"`
	ProposedBy Person   `json:"proposed_by"`
	// ConfirmedBy is the second officer.
	ConfirmedBy *Person `json:"confirmed_by,omitzero"`
}

// ProposalSeconds is how long a proposal waits for a second officer: 30 days.
const ProposalSeconds = 30 * 24 * 60 * 60

// MostProposals is how many one officer makes in one span of that length: the second ones have to read them.
const MostProposals = 400

// MaxProposalBytes is the longest argument that waits, for the same reason: 64 KiB.
const MaxProposalBytes = 64 << 10

// RecordType implements Body.
func (Proposal) RecordType() string { return ProposalType }

// Place implements Body.
func (p Proposal) Place(id string) (prefix, owner string) {
	if !IsInstitution(p.Institution) || !IsTx(id) {
		return "", ""
	}
	return ProposalType, p.Institution
}

// Proposals lists the proposals of an institution, newest first.
func Proposals(institution string) Listing { return indexed("i/proposal-owner/" + institution) }

func proposalEntries(proposal *Record[Proposal]) []Entry {
	prefix := Proposals(proposal.Owner).Prefix
	return []Entry{{prefix + "/" + descending(proposal.CreatedAt()) + "/" + proposal.ID, proposal.Owner}}
}

// proposalPosts numbers what one officer proposes in one span of time.
func proposalPosts(proposal *Record[Proposal]) []Post {
	span := strconv.FormatInt(int64(proposal.CreatedAt())/ProposalSeconds, 10)
	return []Post{{Name: ProposalType + "/" + proposal.Body.ProposedBy.String() + "/" + span, Series: true, Most: MostProposals}}
}
