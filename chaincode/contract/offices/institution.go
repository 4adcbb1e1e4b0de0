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
	"medconsent.org/chaincode/rules"
)

type institutionArgument struct {
	Title   string   `json:"title"`
	Country string   `json:"country"`
	Contact string   `json:"contact"`
	Roles   []string `json:"roles"`
	// Officers replaces those who act for the institution; the first record names them, and later ones keep them when it is left out.
	Officers []officer `json:"officers"`
	// Release is where its server of the release is: empty takes it away, and what stands is kept when it is left out.
	Release *string `json:"release"`
}

// officer is somebody who is to act for the institution; without a key, by the one that stands on the ledger.
type officer struct {
	ID    string   `json:"id"`
	Roles []string `json:"roles"`
	Key   string   `json:"key"`
}

func (a institutionArgument) Check(c *input.Checker) {
	stated := records.Institution{Title: a.Title, Country: a.Country, Contact: a.Contact, Roles: a.Roles}
	if a.Release != nil {
		stated.Release = *a.Release
	}
	c.Body(stated)
	c.Given(a.Roles != nil, "roles")
	c.AtMost("officers", len(a.Officers), input.MaxOfficers)
	seen := map[string]bool{}
	for i, o := range a.Officers {
		at := fmt.Sprintf("officers[%d]", i)
		c.Person(at+".id", o.ID)
		c.Require(!seen[o.ID], at+".id", "%q stands there twice", o.ID)
		c.List(at+".roles", o.Roles, 1, len(records.OfficerRoles), func(at, role string) { c.OneOf(at, role, records.OfficerRoles) })
		if o.Key != "" {
			c.Digest(at+".key", o.Key)
		}
		seen[o.ID] = true
	}
}

// findOwnInstitution finds the record of the caller's own institution, which an operator is about to change.
func findOwnInstitution(tx *ledger.Tx) (caller ledger.Caller, finding ledger.Finding[records.Institution], err error) {
	if caller, err = tx.Caller(); err != nil {
		return caller, finding, err
	}
	if err = caller.Need("operator"); err != nil {
		return caller, finding, err
	}
	finding, err = evidence.FindInstitution(tx, caller.Institution)
	return caller, finding, err
}

// setInstitution writes the caller's own institution's record.
//
// Refuses with CONFLICT when it would change nothing.
func setInstitution(tx *ledger.Tx, a institutionArgument) (any, error) {
	caller, finding, err := findOwnInstitution(tx)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	body := records.Institution{Title: a.Title, Country: a.Country, Contact: a.Contact, Roles: a.Roles}
	switch {
	case a.Release != nil:
		body.Release = *a.Release
	case standing != nil:
		body.Release = standing.Record.Body.Release
	}
	if body.Officers, err = officersOf(tx, caller, a.Officers, standing); err != nil {
		return nil, err
	}
	if standing == nil {
		return transaction.Written(ledger.Create(tx, caller.By, caller.Institution, body, records.Active, ""))
	}
	if err := transaction.RefuseSame(standing, body, "", "name what is to be different: title, country, contact, roles, officers or release"); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.Roll(tx, caller.By, standing, body, records.Active, "updated", differences(standing.Record.Body, body)))
}

// officersOf gives the officers that an institution is to have. The first ones are whom its first record names: every institution sees them, and nobody but an operator
// of its own vouches for them. Later ones are named by two officers.
//
// Refuses with CONFLICT when there would be fewer than two, each with a key of their own: nobody could be the second.
func officersOf(tx *ledger.Tx, caller ledger.Caller, named []officer, standing *ledger.Sealed[records.Institution]) ([]records.Officer, error) {
	var had []records.Officer
	if standing != nil {
		had = standing.Record.Body.Officers
	}
	if len(had) > 0 {
		if err := evidence.NeedOffice(tx, caller, "operator"); err != nil {
			return nil, err
		}
		if named == nil {
			return had, nil
		}
	}
	officers := make([]records.Officer, 0, len(named))
	for _, o := range named {
		if o.Key == "" {
			key, err := evidence.ActiveKey(tx, caller.Institution, o.ID)
			if err != nil {
				return nil, err
			}
			o.Key = key.Record.Body.Fingerprint
		}
		officers = append(officers, records.Officer(o))
	}
	if err := enough(caller.Institution, officers); err != nil {
		return nil, err
	}
	if len(had) > 0 {
		tx.Widens(newOffices(caller.Institution, had, officers)...)
	}
	return officers, nil
}

