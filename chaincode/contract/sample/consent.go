package sample

import (
	"time"
)

func permitted() object {
	return object{
		"root": DigestOf("members"), "people": "100-999", "withdrawn": "none", "use": []object{{"permission": "GRU"}},
		"law": object{"code": "KR-BIOETHICS-CONSENT"}, "wording": object{"url": "https://hanbit.example/consent", "sha256": DigestOf("wording")},
	}
}

// Consent is the argument that makes a cohort.
func Consent(changes object) object {
	return With(With(permitted(), object{"slug": "oncology", "title": "Oncology, Hanbit Hospital"}), changes)
}

// Epoch is the argument of a cohort's next epoch.
func Epoch(changes object) object {
	return With(With(permitted(), object{"cohort": "hanbit/oncology"}), changes)
}

// Exclusion is the argument that attests an exclusion.
func Exclusion(changes object) object {
	return With(object{"cohort": "hanbit/oncology", "epoch": 1, "dataset": "hanbit/breast-cancer", "version": 1, "exclusion_list": DigestOf("list")}, changes)
}

// NextEpoch makes the next epoch after the time for it has come.
func (w *World) NextEpoch(number int, changes object) object {
	w.Helper()
	w.Later(time.Hour)
	return w.Do(Privacy, "consent.epoch", Epoch(With(object{"epoch": number}, changes)))
}
