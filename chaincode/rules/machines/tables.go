package machines

import (
	"slices"

	"medconsent.org/chaincode/refusal"
)

// BreakglassState is where a break-glass record stands.
type BreakglassState string

// The states of a break-glass record.
const (
	BreakglassProposed    BreakglassState = "proposed"
	BreakglassLapsed      BreakglassState = "lapsed" // nobody confirmed it in time
	BreakglassOpen        BreakglassState = "open"
	BreakglassUnjustified BreakglassState = "unjustified" // its grant has ended
	BreakglassJustified   BreakglassState = "justified"
)

// DelegationState is where a delegation stands.
type DelegationState string

// The states of a delegation.
const (
	DelegationPlanned DelegationState = "planned"
	DelegationActive  DelegationState = "active"
	DelegationExpired DelegationState = "expired"
	DelegationEnded   DelegationState = "ended"
)

// State is where a request stands.
type State string

// The states of a request.
const (
	Submitted State = "submitted"
	InReview  State = "in-review"
	Returned  State = "returned"
	Approved  State = "approved"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Closed    State = "closed"
	Lapsed    State = "lapsed"
)

// Why a request lapsed.
const (
	Deadline      = "deadline"
	PolicyChanged = "policy-changed"
)

// GrantState is where a grant stands.
type GrantState string

// The states of a grant.
const (
	GrantPending      GrantState = "pending"
	GrantActive       GrantState = "active"
	GrantSuspended    GrantState = "suspended"
	GrantExpired      GrantState = "expired"
	GrantRevoked      GrantState = "revoked"
	GrantRelinquished GrantState = "relinquished"
	GrantNarrowed     GrantState = "narrowed" // a later policy that applies to existing grants does not permit it
	GrantEnded        GrantState = "ended"    // the grant that it joins has ended
	GrantUnproven     GrantState = "unproven" // what it rests on is missing, forged or something else
)

// Ended tells whether nothing brings a grant back from this state.
func (s GrantState) Ended() bool { return GrantMachine.Final(s) }

// The acts on a request, as RequestMachine has them.
const (
	ActAmend    = "request.amend"
	ActApprove  = "request.vote approve"
	ActReject   = "request.vote reject"
	ActRecuse   = "request.vote recuse"
	ActReturn   = "request.vote return"
	ActClose    = "request.vote close"
	ActWithdraw = "request.withdraw"
	ActInvite   = "request.invite"
	ActOpinion  = "request.remark opinion"
	ActRemark   = "request.remark"
)

// The acts on a grant, as GrantMachine has them.
const (
	ActRevoke     = "grant.revoke"
	ActSuspend    = "grant.suspend"
	ActLift       = "grant.lift"
	ActRelinquish = "grant.relinquish"
	ActLeave      = "grant.relinquish for oneself"
	ActAccept     = "grant.accept"
	ActRenew      = "request.submit renewing it"
	ActJoin       = "request.submit joining it"
	ActRenewed    = "request.vote approve, renewing it"
	ActJoined     = "request.vote approve, joining it"
)

// The acts on an invitation, a delegation, a break-glass, a cohort and a legal basis, as their machines have them.
const (
	ActAnswer     = "request.remark answering it"
	ActUndelegate = "committee.undelegate"
	ActConfirm    = "breakglass.confirm"
	ActJustify    = "breakglass.justify"
	ActBegin      = "consent.begin"
	ActNextEpoch  = "consent.epoch"
	ActExclude    = "consent.exclude"
	ActEndCohort  = "consent.end"
	ActSetBasis   = "basis.set"
	ActEndBasis   = "basis.end"
)

// The acts on a receipt, as ReceiptMachine has them.
const (
	ActOpen      = "release.open"
	ActCompleted = "release.close completed"
	ActAborted   = "release.close aborted"
)

// ActCloses is the act that closes a release with an outcome.
func ActCloses(outcome string) string { return "release.close " + outcome }

