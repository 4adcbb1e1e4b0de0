package offices

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

type seatingArgument struct {
	Role    string   `json:"role"`
	Members []member `json:"members"`
}

type committeeArgument struct {
	seatingArgument
	// CommitteeDigest is the digest of the roster that the steward was shown; it may be left out.
	CommitteeDigest string `json:"committee_digest"`
}

type member struct {
	ID string `json:"id"`
	// Key is the key that the seat counts for; without it, the one of the person that stands on the ledger.
	Key   string       `json:"key"`
	From  records.Time `json:"from"`
	Until records.Time `json:"until"`
}

const maxMembers = 200

func (a committeeArgument) Check(c *input.Checker) {
	a.seatingArgument.Check(c)
	c.Optional("committee_digest", a.CommitteeDigest, c.Digest)
}

func (a seatingArgument) Check(c *input.Checker) {
	c.OneOf("role", a.Role, records.CommitteeRoles)
	c.Given(a.Members != nil, "members")
	c.AtMost("members", len(a.Members), maxMembers)
	seen := map[string]bool{}
	for i, m := range a.Members {
		at := fmt.Sprintf("members[%d]", i)
		c.Person(at+".id", m.ID)
		c.Require(!seen[m.ID], at+".id", "%q stands there twice", m.ID)
		if m.Key != "" {
			c.Digest(at+".key", m.Key)
		}
		c.Require(m.From == 0 || m.Until == 0 || m.From < m.Until, at+".until", "the seat would end before it begins")
		seen[m.ID] = true
	}
}

// findOwn finds the committee of the caller's own institution that a steward is about to seat or unseat somebody on.
func findOwn(tx *ledger.Tx, role string) (caller ledger.Caller, finding ledger.Finding[records.Committee], err error) {
	if caller, err = tx.Caller(); err != nil {
		return caller, finding, err
	}
	if err = caller.Need("steward"); err != nil {
		return caller, finding, err
	}
	finding, err = evidence.FindCommittee(tx, caller.Institution, role)
	return caller, finding, err
}

// setCommittee replaces the roster of one of the caller's institution's committees. Nothing of the past is changed: a seat that ends or changes is cut off
// now, and a new one is added.
//
// Refuses with CONFLICT when the roster is not the one that the caller was shown, and when it would change nothing.
func setCommittee(tx *ledger.Tx, a committeeArgument) (any, error) {
	caller, finding, err := findOwn(tx, a.Role)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	if a.CommitteeDigest != "" && (standing == nil || standing.Digest != a.CommitteeDigest) {
		return nil, staleRoster(records.CommitteeID(caller.Institution, a.Role), standing)
	}
	return reseated(tx, caller, a.Role, standing, func(r *reseating, seats []records.Seat) ([]records.Seat, error) { return r.reseat(seats, a.Members) })
}

func staleRoster(committee string, standing *ledger.Sealed[records.Committee]) error {
	if standing == nil {
		return refusal.New(refusal.NotFound, "there is no %s, and you were shown one", committee).At("committee_digest").Hinting("committee.get")
	}
	return transaction.Stale("committee_digest", committee, standing.Digest)
}

// seatMembers gives seats on one of the caller's institution's committees, and takes nobody's away.
//
// Refuses with CONFLICT when somebody has a seat.
func seatMembers(tx *ledger.Tx, a seatingArgument) (any, error) {
	caller, finding, err := findOwn(tx, a.Role)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	return reseated(tx, caller, a.Role, standing, func(r *reseating, seats []records.Seat) ([]records.Seat, error) {
		for i, m := range a.Members {
			if r.sits(seats, m.ID) {
				return nil, refusal.New(refusal.Conflict, "%s has a seat on %s", m.ID, r.committee).At(fmt.Sprintf("members[%d].id", i)).
					Hinting("committee.set gives it other terms; committee.get shows who has one")
			}
		}
		_, added, err := r.give(seats, a.Members)
		return append(slices.Clone(seats), added...), err
	})
}

