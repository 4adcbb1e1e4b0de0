package sample

const Park = "nuri/park:researcher" // has no part in any request here

func (w *World) Invited(request, who string) string {
	w.Helper()
	return In(w.Do("hanbit/a:dac", "request.invite", object{"request": request, "reviewer": who, "question": "is the sample large enough?"}), "id").(string)
}
