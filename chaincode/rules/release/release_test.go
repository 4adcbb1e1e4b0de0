package release_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/release"
)

const now = records.Time(1000)

// digest is the SHA-256 of a word, as records have it.
func digest(word string) string { return records.Digest([]byte(word)) }

// signer is kim's key: made of a fixed seed, so that each run is the same.
func signer() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("kim"))
	return ed25519.NewKeyFromSeed(seed[:])
}

// key is what stands on the ledger for kim.
func key() records.Key {
	der, err := x509.MarshalPKIXPublicKey(signer().Public())
	if err != nil {
		panic(err)
	}
	return records.Key{
		Institution: "nuri", Person: "kim", Fingerprint: records.Digest(der), PublicKey: base64.StdEncoding.EncodeToString(der),
		Delivery: &records.Delivery{SHA256: digest("delivery")},
	}
}

// signed is a receipt with kim's word for what it says.
func signed(receipt records.Receipt) records.Receipt {
	receipt.Asked.Key = key().Fingerprint
	receipt.Asked.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(signer(), receipt.AskBytes()))
	return receipt
}

// sound is a receipt of a whole archive, as the contract would have opened it.
func sound() records.Receipt {
	return signed(records.Receipt{
		Dataset: "hanbit/x", Version: 1, VersionDigest: "v", Grant: digest("grant"), Person: records.Person{Institution: "nuri", ID: "kim"}, Delivery: digest("delivery"),
		Archive: digest("archive"), Files: records.Files{Root: digest("files"), Count: 2, Bytes: 1000}, Mode: "download", Asked: records.Asked{At: now},
	})
}

// grounds are what the sound receipt rests on.
func grounds() release.Grounds {
	return release.Grounds{
		Grant: &records.Record[records.Grant]{
			ID: digest("grant"), Type: records.GrantType, Owner: "hanbit", Status: records.Active, Changes: []records.Change{{At: now - 100}},
			Body: records.Grant{Dataset: "hanbit/x", Version: 1, VersionDigest: "v", Institution: "nuri", Grantees: []string{"kim"}, Mode: "download", Until: now + 100},
		},
		Archive: &records.Record[records.Archive]{
			ID: digest("archive"), Type: records.ArchiveType, Owner: "hanbit", Status: records.Final,
			Body: records.Archive{Dataset: "hanbit/x", Version: 1, VersionDigest: "v", Files: records.Files{Root: digest("files"), Count: 2, Bytes: 1000}},
		},
		Keys:  []records.Record[records.Key]{{Status: records.Active, Body: key()}},
		Given: "receipt/" + digest("receipt"),
	}
}

// record is a receipt as its owner has sealed it.
func record(body records.Receipt) records.Record[records.Receipt] {
	return records.Record[records.Receipt]{Type: records.ReceiptType, ID: digest("receipt"), Owner: "hanbit", Status: records.Open, UpdatedAt: now, Body: body, Changes: []records.Change{{Action: "receipt.created", At: now, Tx: digest("receipt")}}}
}