// reseated writes a committee whose seats are changed, and says whether that widens who can vote.
func reseated(tx *ledger.Tx, caller ledger.Caller, role string, standing *ledger.Sealed[records.Committee], change func(*reseating, []records.Seat) ([]records.Seat, error)) (any, error) {
	body := records.Committee{Institution: caller.Institution, Role: role, Seats: []records.Seat{}}
	if standing != nil {
		body = standing.Record.Body
	}
	id := records.CommitteeID(caller.Institution, role)
	r := reseating{tx: tx, now: tx.Now(), caller: caller, committee: id}
	var err error
	if body.Seats, err = change(&r, body.Seats); err != nil {
		return nil, err
	}
	if standing != nil && r.ended == nil { // what one person took away is settled by two
		r.widens = append(r.widens, r.settles(review.NewRoster(standing.Record))...)
	}
	if r.widens == nil && r.shrinks() {
		tx.TakesAway()
	}
	tx.Widens(r.widens...)
	if len(body.Seats) > records.MaxSeats {
		return nil, refusal.New(refusal.LimitExceeded, "the record of the committee can hold %d seats, past ones included, and this would make it %d", records.MaxSeats, len(body.Seats))
	}
	switch {
	case standing == nil:
		return transaction.Written(ledger.Create(tx, caller.By, id, body, records.Active, r.note()))
	case r.seated == nil && r.ended == nil && r.widens == nil:
		return nil, transaction.Same(id, "members", "name who is to have a seat that they have not, or leave out who is to lose theirs")
	case r.seated == nil && r.ended != nil: // a seat can always be taken away
		return transaction.Written(ledger.End(tx, caller.By, standing, body, records.Active, "updated", r.note()))
	}
	return transaction.Written(ledger.Update(tx, caller.By, standing, body, records.Active, "updated", r.note()))
}

type unseatArgument struct {
	Role    string   `json:"role"`
	Members []string `json:"members"`
}

func (a unseatArgument) Check(c *input.Checker) {
	c.OneOf("role", a.Role, records.CommitteeRoles)
	c.List("members", a.Members, 1, maxMembers, c.Person)
}

// unseat ends the seats of members of one of the caller's institution's committees, and changes nothing else: only a key that exists is written, so the institution's own
// endorsement is enough.
//
// Refuses with CONFLICT when somebody has no seat.
func unseat(tx *ledger.Tx, a unseatArgument) (any, error) {
	caller, finding, err := findOwn(tx, a.Role)
	if err != nil {
		return nil, err
	}
	committee, err := finding.Must()
	if err != nil {
		return nil, err
	}
	body, r := committee.Record.Body, reseating{tx: tx, now: tx.Now(), caller: caller, committee: committee.Record.ID}
	body.Seats = slices.Clone(body.Seats)
	r.end(body.Seats, func(seat records.Seat) bool { return slices.Contains(a.Members, seat.ID) })
	if len(r.widens) > 0 {
		return nil, refusal.New(refusal.Forbidden, "%s has a seat on %s, and takes no other's away alone", caller.ID, committee.Record.ID).
			Hinting("another steward does, or a second officer confirms it (committee.set)")
	}
	for _, id := range a.Members {
		if !slices.Contains(r.ended, id) {
			return nil, refusal.New(refusal.Conflict, "%s has no seat on %s", id, committee.Record.ID).At("members").Hinting("committee.get shows who has")
		}
	}
	return transaction.Written(ledger.End(tx, caller.By, committee, body, records.Active, "updated", r.note()))
}

type reseating struct {
	tx            *ledger.Tx
	now           records.Time
	caller        ledger.Caller
	committee     string
	seated, ended []string
	// kept are those of the seated who sit at least when they would have without it.
	kept []string
	// widens says in words who can vote that could not before.
	widens []string
}

// settles says in words whom a majority no longer counts, who had been unseated by one person alone.
func (r *reseating) settles(standing review.Roster) []string {
	var words []string
	members := standing.Members(r.now)
	for _, id := range standing.Electors(r.now) {
		if !slices.Contains(members, id) {
			words = append(words, fmt.Sprintf("%s, who was unseated, counts no more where %s decides by majority or unanimously", id, r.committee))
		}
	}
	return words
}

