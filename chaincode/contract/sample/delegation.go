package sample

import (
	"strings"
	"time"
)

// Delegated has a member name a deputy for a month, and gives the delegation's id.
func (w *World) Delegated(member, deputy string) string {
	w.Helper()
	_, role, _ := strings.Cut(member, ":")
	return In(w.Do(member, "committee.delegate", object{"role": role, "deputy": deputy, "until": w.Now.AddDate(0, 1, 0).Format(time.RFC3339)}), "id").(string)
}
