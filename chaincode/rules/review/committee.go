package review

import (
	"cmp"
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/machines"
)

// RefuseUnmeetable refuses with POLICY_UNMEETABLE what no committee could ever meet, for these reasons; nothing when there are none. What says what is
// refused.
func RefuseUnmeetable(reasons []rules.Reason, what string) error {
	if len(reasons) == 0 {
		return nil
	}
	refused := refusal.New(refusal.PolicyUnmeetable, "%s could never be met: %s", what, reasons[0].Message).
		Hinting("seat more people (committee.set), ask for fewer approvals, or let others ask; policy.lint tells in words what a policy says")
	return rules.WithReasons(refused, reasons)
}

// Roster is a committee as one of its states was: the record, and how many changes of it count. A later change is as if it had not been made.
type Roster struct {
	Committee records.Committee
	// Order gives for each transaction that changed the record its place among the changes, from 1.
	Order map[string]int64
	// Changes is how many of them count.
	Changes int64
	// Unregistered is whether there is no such committee, and its institution has no record either.
	Unregistered bool
	// Seconded are the places of the changes that a second officer confirmed, in order.
	Seconded []int64
	// digests are those of its states that were worked out already, by how many changes count.
	digests map[int64]string
	// Lost is whether the state that a vote was judged by cannot be told any more: what stands there is not what the vote has the digest of. Nobody sits there then.
	Lost bool
}

// NewRoster takes a record as it stands.
func NewRoster(record records.Record[records.Committee]) Roster {
	roster := Roster{Committee: record.Body, Order: make(map[string]int64, len(record.Changes)), Changes: int64(len(record.Changes)), digests: map[int64]string{}}
	for i, change := range record.Changes {
		roster.Order[change.Tx] = int64(i + 1)
		if change.By.Second != nil {
			roster.Seconded = append(roster.Seconded, int64(i+1))
		}
	}
	return roster
}

// AsOf is the same committee when its record had so many changes.
func (r Roster) AsOf(changes int64) Roster {
	r.Changes = min(changes, r.Changes)
	return r
}

// State names the state that counts of the committee with an id, as a vote does that is judged by it.
func (r Roster) State(id string) records.Roster {
	return records.Roster{Committee: id, Changes: r.Changes, Digest: r.Digest()}
}

// AsSeen is the same committee in the state that a vote was judged by, or a lost one when its owner has written the past anew since.
func (r Roster) AsSeen(seen records.Roster) Roster {
	state := r.AsOf(seen.Changes)
	if state.Changes != seen.Changes || state.Digest() != seen.Digest {
		return Roster{Lost: true}
	}
	return state
}

// Digest is that of the state: of the transactions that had made it, and of each seat that was given by then, as it was. What is done to the committee later does not
// change it.
func (r Roster) Digest() string {
	if known, ok := r.digests[r.Changes]; ok {
		return known
	}
	digest := r.digest()
	if r.digests != nil {
		r.digests[r.Changes] = digest
	}
	return digest
}

func (r Roster) digest() string {
	state := struct {
		Changes []string       `json:"changes"`
		Seats   []records.Seat `json:"seats"`
	}{[]string{}, []records.Seat{}}
	for tx, place := range r.Order {
		if place <= r.Changes {
			state.Changes = append(state.Changes, tx)
		}
	}
	slices.SortFunc(state.Changes, func(a, b string) int { return cmp.Compare(r.Order[a], r.Order[b]) })
	for _, seat := range r.Committee.Seats {
		if !r.counts(seat.SetTx) {
			continue
		}
		if seat.EndedTx != "" && !r.counts(seat.EndedTx) {
			seat.Until, seat.PlannedUntil, seat.EndedTx = seat.PlannedUntil, 0, ""
		}
		state.Seats = append(state.Seats, seat)
	}
	return digestOf(state)
}

// until is when the seat ended or ends, seen from the state that counts. Zero means never.
func (r Roster) until(seat records.Seat) records.Time {
	if seat.EndedTx != "" && !r.counts(seat.EndedTx) {
		return seat.PlannedUntil
	}
	return seat.Until
}

