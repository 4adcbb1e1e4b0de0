package records

// RemarkType is the type of a remark record.
const RemarkType = "remark"

// Remark is something said about a request besides the votes; its id is the transaction that made it. It decides nothing.
type Remark struct {
	Request string `json:"request"`
	Dataset string `json:"dataset"`
	Author  Person `json:"author"`
	Kind    string `json:"kind"`
	// Text is public; Commitment stands for a text that is kept elsewhere. A remark has one of them.
	Text       string `json:"text,omitzero"`
	Commitment string `json:"commitment,omitzero"`
	// Invitation is what an opinion answers.
	Invitation string `json:"invitation,omitzero"`
}

// The kinds of remark: anything, what an invited reviewer thinks of the request, and what those who made it have to say to a question.
const (
	PlainRemark = "remark"
	Opinion     = "opinion"
	Answer      = "answer"
)

// RemarkKinds lists the kinds of remark.
var RemarkKinds = []string{PlainRemark, Opinion, Answer}

// RecordType implements Body.
func (Remark) RecordType() string { return RemarkType }

// Place implements Body.
func (r Remark) Place(id string) (prefix, owner string) {
	return saidOn(RemarkType, r.Request, r.Dataset, id, r.Author)
}

// saidOn is the place of a record that somebody of an institution makes about a request.
func saidOn(kind, request, dataset, id string, author Person) (prefix, owner string) {
	if _, _, ok := SplitDataset(dataset); !ok || !IsTx(request) || !IsTx(id) || !IsInstitution(author.Institution) {
		return "", ""
	}
	return kind + "/" + request, author.Institution
}

// remarkPosts lets a remark be found among those on its request, and by the commitment of a text that it names.
func remarkPosts(remark *Record[Remark]) []Post {
	posts := InSeries(remark)
	if commitment := remark.Body.Commitment; commitment != "" {
		posts = append(posts, Post{Name: CommitmentPost(remark.Body.Request, commitment)})
	}
	return posts
}

// CommitmentPost is the name under which an author's institution posts the remark that names a commitment.
func CommitmentPost(request, commitment string) string {
	return RemarkType + "/" + request + "/" + commitment
}
