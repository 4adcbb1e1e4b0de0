package sample

// Says is a ballot of the desk's policy.
func (w *World) Says(request, vote, role string, changes object) object {
	w.Helper()
	ballot := w.Ballot(request, vote, role)
	switch vote {
	case "approve", "reject":
		ballot["no_conflict"] = true
	default:
		ballot["reason"] = "because"
	}
	return With(ballot, changes)
}
