package texts

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/review"
)

const (
	textDomain = "medconsent/text/1"
	saltBytes  = 32
	// maxTextBytes is the largest private text: 64 KiB.
	maxTextBytes = 64 << 10
)

// commitmentOf is what stands for a private text on the ledger: SHA-256("medconsent/text/1" ‖ 0x00 ‖ salt ‖ text). Without the salt nobody can try texts against it.
func commitmentOf(salt, text []byte) string {
	h := sha256.New()
	h.Write([]byte(textDomain))
	h.Write([]byte{0})
	h.Write(salt)
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil))
}

type textArgument struct {
	Request    string `json:"request"`
	Commitment string `json:"commitment"`
}

func (a textArgument) Check(c *input.Checker) {
	c.TxPrefix("request", a.Request)
	c.Digest("commitment", a.Commitment)
}

// keptText is what the collections hold. It is never logged, and in no event, no public key and no answer but that of text.get.
type keptText struct {
	Text string `json:"text"`
	Salt string `json:"salt"`
}

// matches tells whether it is the text that a commitment stands for.
func (t keptText) matches(commitment string) bool {
	salt, err := hex.DecodeString(t.Salt)
	return err == nil && len(salt) == saltBytes && commitmentOf(salt, []byte(t.Text)) == commitment
}

// textAnswer says where a text is kept, or no longer is.
type textAnswer struct {
	Request      string   `json:"request"`
	Commitment   string   `json:"commitment"`
	Institutions []string `json:"institutions"`
}

// committed is a text that a sealed request, or a sealed remark on it, names.
type committed struct {
	request *ledger.Sealed[records.Request]
	// named tells whether the request itself names the text; authors made remarks that name it, one of an institution at most. Who repeats somebody's commitment takes nothing
	// from them: each of the authors is one.
	named            bool
	authors          []records.Person
	owner, requester string
}

// committedText finds who a commitment belongs to. Nothing but the request and the remark is read, each at a key that is known, so nothing gets in the way of a text.
//
// Refuses with NOT_FOUND.
func committedText(tx *ledger.Tx, a textArgument) (committed, error) {
	found, err := readCommitted(tx, a)
	if err == nil && !found.named && len(found.authors) == 0 {
		err = found.unknown()
	}
	return found, err
}

func (t committed) unknown() error {
	return refusal.New(refusal.NotFound, "neither request %.12s nor a remark on it names this commitment", t.request.Record.ID).At("commitment")
}

func readCommitted(tx *ledger.Tx, a textArgument) (committed, error) {
	request, err := evidence.ReadRequest(tx, a.Request)
	if err != nil {
		return committed{}, err
	}
	body := request.Record.Body
	owner, _, _ := records.SplitDataset(body.Dataset)
	found := committed{request: request, owner: owner, requester: body.Requester.Institution}
	found.named = slices.ContainsFunc(body.Texts, func(text records.RequestText) bool { return text.Commitment == a.Commitment })
	if !found.named {
		found.authors, err = evidence.ReadAuthors(tx, request.Record.ID, a.Commitment, found.institutions())
	}
	return found, err
}

func (t committed) key(commitment string) string {
	return "text/" + t.request.Record.ID + "/" + commitment
}

// institutions are those whose peers keep the text: the dataset's owner and the requester's, each once.
func (t committed) institutions() []string {
	both := []string{t.owner, t.requester}
	slices.Sort(both)
	return slices.Compact(both)
}

// asked tells whether somebody is the requester or a researcher of the request.
func (t committed) asked(caller ledger.Caller) bool {
	body := t.request.Record.Body
	return caller.Institution == t.requester && (caller.ID == body.Requester.ID || slices.Contains(body.Researchers, caller.ID))
}

// wrote tells whether somebody is of the side of one who names the text: of those who asked, or the author of a remark or an officer of the owner. Somebody who names it too
// takes it from nobody: who keeps a text has to have it.
func (t committed) wrote(caller ledger.Caller) bool {
	return t.named && t.asked(caller) || slices.ContainsFunc(t.authors, func(author records.Person) bool {
		if author.Institution == t.requester {
			return t.asked(caller) || author == caller.Person()
		}
		return caller.Institution == t.owner && (author == caller.Person() || caller.Has("steward", "privacy"))
	})
}

// isAuthor tells whether somebody alone names the text: who names what another has named has not written it for that.
func (t committed) isAuthor(caller ledger.Caller) bool {
	return !t.named && len(t.authors) == 1 && t.authors[0] == caller.Person()
}

// keepText puts a private text where its two institutions' peers have it, and nobody else. It comes with the transaction but not in it.
func keepText(tx *ledger.Tx, a textArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	found, err := committedText(tx, a)
	if err != nil {
		return nil, err
	}
	if found.named && !found.asked(caller) { // a remark may have named it before the request came to
		if found.authors, err = evidence.ReadAuthors(tx, found.request.Record.ID, a.Commitment, found.institutions()); err != nil {
			return nil, err
		}
	}
	if !found.wrote(caller) {
		return nil, refusal.New(refusal.Forbidden, "the text is kept by those who wrote it: the requester and the researchers, or the owner's people for a remark of theirs")
	}
	kept, err := sentText(tx, a.Commitment)
	if err != nil {
		return nil, err
	}
	if err := tx.Keep(found.key(a.Commitment), kept, found.institutions()...); err != nil {
		return nil, err
	}
	return textAnswer{found.request.Record.ID, a.Commitment, found.institutions()}, nil
}

