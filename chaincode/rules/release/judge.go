// Package release judges whether bytes may leave under a grant, and what a receipt of it is worth.
package release

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
)

// HeaderSeconds is how long after it was opened something is given for a receipt that was not given for it before.
const HeaderSeconds = 10 * 60

// Facts is all that a release rests on, as it was found on the ledger.
type Facts struct {
	// Grant is all that the grant rests on, asked about the use that it is for by the person who asks.
	Grant    grants.Facts
	Question grants.Question
	// Key is the person's key that stands, or nil.
	Key *records.Key
	// Approved is the SHA-256 of the delivery key that lay before those who approved; empty when none did.
	Approved string
	// Archive is the newest archive of the version, or nil; Newest is its id.
	Archive *records.Archive
	Newest  string
}

// Verdict is what a release comes to, with every reason.
type Verdict struct {
	Answer  rules.Answer
	Reasons []rules.Reason
}

// Judge answers whether what a receipt says may be released now: by the grant, as check judges it, and by what is asked for besides. It is the one place where that is
// decided.
func Judge(f Facts, receipt records.Receipt) Verdict {
	grant := grants.Judge(f.Grant, f.Question)
	verdict := Verdict{Answer: grant.Answer, Reasons: slices.Clone(grant.Reasons)}
	excluded := []rules.Reason{}
	if f.Archive != nil {
		excluded = f.excluded(f.Archive.Exclusions)
	}
	return verdict.against(f.delivery(receipt), f.archive(receipt), excluded, f.asked(receipt))
}

// GoesOn answers whether a release that was opened may go on. What was asked for, and that it was asked for, was judged then; the archive may have been made anew since.
func GoesOn(f Facts, receipt records.Receipt) Verdict {
	grant := grants.Judge(f.Grant, f.Question)
	verdict := Verdict{Answer: grant.Answer, Reasons: slices.Clone(grant.Reasons)}
	return verdict.against(f.delivery(receipt), f.excluded(receipt.Exclusions))
}

// against is a verdict with what speaks against it besides.
func (v Verdict) against(reasons ...[]rules.Reason) Verdict {
	for _, against := range slices.Concat(reasons...) {
		v.Answer, v.Reasons = rules.Deny, append(v.Reasons, against)
	}
	return v
}

func reason(code, clause, format string, arguments ...any) []rules.Reason {
	return []rules.Reason{{Code: code, Message: fmt.Sprintf(format, arguments...), Clause: clause}}
}

// delivery asks whether the delivery key is the one that others have approved, and whether it is the person's now.
func (f Facts) delivery(receipt records.Receipt) []rules.Reason {
	var against []rules.Reason
	person := receipt.Person.String()
	switch {
	case f.Approved == "":
		against = reason(rules.DeliveryNotCovered, "delivery", "%s had no delivery key when the grant was asked for, so nobody has approved one", person)
	case f.Approved != receipt.Delivery:
		against = reason(rules.DeliveryNotCovered, "delivery", "the delivery key that was approved for %s is %s", person, f.Approved)
	}
	switch {
	case f.Key == nil || f.Key.Delivery == nil:
		against = append(against, reason(rules.NotTheirKey, "delivery", "no delivery key of %s stands on the ledger", person)...)
	case f.Key.Delivery.SHA256 != receipt.Delivery:
		against = append(against, reason(rules.NotTheirKey, "delivery", "the delivery key of %s that stands is %s", person, f.Key.Delivery.SHA256)...)
	}
	return against
}

// archive asks whether the files are in the archive that counts.
func (f Facts) archive(receipt records.Receipt) []rules.Reason {
	switch {
	case f.Archive == nil:
		return reason(rules.ArchiveMissing, "archive", "the owner has published no archive of %s", records.Numbered(receipt.Dataset, '@', receipt.Version))
	case f.Newest != receipt.Archive:
		return reason(rules.ArchiveMissing, "archive", "the archive that counts is %s", f.Newest)
	case f.Archive.VersionDigest != receipt.VersionDigest:
		return reason(rules.ArchiveMissing, "archive", "the archive is of another version than the granted one")
	case !Within(receipt.Files, f.Archive.Files):
		return reason(rules.ArchiveMissing, "files", "the archive has %d files of %d bytes, and not these", f.Archive.Files.Count, f.Archive.Files.Bytes)
	}
	return nil
}

// Within tells whether files can be among those of an archive: whoever asks for all of them names its root.
func Within(files, all records.Files) bool {
	if files.Count == all.Count {
		return files == all
	}
	return files.Count < all.Count && files.Bytes <= all.Bytes
}

// excluded asks of each cohort whether who has withdrawn from it by its newest epoch is left out. There is no time for that: what has left does not come back.
func (f Facts) excluded(until []records.ExcludedUntil) []rules.Reason {
	leaves := records.Archive{Exclusions: until}
	var against []rules.Reason
	for _, cohort := range f.Grant.Lawfulness.Resting.Cohorts {
		if lawful.Owed(cohort.Epoch, leaves.ExcludedUntil(cohort.ID)) != 0 {
			against = append(against, reason(rules.WithdrawnIncluded, cohort.Clause, "people have withdrawn from %s by %s, and the archive does not leave them out",
				cohort.ID, records.Numbered(cohort.ID, '~', cohort.Epoch.Epoch))...)
		}
	}
	return against
}

// asked asks whether the person has asked for it, now and by the key that stands.
func (f Facts) asked(receipt records.Receipt) []rules.Reason {
	person := receipt.Person.String()
	if f.Key == nil {
		return reason(rules.NotAsked, "asked", "no key of %s stands on the ledger by which they could ask", person)
	}
	if off := f.Grant.Now - receipt.Asked.At; off > grants.ClocksApart || off < -grants.ClocksApart {
		return reason(rules.NotAsked, "asked", "%s asked at %s, which is not now: an ask is good for ten minutes", person, receipt.Asked.At)
	}
	if !Signed(receipt, *f.Key) {
		return reason(rules.NotAsked, "asked", "the key of %s that stands has not signed that they ask for this", person)
	}
	return nil
}

// Signed tells whether the key of the person has signed what they ask for: ECDSA over SHA-256, or Ed25519, as the key signs transactions.
func Signed(receipt records.Receipt, key records.Key) bool {
	signature, err := base64.StdEncoding.Strict().DecodeString(receipt.Asked.Signature)
	if err != nil || key.Fingerprint != receipt.Asked.Key {
		return false
	}
	der, err := base64.StdEncoding.DecodeString(key.PublicKey)
	if err != nil {
		return false
	}
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return false
	}
	message := receipt.AskBytes()
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		return ecdsa.VerifyASN1(public, digest[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(public, message, signature)
	}
	return false
}
