package people_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

// Two people of the owner can set the committees and the use aside in an emergency, and not what the data rests on.
func TestAnEmergencyDoesNotOpenDataThatRestsOnNothing(t *testing.T) {
	w := sample.Guarded(t)
	_, granted := w.Opened()
	w.Expect(w.Emergency(nil)["decision"], "permit") // although research is all that the basis carries
	w.Expect(sample.In(w.Emergency(nil), "grant"), granted)
	w.Do(sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "the plan has ended"})
	answer := w.Emergency(nil)
	w.Expect(answer["decision"], "deny")
	w.Expect(sample.Reasons(answer), []string{"BASIS_ENDED"})
	w.Later(2 * time.Hour)
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": sample.In(w.Ask("breakglass.list", object{}), "items", 0, "breakglass", "record", "id"), "justification": "x"})
	refused := w.Refused(refusal.PolicyDenies, sample.Privacy, "breakglass.propose", sample.Emergency())
	w.Expect(sample.In(refused.Details, 0, "code"), "BASIS_ENDED")
}

// What could not be confirmed as things stand is not proposed; what was proposed before is not confirmed, in the same words.
func TestNobodyWaitsForAnEmergencyThatCannotBe(t *testing.T) {
	w := sample.Guarded(t)
	_, confirmation := w.Proposed()
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"kinds": []string{"MR"}, "body_parts": []string{"head"}, "policy": nil}))
	w.States(sample.Statement(object{"images": []object{image(object{"faces": "present"})}}))
	w.Rests(nil)
	proposal := w.Refused(refusal.PolicyDenies, sample.Privacy, "breakglass.propose", sample.Emergency())
	w.Expect(sample.In(proposal.Details, 0, "code"), "FACES_NOT_REMOVED")
	w.Expect(len(w.Ask("breakglass.list", object{"state": "proposed"})["items"].([]any)), 1)
	w.Do(sample.Steward, "breakglass.confirm", confirmation) // of the version before, which has no images
	w.Refused(refusal.Unjustified, sample.Privacy, "breakglass.propose", sample.Emergency())
	w.Later(time.Hour)
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": confirmation["breakglass"], "justification": "x"})

	w.States(sample.Statement(object{"images": []object{image(nil)}}))
	_, confirmation = w.Proposed()
	w.States(sample.Statement(object{"images": []object{image(object{"faces": "present"})}}))
	w.Expect(w.Refused(refusal.PolicyDenies, sample.Steward, "breakglass.confirm", confirmation).Message, proposal.Message)
}

// A machine's permit is enough only when what the data rests on leaves nothing to people either; and a requester's institution cannot say otherwise for the owner.
func TestNothingIsAutomaticThatTheGroundsLeaveToPeople(t *testing.T) {
	w := sample.New(t)
	automatic := sample.With(sample.Policy(), object{"automatic": true})
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": automatic})
	id := w.Submitted()
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "approved")
	w.Expect(w.Check(nil)["decision"], "permit")

	// consent that only a person can read: for a disease of another system than the people's
	w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"use": []object{{"permission": "DS", "diseases": []string{"KCD8:C50"}}}}))
	w.Rests(object{"cohorts": []string{"hanbit/oncology"}, "bases": nil})
	w.Expect(w.Check(nil)["decision"], "review") // nobody has judged the grant that the machine gave
	asked := w.Submitted()
	shown := w.Ask("request.get", object{"request": asked})
	w.Expect(shown["state"], "submitted")
	w.Expect(sample.In(shown, "request", "record", "body", "for_people"), true)
	w.Vote("hanbit/a:dac", asked, "approve")
	w.Vote("saerom/e-1:ethics", asked, "approve")
	w.Expect(sample.In(w.Vote("hanbit/b:dac", asked, "approve"), "state"), "approved")
	w.Expect(w.Check(nil)["decision"], "permit")
}

// A recusal can complete a unanimous approval, and is held to the grounds as a vote would be.
func TestARecusalDoesNotCompleteWhatTheGroundsDeny(t *testing.T) {
	w := sample.New(t)
	unanimous := sample.With(sample.Policy(), object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}})
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": unanimous})
	id := w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("hanbit/b:dac", id, "approve")
	recusal := sample.With(w.Ballot(id, "recuse", "dac"), object{"reason": "we wrote a paper together"})
	w.Do(sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "the plan has ended"})
	refused := w.Refused(refusal.PolicyDenies, "hanbit/c:dac", "request.vote", recusal)
	w.Expect(sample.In(refused.Details, 0, "code"), "BASIS_ENDED")
	w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"slug": "another-plan"}))
	w.Rests(object{"bases": []string{"hanbit/another-plan"}})
	w.Expect(sample.In(w.Do("hanbit/c:dac", "request.vote", recusal), "state"), "approved")
}
