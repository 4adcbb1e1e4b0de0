package lawful_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/pages"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

var version = records.Version{Dataset: "hanbit/x", Version: 1, Kinds: []string{"tabular"}}

func forKind(kind string) lawful.Question {
	return lawful.Question{Ask: use.Ask{Institution: "nuri", Purpose: records.Purpose{Kind: kind}}, Policies: []records.Policy{{}}, At: 1000}
}

func resting() lawful.Resting { return lawful.Resting{Version: version, Ground: &records.Ground{}} }

// Each law carries what its own words say and nothing else; what is attested must be public, and there must be a way to say no.
func TestWhatEachLawCarries(t *testing.T) {
	all := "general-research health-research disease origins clinical-care"
	research, health := "general-research health-research disease origins", "health-research disease"
	for code, carries := range map[string]string{
		"KR-PIPA-28-2": research, "KR-BIOETHICS-EXEMPTION": research, "KR-LAW": all, "KR-PUBLIC-HEALTH-ORDER": health, "EU-GDPR-6-1-C": all, "EU-GDPR-6-1-E": all,
		"EU-GDPR-9-2-H": "clinical-care", "EU-GDPR-9-2-I": health, "EU-GDPR-9-2-J": research, "US-HIPAA-BAA": "clinical-care", "NOT-PERSONAL": all,
	} {
		for _, kind := range records.PurposeKinds {
			bare := records.Basis{Code: code}
			public := bare
			public.Notice, public.Objection = &records.Notice{PublishedAt: 1000}, &records.Objection{URL: "x"}
			judge := func(basis records.Basis) string {
				r := resting()
				r.Statement = &records.Statement{Term: lawful.Pseudonymous}
				r.Bases = []lawful.BasisFacts{{ID: "hanbit/b", Clause: "ground.bases[0]", Basis: basis}}
				g := lawful.JudgeGrounds(r, forKind(kind))
				if (g.Answer == rules.Permit) != (len(g.Reasons) == 0) {
					t.Errorf("%s, %s: %s %v", code, kind, g.Answer, g.Reasons)
				}
				return rulestest.CodesOf(g.Reasons)
			}
			want := "BASIS_DOES_NOT_COVER"
			if slices.Contains(strings.Fields(carries), kind) {
				want = ""
			}
			if got := judge(public); got != want {
				t.Errorf("%s, %s: %q", code, kind, got)
			}
			if code != "NOT-PERSONAL" {
				want = strings.TrimSpace(want + " NO_NOTICE NO_OBJECTION")
			}
			if got := judge(bare); got != want {
				t.Errorf("%s without notice, %s: %q", code, kind, got)
			}
		}
	}
	for _, code := range lawful.LawCodes(true) {
		if law, _ := lawful.LawOf(code); !law.Consent || law.NeedsNotice {
			t.Error(code)
		}
	}
	if len(lawful.LawCodes(true))+len(lawful.LawCodes(false)) != len(lawful.Laws) {
		t.Error("a law is of neither kind")
	}
}

func TestNoGround(t *testing.T) {
	r := resting()
	r.Ground = nil
	if g := lawful.JudgeGrounds(r, forKind("disease")); g.Answer != rules.Deny || rulestest.CodesOf(g.Reasons) != "NO_GROUND" {
		t.Error(g)
	}
	r = resting()
	r.Lost = []rules.Reason{{Code: rules.EvidenceMissing, Clause: "ground.cohorts[0]"}}
	if g := lawful.JudgeGrounds(r, forKind("disease")); g.Answer != rules.Deny || rulestest.CodesOf(g.Reasons) != "EVIDENCE_MISSING" {
		t.Error(g)
	}
	if g := lawful.JudgeGrounds(resting(), forKind("disease")); g.Answer != rules.Permit {
		t.Error(g)
	}
}