var (
	reviewed  = []State{Submitted, InReview}
	undecided = []State{Submitted, InReview, Returned}
	decided   = []State{Approved, Rejected, Withdrawn, Closed, Lapsed}
)

// RequestMachine is where a request can stand.
var RequestMachine = Machine[State]{
	Name: "request",
	States: []MachineState[State]{
		{State: Submitted, Means: "nothing was said on the request as it stands"},
		{State: InReview, Means: "something was said that counts, and it decides nothing yet"},
		{State: Returned, Means: "a member asked for changes, and it waits for the requester"},
		{State: Approved, Means: "every stage was met, or none was asked; there is a grant", Final: true},
		{State: Rejected, Means: "a stage could no longer be met, or a veto was used", Final: true},
		{State: Withdrawn, Means: "those who made it took it back", Final: true},
		{State: Closed, Means: "a steward of the dataset's owner ended it administratively", Final: true},
		{State: Lapsed, Means: "the time for review ended, or the dataset has another policy", Final: true},
	},
	Acts: []Act[State]{
		{Does: "request.submit", Who: "a researcher", Steps: []Step[State]{
			{To: Submitted, When: "the stages decide"},
			{To: Approved, When: "the policy approves by itself what it permits"},
		}},
		underReview(ActAmend, requesters,
			Step[State]{From: undecided, To: Submitted}, Step[State]{From: []State{InReview, Returned}, To: InReview, When: "a conflict of interest stays declared"}),
		vote(ActApprove, voters, Step[State]{From: reviewed, To: InReview, When: "a stage is not met yet"}, Step[State]{From: reviewed, To: Approved, When: "every stage is met"}),
		vote(ActReject, voters+", or a member of a committee with a veto",
			Step[State]{From: reviewed, To: InReview, When: "its stage can still be met"}, Step[State]{From: reviewed, To: Rejected, When: "its stage can no longer be met, or it is a veto"}),
		underReview(ActRecuse, "a member of a committee that is asked",
			Step[State]{From: reviewed, To: InReview}, Step[State]{From: []State{Returned}},
			Step[State]{From: []State{InReview}, To: Approved, When: "everybody else approved, where the stage asks for all"},
			Step[State]{From: []State{InReview}, To: Rejected, When: "others rejected, and too few are left"}),
		vote(ActReturn, "a member of an open stage", Step[State]{From: reviewed, To: Returned}),
		underReview(ActClose, "a steward of the dataset's owner", Step[State]{From: undecided, To: Closed}),
		{Does: ActWithdraw, Who: requesters, Otherwise: refusal.Decided,
			Steps:   []Step[State]{{From: undecided, To: Withdrawn}},
			Refused: []Refused[State]{{In: []State{Lapsed}, Code: refusal.Expired}}},
		underReview(ActInvite, "a member of a committee that is asked", Step[State]{From: undecided}),
		underReview(ActOpinion, "the invited reviewer", Step[State]{From: undecided}),
		{Does: ActRemark, Who: "whoever has a part in it", Steps: []Step[State]{{From: undecided}, {From: decided}}},
		{Does: "policy.set", Who: "a steward of the dataset's owner", Steps: []Step[State]{{From: undecided, To: Lapsed, When: "whatever it changes"}, {From: decided}}},
		{Does: Time, Steps: []Step[State]{{From: undecided, To: Lapsed, When: "the time for review ends"}, {From: decided}}},
	},
}

const (
	requesters = "the requester, or a researcher of the request"
	voters     = "a member of an open stage, or a deputy for one"
)

// underReview is an act that is possible while a request is undecided.
func underReview(does, who string, steps ...Step[State]) Act[State] {
	return Act[State]{Does: does, Who: who, Steps: steps, Otherwise: refusal.Decided, Refused: []Refused[State]{
		{In: []State{Lapsed}, Code: refusal.Expired},
		{In: []State{Lapsed}, Why: PolicyChanged, Code: refusal.Conflict},
	}}
}