// leastOfficers is how many an institution has at least.
const leastOfficers = 2

// enough refuses with CONFLICT when nobody could be the second officer, or name another.
func enough(institution string, officers []records.Officer) error {
	keys := map[string]bool{}
	for _, o := range officers {
		keys[o.Key] = true
	}
	if !slices.ContainsFunc(officers, func(o records.Officer) bool { return slices.Contains(o.Roles, "operator") }) {
		return refusal.New(refusal.Conflict, "%s would have no operator among its officers, and nobody could name another any more", institution).At("officers")
	}
	if len(keys) >= leastOfficers {
		return nil
	}
	return refusal.New(refusal.Conflict, "%s would have %d %s with a key of their own, and what widens takes two", institution, len(keys), rules.Plural(len(keys), "officer", "officers")).
		At("officers").Hinting("name at least two people, each with their roles and the SHA-256 of their public key")
}

type dismissArgument struct {
	Officers []string `json:"officers"`
}

func (a dismissArgument) Check(c *input.Checker) {
	c.List("officers", a.Officers, 1, input.MaxOfficers, c.Person)
}

// dismiss lets officers act for the caller's institution no more, and changes nothing else: only keys that exist are written, so the institution's own endorsement is enough.
//
// Refuses with CONFLICT when somebody is no officer, or fewer than two would be left.
func dismiss(tx *ledger.Tx, a dismissArgument) (any, error) {
	caller, finding, err := findOwnInstitution(tx)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Must()
	if err != nil {
		return nil, err
	}
	was := standing.Record.Body
	for _, id := range a.Officers {
		if !slices.ContainsFunc(was.Officers, func(o records.Officer) bool { return o.ID == id }) {
			return nil, refusal.New(refusal.Conflict, "%s is no officer of %s", id, caller.Institution).At("officers").Hinting("institution.get shows who is")
		}
	}
	body := was
	body.Officers = slices.DeleteFunc(slices.Clone(was.Officers), func(o records.Officer) bool { return slices.Contains(a.Officers, o.ID) })
	if err := enough(caller.Institution, body.Officers); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.Roll(tx, caller.By, standing, body, records.Active, "updated", differences(was, body)))
}

// newOffices says who acts for an institution that did not before, or not in that role or by that key.
func newOffices(institution string, had, have []records.Officer) []string {
	var words []string
	for _, o := range have {
		for _, role := range o.Roles {
			if !slices.ContainsFunc(had, func(was records.Officer) bool {
				return was.ID == o.ID && was.Key == o.Key && slices.Contains(was.Roles, role)
			}) {
				words = append(words, fmt.Sprintf("%s acts for %s as %s, by the key %s", o.ID, institution, role, o.Key))
			}
		}
	}
	return words
}

func sameOfficers(a, b []records.Officer) bool {
	return slices.EqualFunc(a, b, func(x, y records.Officer) bool {
		return x.ID == y.ID && x.Key == y.Key && slices.Equal(x.Roles, y.Roles)
	})
}

func differences(was, is records.Institution) string {
	var changed []string
	for _, member := range []struct {
		name string
		same bool
	}{
		{"title", was.Title == is.Title}, {"country", was.Country == is.Country},
		{"contact", was.Contact == is.Contact}, {"roles", slices.Equal(was.Roles, is.Roles)},
		{"officers", sameOfficers(was.Officers, is.Officers)}, {"release", was.Release == is.Release},
	} {
		if !member.same {
			changed = append(changed, member.name)
		}
	}
	return strings.Join(changed, ", ")
}

type institutionName struct {
	Institution string `json:"institution"`
}

func (a institutionName) Check(c *input.Checker) { c.Institution("institution", a.Institution) }

func getInstitution(tx *ledger.Tx, a institutionName) (any, error) {
	finding, err := evidence.FindInstitution(tx, a.Institution)
	return transaction.ViewOf(finding, err)
}

func listInstitutions(tx *ledger.Tx, a transaction.Page) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Institutions(), a.Of(), transaction.ShowView[records.Institution]))
}