// shrinks tells whether seats end, and nothing else happens.
func (r *reseating) shrinks() bool { return r.ended != nil }

func (r *reseating) reseat(seats []records.Seat, members []member) ([]records.Seat, error) {
	seats = append([]records.Seat{}, seats...)
	keeps, added, err := r.give(seats, members)
	if err != nil {
		return nil, err
	}
	r.end(seats, func(seat records.Seat) bool { return !keeps[seat.ID] })
	return append(seats, added...), nil
}

// give makes the seats that members do not have yet, and tells who keeps what they have.
func (r *reseating) give(seats []records.Seat, members []member) (keeps map[string]bool, added []records.Seat, err error) {
	keeps = map[string]bool{}
	for i, m := range members {
		if r.keeps(seats, m) {
			keeps[m.ID] = true
			continue
		}
		seat, err := r.seat(fmt.Sprintf("members[%d]", i), m, seats)
		if err != nil {
			return nil, nil, err
		}
		if other := r.holder(append(slices.Clone(seats), added...), seat); other != "" {
			return nil, nil, refusal.New(refusal.Conflict, "the key %s is that of %s, who has a seat on %s, and one person has one vote", seat.Key, other, r.committee).
				At(fmt.Sprintf("members[%d]", i)).Hinting("two ids with one key are one person: unseat the other first (committee.unseat)")
		}
		if !r.within(seats, seat) {
			r.widens = append(r.widens, r.inWords(seat))
		}
		added = append(added, seat)
		r.seated = append(r.seated, m.ID)
		if r.covered(seats, seat) {
			r.kept = append(r.kept, m.ID)
		}
	}
	return keeps, added, nil
}

// end cuts off now the seats that are held, or will be.
func (r *reseating) end(seats []records.Seat, which func(records.Seat) bool) {
	for i := range seats {
		if r.live(seats[i]) && which(seats[i]) {
			if r.isCallers(seats) && !slices.Contains(r.kept, seats[i].ID) && seats[i].ID != r.caller.ID && seats[i].Key != r.caller.Key {
				r.widens = append(r.widens, fmt.Sprintf("%s no longer sits on %s as before, and %s, who does, may decide with fewer others", seats[i].ID, r.committee, r.caller.ID))
			}
			r.ended = append(r.ended, seats[i].ID)
			seats[i].PlannedUntil, seats[i].Until, seats[i].EndedTx = seats[i].Until, r.now, r.tx.ID
		}
	}
}

// live tells whether a seat is held now or will be.
func (r *reseating) live(seat records.Seat) bool {
	return !machines.SeatMachine.Final(review.SeatStateAt(seat, r.now))
}

// keeps tells whether a member has exactly the seat that is asked for already.
func (r *reseating) keeps(seats []records.Seat, m member) bool {
	for _, seat := range seats {
		if seat.ID == m.ID && (m.Key == "" || m.Key == seat.Key) && r.live(seat) && seat.Until == m.Until && (m.From == seat.From || m.From == 0 && seat.From <= r.now) {
			return true
		}
	}
	return false
}

func (r *reseating) seat(at string, m member, seats []records.Seat) (records.Seat, error) {
	if m.ID == r.caller.ID {
		return records.Seat{}, refusal.New(refusal.Forbidden, "a steward may not seat themself").At(at+".id").Hinting("another steward of %s can", r.caller.Institution)
	}
	if m.From != 0 && m.From < r.tx.Time {
		return records.Seat{}, refusal.New(refusal.Invalid, "a seat cannot begin in the past (%s)", m.From).At(at + ".from").Hinting("leave from out: the seat then begins now")
	}
	from := max(m.From, r.now)
	if m.Until != 0 && m.Until <= from {
		return records.Seat{}, refusal.New(refusal.Invalid, "the seat would end (%s) before it begins (%s)", m.Until, from).At(at + ".until")
	}
	key, err := r.keyOf(m, seats)
	if err != nil {
		return records.Seat{}, err
	}
	if key == r.caller.Key {
		return records.Seat{}, refusal.New(refusal.Forbidden, "a steward may not seat themself, and %s has the key that signed this", m.ID).At(at+".id").
			Hinting("another steward of %s can", r.caller.Institution)
	}
	return records.Seat{ID: m.ID, Key: key, From: from, Until: m.Until, SetTx: r.tx.ID}, nil
}

