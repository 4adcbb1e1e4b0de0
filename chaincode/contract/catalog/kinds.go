package catalog

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// requireKinds compares what the files of a manifest are with the kinds of data that are stated: faces leave under no other word.
//
// Refuses with INVALID.
func requireKinds(manifest input.Manifest, kinds []string) error {
	files, err := manifest.Files()
	if err != nil {
		return refusal.From(err).At("manifest.text")
	}
	for _, file := range files {
		form := file.Form()
		if form == nil || len(form.Fits) == 0 || slices.ContainsFunc(kinds, func(kind string) bool { return slices.Contains(form.Fits, kind) }) {
			continue
		}
		name := "a file"
		if len(file.Names) > 0 {
			name = fmt.Sprintf("%.100q", file.Names[0])
		}
		return refusal.New(refusal.Invalid, "the manifest lists %s, a file of the form %s, and the kinds of data are %s", name, form.Name, rules.List(kinds)).
			At("kinds").Hinting("state what it is, one of %s", rules.List(form.Fits))
	}
	return nil
}
