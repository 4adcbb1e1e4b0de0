package sample

import (
	"crypto/ecdsa"
	"encoding/json"
	"slices"
	"strings"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
)

// Each institution has two officers who do nothing else: the one names others, and the second confirms whatever widens.
const (
	chair  = "chair"
	second = "second"
)

// key is the key of "institution/id", made from that.
func (w *World) key(person string) *ecdsa.PrivateKey {
	if w.Keys[person] == nil {
		w.Keys[person] = ledgertest.KeyNamed(person)
	}
	return w.Keys[person]
}

// KeyOf is the digest of the key of "institution/id".
func (w *World) KeyOf(person string) string { return ledgertest.DigestOf(w.key(person)) }

// Second is another officer of the institution of "institution/id:roles".
func Second(who string) string {
	institution, rest, _ := strings.Cut(who, "/")
	if strings.HasPrefix(rest, second+":") {
		return institution + "/" + chair + ":operator,privacy,steward"
	}
	return institution + "/" + second + ":operator,privacy,steward"
}

// Confirmed has a second officer confirm a proposal, and gives what the transaction answers.
func (w *World) Confirmed(proposal object) object {
	w.Helper()
	answer := w.Do(Second(w.proposer(proposal)), "proposal.confirm", w.Confirmation(proposal))
	done, _ := answer["done"].(object)
	return done
}

// Confirmation is the argument that confirms a proposal.
func (w *World) Confirmation(proposal object) object {
	id := proposal["id"].(string)
	return object{"proposal": id, "digest": records.Digest(w.Ledger.Value("proposal/" + id))}
}

func (w *World) proposer(proposal object) string {
	return In(proposal, "owner").(string) + "/" + In(proposal, "body", "proposed_by", "id").(string) + ":"
}

// Install makes somebody an officer of their institution in the roles that their certificate carries.
func (w *World) Install(who string) {
	w.Helper()
	w.installed(who, "policy.set")
}

// installed makes whoever is about to act in a role an officer of their institution, so that tests can name people as they need them.
func (w *World) installed(who, name string) {
	w.Helper()
	entry, known := contract.EntryOf(name)
	person, list, _ := strings.Cut(who, ":")
	institution, id, _ := strings.Cut(person, "/")
	roles := slices.DeleteFunc(strings.Split(list, ","), func(role string) bool { return !slices.Contains(records.OfficerRoles, role) })
	if !known || !entry.Writes || len(roles) == 0 || !slices.Contains(Institutions, institution) || name == "institution.set" && w.Officers[institution] == nil && w.chairs(id) {
		return
	}
	if w.Officers[institution] == nil {
		w.Officers[institution] = []object{w.officer(institution, chair, records.OfficerRoles), w.officer(institution, second, records.OfficerRoles)}
		w.appoint(institution)
	}
	slices.Sort(roles)
	at := slices.IndexFunc(w.Officers[institution], func(o object) bool { return o["id"] == id })
	if at < 0 {
		w.Officers[institution] = append(w.Officers[institution], w.officer(institution, id, roles))
		w.appoint(institution)
		return
	}
	had := w.Officers[institution][at]["roles"].([]string)
	if more := slices.DeleteFunc(roles, func(role string) bool { return slices.Contains(had, role) }); len(more) > 0 {
		w.Officers[institution][at] = w.officer(institution, id, append(slices.Clone(had), more...))
		w.appoint(institution)
	}
}

// Alone has somebody do something by themself, and gives the proposal that it waits as, or nil when it was done.
func (w *World) Alone(who, name string, argument object) object {
	w.Helper()
	w.Install(who)
	w.Bare = true
	defer func() { w.Bare = false }()
	proposal, _ := w.Do(who, name, argument)["proposal"].(object)
	return proposal
}

func (w *World) chairs(id string) bool { return id == chair || id == second }

func (w *World) officer(institution, id string, roles []string) object {
	return object{"id": id, "roles": roles, "key": w.KeyOf(institution + "/" + id)}
}

// appoint sets an institution's officers, as its chair and second do.
func (w *World) appoint(institution string) {
	w.Helper()
	last, alarm := w.Last, w.Alarm
	w.Alarm = ledger.Alarm{}
	profile := object{"title": strings.ToUpper(institution[:1]) + institution[1:], "country": "JP", "contact": "data@" + institution + ".example", "roles": []string{}}
	if keys := w.Ledger.Keys("institution/" + institution + "/"); len(keys) == 1 {
		var standing struct {
			Body object `json:"body"`
		}
		if err := json.Unmarshal(w.Ledger.Value(keys[0]), &standing); err != nil {
			w.Fatal(err)
		}
		profile = standing.Body
	}
	w.Do(institution+"/"+chair+":operator,privacy,steward", "institution.set", With(profile, object{"officers": w.Officers[institution]}))
	w.Last, w.Alarm = last, alarm
}

// withKeys puts to each seat and deputy that is named by id alone the key of that person.
func (w *World) withKeys(who, name, argument string) string {
	institution, _, _ := strings.Cut(who, "/")
	var named object
	if name != "committee.set" && name != "committee.seat" && name != "committee.delegate" || json.Unmarshal([]byte(argument), &named) != nil {
		return argument
	}
	if deputy, ok := named["deputy"].(string); ok && named["deputy_key"] == nil {
		named["deputy_key"] = w.KeyOf(institution + "/" + deputy)
	}
	members, _ := named["members"].([]any)
	for _, member := range members {
		if seat, ok := member.(object); ok && seat["key"] == nil {
			if id, ok := seat["id"].(string); ok {
				seat["key"] = w.KeyOf(institution + "/" + id)
			}
		}
	}
	return Text(named)
}
