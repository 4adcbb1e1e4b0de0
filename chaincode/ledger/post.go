package ledger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// A post is a text that an institution has put up once in its own collection, under a name that everybody knows: which record has that name, or the record itself. It is
// what the locked policy of its key carries. Nobody else can put one up, whatever the majority's chaincode does, and nobody can take it down; so what is looked up by name
// is found with one read of one key, however much others write.

// mostPosts is how many posts of a series are read: it bounds what one institution adds to what others have to read.
const mostPosts = 1_000

// noSuchCollection is what a peer says (privdata.NoSuchCollectionError of Fabric) when it is asked for a policy in the collection of an institution that is not in
// the channel.
const noSuchCollection = "could not be found"

// PostKey is where the post under a name stands in an institution's collection.
func PostKey(name string) string { return name + "#at" }

// SeriesKey is where the post with a number, from 1, of a series stands there.
func SeriesKey(name string, number int) string { return PostKey(name) + strconv.Itoa(number) }

// mostRemembered bounds the memory of Posts: when it is full it is emptied.
const mostRemembered = 20_000

// Posts remembers for queries what was read of posts, and of locked seals: nobody can ever change one. What writes reads them anew, because each endorser has to have read
// the same. It also keeps what comes of stored forms (parsed).
type Posts struct {
	mutex  sync.Mutex
	texts  map[string][]byte
	parsed map[string]*parsed // by type and hash
}

