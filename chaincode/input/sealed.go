package input

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/use"
)

// Sealed checks a record that an institution has sealed: its envelope, what somebody stated in its body, and what the program sets there besides. Whoever sealed it may have
// done so with a chaincode that is not ours, and every reader relies on the bounds. ledger asks for it wherever a record is read, so that no type can be forgotten.
//
// Refuses with INVALID.
func Sealed(record records.Any) error {
	var c Checker
	body, changes := record.Says()
	c.envelope(record, changes)
	kind := body.RecordType()
	if check := bodies[kind]; check != nil {
		check(&c, body)
	}
	if check := made[kind]; check != nil {
		check(&c, body)
	}
	if c.err == nil {
		return nil
	}
	why := refusal.From(c.err)
	return refusal.New(refusal.Invalid, "%s: %s", why.Field, why.Message).At(why.Field)
}

// IsMade tells whether there is a check of what the program sets in a type of record.
func IsMade(kind string) bool { return made[kind] != nil }

// made are the checks of what the program itself puts into a body, by the type of the record: a name where Place looks at none, a digest, a list that has a bound.
var made = map[string]func(*Checker, records.Body){
	records.InstitutionType: of((*Checker).officers),
	records.CommitteeType:   of((*Checker).seats),
	records.DatasetType:     of((*Checker).head),
	records.VersionType:     of((*Checker).manifestOf),
	records.ManifestType:    of((*Checker).manifestText),
	records.PolicyType:      of((*Checker).policyMade),
	records.EpochType:       of(func(c *Checker, e records.Epoch) { c.pinned("ontologies", e.Ontologies) }),
	records.BasisType:       of(func(c *Checker, b records.Basis) { c.pinned("ontologies", b.Ontologies) }),
	records.RequestType:     of((*Checker).requestMade),
	records.VoteType:        of((*Checker).voteMade),
	records.DelegationType:  of((*Checker).delegationMade),
	records.GrantType:       of((*Checker).grant),
	records.BreakglassType:  of((*Checker).breakglassMade),
	records.EmergenciesType: of((*Checker).emergencies),
	records.RemarkType:      of(func(c *Checker, r records.Remark) { c.PersonName("author", r.Author.String()) }),
	records.InvitationType:  of(func(c *Checker, i records.Invitation) { c.PersonName("inviter", i.Inviter.String()) }),
	records.KeyType:         of((*Checker).key),
	records.ProposalType:    of((*Checker).proposal),
	records.ArchiveType:     of((*Checker).archiveMade),
	records.ReceiptType:     of((*Checker).receiptMade),
}

const (
	// maxChanges is ledger.MaxChanges.
	maxChanges = 200
	// maxNote bounds what the program notes of a change: two hundred who are seated in the place of a thousand.
	maxNote = 100_000
	// maxWidens and maxWords bound what a proposal says that it widens.
	maxWidens, maxWords = 2_000, 10_000
	// maxKept bounds the lists in a body that the program makes of others which have bounds of their own.
	maxKept = 1_000
)

var (
	actionPattern   = regexp.MustCompile(`^[a-z]+\.[a-z]+(-[a-z]+)*$`)
	functionPattern = regexp.MustCompile(`^[a-z]+(\.[a-z-]+)+$`)
)

// envelope checks what every record has: a status that its type knows, and changes by people.
func (c *Checker) envelope(record records.Any, changes []records.Change) {
	_, status := record.Stands()
	kind := records.KindOf(record.RecordType())
	c.Require(kind != nil && slices.Contains(kind.Says(), status), "status", "%q is none that a %s has", shorten(string(status)), record.RecordType())
	c.AtMost("changes", len(changes), maxChanges)
	if c.err != nil {
		return
	}
	for i, change := range changes {
		at := fmt.Sprintf("changes[%d]", i)
		c.Require(len(change.Action) <= mostAction && actionPattern.MatchString(change.Action), at+".action", "%q is no act", shorten(change.Action))
		c.Tx(at+".tx", change.Tx)
		c.PersonName(at+".by", records.Person{Institution: change.By.Institution, ID: change.By.ID}.String())
		c.List(at+".by.roles", change.By.Roles, 0, len(records.Roles), func(at, role string) { c.OneOf(at, role, records.Roles) })
		if change.By.Key != "" {
			c.Digest(at+".by.key", change.By.Key)
		}
		if second := change.By.Second; second != nil {
			c.PersonName(at+".by.second", second.String())
			c.Require(second.Institution == change.By.Institution && second.ID != change.By.ID, at+".by.second", "a second officer is another person of the same institution")
		}
		c.Shows(at+".note", change.Note, maxNote)
	}
}

// mostAction bounds the name of an act.
const mostAction = 64

// MaxOfficers bounds what every act of an officer has to read.
const MaxOfficers = 50