func (r Roster) counts(tx string) bool {
	place, ok := r.Order[tx]
	return ok && place <= r.Changes
}

// Seated tells whether a person has a seat at a moment that counts for a key: from ≤ t, and until absent or t < until. One person has one vote, so a key by which two ids sit
// counts for neither: the contract gives no such seats, and an institution's chaincode may not be ours.
func (r Roster) Seated(id, key string, at records.Time) bool {
	seated, another := false, false
	for _, seat := range r.Committee.Seats {
		if seat.Key == key && key != "" && r.holds(seat, at) {
			seated, another = seated || seat.ID == id, another || seat.ID != id
		}
	}
	return seated && !another
}

// HasKey tells whether anybody has a seat at a moment that counts for a key.
func (r Roster) HasKey(key string, at records.Time) bool {
	return slices.ContainsFunc(r.Committee.Seats, func(seat records.Seat) bool { return seat.Key == key && r.holds(seat, at) })
}

// Sits tells whether a person has a seat at a moment, by whichever key.
func (r Roster) Sits(id string, at records.Time) bool {
	return slices.Contains(r.Members(at), id)
}

func (r Roster) holds(seat records.Seat, at records.Time) bool {
	until := r.until(seat)
	return r.counts(seat.SetTx) && seat.From <= at && (until == 0 || at < until)
}

// Members lists, in order and each once, who has a seat at a moment.
func (r Roster) Members(at records.Time) []string {
	return r.people(func(seat records.Seat) bool { return r.holds(seat, at) })
}

// Electors lists of whom a majority and unanimity are taken: who has a seat at a moment, and who would have one, had not one person alone taken it away since two last set
// the roster. So nobody becomes a majority by unseating the others.
func (r Roster) Electors(at records.Time) []string {
	return r.people(func(seat records.Seat) bool { return r.holds(seat, at) || r.unsettled(seat, at) })
}

// unsettled tells whether a seat, which would be held, was cut short by one person alone, and two have not set the roster since.
func (r Roster) unsettled(seat records.Seat, at records.Time) bool {
	if !r.counts(seat.SetTx) || seat.EndedTx == "" || !r.counts(seat.EndedTx) || seat.From > at || seat.PlannedUntil != 0 && at >= seat.PlannedUntil {
		return false
	}
	return !slices.ContainsFunc(r.Seconded, func(place int64) bool { return place >= r.Order[seat.EndedTx] && place <= r.Changes })
}

// Prospects lists who has a seat at a moment or will have one later.
func (r Roster) Prospects(at records.Time) []string {
	return r.people(func(seat records.Seat) bool {
		until := r.until(seat)
		return r.counts(seat.SetTx) && (until == 0 || at < until && seat.From < until)
	})
}

