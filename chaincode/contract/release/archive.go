package release

import (
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

type archiveArgument struct {
	Dataset       string        `json:"dataset"`
	Version       int64         `json:"version"`
	VersionDigest string        `json:"version_digest"`
	Files         records.Files `json:"files"`
	// Exclusions are the cohorts whose withdrawn people are left out, as their exclusions attest it.
	Exclusions []string `json:"exclusions"`
}

func (a archiveArgument) Check(c *input.Checker) {
	c.Body(records.Archive{Dataset: a.Dataset, Version: a.Version, VersionDigest: a.VersionDigest, Files: a.Files})
	c.List("exclusions", a.Exclusions, 0, input.MaxGrounds, c.Cohort)
}

// publishArchive says what is kept ready for release of a version: its content, or what an exclusion says is delivered instead, encrypted file by file.
func publishArchive(tx *ledger.Tx, a archiveArgument) (any, error) {
	caller, err := ofOwner(tx, a.Dataset, "gateway", "steward")
	if err != nil {
		return nil, err
	}
	version, err := evidence.ReadVersion(tx, a.Dataset, a.Version)
	if err != nil {
		return nil, err
	}
	if version.Digest != a.VersionDigest {
		return nil, transaction.Stale("version_digest", version.Record.ID, version.Digest)
	}
	body := records.Archive{Dataset: a.Dataset, Version: a.Version, VersionDigest: a.VersionDigest, Content: version.Record.Body.Content, Files: a.Files}
	if err := leaveOut(tx, &body, a.Exclusions); err != nil {
		return nil, err
	}
	if body.Files.Count != body.Content.Files || body.Files.Bytes != body.Content.Bytes {
		return nil, refusal.New(refusal.Conflict, "the archive has %d files of %d bytes, and %s has %d of %d", body.Files.Count, body.Files.Bytes, version.Record.ID, body.Content.Files, body.Content.Bytes).
			At("files").Hinting("it is made of the files that the version was published with, or of those that an exclusion says are delivered (consent.exclude)")
	}
	if err := roomFor(tx, body); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.Create(tx, caller.By, tx.ID, body, records.Final, ""))
}

// roomFor refuses with LIMIT_EXCEEDED when a version has so many archives that the rest is kept for those which leave out more people.
func roomFor(tx *ledger.Tx, body records.Archive) error {
	prefix, owner := body.Place(tx.ID)
	many, err := tx.HasPosted(owner, prefix, records.RoomToLeaveOut)
	if err != nil || !many {
		return err
	}
	archives, _, err := evidence.ReadArchives(tx, body.Dataset, body.Version)
	if err != nil {
		return err
	}
	others := make([]records.Archive, 0, len(archives))
	for _, archive := range archives {
		others = append(others, archive.Record.Body)
	}
	if body.LeavesOutMore(others) {
		return nil
	}
	return refusal.New(refusal.LimitExceeded, "%s has %d archives: what is left is kept for those that leave out who has withdrawn since", records.Numbered(body.Dataset, '@', body.Version), records.RoomToLeaveOut).
		Hinting("publish the next version (dataset.publish), or attest first who is left out (consent.exclude)")
}

// leaveOut takes over from exclusions what is delivered without the people who have withdrawn. Two officers have attested that.
func leaveOut(tx *ledger.Tx, body *records.Archive, cohorts []string) error {
	for i, cohort := range cohorts {
		finding, err := evidence.FindExclusion(tx, body.Dataset, body.Version, cohort)
		if err != nil {
			return err
		}
		exclusion, err := finding.Must()
		if err != nil {
			return err
		}
		said := exclusion.Record.Body
		switch {
		case said.Content == nil:
			return refusal.New(refusal.Conflict, "%s does not say what is delivered without those who withdrew", exclusion.Record.ID).At("exclusions").
				Hinting("attest it with the content that is delivered from now on (consent.exclude with content)")
		case i > 0 && *said.Content != body.Content:
			return refusal.New(refusal.Conflict, "%s says that something else is delivered than the exclusion before it", exclusion.Record.ID).At("exclusions").
				Hinting("attest the same content for each cohort (consent.exclude)")
		}
		body.Content = *said.Content
		body.Exclusions = append(body.Exclusions, records.ExcludedUntil{Cohort: cohort, Epoch: said.Epoch})
	}
	return nil
}

// ofOwner gives the caller when they are of the dataset's owner and have one of the roles.
//
// Refuses with FORBIDDEN.
func ofOwner(tx *ledger.Tx, dataset string, roles ...string) (ledger.Caller, error) {
	caller, err := tx.Caller()
	if err != nil {
		return caller, err
	}
	if err := caller.Need(roles...); err != nil {
		return caller, err
	}
	if owner, _, _ := records.SplitDataset(dataset); owner != caller.Institution {
		return caller, refusal.New(refusal.Forbidden, "%s belongs to %s, and %s is of %s", dataset, owner, caller.ID, caller.Institution)
	}
	return caller, nil
}

type archiveAnswer struct {
	Archive ledger.View `json:"archive"`
	// Newest is whether it is the archive of its version that counts.
	Newest bool `json:"newest"`
}

// getArchive shows the archive of a version that counts: of the latest version unless one is named.
func getArchive(tx *ledger.Tx, a transaction.NumberedName) (any, error) {
	number, err := evidence.VersionNumber(tx, a.Dataset, a.Version)
	if err != nil {
		return nil, err
	}
	archive, err := evidence.NewestArchive(tx, a.Dataset, number)
	if err != nil {
		return nil, err
	}
	return archiveAnswer{archive.View(), true}, nil
}

type archiveFilter struct {
	transaction.Page
	Dataset string `json:"dataset"`
}

func (a archiveFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Dataset("dataset", a.Dataset)
}

func listArchives(tx *ledger.Tx, a archiveFilter) (any, error) {
	newest := map[int64]string{}
	return transaction.Listed(ledger.List(tx, records.Archives(a.Dataset), a.Of(), func(tx *ledger.Tx, archive *ledger.Sealed[records.Archive]) (any, bool, error) {
		number := archive.Record.Body.Version
		if newest[number] == "" {
			posted, _, err := evidence.ReadArchives(tx, a.Dataset, number)
			if err != nil {
				return nil, false, err
			}
			if !slices.ContainsFunc(posted, func(p *ledger.Sealed[records.Archive]) bool { return p.Key == archive.Key }) {
				return ledger.Forgery{Key: archive.Key, Sealed: true, Why: "its owner sealed it, and has not posted it"}, true, nil
			}
			newest[number] = posted[len(posted)-1].Key
		}
		return archiveAnswer{archive.View(), archive.Key == newest[number]}, true, nil
	}))
}