// Whoever reads a receipt looks again at what it says that it rests on.
func TestAReceiptIsWorthWhatItRestsOn(t *testing.T) {
	if why := release.Unproven(record(sound()), grounds()); why != "" {
		t.Fatalf("a sound one: %s", why)
	}
	for says, change := range map[string]func(receipt *records.Receipt, g *release.Grounds){
		"there is no such grant":        func(_ *records.Receipt, g *release.Grounds) { g.Grant = nil },
		"the grant is for something":    func(r *records.Receipt, _ *release.Grounds) { r.VersionDigest = "w" },
		"the grant is for something e":  func(_ *records.Receipt, g *release.Grounds) { g.Grant.Body.Mode = "enclave" },
		"the grant is not for nuri/kim": func(_ *records.Receipt, g *release.Grounds) { g.Grant.Body.Grantees = []string{"lee"} },
		"the grant is not for saerom/k": func(r *records.Receipt, _ *release.Grounds) { r.Person.Institution = "saerom" },
		"the grant did not stand":       func(_ *records.Receipt, g *release.Grounds) { g.Grant.Body.Until = now },
		"the grant did not stand at":    func(_ *records.Receipt, g *release.Grounds) { g.Grant.Changes[0].At = now + 3600 },
		"there is no such archive":      func(_ *records.Receipt, g *release.Grounds) { g.Archive = nil },
		"there is no such archive w":    func(_ *records.Receipt, g *release.Grounds) { g.Archive.ID = digest("another") },
		"there is no such archive wi":   func(_ *records.Receipt, g *release.Grounds) { g.Archive.Body.Files.Root = digest("others") },
		"its owner has posted another":  func(_ *records.Receipt, g *release.Grounds) { g.Given = "receipt/" + digest("another") },
		"its owner has posted anothe":   func(_ *records.Receipt, g *release.Grounds) { g.Given = "" },
		"nuri/kim has not signed":       func(r *records.Receipt, _ *release.Grounds) { r.Asked.At++ },
		"nuri/kim has not signed that":  func(_ *records.Receipt, g *release.Grounds) { g.Keys = nil },
		"nuri/kim has not signed tha":   func(_ *records.Receipt, g *release.Grounds) { g.Keys[0].Status = records.Announced },
		"nuri/kim has not signed th":    func(_ *records.Receipt, g *release.Grounds) { g.Keys[0].Body.Delivery = nil },
	} {
		receipt, g := sound(), grounds()
		change(&receipt, &g)
		if why := release.Unproven(record(receipt), g); !strings.HasPrefix(why, says) {
			t.Errorf("%s: %q", says, why)
		}
	}
	// a key that has ended since had signed while it stood
	g := grounds()
	g.Keys[0].Status = records.Ended
	if why := release.Unproven(record(sound()), g); why != "" {
		t.Errorf("a key that has ended: %s", why)
	}
}

// Each word of an ask is under the signature.
func TestWhatIsSigned(t *testing.T) {
	if !release.Signed(sound(), key()) {
		t.Fatal("kim has signed")
	}
	for says, change := range map[string]func(receipt *records.Receipt){
		"grant":     func(r *records.Receipt) { r.Grant = digest("x") },
		"person":    func(r *records.Receipt) { r.Person.ID = "lee" },
		"delivery":  func(r *records.Receipt) { r.Delivery = digest("x") },
		"archive":   func(r *records.Receipt) { r.Archive = digest("x") },
		"root":      func(r *records.Receipt) { r.Files.Root = digest("x") },
		"count":     func(r *records.Receipt) { r.Files.Count-- },
		"bytes":     func(r *records.Receipt) { r.Files.Bytes-- },
		"mode":      func(r *records.Receipt) { r.Mode = "enclave" },
		"time":      func(r *records.Receipt) { r.Asked.At++ },
		"key":       func(r *records.Receipt) { r.Asked.Key = digest("x") },
		"signature": func(r *records.Receipt) { r.Asked.Signature = "AAAA" },
	} {
		receipt := sound()
		change(&receipt)
		if release.Signed(receipt, key()) {
			t.Errorf("%s is not under it", says)
		}
	}
	none := key()
	none.PublicKey = "AAAA"
	if release.Signed(sound(), none) {
		t.Error("by what is no key")
	}
}

func TestWithin(t *testing.T) {
	all := records.Files{Root: "r", Count: 3, Bytes: 30}
	for _, it := range []struct {
		files records.Files
		want  bool
	}{
		{all, true},
		{records.Files{Root: "x", Count: 3, Bytes: 30}, false},
		{records.Files{Root: "r", Count: 3, Bytes: 29}, false},
		{records.Files{Root: "x", Count: 2, Bytes: 30}, true},
		{records.Files{Root: "x", Count: 2, Bytes: 31}, false},
		{records.Files{Root: "x", Count: 4, Bytes: 1}, false},
	} {
		if got := release.Within(it.files, all); got != it.want {
			t.Errorf("%v: %v", it.files, got)
		}
	}
}

func TestStates(t *testing.T) {
	receipt := record(sound())
	var states []machines.ReceiptState
	for _, at := range []records.Time{now, now + release.HeaderSeconds - 1, now + release.HeaderSeconds} {
		states = append(states, release.StateAt(receipt, at))
	}
	if !slices.Equal(states, []machines.ReceiptState{machines.ReceiptOpen, machines.ReceiptOpen, machines.ReceiptUnsettled}) {
		t.Errorf("%v", states)
	}
	for status, want := range map[records.Status]machines.ReceiptState{records.Completed: machines.ReceiptCompleted, records.Aborted: machines.ReceiptAborted} {
		receipt.Status = status
		if got := release.StateAt(receipt, now+release.HeaderSeconds); got != want {
			t.Errorf("%s: %s", status, got)
		}
	}
}
