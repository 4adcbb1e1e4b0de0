package lawful

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// The terms of de-identification, from the most to the least.
const (
	Anonymous    = "anonymous"
	Pseudonymous = "pseudonymous"
	Coded        = "coded"
	Identified   = "identified"
)

// DeidTerms lists them.
var DeidTerms = []string{Anonymous, Pseudonymous, Coded, Identified}

// DeidLaws says which terms each law knows. The Korean Bioethics and Safety Act calls coding a form of anonymisation; data can be left identified under any.
var DeidLaws = []struct {
	Law   string
	Terms []string
}{
	{"KR-PIPA", []string{Anonymous, Pseudonymous, Identified}},
	{"KR-BIOETHICS", []string{Anonymous, Coded, Identified}},
	{"EU-GDPR", []string{Anonymous, Pseudonymous, Identified}},
	{"US-HIPAA", []string{Anonymous, Coded, Identified}},
}

// TermsUnder lists the terms that a law knows; none when the law is not known here.
func TermsUnder(law string) []string {
	for _, known := range DeidLaws {
		if known.Law == law {
			return known.Terms
		}
	}
	return nil
}

func isImage(kind string) bool { return slices.Contains(records.ImageKinds, kind) }

// isPicture tells whether a kind is of images that a statement can speak of.
func isPicture(kind string) bool { return slices.Contains(records.Modalities, kind) }

// facePart is a part that a face belongs to, of those that a version shows; empty when it shows none.
func facePart(v records.Version) string {
	if at := slices.IndexFunc(v.BodyParts, func(part string) bool { return slices.Contains(records.FaceParts, part) }); at >= 0 {
		return v.BodyParts[at]
	}
	return ""
}

// statement judges the statement of de-identification by what is asked of every image, and by what the policies ask.
func (g *Grounding) statement(r Resting, q Question) {
	id := records.Numbered(r.Version.Dataset, '@', r.Version.Version)
	owner, _, _ := records.SplitDataset(r.Version.Dataset)
	s := r.Statement
	pictures := slices.ContainsFunc(r.Version.Kinds, isPicture)
	switch {
	case pictures && (s == nil || len(s.Images) == 0):
		g.deny(rules.DeidMissing, "deid", "%s has images, and no statement says how they were de-identified", id)
	case pictures && unstated(r.Version, s.Images) != "":
		g.deny(rules.DeidMissing, "deid", "%s has images (%s), of which the statement says nothing", id, unstated(r.Version, s.Images))
	}
	if part := facePart(r.Version); slices.Contains(r.Version.Kinds, records.Video) && part != "" && q.Ask.Institution != owner {
		g.deny(rules.FacesNotRemoved, "deid", "%s has video of the %s, and no statement can say that faces were removed from it: only %s itself may use it", id, part, owner)
	}
	if s != nil && q.Ask.Institution != owner {
		for i, image := range s.Images {
			if wrong := faceIn(image); wrong != "" {
				g.deny(rules.FacesNotRemoved, fmt.Sprintf("deid.images[%d]", i), "%s: %s, and only %s itself may use it so", id, wrong, owner)
			}
		}
	}
	g.asked(r, q.Policies)
}

// Shortfall gives the reasons why the statement about a version, as it stands, is not what policies ask; none when it is. Whoever asks for whatever is denied by them.
func Shortfall(r Resting, policies []records.Policy) []rules.Reason {
	var g Grounding
	g.asked(r, policies)
	return g.Reasons
}

// asked judges the statement by what policies ask.
func (g *Grounding) asked(r Resting, policies []records.Policy) {
	images := slices.ContainsFunc(r.Version.Kinds, isImage)
	tables := !images || slices.ContainsFunc(r.Version.Kinds, func(kind string) bool { return !isImage(kind) })
	for _, policy := range policies {
		if policy.Deidentification != nil {
			g.demands(*policy.Deidentification, r.Statement, images, tables)
		}
	}
}