// sentText is what the client sent beside the transaction, in the form in which it is kept. Refusals say nothing of what is in it.
//
// Refuses with INVALID, TOO_LARGE.
func sentText(tx *ledger.Tx, commitment string) ([]byte, error) {
	text, err := tx.Transient("text")
	if err != nil {
		return nil, err
	}
	salt, err := tx.Transient("salt")
	if err != nil {
		return nil, err
	}
	switch {
	case len(text) == 0:
		return nil, refusal.New(refusal.Invalid, "the text is missing: it is sent as transient data").At("transient.text")
	case len(text) > maxTextBytes:
		return nil, refusal.New(refusal.TooLarge, "the text has %d bytes; at most %d are kept", len(text), maxTextBytes).At("transient.text")
	case !utf8.Valid(text):
		return nil, refusal.New(refusal.Invalid, "the text is not UTF-8").At("transient.text")
	case len(salt) != saltBytes:
		return nil, refusal.New(refusal.Invalid, "the salt has %d %s; %d are needed, drawn at random", len(salt), rules.Plural(len(salt), "byte", "bytes"), saltBytes).At("transient.salt")
	case commitmentOf(salt, text) != commitment:
		return nil, refusal.New(refusal.Invalid, "the text and the salt are not those that the commitment stands for").At("commitment")
	}
	kept, err := json.Marshal(keptText{string(text), hex.EncodeToString(salt)})
	if err != nil {
		return nil, err
	}
	value := jsontext.Value(kept)
	return value, value.Canonicalize()
}

type shownText struct {
	Request    string `json:"request"`
	Commitment string `json:"commitment"`
	Text       string `json:"text"`
	Salt       string `json:"salt"`
}

// showText reads a private text from the caller's own institution's peer. It is to be evaluated and never submitted: the answer of what is submitted is in the block.
func showText(tx *ledger.Tx, a textArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	found, err := committedText(tx, a)
	if err != nil {
		return nil, err
	}
	if err := found.mayRead(tx, caller); err != nil {
		return nil, err
	}
	raw, err := tx.Kept(caller.Institution, found.key(a.Commitment))
	if err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, refusal.New(refusal.NotFound, "%s keeps no such text: it was never kept, or it was purged", caller.Institution).
			Hinting("whoever wrote it can keep it (text.keep) as long as they have text and salt")
	}
	var kept keptText
	if json.Unmarshal(raw, &kept) != nil || !kept.matches(a.Commitment) {
		return nil, refusal.New(refusal.Forged, "what %s keeps is not the text that the commitment stands for", caller.Institution)
	}
	return shownText{found.request.Record.ID, a.Commitment, kept.Text, kept.Salt}, nil
}

// mayRead refuses with FORBIDDEN unless the caller asked for the data, decides on the request at one of the two institutions, or is an officer of the owner.
func (t committed) mayRead(tx *ledger.Tx, caller ledger.Caller) error {
	if t.asked(caller) || t.isAuthor(caller) || caller.Institution == t.owner && caller.Has("steward", "privacy") {
		return nil
	}
	if slices.Contains(t.institutions(), caller.Institution) {
		if decides, err := t.decides(tx, caller); err != nil || decides {
			return err
		}
	}
	return refusal.New(refusal.Forbidden, "the text is for the requester and the researchers, for the committees of %s that decide on the request, and for the owner's stewards and privacy officers",
		strings.Join(t.institutions(), " and "))
}

// decides tells whether the caller has a seat on a committee of the policy's stages.
func (t committed) decides(tx *ledger.Tx, caller ledger.Caller) (bool, error) {
	body := t.request.Record.Body
	policy, err := evidence.ReadPolicy(tx, body.Dataset, body.PolicyVersion)
	if err != nil {
		return false, err
	}
	for _, stage := range policy.Record.Body.Policy.Stages {
		if stage.Institution != caller.Institution || !caller.Has(stage.Role) {
			continue
		}
		committee, err := evidence.Maybe(evidence.FindCommittee(tx, stage.Institution, stage.Role))
		if err != nil {
			return false, err
		}
		if committee != nil && review.NewRoster(committee.Record).Seated(caller.ID, caller.Key, tx.Now()) {
			return true, nil
		}
	}
	return false, nil
}

// purgeText removes a private text from the peers of the caller's institution, from what they had before too: each institution purges its own copy alone, and nobody can
// keep it from that. Its commitment stays where it is, and says nothing any more when the other institution has purged its copy too.
func purgeText(tx *ledger.Tx, a textArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	found, err := readCommitted(tx, a)
	if err != nil {
		return nil, err
	}
	if !found.asked(caller) && !(caller.Institution == found.owner && caller.Has("privacy")) {
		return nil, refusal.New(refusal.Forbidden, "the text is removed by the requester, a researcher of the request, or a privacy officer of %s", found.owner)
	}
	if !found.named && len(found.authors) == 0 {
		if kept, err := tx.Keeps(caller.Institution, found.key(a.Commitment)); err != nil || !kept {
			return nil, cmp.Or(err, found.unknown())
		}
	}
	if err := tx.Purge(found.key(a.Commitment), caller.Institution); err != nil {
		return nil, err
	}
	return textAnswer{found.request.Record.ID, a.Commitment, []string{caller.Institution}}, nil
}
