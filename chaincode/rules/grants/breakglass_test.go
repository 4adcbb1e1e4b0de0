package grants_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/review"
)

// broken is glass that p proposed at 100 and s confirmed at 200, by the rules.
func broken() records.Record[records.Breakglass] {
	s := records.Person{Institution: "hanbit", ID: "s"}
	return records.Record[records.Breakglass]{
		Owner: "hanbit", ID: "b", Status: records.Open,
		Changes: []records.Change{
			{Action: "breakglass.created", At: 100, Tx: "b", By: records.By{Institution: "hanbit", ID: "p", Key: "p", Roles: []string{"privacy"}}},
			{Action: "breakglass.confirmed", At: 200, Tx: "g", By: records.By{Institution: "hanbit", ID: "s", Key: "s", Roles: []string{"steward"}}},
		},
		Body: records.Breakglass{
			Dataset: "hanbit/a", Institution: "nuri", People: []string{"kim"}, DurationSeconds: 3600, Roster: records.Roster{Committee: "hanbit/privacy", Changes: 1},
			ProposedBy: records.Person{Institution: "hanbit", ID: "p"}, ConfirmedBy: &s, Grant: "g",
		},
	}
}

// Each rule of break-glass is looked at again by itself.
func TestUnopened(t *testing.T) {
	committee := records.Record[records.Committee]{
		Changes: []records.Change{{Tx: "one"}, {Tx: "two"}},
		Body: records.Committee{Institution: "hanbit", Role: "privacy", Seats: []records.Seat{
			{ID: "p", Key: "p", From: 50, SetTx: "one"}, {ID: "late", Key: "late", From: 150, SetTx: "one"}, {ID: "new", Key: "new", From: 50, SetTx: "two"},
		}},
	}
	by := func(r *records.Record[records.Breakglass], change int, id string) {
		r.Changes[change].By.ID, r.Changes[change].By.Key = id, id
		if change == 0 {
			r.Body.ProposedBy.ID = id
		} else {
			r.Body.ConfirmedBy.ID = id
		}
	}
	for says, c := range map[string]struct {
		change func(*records.Record[records.Breakglass])
		wrong  bool
	}{
		"by the rules":                  {func(r *records.Record[records.Breakglass]) {}, false},
		"justified since":               {func(r *records.Record[records.Breakglass]) { r.Status = records.Justified }, false},
		"by a dac":                      {func(r *records.Record[records.Breakglass]) { r.Changes[1].By.Roles = []string{"dac"} }, false},
		"for 72 hours":                  {func(r *records.Record[records.Breakglass]) { r.Body.DurationSeconds = 72 * 3600 }, false},
		"in the last second":            {func(r *records.Record[records.Breakglass]) { r.Changes[1].At = 100 + 24*3600 - 1 }, false},
		"people of the same name":       {func(r *records.Record[records.Breakglass]) { r.Body.People = []string{"p", "s"} }, false},
		"a second too late":             {func(r *records.Record[records.Breakglass]) { r.Changes[1].At = 100 + 24*3600 }, true},
		"for longer":                    {func(r *records.Record[records.Breakglass]) { r.Body.DurationSeconds = 72*3600 + 1 }, true},
		"for no time":                   {func(r *records.Record[records.Breakglass]) { r.Body.DurationSeconds = 0 }, true},
		"still proposed":                {func(r *records.Record[records.Breakglass]) { r.Status = records.Proposed }, true},
		"in another transaction":        {func(r *records.Record[records.Breakglass]) { r.Changes[1].Tx = "x" }, true},
		"for another grant":             {func(r *records.Record[records.Breakglass]) { r.Body.Grant = "x" }, true},
		"never confirmed":               {func(r *records.Record[records.Breakglass]) { r.Changes = r.Changes[:1] }, true},
		"by nobody":                     {func(r *records.Record[records.Breakglass]) { r.Body.ConfirmedBy = nil }, true},
		"by another act":                {func(r *records.Record[records.Breakglass]) { r.Changes[1].Action = "breakglass.updated" }, true},
		"by one person":                 {func(r *records.Record[records.Breakglass]) { by(r, 1, "p") }, true},
		"by somebody else than it says": {func(r *records.Record[records.Breakglass]) { r.Changes[1].By.ID = "x" }, true},
		"proposed by another":           {func(r *records.Record[records.Breakglass]) { r.Changes[0].By.ID = "x" }, true},
		"proposed elsewhere": {func(r *records.Record[records.Breakglass]) {
			r.Changes[0].By.Institution, r.Body.ProposedBy.Institution = "nuri", "nuri"
		}, true},
		"confirmed elsewhere": {func(r *records.Record[records.Breakglass]) {
			r.Changes[1].By.Institution, r.Body.ConfirmedBy.Institution = "nuri", "nuri"
		}, true},
		"by no privacy officer":       {func(r *records.Record[records.Breakglass]) { r.Changes[0].By.Roles = []string{"steward"} }, true},
		"by an ethics board's member": {func(r *records.Record[records.Breakglass]) { r.Changes[1].By.Roles = []string{"ethics"} }, true},
		"for the one who proposes": {func(r *records.Record[records.Breakglass]) {
			r.Body.Institution, r.Body.People = "hanbit", []string{"p"}
		}, true},
		"for the one who confirms": {func(r *records.Record[records.Breakglass]) {
			r.Body.Institution, r.Body.People = "hanbit", []string{"s"}
		}, true},
		"by another key":                      {func(r *records.Record[records.Breakglass]) { r.Changes[0].By.Key = "x" }, true},
		"by no key":                           {func(r *records.Record[records.Breakglass]) { r.Changes[0].By.Key = "" }, true},
		"without a seat":                      {func(r *records.Record[records.Breakglass]) { by(r, 0, "x") }, true},
		"seated later":                        {func(r *records.Record[records.Breakglass]) { by(r, 0, "late") }, true},
		"seated by a change that is not seen": {func(r *records.Record[records.Breakglass]) { by(r, 0, "new") }, true},
		"by seats that are others now":        {func(r *records.Record[records.Breakglass]) { r.Body.Roster.Digest = "x" }, true},
		"by another committee":                {func(r *records.Record[records.Breakglass]) { r.Body.Roster.Committee = "hanbit/dac" }, true},
	} {
		record := broken()
		c.change(&record)
		roster := review.NewRoster(committee)
		if record.Body.Roster.Digest == "" {
			record.Body.Roster.Digest = roster.AsOf(record.Body.Roster.Changes).Digest()
		}
		reasons := grants.Unopened(record, "g", roster)
		if c.wrong != (len(reasons) == 1) || len(reasons) > 1 {
			t.Errorf("%s: %q", says, reasons)
		}
	}
	grant := grants.EmergencyGrant(broken(), 200)
	if grant.From != 200 || grant.Until != 3800 || grant.Breakglass != "b" || !slices.Equal(grant.Obligations, []string{"no-reidentification", "no-undeclared-linking", "justify-afterwards"}) {
		t.Error(grant)
	}
}
