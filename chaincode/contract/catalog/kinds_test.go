package catalog_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

// Another word for a kind is refused with the one to use: heads leave under no other name.
func TestOtherWordsForKinds(t *testing.T) {
	w := sample.New(t)
	for word, meant := range map[string]string{
		"brain-mri": "write MR", "mri": "write MR", "mr": "write MR", "MRI": "write MR", "t1w": "write MR", "ct-scan": "write CT", "head-ct": "write CT", "pet-ct": "write CT", "pet": "write PT",
		"chest-xray": "write DX", "x-ray": "write DX", "dicom": "write the modality", "nifti": "write the modality", "images": "write the modality", "neuro-imaging": "write the modality",
		"scans": "write the modality", "table": "write tabular", "csv": "write tabular", "mri-reports": "write MR", "notes": "write text", "genomes": "write sequence", "ecg": "write signal",
		"audio": "write sound", "videos": "write video", "gizmo": "not one of tabular", "": "missing",
	} {
		refused := w.Refused(refusal.Invalid, sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"kinds": []string{word}}))
		if refused.Field != "kinds[0]" || !strings.Contains(refused.Message, meant) {
			t.Errorf("%s: %v", word, refused)
		}
	}
	if refused := w.Refused(refusal.Invalid, sample.Steward, "dataset.list", object{"kind": "mri"}); !strings.Contains(refused.Message, "write MR") {
		t.Error(refused)
	}
}

// Where a face can be in the images, what they show is said.
func TestBodyParts(t *testing.T) {
	w := sample.New(t)
	publish := func(kinds, parts []string) object {
		changes := object{"kinds": kinds, "policy": nil}
		if parts != nil {
			changes["body_parts"] = parts
		}
		return sample.With(sample.Publication(), changes)
	}
	for _, kind := range []string{"MR", "CT", "PT", "XC", "OT", "video"} {
		refused := w.Refused(refusal.Invalid, sample.Steward, "dataset.publish", publish([]string{"tabular", kind}, nil))
		w.Expect(refused.Field, "body_parts")
		w.Do(sample.Steward, "dataset.publish", publish([]string{kind}, []string{"chest"}))
	}
	w.Refused(refusal.Invalid, sample.Steward, "dataset.publish", publish([]string{"MR"}, []string{"face"}))
	w.Do(sample.Steward, "dataset.publish", publish([]string{"US", "tabular"}, nil))
}

// What the manifest lists has to fit what is stated, however it is spelled.
func TestFilesThatFitNoKind(t *testing.T) {
	w := sample.New(t)
	publish := func(kind, distribution string) object {
		changes := object{"kinds": []string{kind}, "manifest": object{"text": `{"@type": "sc:Dataset", ` + distribution + `}`}, "policy": nil}
		if kind == "MR" {
			changes["body_parts"] = []string{"head"}
		}
		return sample.With(sample.Publication(), changes)
	}
	for says, c := range map[string]struct{ distribution, fits string }{
		"a volume":             {`"distribution": [{"contentUrl": "t.csv"}, {"@type": "cr:FileObject", "contentUrl": "sub/Head.NII.gz"}]`, "MR"},
		"DICOM":                {`"distribution": [{"@id": "x.dcm"}]`, "MR"},
		"a media type":         {`"distribution": [{"name": "IM0001", "encodingFormat": ["application/dicom; x=y"]}]`, "MR"},
		"one file":             {`"distribution": {"name": ["head.nii"]}`, "MR"},
		"percent-encoded":      {`"distribution": [{"contentUrl": "head%2Enii?raw=1#x"}]`, "MR"},
		"a whole name":         {`"https://schema.org/distribution": [{"https://schema.org/contentUrl": [{"@value": "head.mgz"}]}]`, "MR"},
		"a set of files":       {`"distribution": [{"@type": "cr:FileSet", "name": "s", "includes": "**/*.dcm"}]`, "MR"},
		"nested":               {`"distribution": [{"@id": "a", "hasPart": [{"contentUrl": "head.jpg"}]}]`, "MR"},
		"called a table too":   {`"distribution": [{"name": "t.csv", "contentUrl": "head.nii", "encodingFormat": "text/csv"}]`, "MR"},
		"a picture":            {`"distribution": [{"name": "p", "encodingFormat": "image/webp"}]`, "MR"},
		"a sequence":           {`"distribution": [{"name": "p.fastq.gz"}]`, "sequence"},
		"a recording of sound": {`"distribution": [{"name": "p.wav"}]`, "sound"},
	} {
		for _, kind := range []string{"tabular", "text", "signal"} {
			refused := w.Refused(refusal.Invalid, sample.Steward, "dataset.publish", publish(kind, c.distribution))
			if refused.Field != "kinds" || !strings.Contains(refused.Hint, c.fits) {
				t.Errorf("%s as %s: %v", says, kind, refused)
			}
		}
		w.Do(sample.Steward, "dataset.publish", publish(c.fits, c.distribution))
	}
	w.Do(sample.Steward, "dataset.publish", publish("tabular", `"distribution": [{"name": "t.csv"}, {"name": "read.me"}, {"name": "notes.txt"}]`))
}