func (r Roster) people(take func(records.Seat) bool) []string {
	ids := []string{}
	for _, seat := range r.Committee.Seats {
		if take(seat) {
			ids = append(ids, seat.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Electorate is who may vote on a request: not the requester, not its researchers, and nobody of the requester's institution unless the policy lets
// them. The zero value excludes nobody.
type Electorate struct {
	Institution string   // the requester's
	People      []string // the requester and the researchers, by enrolment id there
	OwnVotes    bool     // the policy's own_institution_votes
}

// ElectorateOf is the electorate of a request under a policy.
func ElectorateOf(request records.Request, policy records.Policy) Electorate {
	people := append([]string{request.Requester.ID}, request.Researchers...)
	return Electorate{Institution: request.Requester.Institution, People: people, OwnVotes: policy.OwnInstitutionVotes}
}

// Admits tells whether a person may vote.
func (e Electorate) Admits(person records.Person) bool {
	if person.Institution != e.Institution {
		return true
	}
	return e.OwnVotes && !slices.Contains(e.People, person.ID)
}

// AdmitsTo tells whether a person may vote in a stage: one of whoever asks is there for the requester's institution, but not for the requester and the researchers.
func (e Electorate) AdmitsTo(stage records.Stage, person records.Person) bool {
	if stage.Of == records.OfRequester {
		return person.Institution == e.Institution && !e.Asks(person)
	}
	return e.Admits(person)
}

// among gives those of a stage's institution who may vote in it.
func (e Electorate) among(stage records.Stage, ids []string) []string {
	admitted := make([]string, 0, len(ids))
	for _, id := range ids {
		if e.AdmitsTo(stage, records.Person{Institution: stage.Institution, ID: id}) {
			admitted = append(admitted, id)
		}
	}
	return admitted
}

// Asks tells whether a person is the requester or one of the researchers.
func (e Electorate) Asks(person records.Person) bool {
	return person.Institution == e.Institution && slices.Contains(e.People, person.ID)
}

// Unmeetable says what in a policy could never be met by the committees as they stand at a moment: for each institution, every set of its stages
// must have as many different people, now or later, as its thresholds add up to, because a person has one vote (Hall's condition). A majority and unanimity are
// taken of those who sit or will sit. A committee that is absent has nobody; a stage of whoever asks that is not resolved is passed over. Steps and vetoes do not
// matter: who has voted in one stage has no vote in another, whenever it opens. The answer is empty when the policy can be met.
func Unmeetable(policy records.Policy, rosters map[string]Roster, electorate Electorate, at records.Time) []rules.Reason {
	var reasons []rules.Reason
	byInstitution := map[string][]int{}
	var institutions []string
	for i, stage := range policy.Stages {
		if stage.Institution == "" {
			continue
		}
		if byInstitution[stage.Institution] == nil {
			institutions = append(institutions, stage.Institution)
		}
		byInstitution[stage.Institution] = append(byInstitution[stage.Institution], i)
	}
	for _, institution := range institutions {
		stages := byInstitution[institution]
		for set := 1; set < 1<<len(stages); set++ {
			if reason, short := shortage(policy, stages, set, rosters, electorate, at); short {
				reasons = append(reasons, reason)
			}
		}
	}
	return reasons
}

func shortage(policy records.Policy, stages []int, set int, rosters map[string]Roster, electorate Electorate, at records.Time) (rules.Reason, bool) {
	people := map[string]bool{}
	var approvals int64
	names, clause, unknown := "", "", ""
	for bit, i := range stages {
		if set&(1<<bit) == 0 {
			continue
		}
		stage := policy.Stages[i]
		prospects := electorate.among(stage, rosters[stage.Committee()].Prospects(at))
		for _, id := range prospects {
			people[id] = true
		}
		approvals += needed(stage, int64(len(prospects)), 0)
		if rosters[stage.Committee()].Unregistered {
			unknown = stage.Institution
		}
		if names != "" {
			names, clause = names+" and ", clause+","
		}
		names, clause = names+stage.Committee(), clause+fmt.Sprintf("stages[%d]", i)
	}
	if int64(len(people)) >= approvals {
		return rules.Reason{}, false
	}
	why := fmt.Sprintf("only %d could", len(people))
	if unknown != "" && len(people) == 0 {
		why = noRecord(unknown) + ", and nobody sits there"
	}
	return rules.Reason{
		Code: rules.StageUnmeetable, Clause: clause,
		Message: fmt.Sprintf("%s must give %d %s, and %s", names, approvals, rules.Plural(int(approvals), "approval", "approvals by different people"), why),
	}, true
}

// noRecord says that the ledger does not know an institution.
func noRecord(institution string) string {
	return "there is no institution " + institution + " on the ledger: it has no record yet"
}

// SeatStateAt says where a seat stands at a moment, by all that its record says.
func SeatStateAt(seat records.Seat, at records.Time) machines.SeatState {
	switch {
	case seat.Until != 0 && at >= seat.Until:
		return machines.SeatEnded
	case at < seat.From:
		return machines.SeatPlanned
	}
	return machines.SeatHeld
}
