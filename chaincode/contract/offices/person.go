package offices

import (
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

type announceArgument struct {
	// Delivery is the key that data for the caller is to be encrypted to.
	Delivery string `json:"delivery"`
}

func (a announceArgument) Check(c *input.Checker) {
	if a.Delivery != "" || c.Describing() {
		c.DeliveryKey("delivery", a.Delivery)
	}
}

// delivery is the delivery key as the record has it, or nil.
func (a announceArgument) delivery() *records.Delivery {
	if a.Delivery == "" {
		return nil
	}
	return &records.Delivery{SHA256: input.DeliveryDigest(a.Delivery), PublicKey: a.Delivery}
}

// standing is what stands of the caller's key and this delivery key, or nil. Who names no delivery key does not take one away by that.
func (a announceArgument) standing(tx *ledger.Tx, caller ledger.Caller) (*ledger.Sealed[records.Key], error) {
	delivery := ""
	if a.Delivery != "" {
		delivery = input.DeliveryDigest(a.Delivery)
	}
	standing, err := evidence.Maybe(evidence.FindKey(tx, caller.Institution, caller.ID, caller.Key, delivery))
	if err != nil || standing != nil || delivery != "" {
		return standing, err
	}
	active, err := evidence.StandingKey(tx, caller.Institution, caller.ID)
	if err != nil || active == nil || active.Record.Body.Fingerprint != caller.Key {
		return nil, err
	}
	return active, nil
}

// announceKey puts the caller's public key on the ledger. That they hold it, the transaction's signature shows; that it is theirs, somebody else says (admitKey). It looks for
// that key alone: whoever else has certificates in the same name announces what they like beside it.
func announceKey(tx *ledger.Tx, a announceArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	standing, err := a.standing(tx, caller)
	if err != nil {
		return nil, err
	}
	if standing != nil {
		hint := "nothing is left to do for it; person.list shows what becomes of it"
		if standing.Record.Status == records.Announced {
			hint = "read the fingerprint to an officer, who admits it (person.admit); person.list shows what becomes of it"
		}
		return nil, refusal.New(refusal.Conflict, "this key of %s is %s already; its fingerprint is %s", caller.Person(), standing.Record.Status, caller.Key).Hinting("%s", hint)
	}
	public, err := tx.PublicKey()
	if err != nil {
		return nil, err
	}
	body := records.Key{Institution: caller.Institution, Person: caller.ID, Fingerprint: caller.Key, PublicKey: public, Delivery: a.delivery()}
	return transaction.Written(ledger.Create(tx, caller.By, tx.ID, body, records.Announced, ""))
}

type admitArgument struct {
	Person string `json:"person"`
	Key    string `json:"key"`
	// Delivery is the SHA-256 of the delivery key that was announced with it; empty when none was.
	Delivery string `json:"delivery"`
}

func (a admitArgument) Check(c *input.Checker) {
	c.Person("person", a.Person)
	c.Digest("key", a.Key)
	if a.Delivery != "" || c.Describing() {
		c.Digest("delivery", a.Delivery)
	}
}

// names tells whether it is about a key: whoever admits one has compared the delivery key that was announced with it, too.
func (a admitArgument) names(key records.Key) bool {
	return key.Fingerprint == a.Key && key.DeliveryDigest() == a.Delivery
}

// with says in words which delivery key it is about.
func (a admitArgument) with() string {
	if a.Delivery == "" {
		return ""
	}
	return " with the delivery key " + a.Delivery
}

// admitKey says that an announced key is a person's. An officer who is somebody else says so of somebody's first; for another one it takes the one before, or two officers.
func admitKey(tx *ledger.Tx, a admitArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	keys, _, err := evidence.ReadKeys(tx, caller.Institution, a.Person)
	if err != nil {
		return nil, err
	}
	known := keyring(keys)
	if active := known.active(); active != nil && a.names(active.Record.Body) {
		return nil, refusal.New(refusal.Conflict, "this key of %s/%s was admitted already, at %s", caller.Institution, a.Person, active.Record.UpdatedAt).At("key").
			Hinting("nothing is left to do for it: seats and offices can be given for it (committee.set, institution.set)")
	}
	announced, err := evidence.Maybe(evidence.FindKey(tx, caller.Institution, a.Person, a.Key, a.Delivery))
	if err != nil {
		return nil, err
	}
	if announced == nil || announced.Record.Status != records.Announced {
		return nil, refusal.New(refusal.NotFound, "%s/%s has announced no key %s%s that waits", caller.Institution, a.Person, a.Key, a.with()).At("key").
			Hinting("the person announces it with that key (person.announce); person.list shows which delivery key came with it")
	}
	if err := mayAdmit(tx, caller, a, known); err != nil {
		return nil, err
	}
	for _, key := range keys {
		if key.Record.Status == records.Active {
			if _, err := ledger.Update(tx, caller.By, key, key.Record.Body, records.Ended, "ended", "another key has taken its place"); err != nil {
				return nil, err
			}
		}
	}
	if err := tx.PostAlso(caller.Institution, records.AdmittedKeys(caller.Institution, a.Person), announced.Key); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.Update(tx, caller.By, announced, announced.Record.Body, records.Active, "admitted", ""))
}