// vote is an act of a committee: it is not possible either while a request waits for its requester.
func vote(does, who string, steps ...Step[State]) Act[State] {
	act := underReview(does, who, steps...)
	act.Refused = append(act.Refused, Refused[State]{In: []State{Returned}, Code: refusal.Returned})
	return act
}

var (
	running  = []GrantState{GrantPending, GrantActive, GrantSuspended}
	finished = []GrantState{GrantExpired, GrantRevoked, GrantRelinquished}
	// outlived are of no use by something else than their own record, which can still say more.
	outlived = []GrantState{GrantNarrowed, GrantEnded, GrantUnproven}
)

// GrantMachine is where a grant can stand.
var GrantMachine = Machine[GrantState]{
	Name: "grant",
	States: []MachineState[GrantState]{
		{State: GrantActive, Means: "it can be used"},
		{State: GrantPending, Means: "it has not begun: it follows a grant that has not ended"},
		{State: GrantSuspended, Means: "a privacy officer of the owner has stopped it, or the one that it joins; or the statement of de-identification is not what a policy asks"},
		{State: GrantExpired, Means: "its time is over", Final: true},
		{State: GrantRevoked, Means: "the owner took it back", Final: true},
		{State: GrantRelinquished, Means: "who asked for it, or the last who held it, gave it up", Final: true},
		{State: GrantNarrowed, Means: "a later policy that applies to existing grants does not permit it", Final: true},
		{State: GrantEnded, Means: "the grant that it joins has ended", Final: true},
		{State: GrantUnproven, Means: "what it rests on is missing, forged, or says something else: the request that was approved, the votes, the broken glass, or a later policy that would have to be seen"},
	},
	Acts: []Act[GrantState]{
		{Does: "request.vote approve", Who: voters, Steps: []Step[GrantState]{{To: GrantActive, When: "it completes the approval"}, {To: GrantPending, When: "and the request renews a grant"}}},
		{Does: "request.submit", Who: "a researcher", Steps: []Step[GrantState]{
			{To: GrantActive, When: "the policy approves by itself what it permits"}, {To: GrantPending, When: "and the request renews a grant"},
		}},
		{Does: "breakglass.confirm", Who: "a second person of the owner", Steps: []Step[GrantState]{{To: GrantActive}}},
		ofGrant(ActRevoke, "a steward or privacy officer of the owner", Step[GrantState]{From: running, To: GrantRevoked}, Step[GrantState]{From: outlived, To: GrantRevoked}),
		ofGrant(ActRelinquish, "who asked for it (of a break-glass: each who got it)", Step[GrantState]{From: running, To: GrantRelinquished}, Step[GrantState]{From: outlived, To: GrantRelinquished}),
		ofGrant(ActLeave, "another grantee", Step[GrantState]{From: running}, Step[GrantState]{From: outlived}),
		ofGrant(ActAccept, "a grantee who did not ask for it, once", Step[GrantState]{From: running}, Step[GrantState]{From: outlived}),
		ofGrant(ActSuspend, "a privacy officer of the owner",
			Step[GrantState]{From: []GrantState{GrantPending, GrantActive}, To: GrantSuspended},
			Step[GrantState]{From: []GrantState{GrantSuspended}, Why: WithJoined}, Step[GrantState]{From: outlived}),
		ofGrant(ActLift, "a privacy officer of the owner",
			Step[GrantState]{From: []GrantState{GrantSuspended}, Why: ByItself, To: GrantActive},
			Step[GrantState]{From: []GrantState{GrantSuspended}, Why: ByItself, To: GrantPending, When: "it has not begun"}),
		joined(ActSuspend, "a privacy officer of the owner",
			Step[GrantState]{From: []GrantState{GrantActive}, To: GrantSuspended}, Step[GrantState]{From: []GrantState{GrantSuspended}, Why: ByItself}),
		joined(ActLift, "a privacy officer of the owner", Step[GrantState]{From: []GrantState{GrantSuspended}, Why: WithJoined, To: GrantActive}),
		joined(ActRelinquish, "who asked for that one", Step[GrantState]{From: []GrantState{GrantActive, GrantSuspended}, To: GrantEnded}),
		joined(ActRevoke, "a steward or privacy officer of the owner", Step[GrantState]{From: []GrantState{GrantActive, GrantSuspended}, To: GrantEnded}),
		restingOn(ActRenew, "a researcher of its institution", GrantActive), restingOn(ActJoin, "a researcher of its institution", GrantActive),
		restingOn(ActRenewed, voters, GrantActive, GrantExpired), restingOn(ActJoined, voters, GrantActive),
		{Does: "policy.set applies", Who: "a steward of the owner", Steps: []Step[GrantState]{
			{From: running, To: GrantNarrowed, When: "the policy does not permit it (none limits a break-glass)"}, {From: []GrantState{GrantEnded, GrantUnproven}, To: GrantNarrowed, When: "the policy does not permit it"},
			{From: finished}, {From: []GrantState{GrantNarrowed}},
		}},
		{Does: ActLose, Who: "whoever can write past the contract", Steps: []Step[GrantState]{
			{From: running, To: GrantUnproven, When: "something that it rests on is gone, forged or changed"}, {From: outlived}, {From: finished},
		}},
		{Does: Time, Steps: []Step[GrantState]{
			{From: []GrantState{GrantPending}, To: GrantActive, When: "it begins"},
			{From: []GrantState{GrantActive, GrantSuspended}, To: GrantExpired, When: "its time is over"},
			{From: outlived, To: GrantExpired, When: "its time is over"},
			{From: finished},
		}},
	},
}