// officers checks who acts for an institution.
func (c *Checker) officers(i records.Institution) {
	c.AtMost("officers", len(i.Officers), MaxOfficers)
	seen := map[string]bool{}
	for n, o := range i.Officers {
		at := fmt.Sprintf("officers[%d]", n)
		c.Person(at+".id", o.ID)
		c.Require(!seen[o.ID], at+".id", "%q stands there twice", shorten(o.ID))
		c.List(at+".roles", o.Roles, 1, len(records.OfficerRoles), func(at, role string) { c.OneOf(at, role, records.OfficerRoles) })
		c.Digest(at+".key", o.Key)
		seen[o.ID] = true
	}
}

// seats checks a roster, past seats included. Whose seats count for one key at a time is for the rules to say (review.Roster).
func (c *Checker) seats(r records.Committee) {
	c.AtMost("seats", len(r.Seats), records.MaxSeats)
	if c.err != nil {
		return
	}
	for i, seat := range r.Seats {
		at := fmt.Sprintf("seats[%d]", i)
		c.Person(at+".id", seat.ID)
		c.Digest(at+".key", seat.Key)
		c.Given(seat.From != 0, at+".from")
		c.Tx(at+".set_tx", seat.SetTx)
		if seat.EndedTx != "" {
			c.Tx(at+".ended_tx", seat.EndedTx)
		}
	}
}

func (c *Checker) head(d records.Dataset) {
	c.Between("latest_version", d.LatestVersion, 1, records.MaxNumber)
	c.Between("latest_policy", d.LatestPolicy, 1, records.MaxNumber)
	c.Between("narrowed_by", d.NarrowedBy, 0, d.LatestPolicy)
}

// policyMade checks the hierarchies that a policy goes by, and that what it says does not contradict itself.
func (c *Checker) policyMade(p records.PolicyVersion) {
	c.pinned("ontologies", p.Ontologies)
	if reasons := use.Contradictions(p.Policy); len(reasons) > 0 {
		c.Fail("policy."+reasons[0].Clause, "%s", reasons[0].Message)
	}
}

func (c *Checker) manifestOf(v records.Version) {
	c.Digest("manifest.sha256", v.Manifest.SHA256)
	c.Between("manifest.bytes", v.Manifest.Bytes, 0, MaxInteger)
	c.Digest("manifest.jcs_sha256", v.Manifest.JCSSHA256)
	if v.Manifest.URL != "" {
		c.URL("manifest.url", v.Manifest.URL)
	}
	if v.Manifest.UsageInfoSHA256 != "" {
		c.Digest("manifest.usage_info_sha256", v.Manifest.UsageInfoSHA256)
	}
}

func (c *Checker) manifestText(m records.Manifest) {
	c.Require(len(m.Text) <= MaxManifestBytes, "text", "it has %d bytes; at most %d are kept", len(m.Text), MaxManifestBytes)
}

// pinned checks the versions of hierarchies that something is understood by: one a system.
func (c *Checker) pinned(field string, pinned []records.OntologyRef) {
	seen := map[string]bool{}
	for i, ref := range pinned {
		at := fmt.Sprintf("%s[%d]", field, i)
		c.HierarchySystem(at+".system", ref.System)
		c.Digest(at+".digest", ref.Digest)
		c.Require(!seen[ref.System], at+".system", "%s stands there twice", shorten(ref.System))
		if c.err != nil {
			return
		}
		seen[ref.System] = true
	}
}

func (c *Checker) requestMade(r records.Request) {
	c.Person("requester.id", r.Requester.ID)
	c.Given(r.Researchers != nil, "researchers")
	c.Require(len(r.Texts) <= MaxTextsEver, "texts", "%d are too many: at most %d", len(r.Texts), MaxTextsEver)
	c.deliveries(r.Deliveries, r.Researchers)
	if made := r.AsMade; made != nil {
		c.Require(made.AsMade == nil && reflect.DeepEqual(made.Kept(), r.Kept()), "as_made", "an amendment never changes what is asked for, by which policy, by whom and until when")
		if c.err == nil {
			c.request(*made)
			c.requestMade(*made)
		}
	}
}

// voteMade checks what the program puts into a vote.
func (c *Checker) voteMade(v records.Vote) {
	c.Dataset("dataset", v.Dataset)
	c.Person("voter.id", v.Voter.ID)
	c.AtMost("rosters", len(v.Rosters), maxKept)
	for i, roster := range v.Rosters {
		c.roster(fmt.Sprintf("rosters[%d]", i), roster)
	}
	if d := v.DeputyFor; d != nil {
		c.Person("deputy_for.member", d.Member)
		c.Tx("deputy_for.delegation", d.Delegation)
		c.Between("deputy_for.changes", d.Changes, 0, maxChanges)
		c.Digest("deputy_for.digest", d.Digest)
	}
}

