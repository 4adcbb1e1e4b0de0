package records

import "strconv"

// ArchiveType is the type of an archive record.
const ArchiveType = "archive"

// Archive is a dataset version as its owner keeps it ready for release: encrypted, with the keys apart. Of several of one version the one that was posted last counts.
type Archive struct {
	Dataset       string `json:"dataset"`
	Version       int64  `json:"version"`
	VersionDigest string `json:"version_digest"`
	// Content is what is in it: that of the version, or what an exclusion says is delivered instead.
	Content Content `json:"content"`
	Files   Files   `json:"files"`
	// Exclusions are the epochs up to which those are left out who have withdrawn.
	Exclusions []ExcludedUntil `json:"exclusions,omitzero"`
}

// Files are some files of an archive: the Merkle root over what is said of each (docs/contract.md, "Archives"), how many they are, and their size in bytes before they were encrypted.
type Files struct {
	Root  string `json:"root"`
	Count int64  `json:"count"`
	Bytes int64  `json:"bytes"`
}

// ExcludedUntil is the newest epoch of a cohort whose withdrawn people are left out.
type ExcludedUntil struct {
	Cohort string `json:"cohort"`
	Epoch  int64  `json:"epoch"`
}

// RecordType implements Body.
func (Archive) RecordType() string { return ArchiveType }

// Place implements Body.
func (a Archive) Place(id string) (prefix, owner string) {
	if !IsTx(id) {
		return "", ""
	}
	return numberedPlace(ArchiveType, Numbered(a.Dataset, '@', a.Version), '@')
}

// ExcludedUntil is the epoch of a cohort up to which who has withdrawn is left out; 0 when nobody is.
func (a Archive) ExcludedUntil(cohort string) int64 {
	for _, excluded := range a.Exclusions {
		if excluded.Cohort == cohort {
			return excluded.Epoch
		}
	}
	return 0
}

// ArchiveSeconds is the span in which the archives are counted that one person publishes of a version: 30 days.
const ArchiveSeconds = 30 * 24 * 60 * 60

// MostArchives is how many one person publishes of a version in one span of that length. The series of a version has an end, and whoever could reach it in an hour would keep the owner
// from publishing one without those who withdraw later.
const MostArchives = 100

// RoomToLeaveOut is from how many archives on a version takes only those that leave out who has withdrawn since the others were made. Two officers have attested that, so whoever can
// certify gateway after gateway does not use it up.
const RoomToLeaveOut = 900

// LeavesOutMore tells whether an archive leaves out who has withdrawn by an epoch that none of some others goes up to.
func (a Archive) LeavesOutMore(others []Archive) bool {
	for _, excluded := range a.Exclusions {
		least := excluded.Epoch - 1
		for _, other := range others {
			least = max(least, other.ExcludedUntil(excluded.Cohort))
		}
		if least < excluded.Epoch {
			return true
		}
	}
	return false
}

// archivePosts numbers the archives of a version, and what one person publishes of them in one span of time.
func archivePosts(archive *Record[Archive]) []Post {
	posts := InSeries(archive)
	span := strconv.FormatInt(int64(archive.CreatedAt())/ArchiveSeconds, 10)
	return append(posts, Post{Name: posts[0].Name + "/" + archive.Changes[0].By.ID + "/" + span, Series: true, Most: MostArchives})
}

// Archives lists the archives of a dataset, those of one version after those of the version before.
func Archives(dataset string) Listing { return stored(ArchiveType, dataset) }
