package access

import (
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

// decision is what check and explain answer: with every reason, every obligation, and what it was made from.
type decision struct {
	Decision    rules.Answer   `json:"decision"`
	Reasons     []rules.Reason `json:"reasons"`
	Claimed     []string       `json:"claimed,omitzero"`
	Obligations []string       `json:"obligations"`
	Evaluated   []ledger.Ref   `json:"evaluated"`
	At          records.Time   `json:"at"`
	// AsOf is the moment of which the ledger at the peer is known to be; absent when that is not known.
	AsOf records.Time `json:"as_of,omitzero"`
}

// rests says how old the ledger is that the decision rests on.
func (d *decision) rests(age rules.Age) {
	if at, known := age.AsOf(); known {
		d.AsOf = records.Time(at.Unix())
	}
}

type explainArgument struct {
	Dataset         string          `json:"dataset"`
	Version         *int64          `json:"version"`
	Policy          *records.Policy `json:"policy"`
	Institution     string          `json:"institution"`
	Researchers     []string        `json:"researchers"`
	Purpose         records.Purpose `json:"purpose"`
	Mode            string          `json:"mode"`
	DurationSeconds *int64          `json:"duration_seconds"`
}

func (a explainArgument) Check(c *input.Checker) {
	if a.Policy != nil {
		c.Require(a.Dataset == "" && a.Version == nil, "policy", "give either a dataset or a policy")
		c.Policy("policy", *a.Policy)
	} else {
		c.Dataset("dataset", a.Dataset)
		c.Number("version", a.Version)
	}
	c.Optional("institution", a.Institution, c.Institution)
	c.List("researchers", a.Researchers, 0, 50, c.Person)
	c.Purpose("purpose", a.Purpose)
	c.OneOf("mode", a.Mode, records.Modes)
	if a.DurationSeconds != nil {
		c.Between("duration_seconds", *a.DurationSeconds, 1, input.MaxDurationSeconds)
	}
}

// ask is the hypothetical request: by default the caller's own.
func (a explainArgument) ask(tx *ledger.Tx) (use.Ask, error) {
	own, err := tx.InstitutionOfCaller()
	if err != nil {
		return use.Ask{}, err
	}
	ask := use.Ask{Institution: own, Purpose: a.Purpose, Mode: a.Mode}
	if a.Institution != "" {
		ask.Institution = a.Institution
	}
	if caller, err := tx.Caller(); err == nil && a.Researchers == nil && ask.Institution == own {
		ask.People = use.PeopleOf(own, []string{caller.ID})
	} else {
		ask.People = use.PeopleOf(ask.Institution, a.Researchers)
	}
	if a.DurationSeconds != nil {
		ask.DurationSeconds = *a.DurationSeconds
	}
	return ask, nil
}

// asking are those who could not vote on such a request: who would ask for it, and its researchers.
func (a explainArgument) asking(tx *ledger.Tx, ask use.Ask) []string {
	var ids []string
	for _, person := range ask.People {
		_, id, _ := records.SplitPerson(person)
		ids = append(ids, id)
	}
	if caller, err := tx.Caller(); err == nil && caller.Institution == ask.Institution {
		ids = append(ids, caller.ID)
	}
	return ids
}

// judged is the policy that the question is about: the dataset's latest, or one that nobody has set, as it would be pinned now.
func (a explainArgument) judged(tx *ledger.Tx) (records.PolicyVersion, error) {
	if a.Policy != nil {
		own, err := tx.InstitutionOfCaller()
		if err != nil {
			return records.PolicyVersion{}, err
		}
		refs, err := evidence.PinVersions(tx, own, *a.Policy)
		return records.PolicyVersion{Policy: *a.Policy, Ontologies: refs}, err
	}
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	if _, err := evidence.ReadVersion(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestVersion)); err != nil {
		return records.PolicyVersion{}, err
	}
	record, err := evidence.ReadPolicy(tx, a.Dataset, head.Record.Body.LatestPolicy)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	return record.Record.Body, nil
}

type explanation struct {
	decision
	Alternatives []use.Choice     `json:"alternatives"`
	Stages       []explainedStage `json:"stages"`
	// Automatic is whether such a request would be approved without asking the stages.
	Automatic bool `json:"automatic,omitzero"`
}

// explainedStage says whom a request would have to convince, and whether they could be enough.
type explainedStage struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Step        int64  `json:"step"`
	Rule        string `json:"rule,omitzero"`
	Threshold   int64  `json:"threshold"`
	Seated      int64  `json:"seated"`
	Attests     bool   `json:"attests,omitzero"`
}

