package records

import (
	"slices"
	"strings"
)

// The kinds of data that are no images. Those of images are named as DICOM names what made them (Modalities).
const (
	Tabular  = "tabular"
	Text     = "text"
	Sequence = "sequence"
	Signal   = "signal"
	Sound    = "sound"
	Video    = "video"
)

// Kinds lists the kinds of data that a dataset can be of: nothing else is taken, because a rule hangs on the word.
var Kinds = append([]string{Tabular, Text, Sequence, Signal, Sound, Video}, Modalities...)

// ImageKinds are the kinds of data that are images: a version with one of them needs a statement about its images.
var ImageKinds = append([]string{Video}, Modalities...)

// FaceKinds are those that a face can be seen in, or be restored from, when they show a head, a neck or a whole body.
var FaceKinds = []string{Video, "CT", "MR", "OT", "PT", "XC"}

// FaceParts are the parts of the body that a face belongs to.
var FaceParts = []string{"head", "neck", "whole-body"}

// Pictures says that a word means images and not which.
const Pictures = "the modality, as DICOM names it, such as MR or CT"

// synonyms are words that people write for a kind, with the word to use.
var synonyms = map[string][]string{
	"MR":     {"mri", "mr", "fmri", "t1", "t2", "t1w", "t2w", "flair", "dwi", "dti", "bold", "magnetic"},
	"CT":     {"ct", "cbct", "cta", "tomography"},
	"PT":     {"pet", "pt"},
	"NM":     {"spect", "scintigraphy", "nm"},
	"DX":     {"xray", "radiograph", "radiographs", "radiography", "dr", "dx", "cxr"},
	"CR":     {"cr"},
	"MG":     {"mammography", "mammogram", "mammograms", "mammo", "mg"},
	"US":     {"ultrasound", "sonography", "echocardiography", "us"},
	"ES":     {"endoscopy", "colonoscopy", "gastroscopy", "es"},
	"SM":     {"pathology", "histology", "histopathology", "wsi", "slide", "slides", "microscopy", "sm"},
	"OP":     {"fundus", "fundoscopy", "op"},
	"OPT":    {"oct", "opt"},
	"XA":     {"angiography", "angiogram", "xa"},
	"XC":     {"photo", "photos", "photograph", "photographs", "photography", "xc"},
	"OT":     {"ot"},
	Pictures: {"dicom", "nifti", "image", "images", "imaging", "radiology", "scan", "scans", "neuroimaging", "neuro", "brain", "head", "face", "volume", "volumes"},
	Tabular:  {"table", "tables", "csv", "tsv", "spreadsheet", "parquet", "ehr", "emr", "fhir", "omop", "records", "registry"},
	Text:     {"texts", "note", "notes", "report", "reports", "document", "documents", "pdf", "letters"},
	Sequence: {"sequences", "genome", "genomes", "genomic", "genomics", "exome", "dna", "rna", "fastq", "vcf", "bam", "sequencing"},
	Signal:   {"signals", "ecg", "ekg", "eeg", "emg", "waveform", "waveforms"},
	Sound:    {"audio", "voice", "speech", "sounds"},
	Video:    {"videos", "movie", "movies", "film"},
}

// KindFor finds the kind that somebody means with another word; empty when nothing is known. An image goes before what it is kept in or written down as.
func KindFor(word string) string {
	said := strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	said = append(said, strings.Join(said, ""))
	for _, kind := range append(slices.Clone(Modalities), Video, Pictures, Tabular, Text, Sequence, Signal, Sound) {
		if slices.ContainsFunc(said, func(part string) bool { return part == strings.ToLower(kind) || slices.Contains(synonyms[kind], part) }) {
			return kind
		}
	}
	return ""
}

// FileForm is a form of files: what names one, and what a dataset with such a file has to be.
type FileForm struct {
	Name    string   `json:"name"`
	Endings []string `json:"endings"`
	Media   []string `json:"media_types"`
	// Says is the kind of data that such a file is taken for when nothing is said; empty when the file does not know.
	Says string `json:"says,omitzero"`
	// Fits are the kinds of which one has to be stated; any when there is none.
	Fits []string `json:"fits,omitzero"`
}

// FileForms lists the forms of files that say what kind of data they are. An ending is compared without what a file is compressed with; a media type that ends in
// a slash stands for all that begin so.
var FileForms = []FileForm{
	{Name: "DICOM", Endings: []string{".dcm", ".dicom", ".dic", ".ima"}, Media: []string{"application/dicom"}, Fits: ImageKinds},
	{Name: "volume", Endings: []string{".nii", ".mgh", ".mgz", ".mnc", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img"}, Media: []string{"application/x-nifti", "application/nifti", "application/vnd.nifti"}, Fits: ImageKinds},
	{Name: "picture", Endings: []string{".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jp2", ".svs", ".ndpi", ".mrxs", ".scn"}, Media: []string{"image/"}, Fits: ImageKinds},
	{Name: "video", Endings: []string{".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv"}, Media: []string{"video/"}, Says: Video, Fits: ImageKinds},
	{Name: "sound", Endings: []string{".wav", ".mp3", ".flac", ".ogg", ".m4a"}, Media: []string{"audio/"}, Says: Sound, Fits: []string{Sound}},
	{Name: "sequence", Endings: []string{".fastq", ".fq", ".fasta", ".fa", ".bam", ".sam", ".cram", ".vcf", ".bcf"}, Media: nil, Says: Sequence, Fits: []string{Sequence}},
	{Name: "signal", Endings: []string{".edf", ".bdf", ".gdf"}, Media: nil, Says: Signal, Fits: []string{Signal}},
	{Name: "table", Endings: []string{".csv", ".tsv", ".parquet", ".xlsx", ".xls"}, Media: []string{"text/csv", "text/tab-separated-values", "application/vnd.apache.parquet", "application/fhir+json"}, Says: Tabular},
	{Name: "text", Endings: []string{".txt", ".md", ".pdf"}, Media: []string{"text/", "application/pdf"}, Says: Text},
}

var packed = []string{".gz", ".bz2", ".xz", ".zst", ".z"}

// FormOf finds the form of a file by its name, or by its media type; nil when neither says one.
func FormOf(name, media string) *FileForm {
	name = strings.ToLower(strings.TrimSpace(name))
	for changed := true; changed; {
		changed = false
		for _, ending := range packed {
			if rest, cut := strings.CutSuffix(name, ending); cut {
				name, changed = rest, true
			}
		}
	}
	media, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(media)), ";")
	for i, form := range FileForms {
		ends := func(ending string) bool { return strings.HasSuffix(name, ending) }
		is := func(known string) bool {
			return media != "" && (media == known || strings.HasSuffix(known, "/") && strings.HasPrefix(media, known))
		}
		if slices.ContainsFunc(form.Endings, ends) || slices.ContainsFunc(form.Media, is) {
			return &FileForms[i]
		}
	}
	return nil
}