// unstated lists of what a version says that it has those images that a statement leaves out: modalities, and parts that a face belongs to. Where the version has what a face
// can be restored from, the statement says of such a part what is in those: of others it could say anything.
func unstated(v records.Version, stated []records.Image) string {
	has := func(fits func(records.Image) bool) bool { return slices.ContainsFunc(stated, fits) }
	restorable := func(kind string) bool { return isPicture(kind) && slices.Contains(records.FaceKinds, kind) }
	var left []string
	for _, kind := range v.Kinds {
		if isPicture(kind) && !has(func(i records.Image) bool { return i.Modality == kind }) {
			left = append(left, kind)
		}
	}
	free := !slices.ContainsFunc(v.Kinds, restorable)
	for _, part := range v.BodyParts {
		told := func(i records.Image) bool {
			return i.BodyPart == part && (free || restorable(i.Modality) && slices.Contains(v.Kinds, i.Modality))
		}
		if slices.Contains(records.FaceParts, part) && !has(told) {
			left = append(left, part)
		}
	}
	return strings.Join(left, ", ")
}

// faceIn says why an image may show a face, or nothing. Whether a face is gone is attested by somebody who looked: no tool's word is enough.
func faceIn(image records.Image) string {
	if !slices.Contains(records.FaceParts, image.BodyPart) || !slices.Contains(records.FaceKinds, image.Modality) {
		return ""
	}
	what := image.Modality + " of the " + image.BodyPart
	switch {
	case image.Faces == records.FacesPresent:
		return what + " from which a face can be restored"
	case image.Faces == records.FacesRemoved && image.Tool == "":
		return what + " whose faces were removed by a tool that is not named"
	case image.Faces == records.FacesRemoved && (image.Checked < 1 || image.CheckedBy == ""):
		return what + " of which nobody is said to have checked a volume after the faces were removed"
	}
	return ""
}

// demands judges a statement by what a policy asks. k and l are asked of tables only: of images they mean nothing.
func (g *Grounding) demands(d records.Deidentification, s *records.Statement, images, tables bool) {
	if s == nil {
		g.deny(rules.DeidMissing, "deidentification", "the policy asks how the data was de-identified, and there is no statement")
		return
	}
	if len(d.Terms) > 0 && !slices.Contains(d.Terms, s.Term) && !slices.Contains(d.Terms, Identified) { // whoever takes identified data takes any: a worse statement gains nothing
		g.deny(rules.DeidTermNotAccepted, "deidentification.terms", "the statement says %s, and the policy asks for %s", s.Term, rules.List(d.Terms))
	}
	if d.Tables != nil {
		g.tables(*d.Tables, s.Tables, tables)
	}
	if d.Images != nil {
		g.images(*d.Images, s.Images)
	}
}

func (g *Grounding) tables(d records.TableDemands, measured []records.Table, expected bool) {
	if expected && len(measured) == 0 {
		g.deny(rules.DeidMissing, "deidentification.tables", "the policy asks for k of at least %d, and the statement measures no table", d.K)
	}
	for _, table := range measured {
		if table.K < d.K {
			g.deny(rules.KTooLow, "deidentification.tables.k", "%s has k = %d, and the policy asks for at least %d", table.Name, table.K, d.K)
		}
		if table.L < d.L {
			g.deny(rules.LTooLow, "deidentification.tables.l", "%s has l = %s, and the policy asks for at least %d", table.Name, rules.OrNone(numeralOrNone(table.L), "not measured"), d.L)
		}
	}
}

func numeralOrNone(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (g *Grounding) images(d records.ImageDemands, images []records.Image) {
	for _, image := range images {
		what := image.Modality + " of the " + image.BodyPart
		if d.FacesRemoved && image.Faces == records.FacesPresent {
			g.deny(rules.FacesNotRemoved, "deidentification.images.faces_removed", "%s: faces are present, and the policy asks that they are removed", what)
		}
		if asked := min(d.CheckedAtLeast, image.Volumes); image.Checked < asked {
			g.deny(rules.TooFewChecked, "deidentification.images.checked_at_least", "%s: somebody looked at %d %s, and the policy asks for %d", what, image.Checked, rules.Plural(int(image.Checked), "volume", "volumes"), asked)
		}
	}
}
