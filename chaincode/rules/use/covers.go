package use

import (
	"fmt"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// Covers judges whether a purpose that was granted covers one that is asked about now, and gives every reason why not, without a clause. What is asked
// must be the same or narrower in each member; a member that narrows (genetic, organisation, countries, ethics, project_id) and was granted must be stated again.
func Covers(granted, asked records.Purpose, hierarchy Hierarchy) (rules.Answer, []rules.Reason) {
	found, answer, code := coversKind(granted, asked, hierarchy), rules.Deny, rules.PurposeNotCovered
	beyond := beyondGrant(granted, asked)
	if found.answer == rules.Review && len(beyond) == 0 {
		answer, code = rules.Review, rules.PurposeNeedsReview
	}
	var reasons []rules.Reason
	if found.answer != rules.Permit {
		reasons = append(reasons, rules.Reason{Code: code, Message: found.message})
	}
	if found.lost {
		reasons[0].Code = rules.EvidenceMissing
	}
	for _, sentence := range beyond {
		reasons = append(reasons, rules.Reason{Code: code, Message: sentence})
	}
	if len(reasons) == 0 {
		return rules.Permit, nil
	}
	return answer, reasons
}

// coversKind compares kinds and diseases. General research covers research on health and on a disease; the study of origins and clinical care are each asked for by
// name, because policies set them apart.
func coversKind(granted, asked records.Purpose, hierarchy Hierarchy) finding {
	covered := map[string][]string{
		records.ForGeneralResearch: {records.ForGeneralResearch, records.ForHealthResearch, records.ForDisease},
		records.ForHealthResearch:  {records.ForHealthResearch, records.ForDisease},
		records.ForDisease:         {records.ForDisease},
		records.ForOrigins:         {records.ForOrigins},
		records.ForClinicalCare:    {records.ForClinicalCare},
	}
	for _, kind := range covered[granted.Kind] {
		if kind != asked.Kind {
			continue
		}
		if granted.Kind == records.ForDisease {
			return decideDiseases(granted.Diseases, asked.Diseases, hierarchy)
		}
		return finding{answer: rules.Permit}
	}
	return finding{answer: rules.Deny, message: fmt.Sprintf("%s was granted, not %s", granted.Kind, asked.Kind)}
}

func beyondGrant(granted, asked records.Purpose) []string {
	var reasons []string
	say := func(wrong bool, format string, arguments ...any) {
		if wrong {
			reasons = append(reasons, fmt.Sprintf(format, arguments...))
		}
	}
	say(asked.MethodsDevelopment && !granted.MethodsDevelopment, "the development of methods was not granted")
	say(asked.Training && !granted.Training, "the training of a model was not granted")
	say(asked.Linking && !granted.Linking, "linking with other data was not granted")
	say(asked.Commercial && !granted.Commercial, "commercial use was not granted")
	say(granted.Genetic && !asked.Genetic, "a genetic study was granted (genetic)")
	say(granted.Organisation != "" && asked.Organisation != granted.Organisation, "use by an organisation that is %s was granted (organisation)", granted.Organisation)
	say(len(granted.Countries) > 0 && len(asked.Countries) == 0, "use in %s was granted, and it is not said where (countries)", rules.List(granted.Countries))
	outside := rules.Beyond(asked.Countries, granted.Countries)
	say(len(granted.Countries) > 0 && len(outside) > 0, "use in %s was granted, not in %s", rules.List(granted.Countries), rules.List(outside))
	more := rules.Beyond(asked.Sensitive, granted.Sensitive)
	say(len(more) > 0, "a purpose that is sensitive by %s was not granted", rules.List(more))
	say(granted.Ethics != nil && (asked.Ethics == nil || *asked.Ethics != *granted.Ethics), "it was granted with another ethics approval (ethics)")
	say(granted.ProjectID != "" && asked.ProjectID != granted.ProjectID, "it was granted for the project %s (project_id)", granted.ProjectID)
	return reasons
}

// AsGranted fills in what a question about a grant need not repeat: who the organisation is and what its ethics board said are not about the use.
func AsGranted(asked, granted records.Purpose) records.Purpose {
	if asked.Organisation == "" {
		asked.Organisation = granted.Organisation
	}
	if asked.Ethics == nil {
		asked.Ethics = granted.Ethics
	}
	return asked
}
