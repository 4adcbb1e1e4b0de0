package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/use"
)

const oneDay = 24 * 60 * 60

// Sentences in which a number can be one.
func TestOneIsNotMany(t *testing.T) {
	granted := records.Record[records.Grant]{Body: records.Grant{Grantees: []string{"kim", "lee"}, Until: 101}}
	join := func(people ...string) []string {
		request := records.Request{Joins: "g", Researchers: people, DurationSeconds: 1000}
		return append(grants.Unrelated(request, 100, granted), grants.Unrelated(request, 91, granted)...)
	}
	renew := func(people ...string) []string {
		return grants.Unrelated(records.Request{Renews: "g", Researchers: people}, 100, granted)
	}
	looked := func(asked int64) []string {
		return use.Words(records.Policy{Deidentification: &records.Deidentification{Images: &records.ImageDemands{CheckedAtLeast: asked}}})
	}
	lasting := func(seconds int64) []string {
		var said []string
		for _, reason := range use.Decide(records.Policy{MaxDurationSeconds: 1}, use.Ask{DurationSeconds: seconds}).Reasons {
			said = append(said, reason.Message)
		}
		return said
	}
	for want, said := range map[string][]string{
		"kim is among the grantees already":                                join("kim"),
		"kim, lee are among the grantees already":                          join("kim", "lee"),
		"at most 1 second is left":                                         join("park"),
		"at most 10 seconds are left":                                      join("park"),
		"park is not among the grantees":                                   renew("park"),
		"park, choi are not among the grantees":                            renew("park", "choi"),
		"looked at 1 volume of":                                            looked(1),
		"looked at 20 volumes of":                                          looked(20),
		"1 day is asked for; the policy allows at most 1 second":           lasting(oneDay),
		"2 days are asked for; the policy allows at most 1 second":         lasting(2 * oneDay),
		fmt.Sprintf("%d seconds are asked for; the policy allows", 86_401): lasting(oneDay + 1),
	} {
		if !slices.ContainsFunc(said, func(sentence string) bool { return strings.Contains(sentence, want) }) {
			t.Errorf("%q is not said in %q", want, said)
		}
	}
}