// ActLose is what happens to a grant when something that it rests on no longer holds: nobody does that by the contract.
const ActLose = "what it rests on is lost"

// ofGrant is an act on a grant whose own record has not ended it. One that is in that state already is refused with CONFLICT.
func ofGrant(does, who string, steps ...Step[GrantState]) Act[GrantState] {
	return Act[GrantState]{Does: does, Who: who, Steps: steps, Otherwise: refusal.Conflict, Refused: []Refused[GrantState]{
		{In: []GrantState{GrantRevoked, GrantRelinquished}, Code: refusal.Decided},
		{In: []GrantState{GrantExpired}, Code: refusal.Expired},
	}}
}

// restingOn is an act by which another grant would follow or join this one: this one has to stand.
func restingOn(does, who string, from ...GrantState) Act[GrantState] {
	act := ofGrant(does, who, Step[GrantState]{From: from})
	act.Refused = append(act.Refused, Refused[GrantState]{In: []GrantState{GrantNarrowed, GrantEnded}, Code: refusal.Decided})
	act.Refused = slices.DeleteFunc(act.Refused, func(r Refused[GrantState]) bool {
		return slices.ContainsFunc(r.In, func(s GrantState) bool { return slices.Contains(from, s) })
	})
	return act
}

// joined is an act on the grant that a grant joins, as far as it concerns the latter.
func joined(does, who string, steps ...Step[GrantState]) Act[GrantState] {
	return Act[GrantState]{Does: does + " of the one that it joins", Who: who, Steps: steps}
}

// Why a grant is suspended.
const (
	ByItself   = "by itself"
	WithJoined = "with the one that it joins"
)