// What an epoch keeps of the one before.
func TestNextEpoch(t *testing.T) {
	gru, ds := []records.Alternative{{Permission: "GRU"}}, []records.Alternative{{Permission: "DS", Diseases: []string{"ICD10:C50"}}}
	first := lawful.NextEpoch(records.Epoch{Epoch: 1, Use: gru, Withdrawn: "none", WithdrawnSince: 9, UseSince: 9}, nil, 100)
	if first.UseSince != 100 || first.WithdrawnSince != 0 {
		t.Fatal(first)
	}
	second := lawful.NextEpoch(records.Epoch{Epoch: 2, Use: gru, Withdrawn: "under-20"}, &first, 200)
	if second.UseSince != 100 || second.WithdrawnSince != 2 {
		t.Fatal(second)
	}
	third := lawful.NextEpoch(records.Epoch{Epoch: 3, Use: ds, Withdrawn: "20-99"}, &second, 300)
	if third.UseSince != 300 || third.WithdrawnSince != 2 {
		t.Fatal(third)
	}
	fourth := lawful.NextEpoch(records.Epoch{Epoch: 4, Use: ds, Withdrawn: "none"}, &third, 400)
	if fourth.UseSince != 300 || fourth.WithdrawnSince != 0 {
		t.Fatal(fourth)
	}
	if other := lawful.NextEpoch(records.Epoch{Epoch: 5, Use: ds, Withdrawn: "none", Ontologies: []records.OntologyRef{{System: "DOID"}}}, &fourth, 500); other.UseSince != 500 {
		t.Fatal("the same words by another hierarchy are another use")
	}
}

