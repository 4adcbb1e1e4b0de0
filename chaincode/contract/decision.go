package contract

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// decision is what check and explain answer: with every reason, every obligation, and what it was made from.
type decision struct {
	Decision    rules.Answer   `json:"decision"`
	Reasons     []rules.Reason `json:"reasons"`
	Obligations []string       `json:"obligations"`
	Evaluated   []ledger.Ref   `json:"evaluated"`
	At          records.Time   `json:"at"`
}

type explainArgument struct {
	Dataset         string          `json:"dataset"`
	Version         *int64          `json:"version"`
	Institution     string          `json:"institution"`
	Purpose         records.Purpose `json:"purpose"`
	Mode            string          `json:"mode"`
	DurationSeconds *int64          `json:"duration_seconds"`
}

func (a explainArgument) check(c *input.Checker) {
	numberedName{a.Dataset, a.Version}.check(c)
	if a.Institution != "" {
		c.Institution("institution", a.Institution)
	}
	c.Purpose("purpose", a.Purpose)
	c.OneOf("mode", a.Mode, records.Modes)
	if a.DurationSeconds != nil {
		c.Between("duration_seconds", *a.DurationSeconds, 1, input.MaxDurationSeconds)
	}
}

type explanation struct {
	decision
	Stages []explainedStage `json:"stages"`
}

// explainedStage says whom a request would have to convince, and whether they could be enough.
type explainedStage struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Threshold   int64  `json:"threshold"`
	Seated      int64  `json:"seated"`
}

// explain judges a request that nobody made. Permit and review mean that it could be submitted.
func explain(tx *ledger.Tx, a explainArgument) (any, error) {
	institution := a.Institution
	if institution == "" {
		var err error
		if institution, err = tx.InstitutionOfCaller(); err != nil {
			return nil, err
		}
	}
	head, err := latest(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	if _, err := mustVersion(tx, a.Dataset, numberedName{a.Dataset, a.Version}.or(head.Record.Body.LatestVersion)); err != nil {
		return nil, err
	}
	record, err := mustPolicy(tx, a.Dataset, head.Record.Body.LatestPolicy)
	if err != nil {
		return nil, err
	}
	policy := record.Record.Body.Policy
	rosters, _, err := rostersOf(tx, policy)
	if err != nil {
		return nil, err
	}
	ask := rules.Ask{Institution: institution, Purpose: a.Purpose, Mode: a.Mode}
	if a.DurationSeconds != nil {
		ask.DurationSeconds = *a.DurationSeconds
	}
	verdict := rules.Decide(policy, ask)
	electorate := rules.Electorate{Institution: institution, OwnVotes: policy.OwnInstitutionVotes}
	if short := rules.Unmeetable(policy, rosters, electorate, tx.Now()); len(short) > 0 {
		verdict.Answer, verdict.Reasons = rules.Deny, append(verdict.Reasons, short...)
	}
	answer := explanation{
		decision: decision{verdict.Answer, verdict.Reasons, []string{}, tx.Evidence(), tx.Now()},
		Stages:   explainStages(policy, rosters, electorate, tx.Now()),
	}
	if verdict.Answer != rules.Deny {
		answer.Obligations = rules.Obligations
	}
	return answer, nil
}

func explainStages(policy records.Policy, rosters map[string]rules.Roster, electorate rules.Electorate, at records.Time) []explainedStage {
	stages := make([]explainedStage, 0, len(policy.Stages))
	for _, stage := range policy.Stages {
		explained := explainedStage{Institution: stage.Institution, Role: stage.Role, Threshold: stage.Threshold}
		for _, id := range rosters[stage.Committee()].Members(at) {
			if electorate.Admits(records.Person{Institution: stage.Institution, ID: id}) {
				explained.Seated++
			}
		}
		stages = append(stages, explained)
	}
	return stages
}
