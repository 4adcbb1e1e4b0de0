package contract

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/contract/catalog"
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/use"
)

// description is the contract for machines: contract.json. Every part of it is read from the table by which the program itself goes.
type description struct {
	Name         string               `json:"name"`
	Transactions map[string]described `json:"transactions"`
	Records      []describedRecord    `json:"records"`
	Machines     []any                `json:"machines"`
	Words        map[string][]string  `json:"words"`
	Laws         []describedLaw       `json:"laws"`
	Terms        []describedTerm      `json:"use_conditions"`
	Refusals     []describedCode      `json:"refusals"`
	Reasons      []describedCode      `json:"reasons"`
	// Files says what kind of data files are, by their names and media types.
	Files       []records.FileForm       `json:"files"`
	Definitions map[string]*input.Schema `json:"$defs"`
}

type described struct {
	// Kind is "change" or "query".
	Kind string `json:"kind"`
	Who  string `json:"who,omitzero"`
	// SealedBy and Alone say who has to endorse a change.
	SealedBy []transaction.Seal `json:"sealed_by,omitzero"`
	Alone    bool               `json:"alone,omitzero"`
	// Avoid are those who gain by refusing to endorse.
	Avoid   []transaction.Seal `json:"avoid,omitzero"`
	Private bool               `json:"private,omitzero"`
	// Waits is whether it waits for a second officer when it widens something: it then answers with the proposal.
	Waits bool `json:"waits,omitzero"`
	// TakesAway is whether an alarm of the watcher does not hold it back.
	TakesAway bool `json:"takes_away,omitzero"`
	// AloneWhen and TakesAwayWhen say with which words of the argument that is so, when it is not always.
	AloneWhen     *transaction.When `json:"alone_when,omitzero"`
	TakesAwayWhen *transaction.When `json:"takes_away_when,omitzero"`
	// Paged is whether a list comes in pages.
	Paged    bool           `json:"paged,omitzero"`
	Argument *input.Schema  `json:"argument"`
	Refuses  []refusal.Code `json:"refuses"`
}

type describedRecord struct {
	Type string `json:"type"`
	// Called is what sentences call it.
	Called string `json:"called"`
	// ID is how its id is made: "name" or "transaction".
	ID       string           `json:"id"`
	Statuses []records.Status `json:"statuses"`
	InTrail  bool             `json:"in_trail"`
}

type describedLaw struct {
	Code    string   `json:"code"`
	Statute string   `json:"statute"`
	Article string   `json:"article"`
	Says    string   `json:"says"`
	Consent bool     `json:"consent"`
	Kinds   []string `json:"purposes,omitzero"`
	Notice  bool     `json:"notice"`
}

type describedTerm struct {
	Code      string `json:"code"`
	DUO       string `json:"duo"`
	Label     string `json:"label"`
	Class     string `json:"class"`
	Parameter string `json:"parameter,omitzero"`
	Optional  bool   `json:"optional,omitzero"`
}

type describedCode struct {
	Code  string `json:"code"`
	Means string `json:"means"`
}

// JSON is contract.json as it was written when the program was: Describe says the same, which a test compares, and takes seconds for it.
//
//go:embed contract.json
var JSON []byte

// Digest is the SHA-256 of contract.json, which contract.version answers: so a client can tell that it speaks to another contract than the one it was made for.
var Digest = records.Digest(JSON)

// Describe writes contract.json from the program's tables: the same bytes from every build of the same contract.
func Describe() ([]byte, error) {
	text, err := json.Marshal(describe(), json.Deterministic(true), jsontext.WithIndent(" "))
	return append(text, '\n'), err
}

func describe() description {
	d := description{
		Name: Name, Transactions: map[string]described{}, Definitions: input.Definitions(), Words: words(), Files: records.FileForms,
		Machines: []any{
			machines.RequestMachine, machines.GrantMachine, machines.SeatMachine, machines.DelegationMachine, machines.BreakglassMachine, machines.InvitationMachine,
			machines.CohortMachine, machines.BasisMachine, machines.ReceiptMachine,
		},
	}
	for _, name := range slices.Sorted(maps.Keys(transactions)) { // an object is defined where it comes first
		d.Transactions[name] = describeEntry(transactions[name], d.Definitions)
	}
	for _, kind := range records.Catalogue {
		id := "name"
		if kind.NamedByTx() {
			id = string(records.ByTransaction)
		}
		d.Records = append(d.Records, describedRecord{kind.Name(), kind.Called(), id, kind.Says(), kind.InTrail()})
	}
	for _, law := range lawful.Laws {
		d.Laws = append(d.Laws, describedLaw{law.Code, law.Statute, law.Article, law.Words, law.Consent, law.Kinds, law.NeedsNotice})
	}
	for _, term := range use.Terms {
		d.Terms = append(d.Terms, describedTerm{term.Code, term.DUO, term.Label, string(term.Class), string(term.Parameter), term.Optional})
	}
	for _, meaning := range refusal.Meanings {
		d.Refusals = append(d.Refusals, describedCode{string(meaning.Code), meaning.Means})
	}
	for _, meaning := range rules.Meanings {
		d.Reasons = append(d.Reasons, describedCode{meaning.Code, meaning.Means})
	}
	return d
}

func describeEntry(entry transaction.Entry, definitions map[string]*input.Schema) described {
	kind := "query"
	if entry.Writes {
		kind = "change"
	}
	argument := entry.Describe(definitions)
	_, paged := argument.Properties["page_size"]
	return described{
		Kind: kind, Who: entry.Who, SealedBy: entry.Seals, Alone: entry.Alone, Avoid: entry.Avoids, Private: entry.Private, Waits: entry.Widens, TakesAway: entry.Ends, AloneWhen: entry.AloneWhen, TakesAwayWhen: entry.EndsWhen, Paged: paged,
		Argument: argument, Refuses: entry.Codes(),
	}
}

// words are the closed vocabularies.
func words() map[string][]string {
	deidLaws := make([]string, 0, len(lawful.DeidLaws))
	for _, law := range lawful.DeidLaws {
		deidLaws = append(deidLaws, law.Law)
	}
	usage := make([]string, 0, len(catalog.UsageStates))
	for _, state := range catalog.UsageStates {
		usage = append(usage, string(state))
	}
	return map[string][]string{
		"answers": {string(rules.Permit), string(rules.Review), string(rules.Deny)},
		"roles":   records.Roles, "committee_roles": records.CommitteeRoles, "officer_roles": records.OfficerRoles, "stage_rules": records.StageRules, "conflicts": {records.NoDeclaration, records.Declare},
		"votes": records.Votes, "modes": records.Modes, "purpose_kinds": records.PurposeKinds, "organisations": records.Organisations, "sensitive": records.Sensitive,
		"remark_kinds": records.RemarkKinds, "text_kinds": records.TextKinds, "bands": records.Bands, "usage_states": usage,
		"disease_systems": records.DiseaseSystems, "hierarchy_systems": records.HierarchySystems,
		"deid_laws": deidLaws, "deid_terms": lawful.DeidTerms, "countries": records.Countries, "kinds": records.Kinds, "image_kinds": records.ImageKinds, "face_kinds": records.FaceKinds, "face_parts": records.FaceParts,
		"faces": records.Faces, "body_parts": records.BodyParts, "modalities": records.Modalities,
	}
}