// SeatMachine is where a seat on a committee can stand.
var SeatMachine = Machine[SeatState]{
	Name: "seat",
	States: []MachineState[SeatState]{
		{State: SeatPlanned, Means: "it has not begun"},
		{State: SeatHeld, Means: "its member votes"},
		{State: SeatEnded, Means: "its time is over, or it was ended before; the votes cast from it stay", Final: true},
	},
	Acts: []Act[SeatState]{
		{Does: "committee.set naming the member", Who: "a steward, never for themself", Steps: []Step[SeatState]{
			{To: SeatHeld}, {To: SeatPlanned, When: "from a later moment on"},
			{From: []SeatState{SeatPlanned, SeatHeld, SeatEnded}, When: "the same seat is kept, and an ended one is not begun again: its member gets another"},
		}},
		{Does: "committee.set without the member", Who: "a steward", Steps: []Step[SeatState]{
			{From: []SeatState{SeatPlanned, SeatHeld}, To: SeatEnded}, {From: []SeatState{SeatEnded}},
		}},
		{Does: "committee.seat", Who: "a steward, never for themself", Steps: []Step[SeatState]{
			{To: SeatHeld}, {To: SeatPlanned, When: "from a later moment on"},
			{From: []SeatState{SeatEnded}, When: "an ended one is not begun again: its member gets another"},
		}, Otherwise: refusal.Conflict},
		{Does: "committee.unseat", Who: "a steward", Steps: []Step[SeatState]{{From: []SeatState{SeatPlanned, SeatHeld}, To: SeatEnded}}, Otherwise: refusal.Conflict},
		{Does: Time, Steps: []Step[SeatState]{
			{From: []SeatState{SeatPlanned}, To: SeatHeld, When: "it begins"},
			{From: []SeatState{SeatHeld}, To: SeatEnded, When: "its end has come"},
			{From: []SeatState{SeatEnded}},
		}},
	},
}

// DelegationMachine is where a delegation can stand.
var DelegationMachine = Machine[DelegationState]{
	Name: "delegation",
	States: []MachineState[DelegationState]{
		{State: DelegationPlanned, Means: "it has not begun"},
		{State: DelegationActive, Means: "the deputy can vote for the member, as long as the member has the seat"},
		{State: DelegationExpired, Means: "its time is over", Final: true},
		{State: DelegationEnded, Means: "the member or a steward ended it", Final: true},
	},
	Acts: []Act[DelegationState]{
		{Does: "committee.delegate", Who: "a member with a seat", Steps: []Step[DelegationState]{{To: DelegationActive}, {To: DelegationPlanned, When: "from a later moment on"}}},
		{Does: ActUndelegate, Who: "the member, or a steward of the institution", Otherwise: refusal.Decided,
			Steps:   []Step[DelegationState]{{From: []DelegationState{DelegationPlanned, DelegationActive}, To: DelegationEnded}},
			Refused: []Refused[DelegationState]{{In: []DelegationState{DelegationExpired}, Code: refusal.Expired}}},
		{Does: "request.vote for the member", Who: "the deputy", Otherwise: refusal.Forbidden, Steps: []Step[DelegationState]{{From: []DelegationState{DelegationActive}}}},
		{Does: Time, Steps: []Step[DelegationState]{
			{From: []DelegationState{DelegationPlanned}, To: DelegationActive, When: "it begins"},
			{From: []DelegationState{DelegationActive}, To: DelegationExpired, When: "its end has come"},
			{From: []DelegationState{DelegationExpired, DelegationEnded}},
		}},
	},
}

