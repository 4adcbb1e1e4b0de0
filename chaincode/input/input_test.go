package input_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/refusal"
)

type sample struct {
	Name string   `json:"name"`
	N    int64    `json:"n"`
	List []string `json:"list"`
	Deep any      `json:"deep"`
	In   struct {
		A bool `json:"a"`
	} `json:"in"`
}

func TestDecode(t *testing.T) {
	var got sample
	if err := input.Decode([]byte(` {"name":"é","n":-9007199254740991,"list":["a"],"in":{"a":true}} `), &got); err != nil || got.Name != "é" || got.N != -9007199254740991 {
		t.Fatal(err, got)
	}
	for argument, field := range map[string]string{
		`{"name":1}`:                 "name",
		`{"n":"1"}`:                  "n",
		`{"n":1.0}`:                  "n",
		`{"n":9007199254740992}`:     "n",
		`{"n":true}`:                 "n",
		`{"list":["a",null]}`:        "list[1]",
		`{"list":{"a":1}}`:           "list",
		`{"in":{"A":true}}`:          "in.A",
		`{"in":{"a":true,"a":true}}`: "in.a",
		`{"Name":"x"}`:               "Name",
		`{"deep":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}`: "deep[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]",
		`{"name":"\ud800"}`:                          "name",
		"{\"name\":\"\xff\"}":                        "name",
	} {
		err := input.Decode([]byte(argument), &sample{})
		if refused := refusal.From(err); refused.Code != refusal.Invalid || !strings.HasPrefix(refused.Field, field) || refused.Message == "" {
			t.Errorf("%s: %v at %q", argument, err, refused.Field)
		}
	}
	if err := input.Decode([]byte(`{"deep":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}`), &sample{}); err != nil {
		t.Error("sixteen levels are taken:", err)
	}
	if err := input.Decode(bytes.Repeat([]byte(" "), input.MaxBytes+1), &sample{}); !refusal.Is(err, refusal.TooLarge) {
		t.Error(err)
	}
	if err := input.Decode([]byte(`{"`+strings.Repeat("x", 100_000)+`":1}`), &sample{}); len(refusal.From(err).JSON()) > 1000 {
		t.Error("a refusal repeats what was sent")
	}
}

// RFC 8785, section 3.2.2 and appendix B.
func TestCanonical(t *testing.T) {
	for text, want := range map[string]string{
		`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`:                                                                                         "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
		`{"a":-0,"b":-0.0,"c":9007199254740991,"d":1e21}`:                                                                                                                     `{"a":0,"b":0,"c":9007199254740991,"d":1e+21}`,
	} {
		if got, err := input.Canonical([]byte(text)); err != nil || string(got) != want {
			t.Errorf("%s\ngot  %s\nwant %s (%v)", text, got, want, err)
		}
	}
	for _, text := range []string{`{"a":9007199254740992}`, `{"a":-9007199254740992}`, `{"a":1e309}`, `{"a":1,"\u0061":2}`, `{"a":"\udc00"}`, `[1]`, ``, `{"a":01}`, `{"a":1}x`, "{\"a\":\"\x01\"}"} {
		if _, err := input.Canonical([]byte(text)); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Two implementations of RFC 8785 agree about whatever is let through, and the result is a fixed point.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,2.5e-7,"\u00e9\ud83d\ude00"],"A":null}`, `{"n":-0.0,"m":1e21,"k":123456789012345680000.0}`, `{"a":{"b":{"c":[[]]}}}`, `{"\u0000":"\u007f"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		canonical, err := input.Canonical(text)
		if err != nil {
			return
		}
		other := jsontext.Value(bytes.Clone(text))
		if err := other.Canonicalize(); err != nil || !bytes.Equal(canonical, other) {
			t.Fatalf("%s and %s (%v)", canonical, other, err)
		}
		again, err := input.Canonical(canonical)
		if err != nil && strings.Contains(err.Error(), "2^53") {
			return // a double such as 1e20 is written as an integer that other readers would not keep
		}
		if err != nil || !bytes.Equal(again, canonical) {
			t.Fatalf("%s becomes %s (%v)", canonical, again, err)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a", "e\u0301", "한빛", "a\u202eb", "\u200d", " x", "x\u3000", "\ufffd", "a\u0300\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // an argument that is not UTF-8 does not come so far
		}
		var c input.Checker
		c.Text("x", text, 1, 50)
		if c.Err() == nil && (text == "" || utf8.RuneCountInString(text) > 50 || strings.TrimSpace(text) != text || norm.NFC.String(text) != text || strings.ContainsAny(text, "\n\t\u200b\u202e\ufeff")) {
			t.Fatalf("%q is taken", text)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"name":"x","n":1,"list":["a"],"deep":{"a":[{}]},"in":{"a":false}}`, `{"n":1e0}`, `{"a":1}`, `{"name":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := input.Decode(text, &sample{}); err != nil && !refusal.Is(err, refusal.Invalid) && !refusal.Is(err, refusal.TooLarge) {
			t.Fatal(err)
		}
	})
}

func TestAddresses(t *testing.T) {
	for contact, ok := range map[string]bool{
		"data@hanbit.example": true, "https://hanbit.example/x?y=1": true, "http://10.0.0.1:8080/": true, "data-access+x@a-b.example.org": true,
		"data@localhost": false, "@x.example": false, "javascript:alert(1)": false, "https://": false, "https://user:pw@x.example/": false, "ftp://x.example": false,
		"https://x.example/ü": false, "https://x.example/a b": false, "Kim <kim@x.example>": false, "https://x.example/" + strings.Repeat("x", 200): false, "": false,
	} {
		var c input.Checker
		c.Contact("contact", contact)
		if (c.Err() == nil) != ok {
			t.Errorf("%q: %v", contact, c.Err())
		}
	}
}
