package review

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

// casting is a vote that somebody is about to give.
type casting struct {
	a      voteArgument
	caller ledger.Caller
	deputy *records.DeputyFor // whose word it is to be, when the caller is a deputy
	before review.Outcome
	at     records.Time
}

// member is the person whose word the vote is to be.
func (b casting) member() records.Person {
	if b.deputy != nil {
		return records.Person{Institution: b.caller.Institution, ID: b.deputy.Member}
	}
	return b.caller.Person()
}

// admits says why a vote cannot be cast. review.Derive judges each of these again when the vote is counted, for a voter's institution may run another chaincode.
func admits(c *evidence.Case, b casting) error {
	if err := entitled(c, b); err != nil {
		return err
	}
	if err := refuseUnlessPossible(c, "request.vote "+b.a.Vote, b.before); err != nil {
		return err
	}
	if err := unspent(c, b); err != nil {
		return err
	}
	if err := byAnother(c, b); err != nil {
		return err
	}
	if err := inTurn(c, b); err != nil {
		return err
	}
	return shown(c, b.a)
}

// entitled refuses with OWN_REQUEST or FORBIDDEN who has no such vote on this request.
func entitled(c *evidence.Case, b casting) error {
	body, committee := c.Request.Record.Body, records.CommitteeID(b.caller.Institution, b.a.Role)
	if c.Asks(b.caller.Person()) || c.Asks(b.member()) {
		return refusal.New(refusal.OwnRequest, "the requester and the researchers of a request do not vote on it")
	}
	if err := b.caller.Need(b.a.Role); err != nil {
		return err
	}
	if b.a.Vote == records.Close {
		if owner, _, _ := records.SplitDataset(body.Dataset); owner != b.caller.Institution {
			return refusal.New(refusal.Forbidden, "a request for %s is closed by a steward of %s, and %s is of %s", body.Dataset, owner, b.caller.ID, b.caller.Institution)
		}
		return nil
	}
	stage, asked := review.StageOf(c.Facts.Policy, b.caller.Institution, b.a.Role)
	if !asked && !review.HasVeto(c.Facts.Policy, b.caller.Institution, b.a.Role) {
		return refusal.New(refusal.Forbidden, "the policy of %s does not ask %s", body.Dataset, committee)
	}
	if !asked && b.a.Vote != records.Reject && b.a.Vote != records.Recuse {
		return refusal.New(refusal.Forbidden, "%s has a veto on requests for %s and no stage: its members can reject", committee, body.Dataset)
	}
	electorate := review.ElectorateOf(body, c.Facts.Policy)
	if asked && !electorate.AdmitsTo(stage, b.caller.Person()) || !asked && !electorate.Admits(b.caller.Person()) {
		return refusal.New(refusal.OwnRequest, "the request comes from %s, whose people do not vote on it unless the policy lets them", b.caller.Institution)
	}
	return hasSeat(c, b, committee)
}

// hasSeat refuses with FORBIDDEN when the voter has no seat, or is no deputy of somebody who has one.
func hasSeat(c *evidence.Case, b casting, committee string) error {
	key := b.caller.Key
	if b.deputy != nil {
		delegation := c.Facts.Delegations[b.deputy.Delegation]
		key = delegation.MemberKey
		if !delegation.Lets(b.caller.Person(), b.caller.Key, b.a.Role, b.deputy.Member, b.at, b.deputy.Changes) {
			return refusal.New(refusal.Forbidden, "delegation %.12s does not let %s vote for %s on %s at %s", b.deputy.Delegation, b.caller.ID, b.deputy.Member, committee, b.at).
				At("delegation").Hinting("delegation.list tells what stands; the member delegates (committee.delegate)")
		}
	}
	roster := c.Facts.Rosters[committee]
	if roster.Sits(b.member().ID, b.at) && !roster.Seated(b.member().ID, key, b.at) {
		return refusal.New(refusal.Forbidden, "the seat of %s on %s counts for another key than %.12s, which signed this", b.member().ID, committee, key).
			Hinting("whoever has a new key announces it (person.announce), it is admitted (person.admit), and the seat is set for it (committee.set)")
	}
	if !roster.Seated(b.member().ID, key, b.at) {
		return refusal.New(refusal.Forbidden, "%s has no seat on %s at %s", b.member().ID, committee, b.at).
			Hinting("a steward of %s seats people (committee.set)", b.caller.Institution)
	}
	return nil
}