// BreakglassMachine is where a break-glass record can stand.
var BreakglassMachine = Machine[BreakglassState]{
	Name: "breakglass",
	States: []MachineState[BreakglassState]{
		{State: BreakglassProposed, Means: "it waits for a second person"},
		{State: BreakglassLapsed, Means: "nobody confirmed it in time", Final: true},
		{State: BreakglassOpen, Means: "its grant has not ended"},
		{State: BreakglassUnjustified, Means: "its grant has ended, and nobody has justified it: the institution opens no other"},
		{State: BreakglassJustified, Means: "a privacy officer said why it was right", Final: true},
	},
	Acts: []Act[BreakglassState]{
		{Does: "breakglass.propose", Who: "a privacy officer with a seat on the owner's privacy committee", Steps: []Step[BreakglassState]{{To: BreakglassProposed}}},
		{Does: ActConfirm, Who: "another steward, member of an access committee or privacy officer of the owner", Otherwise: refusal.Decided,
			Steps:   []Step[BreakglassState]{{From: []BreakglassState{BreakglassProposed}, To: BreakglassOpen}},
			Refused: []Refused[BreakglassState]{{In: []BreakglassState{BreakglassLapsed}, Code: refusal.Expired}}},
		{Does: ActJustify, Who: "a privacy officer of the owner who did not take part", Otherwise: refusal.Conflict,
			Steps:   []Step[BreakglassState]{{From: []BreakglassState{BreakglassUnjustified}, To: BreakglassJustified}},
			Refused: []Refused[BreakglassState]{{In: []BreakglassState{BreakglassJustified}, Code: refusal.Decided}}},
		{Does: "grant.revoke of its grant", Who: "a steward or privacy officer of the owner", Steps: []Step[BreakglassState]{
			{From: []BreakglassState{BreakglassOpen}, To: BreakglassUnjustified},
		}},
		{Does: "grant.relinquish of its grant", Who: "one of those who got it", Steps: []Step[BreakglassState]{
			{From: []BreakglassState{BreakglassOpen}, To: BreakglassUnjustified},
		}},
		{Does: Time, Steps: []Step[BreakglassState]{
			{From: []BreakglassState{BreakglassProposed}, To: BreakglassLapsed, When: "a day has gone by"},
			{From: []BreakglassState{BreakglassOpen}, To: BreakglassUnjustified, When: "the grant's time is over"},
			{From: []BreakglassState{BreakglassLapsed, BreakglassUnjustified, BreakglassJustified}},
		}},
	},
}

// InvitationMachine is where an invitation can stand. Whether its request is decided is asked besides (request.remark opinion).
var InvitationMachine = Machine[InvitationState]{
	Name: "invitation",
	States: []MachineState[InvitationState]{
		{State: InvitationOpen, Means: "an opinion is waited for"},
		{State: InvitationAnswered, Means: "the reviewer has answered", Final: true},
		{State: InvitationExpired, Means: "its time is over without an answer", Final: true},
	},
	Acts: []Act[InvitationState]{
		{Does: ActInvite, Who: "a member of a committee that is asked", Steps: []Step[InvitationState]{{To: InvitationOpen}}},
		{Does: ActAnswer, Who: "the invited reviewer", Steps: []Step[InvitationState]{{From: []InvitationState{InvitationOpen}, To: InvitationAnswered}},
			Otherwise: refusal.Decided, Refused: []Refused[InvitationState]{{In: []InvitationState{InvitationExpired}, Code: refusal.Expired}}},
		{Does: Time, Steps: []Step[InvitationState]{
			{From: []InvitationState{InvitationOpen}, To: InvitationExpired, When: "its end has come"}, {From: []InvitationState{InvitationAnswered, InvitationExpired}},
		}},
	},
}

// CohortMachine is where the consent of a cohort can stand.
var CohortMachine = Machine[CohortState]{
	Name: "cohort",
	States: []MachineState[CohortState]{
		{State: CohortActive, Means: "data may rest on it, as far as its newest epoch permits"},
		{State: CohortEnded, Means: "nothing rests on it any more", Final: true},
	},
	Acts: []Act[CohortState]{
		{Does: ActBegin, Who: "a privacy officer", Steps: []Step[CohortState]{{To: CohortActive}}, Otherwise: refusal.Conflict},
		{Does: ActNextEpoch, Who: "a privacy officer of its institution", Steps: []Step[CohortState]{{From: []CohortState{CohortActive}}}, Otherwise: refusal.Decided},
		{Does: ActExclude, Who: "a steward or privacy officer of its institution", Steps: []Step[CohortState]{{From: []CohortState{CohortActive, CohortEnded}}}},
		{Does: ActEndCohort, Who: "a privacy officer of its institution", Steps: []Step[CohortState]{{From: []CohortState{CohortActive}, To: CohortEnded}}, Otherwise: refusal.Decided},
	},
}

