package use

import (
	"slices"

	"medconsent.org/chaincode/records"
)

// Class is what a term of GA4GH DUO does in an alternative.
type Class string

// The classes. CC stands alone: it adds a purpose instead of taking one away.
const (
	PermissionClass Class = "permission"
	LimitClass      Class = "limit"
	DutyClass       Class = "duty"
	CareClass       Class = "clinical_care"
)

// Parameter is what goes with a term: the member of the alternative or of the modifier that carries it.
type Parameter string

// The parameters.
const (
	NoParameter          Parameter = ""
	DiseaseParameter     Parameter = "diseases"
	CountryParameter     Parameter = "countries"
	InstitutionParameter Parameter = "institutions"
	ProjectParameter     Parameter = "projects"
	PersonParameter      Parameter = "persons"
	MonthParameter       Parameter = "months"
	TextParameter        Parameter = "text"
)

// The permissions of GA4GH DUO.
const (
	NoRestriction   = "NRES"
	GeneralResearch = "GRU"
	HealthMedical   = "HMB"
	DiseaseSpecific = "DS"
	OriginsOnly     = "POA"
)

// The limits, the duties, and CC.
const (
	NoOrigins              = "NPOA"
	NoMethods              = "NMDS"
	GeneticOnly            = "GSO"
	NonProfitOrg           = "NPU"
	NonCommercialUse       = "NCU"
	NonProfitUse           = "NPUNCU"
	ResearchSpecific       = "RS"
	EthicsApproval         = "IRB"
	Geographical           = "GS"
	InstitutionsOnly       = "IS"
	ProjectsOnly           = "PS"
	UsersOnly              = "US"
	TimeLimit              = "TS"
	Publication            = "PUB"
	Moratorium             = "MOR"
	Collaboration          = "COL"
	Return                 = "RTN"
	ClinicalCareUse        = "CC"
	SecondsAMonth          = 366 * 24 * 60 * 60 / 12 // a twelfth of the longest year: twelve months never fall short of one
	maxMonths        int64 = 120
)

// Term is one term of GA4GH DUO: how it is written, what is asked of a request, and how that is judged. The table Terms drives the grammar, the decision, the
// words and the documentation.
type Term struct {
	Code      string
	DUO       string
	Label     string
	Class     Class
	Parameter Parameter
	Optional  bool   // the parameter may be left out
	Asks      string // what it asks of a request, for docs/use-conditions.md
	Follows   string // what follows
	words     func(m records.Modifier) string
	judge     func(m records.Modifier, c circumstances) []finding                   // of a limit
	obliges   func(m records.Modifier, from records.Time) string                    // of a duty
	covers    func(narrow records.Alternative, m records.Modifier, c compared) bool // of a limit: whether every use that another alternative permits keeps it
}

// Terms holds the terms of DUO that can be used, in the order in which people meet them.
var Terms = slices.Concat(permissions, limits, duties, []Term{care})

var permissions = []Term{
	{Code: NoRestriction, DUO: "DUO:0000004", Label: "no restriction", Class: PermissionClass,
		Asks: "nothing", Follows: "every purpose is permitted, clinical care too; it takes no limits and no duties, which would restrict"},
	{Code: GeneralResearch, DUO: "DUO:0000042", Label: "general research use", Class: PermissionClass,
		Asks: "a research purpose: general-research, health-research, disease or origins", Follows: "permit; clinical-care is denied unless `clinical_care` adds it"},
	{Code: HealthMedical, DUO: "DUO:0000006", Label: "health or medical or biomedical research", Class: PermissionClass,
		Asks: "health-research or disease, and not `not-health` among `sensitive`", Follows: "permit; general-research and origins are denied"},
	{Code: DiseaseSpecific, DUO: "DUO:0000007", Label: "disease specific research", Class: PermissionClass, Parameter: DiseaseParameter,
		Asks: "disease, every term an allowed one or below one, and not `not-health`", Follows: "permit; a term whose place cannot be known is review, any other purpose is denied"},
	{Code: OriginsOnly, DUO: "DUO:0000011", Label: "population origins or ancestry research only", Class: PermissionClass,
		Asks: "origins", Follows: "permit; every other purpose is denied"},
}

var care = Term{Code: ClinicalCareUse, DUO: "DUO:0000043", Label: "clinical care use", Class: CareClass,
	Asks: "clinical-care", Follows: "permits clinical care besides what the permission permits; adds, never takes away"}

// TermOf finds a term by its code.
func TermOf(code string) (Term, bool) {
	i := slices.IndexFunc(Terms, func(t Term) bool { return t.Code == code })
	if i < 0 {
		return Term{}, false
	}
	return Terms[i], true
}

// Codes lists the codes of a class.
func Codes(class Class) []string {
	var codes []string
	for _, term := range Terms {
		if term.Class == class {
			codes = append(codes, term.Code)
		}
	}
	return codes
}
