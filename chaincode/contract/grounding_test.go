package contract_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/refusal"
)

// Two people of the owner can set the committees and the use aside in an emergency, and not what the data rests on.
func TestAnEmergencyDoesNotOpenDataThatRestsOnNothing(t *testing.T) {
	w := guarded(t)
	_, granted := w.opened()
	w.expect(w.emergency(nil)["decision"], "permit") // although research is all that the basis carries
	w.expect(in(w.emergency(nil), "grant"), granted)
	w.do(privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "the plan has ended"})
	answer := w.emergency(nil)
	w.expect(answer["decision"], "deny")
	w.expect(reasons(answer), []string{"BASIS_ENDED"})
	w.later(2 * time.Hour)
	w.do(privacy, "breakglass.justify", object{"breakglass": in(w.ask("breakglass.list", object{}), "items", 0, "breakglass", "record", "id"), "justification": "x"})
	refused := w.refused(refusal.PolicyDenies, privacy, "breakglass.propose", emergency())
	w.expect(in(refused.Details, 0, "code"), "BASIS_ENDED")
}

// What could not be confirmed as things stand is not proposed; what was proposed before is not confirmed, in the same words.
func TestNobodyWaitsForAnEmergencyThatCannotBe(t *testing.T) {
	w := guarded(t)
	_, confirmation := w.proposed()
	w.do(steward, "dataset.publish", with(publication(), object{"kinds": []string{"mri"}, "policy": nil}))
	w.states(statement(object{"images": []object{image(object{"faces": "present"})}}))
	w.rests(nil)
	proposal := w.refused(refusal.PolicyDenies, privacy, "breakglass.propose", emergency())
	w.expect(in(proposal.Details, 0, "code"), "FACES_NOT_REMOVED")
	w.expect(len(w.ask("breakglass.list", object{"state": "proposed"})["items"].([]any)), 1)
	w.do(steward, "breakglass.confirm", confirmation) // of the version before, which has no images
	w.refused(refusal.Unjustified, privacy, "breakglass.propose", emergency())
	w.do(privacy, "breakglass.justify", object{"breakglass": confirmation["breakglass"], "justification": "x"})

	w.states(statement(object{"images": []object{image(nil)}}))
	_, confirmation = w.proposed()
	w.states(statement(object{"images": []object{image(object{"faces": "present"})}}))
	w.expect(w.refused(refusal.PolicyDenies, steward, "breakglass.confirm", confirmation).Message, proposal.Message)
}

// A machine's permit is enough only when what the data rests on leaves nothing to people either; and a requester's institution cannot say otherwise for the owner.
func TestNothingIsAutomaticThatTheGroundsLeaveToPeople(t *testing.T) {
	w := sample(t)
	automatic := with(policy(), object{"automatic": true})
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": automatic})
	id := w.submitted()
	w.expect(w.ask("request.get", object{"request": id})["state"], "approved")
	w.expect(w.check(nil)["decision"], "permit")

	// consent that only a person can read: for a disease of another system than the people's
	w.do(privacy, "consent.begin", consent(object{"use": []object{{"permission": "DS", "diseases": []string{"KCD8:C50"}}}}))
	w.rests(object{"cohorts": []string{"hanbit/oncology"}, "bases": nil})
	w.expect(w.check(nil)["decision"], "review") // nobody has judged the grant that the machine gave
	asked := w.submitted()
	shown := w.ask("request.get", object{"request": asked})
	w.expect(shown["state"], "submitted")
	w.expect(in(shown, "request", "record", "body", "for_people"), true)
	w.vote("hanbit/a:dac", asked, "approve")
	w.vote("saerom/e-1:ethics", asked, "approve")
	w.expect(in(w.vote("hanbit/b:dac", asked, "approve"), "state"), "approved")
	w.expect(w.check(nil)["decision"], "permit")
}

// A recusal can complete a unanimous approval, and is held to the grounds as a vote would be.
func TestARecusalDoesNotCompleteWhatTheGroundsDeny(t *testing.T) {
	w := sample(t)
	unanimous := with(policy(), object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}})
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": unanimous})
	id := w.submitted()
	w.vote("hanbit/a:dac", id, "approve")
	w.vote("hanbit/b:dac", id, "approve")
	recusal := with(w.ballot(id, "recuse", "dac"), object{"reason": "we wrote a paper together"})
	w.do(privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "the plan has ended"})
	refused := w.refused(refusal.PolicyDenies, "hanbit/c:dac", "request.vote", recusal)
	w.expect(in(refused.Details, 0, "code"), "BASIS_ENDED")
	w.do(privacy, "basis.set", with(basis(), object{"slug": "another-plan"}))
	w.rests(object{"bases": []string{"hanbit/another-plan"}})
	w.expect(in(w.do("hanbit/c:dac", "request.vote", recusal), "state"), "approved")
}