func TestOwed(t *testing.T) {
	for _, c := range []struct {
		withdrawn            string
		newest, since, asked int64
		want                 int64
	}{
		{"none", 5, 0, 0, 0}, {"under-20", 5, 3, 5, 0}, {"under-20", 5, 3, 6, 0}, {"under-20", 5, 3, 0, 3}, {"under-20", 5, 3, 2, 3}, {"under-20", 5, 3, 3, 4}, {"under-20", 5, 3, 4, 5}, {"under-20", 5, 5, 4, 5},
	} {
		if got := lawful.Owed(records.Epoch{Withdrawn: c.withdrawn, Epoch: c.newest, WithdrawnSince: c.since}, c.asked); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// The time that the owner has is the shortest that a policy gives, counted from the epoch that is owed.
func TestTheTimeForAnExclusion(t *testing.T) {
	r := resting()
	r.Cohorts = []lawful.CohortFacts{{ID: "hanbit/c", Clause: "ground.cohorts[0]", OwedSince: 1000, Epoch: records.Epoch{Epoch: 2, Withdrawn: "under-20", WithdrawnSince: 2, Use: []records.Alternative{{Permission: "NRES"}}}}}
	q := forKind("disease")
	for _, c := range []struct {
		policies []records.Policy
		lasts    records.Time
	}{
		{[]records.Policy{{}}, 14 * rulestest.Day}, {nil, 14 * rulestest.Day}, {[]records.Policy{{ExclusionPeriodSeconds: 20 * rulestest.Day}}, 20 * rulestest.Day},
		{[]records.Policy{{ExclusionPeriodSeconds: 20 * rulestest.Day}, {ExclusionPeriodSeconds: rulestest.Day}}, rulestest.Day}, {[]records.Policy{{ExclusionPeriodSeconds: rulestest.Day}, {}}, rulestest.Day},
	} {
		q.Policies = c.policies
		q.At = 1000 + c.lasts - 1
		if g := lawful.JudgeGrounds(r, q); g.Answer != rules.Permit || rulestest.CodesOf(g.Reasons) != "EXCLUSION_DUE" || !slices.Contains(g.Obligations, "exclude-withdrawn hanbit/c~2") {
			t.Errorf("%+v: %+v", c, g)
		}
		q.At++
		if g := lawful.JudgeGrounds(r, q); g.Answer != rules.Deny || rulestest.CodesOf(g.Reasons) != "EXCLUSION_OVERDUE" || len(g.Obligations) != 0 {
			t.Errorf("%+v: %+v", c, g)
		}
	}
}

// What was for people to judge has been judged by those who decided, when just that lay before them.
func TestWhatPeopleHaveJudged(t *testing.T) {
	r := resting()
	r.Cohorts = []lawful.CohortFacts{{ID: "hanbit/c", Epoch: records.Epoch{Epoch: 1, Withdrawn: "none", UseSince: 600, Use: []records.Alternative{{Permission: "GRU", Limits: []records.Modifier{{Term: "NCU"}}}}}}}
	q := forKind("disease")
	lay := records.JudgedUses("hanbit/c", r.Cohorts[0].Epoch)
	limited, renamed := r.Cohorts[0].Epoch, lay
	limited.Ontologies, renamed.ID = []records.OntologyRef{{System: "DOID", Digest: "d"}}, "hanbit/d"
	withdrawn := r.Cohorts[0].Epoch
	withdrawn.Epoch, withdrawn.UseSince = 2, 900
	for says, c := range map[string]struct {
		judged []records.Judged
		want   rules.Answer
	}{
		"nobody has":                     {nil, rules.Review},
		"just this":                      {[]records.Judged{renamed, lay}, rules.Permit},
		"another cohort":                 {[]records.Judged{renamed}, rules.Review},
		"by another hierarchy":           {[]records.Judged{records.JudgedUses("hanbit/c", limited)}, rules.Review},
		"the same uses by another epoch": {[]records.Judged{records.JudgedUses("hanbit/c", withdrawn)}, rules.Permit},
	} {
		q.Judged = c.judged
		g := lawful.JudgeGrounds(r, q)
		if g.Answer != c.want || (c.want == rules.Review) != slices.Equal(g.Claimed, []string{"commercial"}) || !slices.Equal(g.Shown, []records.Judged{lay}) {
			t.Errorf("%s: %+v", says, g)
		}
	}
	q.Judged = []records.Judged{lay}
	q.Ask.Purpose.Commercial = true
	if g := lawful.JudgeGrounds(r, q); g.Answer != rules.Deny {
		t.Error("nobody judges a denial away", g)
	}
}

// Article 28-2 is about pseudonymised information: without a statement that the data does not identify people it carries nothing. The other laws do not ask.
func TestALawOfPseudonymisedInformation(t *testing.T) {
	for _, law := range lawful.Laws {
		if law.Consent {
			continue
		}
		for term, pseudonymised := range map[string]bool{"": false, lawful.Identified: false, lawful.Pseudonymous: true, lawful.Coded: true, lawful.Anonymous: true} {
			r := resting()
			if term != "" {
				r.Statement = &records.Statement{Term: term}
			}
			r.Bases = []lawful.BasisFacts{{ID: "hanbit/b", Basis: records.Basis{Code: law.Code, Notice: &records.Notice{PublishedAt: 1000}, Objection: &records.Objection{URL: "x"}}}}
			want := ""
			if law.Code == "KR-PIPA-28-2" && !pseudonymised {
				want = "BASIS_DOES_NOT_COVER"
			}
			if got := rulestest.CodesOf(lawful.JudgeGrounds(r, forKind(law.Kinds[0])).Reasons); got != want {
				t.Errorf("%s, data that is stated to be %q: %q", law.Code, term, got)
			}
		}
	}
}

// The same of a legal basis; and a notice counts from the second on that it is dated.
func TestWhatPeopleHaveJudgedOfABasis(t *testing.T) {
	r := resting()
	r.Statement = &records.Statement{Term: lawful.Pseudonymous}
	r.Bases = []lawful.BasisFacts{{ID: "hanbit/b", Basis: records.Basis{
		Code: "KR-PIPA-28-2", Notice: &records.Notice{PublishedAt: 1000}, Objection: &records.Objection{URL: "x"}, Purposes: []records.Alternative{{Permission: "GRU", Limits: []records.Modifier{{Term: "NCU"}}}},
	}}}
	q := forKind("disease")
	lay, other := r.Bases[0].Basis, r.Bases[0].Basis
	other.Code = "EU-GDPR-9-2-J"
	for want, judged := range map[string]records.Basis{"BASIS_NEEDS_REVIEW": other, "": lay} {
		if q.Judged = []records.Judged{records.JudgedBasis("hanbit/b", judged)}; rulestest.CodesOf(lawful.JudgeGrounds(r, q).Reasons) != want {
			t.Errorf("%s: %+v", judged.Code, lawful.JudgeGrounds(r, q))
		}
	}
	q.At, q.Judged = 999, []records.Judged{records.JudgedBasis("hanbit/b", lay)}
	if g := lawful.JudgeGrounds(r, q); rulestest.CodesOf(g.Reasons) != "NO_NOTICE" {
		t.Error(g)
	}
}

// facts rolls what a version rests on, out of few values.
func facts(d rulestest.Dice) lawful.Resting {
	r := lawful.Resting{Version: records.Version{Dataset: d.One("hanbit/x", "nuri/x"), Version: 1, Kinds: d.Some("tabular", "MR")}, Ground: &records.Ground{}}
	if d.Intn(10) == 0 {
		r.Ground = nil
	}
	for i := range d.Intn(3) {
		epoch := records.Epoch{Epoch: int64(1 + d.Intn(4)), Withdrawn: d.One("none", "none", "under-20"), UseSince: records.Time(400 + 300*d.Intn(2))}
		for range 1 + d.Intn(2) {
			epoch.Use = append(epoch.Use, d.Alternative())
		}
		if epoch.Withdrawn != "none" {
			epoch.WithdrawnSince = 1 + d.Int63n(epoch.Epoch)
		}
		r.Cohorts = append(r.Cohorts, lawful.CohortFacts{
			ID: fmt.Sprintf("hanbit/c-%d", i), Clause: fmt.Sprintf("ground.cohorts[%d]", i), Ended: d.Intn(10) == 0, Epoch: epoch, Attested: d.Int63n(5), OwedSince: records.Time(1000 + rulestest.Day*d.Intn(3)), Hierarchy: rulestest.World,
		})
	}
	for range d.Intn(2) {
		basis := records.Basis{Code: d.One(lawful.LawCodes(false)...), Notice: &records.Notice{PublishedAt: records.Time(900 + 200*d.Intn(2))}, Objection: &records.Objection{URL: "x"}}
		if d.Yes() {
			basis.Purposes = append(basis.Purposes, d.Alternative())
		}
		r.Bases = append(r.Bases, lawful.BasisFacts{ID: "hanbit/b", Clause: "ground.bases[0]", Basis: basis, Ended: d.Intn(10) == 0, Hierarchy: rulestest.World})
	}
	if d.Intn(4) > 0 {
		r.Statement = &records.Statement{Law: "KR-PIPA", Term: d.One("anonymous", "pseudonymous"), Tables: []records.Table{{Name: "t", K: int64(1 + d.Intn(8)), L: int64(d.Intn(3))}},
			Images: []records.Image{{Modality: d.One("MR", "US"), BodyPart: d.One("head", "chest"), Faces: d.One(records.Faces...), Tool: "t", Volumes: 5, Checked: int64(d.Intn(6)), CheckedBy: "x"}}}
	}
	return r
}

func demands(d rulestest.Dice) *records.Deidentification {
	if d.Yes() {
		return nil
	}
	demands := &records.Deidentification{}
	if d.Yes() {
		demands.Tables = &records.TableDemands{K: int64(2 + d.Intn(4)), L: int64(d.Intn(2))}
	}
	if d.Yes() {
		demands.Images = &records.ImageDemands{FacesRemoved: d.Yes(), CheckedAtLeast: int64(d.Intn(4))}
	}
	return demands
}

// question rolls a question about what a version rests on; of some parts of that people have judged what they permit.
func question(d rulestest.Dice, r lawful.Resting) lawful.Question {
	q := lawful.Question{Ask: d.Ask(), At: records.Time(1000 + rulestest.Day*d.Intn(3))}
	for _, cohort := range r.Cohorts {
		if d.Yes() {
			q.Judged = append(q.Judged, records.JudgedUses(cohort.ID, cohort.Epoch))
		}
	}
	for _, basis := range r.Bases {
		if d.Yes() {
			q.Judged = append(q.Judged, records.JudgedBasis(basis.ID, basis.Basis))
		}
	}
	q.Policies = []records.Policy{{ExclusionPeriodSeconds: int64(1+d.Intn(2)) * rulestest.Day, Deidentification: demands(d)}}
	return q
}

func TestANarrowerPurposeNeverLosesAPermitThroughConsent(t *testing.T) {
	met := 0
	for seed := range int64(2 * rulestest.Rounds) {
		d := rulestest.Roll(seed)
		r := facts(d)
		q := question(d, r)
		if lawful.JudgeGrounds(r, q).Answer != rules.Permit {
			continue
		}
		met++
		narrow := q
		narrow.Ask.Purpose = d.Narrow(q.Ask.Purpose)
		if g := lawful.JudgeGrounds(r, narrow); g.Answer != rules.Permit {
			t.Fatalf("seed %d: %s permits, and %s does not: %v", seed, rulestest.Encoded(q.Ask.Purpose), rulestest.Encoded(narrow.Ask.Purpose), g.Reasons)
		}
	}
	if met < 100 {
		t.Fatal("too few permits to tell:", met)
	}
}

// Ending, withdrawing, taking away what was attested and asking more of the statement never gain a permit.
func TestTakingAwayNeverGainsAPermit(t *testing.T) {
	changed := map[string]int{}
	for seed := range int64(2 * rulestest.Rounds) {
		d := rulestest.Roll(seed)
		r := facts(d)
		q := question(d, r)
		before := lawful.JudgeGrounds(r, q).Answer
		less, asked := r, q
		less.Cohorts, less.Bases = slices.Clone(r.Cohorts), slices.Clone(r.Bases)
		what := d.One("end consent", "end basis", "withdraw", "attest less", "later", "use", "ground", "k", "notice", "statement")
		cohort, basis := func(change func(*lawful.CohortFacts)) {
			for i := range less.Cohorts {
				change(&less.Cohorts[i])
			}
		}, func(change func(*lawful.BasisFacts)) {
			for i := range less.Bases {
				change(&less.Bases[i])
			}
		}
		switch what {
		case "end consent":
			cohort(func(c *lawful.CohortFacts) { c.Ended = true })
		case "end basis":
			basis(func(b *lawful.BasisFacts) { b.Ended = true })
		case "withdraw":
			cohort(func(c *lawful.CohortFacts) {
				if c.Epoch.Withdrawn == "none" {
					c.Epoch.Withdrawn, c.Epoch.WithdrawnSince = "under-20", c.Epoch.Epoch
				}
			})
		case "attest less":
			cohort(func(c *lawful.CohortFacts) { c.Attested = 0 })
		case "later":
			asked.At += 5 * rulestest.Day // longer than any policy gives; notices that had not come have come
			basis(func(b *lawful.BasisFacts) { b.Basis.Notice = r.Bases[0].Basis.Notice })
			if slices.ContainsFunc(r.Bases, func(b lawful.BasisFacts) bool { return b.Basis.Notice.PublishedAt > q.At }) {
				continue
			}
		case "use":
			cohort(func(c *lawful.CohortFacts) {
				if len(c.Epoch.Use) > 1 {
					c.Epoch.Use = c.Epoch.Use[1:]
				}
			})
		case "ground":
			less.Ground = nil
		case "k":
			demands := records.Deidentification{Tables: &records.TableDemands{K: 2}}
			if old := q.Policies[0].Deidentification; old != nil {
				demands = *old
				raised := records.TableDemands{K: 1}
				if old.Tables != nil {
					raised = *old.Tables
				}
				raised.K++
				demands.Tables = &raised
			}
			asked.Policies = []records.Policy{q.Policies[0]}
			asked.Policies[0].Deidentification = &demands
		case "notice":
			basis(func(b *lawful.BasisFacts) { b.Basis.Notice = nil })
		case "statement":
			if !slices.Contains(r.Version.Kinds, "MR") {
				continue // of tables alone nobody needs to state anything, and who states that there are faces is believed
			}
			less.Statement = nil
		}
		after := lawful.JudgeGrounds(less, asked).Answer
		if after.Rank() > before.Rank() {
			t.Fatalf("seed %d: %s turns %s into %s", seed, what, before, after)
		}
		if after != before {
			changed[what]++
		}
	}
	for _, what := range []string{"end consent", "end basis", "withdraw", "attest less", "later", "use", "ground", "k", "notice", "statement"} {
		if what != "withdraw" && what != "attest less" && changed[what] == 0 {
			t.Errorf("%s never changed anything: %v", what, changed)
		}
	}
}

// A person's own withdrawal freezes nobody else: before the time for the exclusion has run out, what was permitted stays permitted.
func TestAWithdrawalFreezesNobody(t *testing.T) {
	met := 0
	for seed := range int64(2 * rulestest.Rounds) {
		d := rulestest.Roll(seed)
		r := facts(d)
		q := question(d, r)
		before := lawful.JudgeGrounds(r, q)
		if before.Answer != rules.Permit || len(r.Cohorts) == 0 {
			continue
		}
		next := r
		next.Cohorts = slices.Clone(r.Cohorts)
		for i := range next.Cohorts {
			old := next.Cohorts[i]
			epoch := old.Epoch
			epoch.Epoch, epoch.Withdrawn = epoch.Epoch+1, "20-99"
			next.Cohorts[i].Epoch = lawful.NextEpoch(epoch, &old.Epoch, q.At)
			if owed := lawful.Owed(next.Cohorts[i].Epoch, old.Attested); owed == epoch.Epoch {
				next.Cohorts[i].OwedSince = q.At // it is this epoch's: nothing was owed before it
			}
		}
		met++
		after := lawful.JudgeGrounds(next, q)
		if after.Answer != rules.Permit {
			t.Fatalf("seed %d: %v", seed, after.Reasons)
		}
		for _, cohort := range next.Cohorts {
			if duty := "exclude-withdrawn " + records.Numbered(cohort.ID, '~', cohort.Epoch.Epoch); !slices.Contains(after.Obligations, duty) {
				t.Fatalf("seed %d: %s is not among %v", seed, duty, after.Obligations)
			}
		}
	}
	if met < 100 {
		t.Fatal("too few permits to tell:", met)
	}
}

func lawsTable() string {
	var b strings.Builder
	for _, consent := range []bool{true, false} {
		title := map[bool]string{true: "Consent: the `law` of an epoch", false: "Legal bases: the `code` of a basis"}[consent]
		var rows [][]string
		for _, law := range lawful.Laws {
			if law.Consent != consent {
				continue
			}
			carries, needs := strings.Join(law.Kinds, ", "), "no"
			if consent {
				carries = "those that the people permit"
			} else if len(law.Kinds) == len(records.PurposeKinds) {
				carries = "any"
			}
			if law.NeedsNotice && law.NeedsObjection {
				needs = "yes"
			}
			rows = append(rows, []string{"`" + law.Code + "`", strings.TrimSuffix(law.Statute+", "+law.Article, ", "), law.Words, carries, needs})
		}
		fmt.Fprintf(&b, "\n**%s**\n\n%s", title, pages.Table([]string{"code", "law and article", "what it says", "purposes it carries", "notice and objection"}, rows))
	}
	var laws [][]string
	for _, law := range lawful.DeidLaws {
		laws = append(laws, []string{"`" + law.Law + "`", strings.Join(law.Terms, ", ")})
	}
	fmt.Fprintf(&b, "\n**De-identification: the `term` by the `law` of a statement**\n\n%s\n", pages.Table([]string{"law", "terms"}, laws))
	return b.String() + pages.Wrap("", "", "Kinds of data that are images: `"+strings.Join(records.ImageKinds, "` `")+"`.") + "\n"
}

// docs/contract.md has the tables that the decisions are made by.
func TestThePageHasTheLaws(t *testing.T) {
	pages.Compare(t, "../../../docs/contract.md", pages.Begin("chaincode/rules", "UPDATE_DOCS=1 go test ./rules/..."), lawsTable())
}
