package use

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// circumstances are what a limit is judged by.
type circumstances struct {
	ask Ask
	// trainingIsMethods is the policy's word on whether training a model is methods development.
	trainingIsMethods bool
}

// finding is what one limit says to a use: nothing when it is kept, else a denial or what a person has to look at.
type finding struct {
	answer  rules.Answer
	message string
	// claimed is the member of the purpose that only the requester vouches for.
	claimed string
	tooLong bool
	// lost tells that it could not be judged: the hierarchy that says it is not whole on the ledger.
	lost bool
}

func against(format string, arguments ...any) []finding {
	return []finding{{answer: rules.Deny, message: fmt.Sprintf(format, arguments...)}}
}

func claim(member, format string, arguments ...any) []finding {
	return []finding{{answer: rules.Review, message: fmt.Sprintf(format, arguments...), claimed: member}}
}

func forAPerson(format string, arguments ...any) []finding {
	return []finding{{answer: rules.Review, message: fmt.Sprintf(format, arguments...)}}
}

// limits narrow a permission. What keeps one only by the requester's own word is claimed, and never a silent yes.
var limits = []Term{
	{Code: NoOrigins, DUO: "DUO:0000044", Label: "population origins or ancestry research prohibited", Class: LimitClass,
		Asks: "a purpose other than origins", Follows: "origins is denied",
		words: fixed("not for the study of population origins or ancestry"),
		judge: func(_ records.Modifier, c circumstances) []finding {
			if c.ask.Purpose.Kind == records.ForOrigins {
				return against("the study of population origins or ancestry is excluded (NPOA)")
			}
			return nil
		},
		covers: func(narrow records.Alternative, _ records.Modifier, _ compared) bool {
			return has(narrow, NoOrigins) || narrow.Permission == HealthMedical || narrow.Permission == DiseaseSpecific
		}},
	{Code: NoMethods, DUO: "DUO:0000015", Label: "no general methods research", Class: LimitClass,
		Asks: "no `methods_development`, and no `training` where the policy counts it as such", Follows: "methods development is denied; otherwise claimed",
		words: fixed("not for the development of methods"), judge: judgeMethods,
		covers: func(narrow records.Alternative, _ records.Modifier, c compared) bool {
			return has(narrow, NoMethods) && (c.narrow.TrainingIsMethods() || !c.wide.TrainingIsMethods())
		}},
	{Code: GeneticOnly, DUO: "DUO:0000016", Label: "genetic studies only", Class: LimitClass,
		Asks: "`genetic`", Follows: "a study that is not genetic is denied; otherwise claimed; clinical care is review",
		words: fixed("for genetic studies only"), judge: judgeGenetic, covers: hasToo(GeneticOnly)},
	{Code: NonProfitOrg, DUO: "DUO:0000045", Label: "not for profit organisation use only", Class: LimitClass,
		Asks: "`organisation` non-profit or government", Follows: "a for-profit organisation, or none stated, is denied; otherwise claimed",
		words: fixed("by not-for-profit organisations only"), judge: judgeOrganisation, covers: hasToo(NonProfitOrg, NonProfitUse)},
	{Code: NonCommercialUse, DUO: "DUO:0000046", Label: "non-commercial use only", Class: LimitClass,
		Asks: "no `commercial`", Follows: "commercial use is denied, whoever asks; otherwise claimed",
		words: fixed("for use that is not commercial"), judge: judgeCommerce, covers: hasToo(NonCommercialUse, NonProfitUse)},
	{Code: NonProfitUse, DUO: "DUO:0000018", Label: "not for profit, non commercial use only", Class: LimitClass,
		Asks: "both of NPU and NCU", Follows: "as NPU and NCU together",
		words: fixed("by not-for-profit organisations only, and for use that is not commercial"),
		judge: func(m records.Modifier, c circumstances) []finding {
			return append(judgeOrganisation(m, c), judgeCommerce(m, c)...)
		},
		covers: func(narrow records.Alternative, _ records.Modifier, _ compared) bool {
			return has(narrow, NonProfitUse) || has(narrow, NonProfitOrg) && has(narrow, NonCommercialUse)
		}},
	{Code: ResearchSpecific, DUO: "DUO:0000012", Label: "research specific restrictions", Class: LimitClass, Parameter: TextParameter,
		Asks: "that people find the project to be of the kind that the text names", Follows: "review, always",
		words: func(m records.Modifier) string { return "for studies of one kind only: " + m.Text },
		judge: func(m records.Modifier, _ circumstances) []finding {
			return forAPerson("whether the project is of this kind is for a person to judge: %s", m.Text)
		},
		covers: sameText(ResearchSpecific)},
	{Code: EthicsApproval, DUO: "DUO:0000021", Label: "ethics approval required", Class: LimitClass,
		Asks: "`ethics`, with a letter that is still valid", Follows: "denied without one; otherwise claimed, and a person reads the letter. The grant does not outlive it",
		words: fixed("with the approval of an ethics board, whose letter is shown"), judge: judgeEthics, covers: hasToo(EthicsApproval)},
	{Code: Geographical, DUO: "DUO:0000022", Label: "geographical restriction", Class: LimitClass, Parameter: CountryParameter,
		Asks: "`countries`, all of them allowed", Follows: "another country, or none stated, is denied; otherwise claimed",
		words: func(m records.Modifier) string { return "within " + rules.List(m.Countries) + " only" },
		judge: func(m records.Modifier, c circumstances) []finding {
			if len(c.ask.Purpose.Countries) == 0 {
				return against("use is allowed in %s only, and the request does not say where (countries)", rules.List(m.Countries))
			}
			if outside := rules.Beyond(c.ask.Purpose.Countries, m.Countries); len(outside) > 0 {
				return against("use is allowed in %s only, not in %s", rules.List(m.Countries), rules.List(outside))
			}
			return claim("countries", "that the data stays in %s is the requester's word", rules.List(c.ask.Purpose.Countries))
		},
		covers: inside(Geographical, func(m records.Modifier) []string { return m.Countries })},
	{Code: InstitutionsOnly, DUO: "DUO:0000028", Label: "institution specific restriction", Class: LimitClass, Parameter: InstitutionParameter,
		Asks: "a requester of one of the institutions, by the certificate", Follows: "another institution is denied",
		words: func(m records.Modifier) string { return "at " + rules.List(m.Institutions) + " only" },
		judge: func(m records.Modifier, c circumstances) []finding {
			if !slices.Contains(m.Institutions, c.ask.Institution) {
				return against("use is allowed at %s only, not at %s", rules.List(m.Institutions), c.ask.Institution)
			}
			return nil
		},
		covers: func(narrow records.Alternative, m records.Modifier, c compared) bool {
			return inside(InstitutionsOnly, func(m records.Modifier) []string { return m.Institutions })(narrow, m, c) ||
				len(c.narrow.Recipients) > 0 && len(rules.Beyond(c.narrow.Recipients, m.Institutions)) == 0
		}},
	{Code: ProjectsOnly, DUO: "DUO:0000027", Label: "project specific restriction", Class: LimitClass, Parameter: ProjectParameter,
		Asks: "`project_id`, one of the allowed", Follows: "another project, or none stated, is denied; otherwise claimed",
		words: func(m records.Modifier) string {
			return "in " + rules.Plural(len(m.Projects), "the project ", "the projects ") + rules.List(m.Projects) + " only"
		},
		judge: func(m records.Modifier, c circumstances) []finding {
			if !slices.Contains(m.Projects, c.ask.Purpose.ProjectID) {
				return against("use is allowed in %s only, and the request is for %s", rules.List(m.Projects), rules.OrNone(c.ask.Purpose.ProjectID, "no project (project_id)"))
			}
			return claim("project_id", "that the request is part of %s is the requester's word", c.ask.Purpose.ProjectID)
		},
		covers: inside(ProjectsOnly, func(m records.Modifier) []string { return m.Projects })},
	{Code: UsersOnly, DUO: "DUO:0000026", Label: "user specific restriction", Class: LimitClass, Parameter: PersonParameter,
		Asks: "researchers who are all allowed, by their enrolment", Follows: "anybody else is denied",
		words: func(m records.Modifier) string { return "by " + rules.List(m.Persons) + " only" },
		judge: func(m records.Modifier, c circumstances) []finding {
			if len(c.ask.People) == 0 {
				return against("use is allowed to %s only, and it is not said who would use the data (researchers)", rules.List(m.Persons))
			}
			if outside := rules.Beyond(c.ask.People, m.Persons); len(outside) > 0 {
				return against("use is allowed to %s only, not to %s", rules.List(m.Persons), rules.List(outside))
			}
			return nil
		},
		covers: inside(UsersOnly, func(m records.Modifier) []string { return m.Persons })},
	{Code: TimeLimit, DUO: "DUO:0000025", Label: "time limit on use", Class: LimitClass, Parameter: MonthParameter,
		Asks: "a duration of at most so many months, of 30.5 days each", Follows: "a longer one is denied",
		words: func(m records.Modifier) string { return "for at most " + rules.Months(m.Months) },
		judge: func(m records.Modifier, c circumstances) []finding {
			if c.ask.DurationSeconds > m.Months*SecondsAMonth {
				return []finding{{answer: rules.Deny, tooLong: true, message: fmt.Sprintf("%s asked for; at most %s allowed (TS)", rules.Are(rules.Span(c.ask.DurationSeconds)), rules.Are(rules.Months(m.Months)))}}
			}
			return nil
		},
		covers: func(narrow records.Alternative, m records.Modifier, c compared) bool {
			own, ok := find(narrow.Limits, TimeLimit)
			longest := c.narrow.MaxDurationSeconds // zero: what people or a law permit has no bound of its own
			return ok && own.Months <= m.Months || longest > 0 && longest <= m.Months*SecondsAMonth
		}},
}