func (c *Checker) roster(field string, r records.Roster) {
	c.Name(field+".committee", r.Committee, records.CommitteeForm)
	c.Between(field+".changes", r.Changes, 0, maxChanges)
	if r.Digest != "" {
		c.Digest(field+".digest", r.Digest)
	}
}

// delegationMade checks what the program sets of a delegation. Whether it lets somebody vote is for the rules to say (review.Delegation): a word that was given by one stays
// given, whatever its institution makes of it.
func (c *Checker) delegationMade(d records.Delegation) {
	c.Digest("deputy_key", d.DeputyKey)
	c.Given(d.From != 0, "from")
}

// grant checks what a grant says; what it was given by is worked out again (rules/grants).
func (c *Checker) grant(g records.Grant) {
	c.Between("version", g.Version, 1, records.MaxNumber)
	c.Digest("version_digest", g.VersionDigest)
	for _, id := range []struct{ field, value string }{{"request", g.Request}, {"breakglass", g.Breakglass}, {"renews", g.Renews}, {"joins", g.Joins}} {
		if id.value != "" {
			c.Tx(id.field, id.value)
		}
	}
	if g.AskedBy != "" {
		c.Person("asked_by", g.AskedBy)
	}
	c.List("grantees", g.Grantees, 1, maxKept, c.Person)
	c.Purpose("purpose", g.Purpose)
	c.OneOf("mode", g.Mode, records.Modes)
	c.Given(g.From != 0, "from")
	c.Given(g.Until != 0, "until")
	c.Require(int64(g.Until-g.From) <= MaxDurationSeconds, "until", "no grant lasts longer than ten years")
	c.AtMost("votes", len(g.Votes), maxKept)
	c.AtMost("judged", len(g.Judged), maxKept)
	c.AtMost("obligations", len(g.Obligations), maxKept)
	for i, words := range g.Obligations {
		c.Shows(fmt.Sprintf("obligations[%d]", i), words, maxWords)
	}
}

func (c *Checker) breakglassMade(b records.Breakglass) {
	c.Digest("version_digest", b.VersionDigest)
	c.roster("roster", b.Roster)
	c.PersonName("proposed_by", b.ProposedBy.String())
	if b.ConfirmedBy != nil {
		c.PersonName("confirmed_by", b.ConfirmedBy.String())
	}
	if b.Grant != "" {
		c.Tx("grant", b.Grant)
	}
	c.Text("justification", b.Justification, 0, 2000)
	c.deliveries(b.Deliveries, b.People)
}

func (c *Checker) emergencies(e records.Emergencies) {
	c.AtMost("openings", len(e.Openings), maxKept)
	if c.err != nil {
		return
	}
	for i, opening := range e.Openings {
		at := fmt.Sprintf("openings[%d]", i)
		c.Tx(at+".breakglass", opening.Breakglass)
		c.Tx(at+".grant", opening.Grant)
		c.Dataset(at+".dataset", opening.Dataset)
		c.Institution(at+".institution", opening.Institution)
		c.List(at+".people", opening.People, 1, maxKept, c.Person)
	}
}

// key checks that the public key is the one of the fingerprint: whoever encrypts for a person takes the one and relies on the other.
func (c *Checker) key(k records.Key) {
	der, err := base64.StdEncoding.DecodeString(k.PublicKey)
	sum := sha256.Sum256(der)
	c.Require(err == nil && hex.EncodeToString(sum[:]) == k.Fingerprint, "public_key", "its SHA-256 is not the fingerprint")
	c.delivery("delivery", k.Delivery)
}

func (c *Checker) proposal(p records.Proposal) {
	c.Require(len(p.Function) <= mostAction && functionPattern.MatchString(p.Function), "function", "%q is no transaction", shorten(p.Function))
	c.Require(len(p.Argument) <= records.MaxProposalBytes, "argument", "it has %d bytes; at most %d wait", len(p.Argument), records.MaxProposalBytes)
	c.Count("widens", len(p.Widens), 1, maxWidens, "1 to %d are taken", maxWidens)
	if c.err != nil {
		return
	}
	for i, words := range p.Widens {
		c.Shows(fmt.Sprintf("widens[%d]", i), words, maxWords)
	}
	for _, person := range []*records.Person{&p.ProposedBy, p.ConfirmedBy} {
		if person != nil {
			c.PersonName("proposed_by", person.String())
			c.Require(person.Institution == p.Institution, "proposed_by", "%s is not of %s", shorten(person.String()), p.Institution)
		}
	}
	c.Require(p.ConfirmedBy == nil || *p.ConfirmedBy != p.ProposedBy, "confirmed_by", "whoever proposed it does not confirm it")
}
