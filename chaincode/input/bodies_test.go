package input_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// made are the types whose bodies the program makes from what was checked: nobody states them.
var made = []string{
	records.CommitteeType, records.DatasetType, records.ManifestType, records.GrantType, records.EmergenciesType,
	records.KeyType, records.ProposalType,
}

// Every type of record has the check of its body in one place, or is made by the program alone.
func TestEveryBodyThatIsStatedHasACheck(t *testing.T) {
	for _, kind := range records.Catalogue {
		if input.Stated(kind.Name()) == slices.Contains(made, kind.Name()) {
			t.Errorf("%s: its body is stated and has no check in input/bodies.go, or has one and is made by the program", kind.Name())
		}
	}
}

// And whatever an institution seals is checked again when it is read: what somebody states in it, or what the program makes of that, or both.
func TestEveryTypeIsCheckedWhenItIsRead(t *testing.T) {
	for _, kind := range records.Catalogue {
		if !input.Stated(kind.Name()) && !input.IsMade(kind.Name()) {
			t.Errorf("%s: nothing of its body is checked when it is read (input/bodies.go, input/sealed.go)", kind.Name())
		}
	}
}

// A check is of its own type: it finds what is wrong with an empty body, and one of a type that nobody states is never right.
func TestABodyIsCheckedByItsType(t *testing.T) {
	for _, body := range []records.Body{
		records.Institution{}, records.Version{}, records.PolicyVersion{}, records.Request{}, records.Vote{}, records.Delegation{}, records.Acceptance{}, records.Breakglass{}, records.Remark{},
		records.Invitation{}, records.Ground{}, records.Cohort{}, records.Epoch{}, records.Exclusion{}, records.Basis{}, records.Deid{}, records.Ontology{}, records.Grant{}, records.Archive{}, records.Receipt{},
	} {
		var c input.Checker
		if c.Body(body); !refusal.Is(c.Err(), refusal.Invalid) {
			t.Errorf("an empty %s is taken", body.RecordType())
		}
	}
}