func (p *Posts) recall(key string) []byte {
	if p == nil {
		return nil
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.texts[key]
}

func (p *Posts) remember(key string, text []byte) {
	if p == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.texts == nil || len(p.texts) >= mostRemembered {
		p.texts = map[string][]byte{}
	}
	p.texts[key] = text
}

// posted is what stands in the post at a key of an institution's collection; nothing when there is none.
func (tx *Tx) posted(institution, key string) ([]byte, error) {
	at := "post " + institution + " " + key
	if known, ok := tx.found[at].([]byte); ok {
		return known, nil
	}
	always := tx.stub.GetChannelID() + " " + at
	if !tx.Acts {
		if text := tx.Posts.recall(always); text != nil {
			return text, nil
		}
	}
	policy, err := tx.stub.GetPrivateDataValidationParameter(SealCollection(institution), key)
	switch {
	case err != nil && (strings.Contains(err.Error(), noCollection) || strings.Contains(err.Error(), noSuchCollection)):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("the post %s of %s cannot be read: %w", key, institution, err)
	}
	text := TextOf(policy)
	if text != nil {
		tx.found[at] = text
		tx.Posts.remember(always, text)
	}
	return text, nil
}

// HasPosted tells whether an institution has posted so many in a series.
func (tx *Tx) HasPosted(institution, name string, many int) (bool, error) {
	text, err := tx.posted(institution, SeriesKey(name, many))
	return text != nil, err
}

// series is what stands in the posts of a series, in order.
func (tx *Tx) series(institution, name string) ([][]byte, error) {
	var texts [][]byte
	for len(texts) < mostPosts {
		text, err := tx.posted(institution, SeriesKey(name, len(texts)+1))
		if text == nil || err != nil {
			return texts, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// put queues a post. One that stands already cannot be put up again.
func (tx *Tx) put(institution string, post records.Post, text []byte) error {
	key := PostKey(post.Name)
	if post.Series {
		standing, err := tx.series(institution, post.Name)
		if err != nil {
			return err
		}
		number := len(standing) + 1
		for slices.ContainsFunc(tx.posts, func(w postWrite) bool { return w.institution == institution && w.key == SeriesKey(post.Name, number) }) {
			number++
		}
		most := mostPosts
		if post.Most != 0 {
			most = min(most, post.Most)
		}
		if number > most {
			return refusal.New(refusal.LimitExceeded, "%s has said %d things at %s, which is the most that others read", institution, most, post.Name)
		}
		key = SeriesKey(post.Name, number)
	} else if standing, err := tx.taken(institution, post, &key); err != nil {
		return err
	} else if standing {
		return refusal.New(refusal.Conflict, "%s has used the name %s already", institution, post.Name).
			Hinting("send the transaction again; when it is refused again, choose another name: what stood there was taken away")
	}
	tx.posts = append(tx.posts, postWrite{institution, key, text})
	return nil
}

// PostAlso queues one more post that leads to a record of an institution, besides those that the record got when it was made.
func (tx *Tx) PostAlso(institution string, post records.Post, key string) error {
	return tx.put(institution, post, []byte(key))
}

// mostAnew is how often a record can be made anew.
const mostAnew = 20

// taken tells whether a name is used. Where it can be posted anew it gives the first key that is not.
func (tx *Tx) taken(institution string, post records.Post, key *string) (bool, error) {
	for number := 2; ; number++ {
		standing, err := tx.posted(institution, *key)
		if standing == nil || err != nil {
			return false, err
		}
		if !post.Anew || number > mostAnew {
			return true, nil
		}
		*key = SeriesKey(post.Name, number)
	}
}

// postWrite is a queued post.
type postWrite struct {
	institution, key string
	text             []byte
}

// putUp hands a queued post to the peer.
func (tx *Tx) putUp(w postWrite) error {
	collection := SealCollection(w.institution)
	if err := tx.stub.PutPrivateData(collection, w.key, []byte{'1'}); err != nil {
		return err
	}
	return tx.stub.SetPrivateDataValidationParameter(collection, w.key, LockedWith(w.text))
}

// Posted finds the record to which a post of an institution leads, when it fits; what is it called when it is missing.
func Posted[B records.Body](tx *Tx, institution, name, what string, fits func(*records.Record[B]) bool) (Finding[B], error) {
	finding := Finding[B]{what: what}
	var like B
	anew := records.KindOf(like.RecordType()).CanBeAnew()
	key := PostKey(name)
	for number := 2; ; number++ {
		text, err := tx.posted(institution, key)
		if text == nil || err != nil {
			return finding, err
		}
		record, forgery, err := leadsFrom[B](tx, institution, text)
		if err != nil {
			return finding, err
		}
		if forgery == nil && !fits(&record.Record) {
			forgery = forged(record.Key, "the post %s of %s leads there, and it is %s", name, institution, record.Record.ID)
		}
		if forgery == nil {
			finding.Record = RelyOn(tx, record)
			return finding, nil
		}
		finding.Forgeries = append(finding.Forgeries, *forgery)
		if !anew || number > mostAnew {
			finding.lost = true
			return finding, nil
		}
		key = SeriesKey(name, number)
	}
}

// LeadsTo is the key to which the post of an institution leads, whatever stands there; empty when there is no such post.
func (tx *Tx) LeadsTo(institution, name string) (key string, err error) {
	text, err := tx.posted(institution, PostKey(name))
	return string(text), err
}

// leadsFrom gives the record that a post of an institution leads to, or has in itself: that record, or why it counts for nothing.
func leadsFrom[B records.Body](tx *Tx, institution string, text []byte) (*Sealed[B], *Forgery, error) {
	var like B
	if kind := records.KindOf(like.RecordType()); kind != nil && kind.IsWhole() {
		sealed, forgery := whole[B](tx, institution, text)
		return sealed, forgery, nil
	}
	key := string(text)
	value, err := tx.state(key)
	if err != nil {
		return nil, nil, err
	}
	if value == nil {
		return nil, forged(key, "%s has taken away what it had made there", institution), nil
	}
	sealed, forgery, err := verify[B](tx, key, value)
	if sealed != nil && sealed.Record.Owner != institution {
		return nil, forged(key, "%s leads there, and it is %s's", institution, sealed.Record.Owner), nil
	}
	return sealed, forgery, err
}

// whole reads a record that stands in its post. The post is its seal.
func whole[B records.Body](tx *Tx, institution string, text []byte) (*Sealed[B], *Forgery) {
	var like B
	p := tx.parse(like.RecordType(), text, decode[B])
	if p.record == nil {
		return nil, noRecord("a post of " + institution)
	}
	revision, _ := p.record.Stands()
	switch {
	case p.key == "" || p.record.OwnedBy() != institution || revision != 1:
		return nil, forged("a post of "+institution, "its type, id, owner, dates or transaction do not fit together")
	case p.record.ChangedAt() > tx.Time.Add(mostAhead):
		return nil, forged(p.key, "it is dated %s, which has not come", p.record.ChangedAt())
	}
	if forgery := improper(p.record, p.refused(tx.Refuses)); forgery != nil {
		return nil, forgery
	}
	return sealedAs[B](p, text), nil
}

// Series reads and relies on what institutions have posted in their series of a name. A query also names what others have put beside that, as far as it looks.
func Series[B records.Body](tx *Tx, name string, institutions []string) (sealed []*Sealed[B], forgeries []Forgery, err error) {
	finding := Finding[B]{}
	var rows []*queryresult.KV
	if !tx.quiet {
		if rows, err = tx.beside(name); err != nil {
			return nil, nil, err
		}
	}
	known := map[string]bool{}
	for _, institution := range institutions {
		texts, err := tx.series(institution, name)
		if err != nil {
			return nil, nil, err
		}
		for _, text := range texts {
			record, forgery, err := leadsFrom[B](tx, institution, text)
			switch {
			case err != nil:
				return nil, nil, err
			case forgery != nil:
				finding.Forgeries = append(finding.Forgeries, *forgery)
			case !strings.HasPrefix(record.Key, name+"/") || known[record.Key]:
				finding.Forgeries = append(finding.Forgeries, *forged(record.Key, "%s has posted it twice, or among others than its like", institution))
			default:
				known[record.Key] = true
				sealed = append(sealed, RelyOn(tx, record))
			}
		}
	}
	for _, row := range rows {
		if known[row.Key] {
			continue
		}
		if err := addBeside(tx, row, &finding); err != nil {
			return nil, nil, err
		}
	}
	return sealed, finding.Forgeries, nil
}
