package sample

// Park is a researcher of nuri.
const Park = "nuri/park:researcher" // has no part in any request here

// Invited invites somebody to give an opinion on a request, and gives the invitation's id.
func (w *World) Invited(request, who string) string {
	w.Helper()
	return In(w.Do("hanbit/a:dac", "request.invite", object{"request": request, "reviewer": who, "question": "is the sample large enough?"}), "id").(string)
}
