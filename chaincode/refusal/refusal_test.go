package refusal_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/refusal"
)

// The codes of docs/contract.md and those of the program are the same, in the same order and with the same sentences.
func TestCodesAreThoseOfTheReference(t *testing.T) {
	text, err := os.ReadFile("../../docs/contract.md")
	if errors.Is(err, os.ErrNotExist) {
		t.Fatal("the reference is not beside the module")
	}
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Codes of refusal")
	var documented []refusal.Meaning
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| (.*) \\|$").FindAllStringSubmatch(section, -1) {
		documented = append(documented, refusal.Meaning{Code: refusal.Code(row[1]), Means: row[2]})
	}
	if !slices.Equal(documented, refusal.Meanings) {
		t.Fatalf("documented %v\nin the program %v", documented, refusal.Meanings)
	}
}

func TestJSON(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", refusal.New(refusal.Invalid, "%d is wrong", 7).At("a[0].b").Hinting("try %s", "8").With(1, "x"))
	want := `{"code":"INVALID","message":"7 is wrong","field":"a[0].b","hint":"try 8","details":[1,"x"]}`
	if got := refusal.From(err).JSON(); got != want {
		t.Fatal(got)
	}
	if got := refusal.New(refusal.Clock, "off").JSON(); got != `{"code":"CLOCK","message":"off"}` {
		t.Fatal(got)
	}
}

func TestAnyOtherErrorIsInternal(t *testing.T) {
	refused := refusal.From(errors.New("the peer went away"))
	if refused.Code != refusal.Internal || !strings.Contains(refused.Message, "went away") || refused.Hint == "" {
		t.Fatal(refused)
	}
	if refusal.Is(errors.New("x"), refusal.Internal) || !refusal.Is(refused, refusal.Internal) {
		t.Fatal("Is")
	}
}

func TestTextThatIsNotUTF8IsStillAnAnswer(t *testing.T) {
	if got := refusal.New(refusal.UnknownTransaction, "there is no %s", "\xff").JSON(); !strings.Contains(got, "UNKNOWN_TRANSACTION") {
		t.Fatal(got)
	}
}