func judgeMethods(_ records.Modifier, c circumstances) []finding {
	var found []finding
	switch {
	case c.ask.Purpose.MethodsDevelopment:
		found = against("the development of methods is excluded (NMDS)")
	default:
		found = claim("methods_development", "that no methods are developed is the requester's word")
	}
	switch {
	case !c.trainingIsMethods:
	case c.ask.Purpose.Training:
		found = append(found, against("the training of a model counts as methods development here, which is excluded (NMDS)")...)
	default:
		found = append(found, claim("training", "that no model is trained is the requester's word")...)
	}
	return found
}

func judgeGenetic(_ records.Modifier, c circumstances) []finding {
	switch {
	case c.ask.Purpose.Kind == records.ForClinicalCare:
		return forAPerson("use is for genetic studies only (GSO) and clinical care is added: whether this care is meant is for a person to judge")
	case !c.ask.Purpose.Genetic:
		return against("use is for genetic studies only (GSO), and the request is not for one (genetic)")
	}
	return claim("genetic", "that the study is a genetic one is the requester's word")
}

func judgeOrganisation(_ records.Modifier, c circumstances) []finding {
	switch c.ask.Purpose.Organisation {
	case records.NonProfit:
		return claim("organisation", "that the organisation is not for profit is the requester's word")
	case records.Government:
		return claim("organisation", "that the organisation is a government's is the requester's word, and whether that is not-for-profit is for a person to judge")
	case "":
		return against("only not-for-profit organisations may use the data, and the request does not say what its organisation is (organisation)")
	}
	return against("only not-for-profit organisations may use the data, and the request comes from one that is %s", c.ask.Purpose.Organisation)
}