// keyOf is the key that a seat is to count for: the one that is named, that of the seat which the person has, or the one that stands on the ledger.
func (r *reseating) keyOf(m member, seats []records.Seat) (string, error) {
	if m.Key != "" {
		return m.Key, nil
	}
	for _, seat := range seats {
		if seat.ID == m.ID && r.live(seat) {
			return seat.Key, nil
		}
	}
	key, err := evidence.ActiveKey(r.tx, r.caller.Institution, m.ID)
	if err != nil {
		return "", err
	}
	return key.Record.Body.Fingerprint, nil
}

// within tells whether a person has a seat for the same key already that lasts as long or longer.
func (r *reseating) within(seats []records.Seat, next records.Seat) bool {
	return slices.ContainsFunc(seats, func(seat records.Seat) bool {
		return seat.ID == next.ID && seat.Key == next.Key && r.live(seat) && seat.From <= next.From && (seat.Until == 0 || next.Until != 0 && next.Until <= seat.Until)
	})
}

// holder is another person who has a seat for the same key, or nobody.
func (r *reseating) holder(seats []records.Seat, next records.Seat) string {
	for _, seat := range seats {
		if seat.Key == next.Key && seat.ID != next.ID && r.live(seat) {
			return seat.ID
		}
	}
	return ""
}

// covered tells whether a person's seats are all held, or will be, within one that takes their place.
func (r *reseating) covered(seats []records.Seat, next records.Seat) bool {
	return !slices.ContainsFunc(seats, func(seat records.Seat) bool {
		return seat.ID == next.ID && r.live(seat) && (max(seat.From, r.now) < next.From || next.Until != 0 && (seat.Until == 0 || next.Until < seat.Until))
	})
}

// isCallers tells whether the caller has a seat on the committee, under whatever name.
func (r *reseating) isCallers(seats []records.Seat) bool {
	return r.sits(seats, r.caller.ID) || slices.ContainsFunc(seats, func(seat records.Seat) bool { return seat.Key == r.caller.Key && r.live(seat) })
}

// sits tells whether a person has a seat now, or will have one.
func (r *reseating) sits(seats []records.Seat, id string) bool {
	return slices.ContainsFunc(seats, func(seat records.Seat) bool { return seat.ID == id && r.live(seat) })
}

func (r *reseating) inWords(seat records.Seat) string {
	words := fmt.Sprintf("%s sits on %s, by the key %s", seat.ID, r.committee, seat.Key)
	if seat.From > r.now {
		words += ", from " + seat.From.String()
	}
	if seat.Until != 0 {
		words += ", until " + seat.Until.String()
	}
	return words
}

// note says what changed, for the audit.
func (r *reseating) note() string {
	var parts []string
	if r.seated != nil {
		parts = append(parts, "seated: "+strings.Join(r.seated, ", "))
	}
	if r.ended != nil {
		parts = append(parts, "ended: "+strings.Join(r.ended, ", "))
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

type committeeName struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
}

func (a committeeName) Check(c *input.Checker) {
	c.Institution("institution", a.Institution)
	c.OneOf("role", a.Role, records.CommitteeRoles)
}

func getCommittee(tx *ledger.Tx, a committeeName) (any, error) {
	finding, err := evidence.FindCommittee(tx, a.Institution, a.Role)
	return transaction.ViewOf(finding, err)
}

type committeeFilter struct {
	transaction.Page
	Institution string `json:"institution"`
}

func (a committeeFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("institution", a.Institution, c.Institution)
}

func listCommittees(tx *ledger.Tx, a committeeFilter) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Committees(a.Institution), a.Of(), transaction.ShowView[records.Committee]))
}
