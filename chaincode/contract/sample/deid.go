package sample

// Statement is a statement of de-identification.
func Statement(changes object) object {
	return With(object{
		"law": "KR-PIPA", "term": "pseudonymous", "methods": []object{{"method": "replace names", "tool": "own", "tool_version": "1"}},
		"residual_risk": "rare diagnoses", "report": object{"sha256": DigestOf("report")},
	}, changes)
}

// States attests a statement.
func (w *World) States(statement object) object {
	w.Helper()
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	return w.Do(Privacy, "deid.state", object{"dataset": "hanbit/breast-cancer", "version_digest": In(d, "version", "digest"), "statement": statement})
}