func judgeCommerce(_ records.Modifier, c circumstances) []finding {
	if c.ask.Purpose.Commercial {
		return against("commercial use is excluded, whoever the user is")
	}
	return claim("commercial", "that the use is not commercial is the requester's word")
}

func judgeEthics(_ records.Modifier, c circumstances) []finding {
	letter := c.ask.Purpose.Ethics
	switch {
	case letter == nil:
		return against("the approval of an ethics board is required (IRB), and the request names none (ethics)")
	case letter.ValidUntil <= c.ask.At:
		return against("the approval %s of %s was valid until %s", letter.Number, letter.Board, letter.ValidUntil)
	}
	return claim("ethics", "whether the approval %s of %s, valid until %s, covers the project is for a person to judge: its letter has the SHA-256 %s", letter.Number, letter.Board, letter.ValidUntil, letter.SHA256)
}

// find gives the modifier with a term.
func find(modifiers []records.Modifier, term string) (records.Modifier, bool) {
	i := slices.IndexFunc(modifiers, func(m records.Modifier) bool { return m.Term == term })
	if i < 0 {
		return records.Modifier{}, false
	}
	return modifiers[i], true
}

func has(alternative records.Alternative, limit string) bool {
	_, ok := find(alternative.Limits, limit)
	return ok
}

func fixed(words string) func(records.Modifier) string {
	return func(records.Modifier) string { return words }
}