// unspent refuses with RECUSED, RETURNED or ALREADY_VOTED when the voter, or the member whose word it is to be, has none left.
func unspent(c *evidence.Case, b casting) error {
	for _, person := range []records.Person{b.caller.Person(), b.member()} {
		if b.before.Recused(person) {
			return refusal.New(refusal.Recused, "%s has declared a conflict of interest on request %.12s", person, c.Request.Record.ID).
				Hinting("neither they nor a deputy for them take part in it")
		}
		if b.a.Vote != records.Close && b.before.Voted(person) && b.before.State == machines.Returned { // what was said counts no more, and nothing does until it is amended
			return refusal.New(refusal.Returned, "%s has had their say on request %.12s, which was returned for changes", person, c.Request.Record.ID).
				Hinting("its requester amends it (request.amend); then they can vote on it anew, or declare a conflict of interest")
		}
		if b.a.Vote != records.Close && b.before.Voted(person) {
			return refusal.New(refusal.AlreadyVoted, "%s has voted on request %.12s, or a deputy for them", person, c.Request.Record.ID).
				Hinting("one person has one vote, whatever the role and the certificate")
		}
	}
	return nil
}

// byAnother refuses with OWN_REQUEST or ALREADY_VOTED an approval by a key that has asked for the request, or spoken on it, under another name: one key is one person. A word
// against the request is taken all the same: what others say of keys holds none back.
func byAnother(c *evidence.Case, b casting) error {
	if b.a.Vote != records.Approve {
		return nil
	}
	keys := []string{b.caller.Key}
	if b.deputy != nil {
		keys = append(keys, c.Facts.Delegations[b.deputy.Delegation].MemberKey)
	}
	for _, key := range keys {
		if c.Facts.AskedBy(key) {
			return refusal.New(refusal.OwnRequest, "request %.12s was made with the key %.12s, and whoever asks does not vote on it", c.Request.Record.ID, key).
				Hinting("two names with one key are one person")
		}
		if b.before.Spoke(b.caller.Institution, key) {
			return refusal.New(refusal.AlreadyVoted, "somebody of %s has voted on request %.12s by the key %.12s, or a deputy for them", b.caller.Institution, c.Request.Record.ID, key).
				Hinting("two names with one key are one person, who has one vote")
		}
	}
	return nil
}

// inTurn refuses what cannot be said now, or not so: with STAGE_NOT_OPEN, CONFLICT_UNDECLARED, ATTESTATION_MISSING or EXPIRED. A conflict of interest can be
// declared, and a request closed, as long as it is undecided.
func inTurn(c *evidence.Case, b casting) error {
	if b.a.Vote == records.Recuse || b.a.Vote == records.Close {
		return nil
	}
	vetoes := b.a.Vote == records.Reject && review.HasVeto(c.Facts.Policy, b.caller.Institution, b.a.Role)
	if tally, _ := b.before.Tally(b.caller.Institution, b.a.Role); !tally.Open && !vetoes {
		return refusal.New(refusal.StageNotOpen, "%s is asked in step %d, when every stage of the steps before is met", records.CommitteeID(b.caller.Institution, b.a.Role), tally.Step).
			Hinting("request.get shows what the request waits for")
	}
	if b.a.Vote == records.Return {
		return nil
	}
	if c.Facts.Policy.DeclaresConflicts() && !b.a.NoConflict {
		return refusal.New(refusal.ConflictUndeclared, "the policy asks whoever votes to declare that they have no conflict of interest").At("no_conflict").
			Hinting("who has one recuses themself: a vote of the kind recuse")
	}
	return attested(c, b)
}

// attested refuses an approval without the attestation that its stage asks for, or with one that is over.
func attested(c *evidence.Case, b casting) error {
	if b.a.Vote != records.Approve {
		return nil
	}
	stage, _ := review.StageOf(c.Facts.Policy, b.caller.Institution, b.a.Role)
	switch {
	case b.a.Attestation == nil && stage.MustAttest():
		return refusal.New(refusal.AttestationMissing, "an approval by %s carries its attestation: board, number, sha256 and valid_until", stage.Committee()).At("attestation")
	case b.a.Attestation != nil && b.a.Attestation.ValidUntil <= b.at:
		return refusal.New(refusal.Expired, "the attestation ended at %s", b.a.Attestation.ValidUntil).At("attestation.valid_until")
	}
	return nil
}

// shown refuses with CONFLICT when the voter was shown something else than what stands.
func shown(c *evidence.Case, a voteArgument) error {
	body := c.Request.Record.Body
	switch {
	case a.RequestDigest != c.Request.Digest:
		return transaction.Stale("request_digest", "the request", c.Request.Digest)
	case a.VersionDigest != body.VersionDigest:
		return transaction.Stale("version_digest", records.Numbered(body.Dataset, '@', body.Version), body.VersionDigest)
	case a.PolicyDigest != body.PolicyDigest:
		return transaction.Stale("policy_digest", records.Numbered(body.Dataset, '#', body.PolicyVersion), body.PolicyDigest)
	}
	return nil
}
