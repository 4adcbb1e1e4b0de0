package input_test

import (
	"encoding/json"
	"slices"
	"testing"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/records"
)

// asked is an argument of which every bound is asked in its own way: always, where it is given, where another member says a word, and in lists of objects.
type asked struct {
	paged
	Dataset string          `json:"dataset"`
	Kind    string          `json:"kind"`
	Number  *int64          `json:"number"`
	Reason  string          `json:"reason"`
	Terms   string          `json:"terms"`
	People  []askedPerson   `json:"people"`
	Purpose records.Purpose `json:"purpose"`
	Letter  *records.Ethics `json:"letter"`
	At      records.Time    `json:"at"`
	Sure    bool            `json:"sure"`
}

type paged struct {
	Bookmark string `json:"bookmark"`
}

type askedPerson struct {
	ID    string       `json:"id"`
	Until records.Time `json:"until"`
}

func (a asked) Check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.OneOf("kind", a.Kind, []string{"plain", "with-terms"})
	if a.Kind == "with-terms" {
		c.Digest("terms", a.Terms)
	}
	if a.Number != nil {
		c.Between("number", *a.Number, 1, 9)
	}
	c.Text("reason", a.Reason, 0, 40)
	c.Given(a.People != nil, "people")
	c.AtMost("people", len(a.People), 3)
	for i, person := range a.People {
		c.Person("people["+string(rune('0'+i))+"].id", person.ID)
	}
	c.Purpose("purpose", a.Purpose)
	if a.Letter != nil {
		c.Ethics("letter", *a.Letter)
	}
	c.Given(a.At != 0, "at")
}

func TestAnArgumentIsDescribedByItsCheck(t *testing.T) {
	definitions := map[string]*input.Schema{}
	got, err := json.Marshal(input.Describe[asked](definitions))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"object","properties":{` +
		`"at":{"$ref":"#/$defs/time"},` +
		`"bookmark":{"type":"string"},` +
		`"dataset":{"$ref":"#/$defs/dataset"},` +
		`"kind":{"type":"string","enum":["plain","with-terms"]},` +
		`"letter":{"$ref":"#/$defs/Ethics"},` +
		`"number":{"type":"integer","minimum":1,"maximum":9},` +
		`"people":{"type":"array","maxItems":3,"items":{"type":"object","properties":{"id":{"$ref":"#/$defs/enrolment-id"},"until":{"$ref":"#/$defs/time"}},"required":["id"],"additionalProperties":false}},` +
		`"purpose":{"$ref":"#/$defs/Purpose"},` +
		`"reason":{"type":"string","maxLength":40},` +
		`"sure":{"type":"boolean"},` +
		`"terms":{"$ref":"#/$defs/digest"}` +
		`},"required":["at","dataset","kind","people","purpose"],"additionalProperties":false}`
	if string(got) != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	purpose := definitions["Purpose"]
	if purpose == nil || !slices.Equal(purpose.Required, []string{"kind"}) || *purpose.Properties["diseases"].MaxItems != 50 || purpose.Properties["diseases"].Items.Ref != "#/$defs/disease" {
		t.Fatalf("%+v", purpose)
	}
}