// mayAdmit refuses with FORBIDDEN or OWN_REQUEST who cannot say that a key is a person's, and notes when it takes a second officer.
func mayAdmit(tx *ledger.Tx, caller ledger.Caller, a admitArgument, known keyring) error {
	if active := known.active(); active != nil && caller.ID == a.Person && caller.Key == active.Record.Body.Fingerprint {
		return nil // the one before says so
	}
	if caller.ID == a.Person || caller.Key == a.Key {
		return refusal.New(refusal.OwnRequest, "nobody admits their own key").Hinting("an officer of %s does, or the key before it", caller.Institution)
	}
	if err := evidence.NeedOffice(tx, caller, records.OfficerRoles...); err != nil {
		return err
	}
	another, err := actsByAnother(tx, caller.Institution, a)
	if err != nil {
		return err
	}
	if another || known.wasAdmitted() {
		tx.Widens(a.Person + " of " + caller.Institution + " has the key " + a.Key + a.with() + ", and the key before it did not say so")
	}
	return nil
}

// actsByAnother tells whether a person has an office or a seat by another key: that was given to them by its digest, and may never have been announced.
func actsByAnother(tx *ledger.Tx, institution string, a admitArgument) (bool, error) {
	record, err := evidence.Maybe(evidence.FindInstitution(tx, institution))
	if err != nil {
		return false, err
	}
	if record != nil && slices.ContainsFunc(record.Record.Body.Officers, func(o records.Officer) bool { return o.ID == a.Person && o.Key != a.Key }) {
		return true, nil
	}
	for _, role := range records.CommitteeRoles {
		roster, err := evidence.ReadRoster(tx, institution, role)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(roster.Committee.Seats, func(seat records.Seat) bool {
			return seat.ID == a.Person && seat.Key != a.Key && review.SeatStateAt(seat, tx.Now()) != machines.SeatEnded
		}) {
			return true, nil
		}
	}
	return false, nil
}

// keyring is every key of a person that somebody said is theirs.
type keyring []*ledger.Sealed[records.Key]

func (k keyring) active() *ledger.Sealed[records.Key] {
	for _, key := range k {
		if key.Record.Status == records.Active {
			return key
		}
	}
	return nil
}

// wasAdmitted tells whether one was ever theirs.
func (k keyring) wasAdmitted() bool {
	for _, key := range k {
		if len(key.Record.Changes) > 1 && key.Record.Changes[1].Action == records.KeyType+".admitted" {
			return true
		}
	}
	return false
}

type endKeyArgument struct {
	Person string `json:"person"`
	// Announced is the transaction that announced the key: by it the key is read by its name alone.
	Announced string `json:"announced"`
	Reason    string `json:"reason"`
}

func (a endKeyArgument) Check(c *input.Checker) {
	c.Person("person", a.Person)
	c.Tx("announced", a.Announced)
	c.Text("reason", a.Reason, 1, 500)
}

// endKey takes a key away: no seat, delegation or office is given for it any more by the person's name. Those that were given for it stand until they are taken away
// themselves, by acts that each need one person.
func endKey(tx *ledger.Tx, a endKeyArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if caller.ID != a.Person {
		if err := caller.Need(records.OfficerRoles...); err != nil {
			return nil, err
		}
	}
	key, err := evidence.ReadKeyAt(tx, caller.Institution, a.Person, a.Announced)
	if err != nil {
		return nil, err
	}
	if key.Record.Status == records.Ended {
		return nil, refusal.New(refusal.Decided, "the key ended at %s", key.Record.UpdatedAt)
	}
	return transaction.Written(ledger.Update(tx, caller.By, key, key.Record.Body, records.Ended, "ended", a.Reason))
}

type keyFilter struct {
	transaction.Page
	Institution string `json:"institution"`
	Person      string `json:"person"`
	State       string `json:"state"`
}

func (a keyFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("institution", a.Institution, c.Institution)
	if a.Person != "" {
		c.Person("person", a.Person)
		c.Require(a.Institution != "", "person", "an enrolment id is one of an institution: name that too")
	}
	if a.State != "" {
		c.OneOf("state", a.State, []string{string(records.Announced), string(records.Active), string(records.Ended)})
	}
}

func listKeys(tx *ledger.Tx, a keyFilter) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Keys(a.Institution, a.Person), a.Of(), func(_ *ledger.Tx, key *ledger.Sealed[records.Key]) (any, bool, error) {
		return key.View(), a.State == "" || a.State == string(key.Record.Status), nil
	}))
}