// explain judges a request that nobody made. Permit and review mean that it could be submitted.
func explain(tx *ledger.Tx, a explainArgument) (any, error) {
	ask, err := a.ask(tx)
	if err != nil {
		return nil, err
	}
	version, err := a.judged(tx)
	if err != nil {
		return nil, err
	}
	policy := review.Resolve(version.Policy, ask.Institution)
	rosters, _, err := evidence.ReadRosters(tx, policy)
	if err != nil {
		return nil, err
	}
	if ask.Hierarchy, err = evidence.PlaceTerms(tx, version.Ontologies, a.Purpose.Diseases, evidence.DiseasesOf(policy)); err != nil {
		return nil, err
	}
	grounding, err := a.grounds(tx, policy, &ask)
	if err != nil {
		return nil, err
	}
	ask.At = tx.Now()
	verdict := use.Decide(policy, ask)
	verdict.Answer, verdict.Reasons = grounding.With(verdict.Answer, verdict.Reasons)
	reasons := append(verdict.Reasons, use.Contradictions(policy)...)
	reasons = append(reasons, review.Coinciding(policy)...)
	electorate := review.Electorate{Institution: ask.Institution, People: a.asking(tx, ask), OwnVotes: policy.OwnInstitutionVotes}
	reasons = append(reasons, review.Unmeetable(policy, rosters, electorate, ask.At)...)
	if len(reasons) > len(verdict.Reasons) {
		verdict.Answer = rules.Deny
	}
	answer := explanation{
		decision:     decision{Decision: verdict.Answer, Reasons: reasons, Obligations: []string{}, Evaluated: tx.Evidence(), At: ask.At},
		Alternatives: verdict.Choices,
		Stages:       explainStages(policy, rosters, electorate, ask.At),
		Automatic:    policy.Automatic && verdict.Answer == rules.Permit,
	}
	age, err := evidence.LedgerAge(tx)
	if err != nil {
		return nil, err
	}
	answer.rests(age)
	if verdict.Answer != rules.Deny {
		answer.Obligations = lawful.AddDuties(use.ObligationsOf(policy, verdict, ask.At), grounding.Obligations)
		answer.Claimed = lawful.AddDuties(verdict.Claimed, grounding.Claimed)
	}
	return answer, nil
}

func explainStages(policy records.Policy, rosters map[string]review.Roster, electorate review.Electorate, at records.Time) []explainedStage {
	stages := make([]explainedStage, 0, len(policy.Stages))
	for _, stage := range policy.Stages {
		explained := explainedStage{Institution: stage.Institution, Role: stage.Role, Step: stage.StepNumber(), Rule: stage.Rule, Attests: stage.MustAttest()}
		explained.Seated, explained.Threshold = review.Asked(stage, rosters[stage.Committee()], electorate, at)
		stages = append(stages, explained)
	}
	return stages
}

// grounds is what the grounds of the dataset say to the hypothetical request; of a bare policy nothing is asked.
func (a explainArgument) grounds(tx *ledger.Tx, policy records.Policy, ask *use.Ask) (lawful.Grounding, error) {
	owner, _, _ := records.SplitDataset(a.Dataset)
	if a.Policy != nil {
		own, err := tx.InstitutionOfCaller()
		if err != nil {
			return lawful.Grounding{}, err
		}
		owner = own
	}
	var err error
	if ask.Korea, err = inKorea(tx, a.Purpose, ask.Institution, owner); err != nil || a.Policy != nil {
		return lawful.Grounding{Answer: rules.Permit}, err
	}
	number, err := evidence.VersionNumber(tx, a.Dataset, a.Version)
	if err != nil {
		return lawful.Grounding{}, err
	}
	question := *ask
	question.At = tx.Now()
	return evidence.AskGrounds(tx, a.Dataset, number, policy, question)
}

// inKorea tells whether one of two institutions says that it is in Korea, where the law sends the linking of several controllers' data to a designated agency.
func inKorea(tx *ledger.Tx, purpose records.Purpose, institutions ...string) (bool, error) {
	if !purpose.Linking {
		return false, nil
	}
	slices.Sort(institutions)
	for _, name := range slices.Compact(institutions) {
		finding, err := evidence.FindInstitution(tx, name)
		if err != nil {
			return false, err
		}
		institution, err := finding.Maybe()
		if err != nil && !refusal.Is(err, refusal.Forged) {
			return false, err
		}
		if institution != nil && institution.Record.Body.Country == "KR" {
			return true, nil
		}
	}
	return false, nil
}