// BasisMachine is where a legal basis can stand.
var BasisMachine = Machine[BasisState]{
	Name: "basis",
	States: []MachineState[BasisState]{
		{State: BasisActive, Means: "data may rest on it"},
		{State: BasisEnded, Means: "nothing rests on it any more", Final: true},
	},
	Acts: []Act[BasisState]{
		{Does: ActSetBasis, Who: "a privacy officer", Steps: []Step[BasisState]{{To: BasisActive}, {From: []BasisState{BasisActive}, When: "it says what has become of it"}}, Otherwise: refusal.Decided},
		{Does: ActEndBasis, Who: "a privacy officer of its institution", Steps: []Step[BasisState]{{From: []BasisState{BasisActive}, To: BasisEnded}}, Otherwise: refusal.Decided},
	},
}

// ReceiptMachine is where a receipt can stand.
var ReceiptMachine = Machine[ReceiptState]{
	Name: "receipt",
	States: []MachineState[ReceiptState]{
		{State: ReceiptOpen, Means: "the release was opened in the last ten minutes: the data can leave"},
		{State: ReceiptUnsettled, Means: "ten minutes have gone by, so nothing more is given out for it; what has come of it was not said yet"},
		{State: ReceiptCompleted, Means: "everything has left that was asked for", Final: true},
		{State: ReceiptAborted, Means: "not everything has left; some may have", Final: true},
	},
	Acts: []Act[ReceiptState]{
		{Does: ActOpen, Who: "a gateway of the owner, for somebody who has signed that they ask", Steps: []Step[ReceiptState]{{To: ReceiptOpen}}},
		closes(ActCompleted, ReceiptCompleted), closes(ActAborted, ReceiptAborted),
		{Does: Time, Steps: []Step[ReceiptState]{
			{From: []ReceiptState{ReceiptOpen}, To: ReceiptUnsettled, When: "ten minutes have gone by"},
			{From: []ReceiptState{ReceiptUnsettled, ReceiptCompleted, ReceiptAborted}},
		}},
	},
}

// closes is the act by which the owner says what came of a release, once.
func closes(does string, to ReceiptState) Act[ReceiptState] {
	return Act[ReceiptState]{
		Does: does, Who: "a gateway, steward or privacy officer of the owner", Otherwise: refusal.Decided,
		Steps: []Step[ReceiptState]{{From: []ReceiptState{ReceiptOpen, ReceiptUnsettled}, To: to}},
	}
}

// ReceiptState is where a receipt stands.
type ReceiptState string

// The states of a receipt.
const (
	ReceiptOpen      ReceiptState = "open"
	ReceiptUnsettled ReceiptState = "unsettled"
	ReceiptCompleted ReceiptState = "completed"
	ReceiptAborted   ReceiptState = "aborted"
)

// InvitationState is where an invitation stands.
type InvitationState string

// The states of an invitation.
const (
	InvitationOpen     InvitationState = "open"
	InvitationAnswered InvitationState = "answered"
	InvitationExpired  InvitationState = "expired"
)

// CohortState is where the consent of a cohort stands.
type CohortState string

// The states of a cohort's consent.
const (
	CohortActive CohortState = "active"
	CohortEnded  CohortState = "ended"
)

// BasisState is where a legal basis stands.
type BasisState string

// The states of a legal basis.
const (
	BasisActive BasisState = "active"
	BasisEnded  BasisState = "ended"
)

// SeatState is where one person's seat on a committee stands.
type SeatState string

// The states of a seat.
const (
	SeatPlanned SeatState = "planned"
	SeatHeld    SeatState = "seated"
	SeatEnded   SeatState = "ended"
)
