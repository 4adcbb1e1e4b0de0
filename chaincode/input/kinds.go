package input

import (
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// Kind checks a kind of data, and says which word is meant where another is written.
func (c *Checker) Kind(field, value string) {
	if !slices.Contains(records.Kinds, value) {
		if meant := records.KindFor(value); meant != "" {
			c.Require(value == "", field, "%q is no kind of data: write %s", shorten(value), meant)
		}
	}
	c.OneOf(field, value, records.Kinds)
}

// ListedFile is a file, or a set of files, that a manifest lists: every name that it goes by, and every form that it is said to have.
type ListedFile struct{ Names, Media []string }

// Form finds the form of the file: by a name before a media type, and what is an image before what is none.
func (f ListedFile) Form() *records.FileForm {
	var found *records.FileForm
	for _, name := range append(slices.Clone(f.Names), "") {
		for _, media := range append(slices.Clone(f.Media), "") {
			if form := records.FormOf(name, media); form != nil && (found == nil || len(form.Fits) > len(found.Fits)) {
				found = form
			}
		}
	}
	return found
}

// Files lists what stands in a manifest's distribution, at any depth; nothing when the manifest is not on the ledger.
//
// Refuses with INVALID.
func (m Manifest) Files() ([]ListedFile, error) {
	if m.Text == nil {
		return nil, nil
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(*m.Text), &document); err != nil {
		return nil, refusal.New(refusal.Invalid, "it is not a JSON object: %v", err)
	}
	var found []ListedFile
	for name, value := range document {
		if localName(name) == "distribution" {
			found = listed(found, value)
		}
	}
	slices.SortFunc(found, func(a, b ListedFile) int { return slices.Compare(a.Names, b.Names) })
	return found, nil
}

func listed(found []ListedFile, value any) []ListedFile {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			found = listed(found, one)
		}
	case map[string]any:
		var file ListedFile
		for member, one := range v {
			switch localName(member) {
			case "name", "@id", "identifier", "contentUrl", "url", "includes":
				file.Names = append(file.Names, texts(one, fileName)...)
			case "encodingFormat", "fileFormat":
				file.Media = append(file.Media, texts(one, strings.TrimSpace)...)
			default:
				found = listed(found, one)
			}
		}
		slices.Sort(file.Names)
		if len(file.Names)+len(file.Media) > 0 {
			found = append(found, file)
		}
	}
	return found
}

// texts are the texts in a value, which JSON-LD may wrap in lists and objects.
func texts(value any, as func(string) string) []string {
	var found []string
	switch v := value.(type) {
	case string:
		found = append(found, as(v))
	case []any:
		for _, one := range v {
			found = append(found, texts(one, as)...)
		}
	case map[string]any:
		for _, one := range v {
			found = append(found, texts(one, as)...)
		}
	}
	return found
}

// fileName is the name at the end of an address, without what may follow it.
func fileName(address string) string {
	name, _, _ := strings.Cut(address, "?")
	name, _, _ = strings.Cut(name, "#")
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	return name
}

// localName is a member's name without its vocabulary: contentUrl of sc:contentUrl and of https://schema.org/contentUrl.
func localName(name string) string {
	if at := strings.LastIndexAny(name, ":/#"); at >= 0 && name[0] != '@' {
		return name[at+1:]
	}
	return name
}
