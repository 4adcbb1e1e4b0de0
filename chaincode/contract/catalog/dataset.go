package catalog

import (
	"slices"
	"strconv"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

type datasetArgument struct {
	Slug      string               `json:"slug"`
	Title     string               `json:"title"`
	Summary   string               `json:"summary"`
	Kinds     []string             `json:"kinds"`
	BodyParts []string             `json:"body_parts"`
	Keywords  []string             `json:"keywords"`
	Contact   string               `json:"contact"`
	Records   *int64               `json:"records"`
	Manifest  *input.Manifest      `json:"manifest"`
	Content   *transaction.Content `json:"content"`
	Policy    *records.Policy      `json:"policy"`
}

func (a datasetArgument) Check(c *input.Checker) {
	c.Slug("slug", a.Slug)
	c.Given(a.Manifest != nil, "manifest")
	c.Given(a.Content != nil, "content")
	if a.Content != nil {
		c.Given(a.Content.Files != nil, "content.files")
		c.Given(a.Content.Bytes != nil, "content.bytes")
	}
	if c.Err() != nil {
		return
	}
	c.Body(a.body())
	if a.Policy != nil {
		c.Policy("policy", *a.Policy)
	}
	a.Manifest.Check(c, "manifest")
}

// body is what is stated of the version, besides its manifest.
func (a datasetArgument) body() records.Version {
	return records.Version{
		Title: a.Title, Summary: a.Summary, Kinds: a.Kinds, BodyParts: a.BodyParts, Keywords: a.Keywords, Contact: a.Contact, Records: a.Records,
		Content: records.Content{Root: a.Content.Root, Files: *a.Content.Files, Bytes: *a.Content.Bytes},
	}
}

// publishDataset publishes the next version of one of the caller's institution's datasets; the first makes the dataset.
//
// Refuses with CONFLICT when it would say just what the latest version says: another one would have no ground and no statement, and nobody would know why it is there.
func publishDataset(tx *ledger.Tx, a datasetArgument) (any, error) {
	manifest, err := a.Manifest.Reference("manifest")
	if err != nil {
		return nil, err
	}
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("steward"); err != nil {
		return nil, err
	}
	p := publishing{tx: tx, caller: caller, name: caller.Institution + "/" + a.Slug}
	withPolicy, err := p.begin(a.Policy)
	if err != nil {
		return nil, err
	}
	if withPolicy {
		p.policy, err = writePolicy(tx, caller, records.PolicyVersion{Dataset: p.name, Version: p.next.LatestPolicy, Policy: *a.Policy}, p.next)
		if err == nil && p.head != nil { // the first policy of a dataset counts once somebody else says what the data rests on
			_, err = noteWidening(tx, p.policy.Record.Body, p.head.Record.Body)
		}
	} else {
		p.policy, err = evidence.ReadPolicy(tx, p.name, p.next.LatestPolicy)
	}
	if err != nil {
		return nil, err
	}
	if err := requireKinds(*a.Manifest, a.Kinds); err != nil {
		return nil, err
	}
	if manifest.UsageInfoSHA256, err = statedUse(*a.Manifest, p.name, p.policy.Record.Body.Policy); err != nil {
		return nil, err
	}
	if err := p.refuseSame(a, manifest); err != nil {
		return nil, err
	}
	if err := p.writeVersion(a, manifest); err != nil {
		return nil, err
	}
	return p.finish(withPolicy)
}

type publishing struct {
	tx      *ledger.Tx
	caller  ledger.Caller
	name    string
	head    *ledger.Sealed[records.Dataset] // nil when the dataset is new
	next    records.Dataset
	version *ledger.Sealed[records.Version]
	policy  *ledger.Sealed[records.PolicyVersion]
}

// begin finds the head and numbers what is to be written. It tells whether a policy is: one that says just what stands is not, so that no request lapses for it.
func (p *publishing) begin(policy *records.Policy) (withPolicy bool, err error) {
	finding, err := evidence.FindDataset(p.tx, p.name)
	if err != nil {
		return false, err
	}
	if p.head, err = finding.Maybe(); err != nil {
		return false, err
	}
	if p.head != nil {
		p.next = p.head.Record.Body
	} else if policy == nil {
		return false, refusal.New(refusal.Invalid, "the first version of a dataset needs a policy").At("policy")
	}
	if policy != nil {
		stands, err := unchanged(p.tx, p.name, p.next, *policy, "")
		if err != nil {
			return false, err
		}
		withPolicy = stands == nil
	}
	p.next.LatestVersion++
	if withPolicy {
		p.next.LatestPolicy++
	}
	if p.next.LatestVersion > records.MaxNumber {
		return false, refusal.New(refusal.LimitExceeded, "%s has had %d versions, which is the most a dataset can have", p.name, records.MaxNumber)
	}
	return withPolicy, nil
}

// refuseSame refuses with CONFLICT to publish what the latest version says already.
func (p *publishing) refuseSame(a datasetArgument, manifest records.ManifestRef) error {
	if p.head == nil {
		return nil
	}
	stands, err := evidence.ReadVersion(p.tx, p.name, p.head.Record.Body.LatestVersion)
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return nil // another takes its place
	}
	if err != nil {
		return err
	}
	body := p.body(a, manifest)
	body.Version = stands.Record.Body.Version
	return transaction.RefuseSame(stands, body, "manifest",
		"another version would rest on nothing until a privacy officer says on what; policy.set gives the dataset another policy")
}

// body is the version that is to be written.
func (p *publishing) body(a datasetArgument, manifest records.ManifestRef) records.Version {
	body := a.body()
	body.Dataset, body.Version, body.Manifest = p.name, p.next.LatestVersion, manifest
	return body
}

func (p *publishing) writeVersion(a datasetArgument, manifest records.ManifestRef) error {
	id := records.Numbered(p.name, '@', p.next.LatestVersion)
	body := p.body(a, manifest)
	var err error
	if p.version, err = ledger.Create(p.tx, p.caller.By, id, body, records.Final, ""); err != nil || a.Manifest.Text == nil {
		return err
	}
	text := records.Manifest{Dataset: p.name, Version: p.next.LatestVersion, Text: *a.Manifest.Text}
	_, err = ledger.Create(p.tx, p.caller.By, id, text, records.Final, "")
	return err
}

func (p *publishing) finish(withPolicy bool) (any, error) {
	note := "version " + numeral(p.next.LatestVersion)
	if withPolicy {
		note += ", policy " + numeral(p.next.LatestPolicy)
	}
	var head *ledger.Sealed[records.Dataset]
	var err error
	if p.head == nil {
		head, err = ledger.Create(p.tx, p.caller.By, p.name, p.next, records.Active, note)
	} else {
		head, err = ledger.Roll(p.tx, p.caller.By, p.head, p.next, records.Active, "published", note)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"dataset": head.Raw, "version": p.version.Raw, "policy": p.policy.Raw}, nil
}

func numeral(n int64) string { return strconv.FormatInt(n, 10) }

type datasetAnswer struct {
	Dataset ledger.View `json:"dataset"`
	Version ledger.View `json:"version"`
	Policy  ledger.View `json:"policy"`
	// UsageInfo tells whether the conditions of use in the version's manifest are those of the policy.
	UsageInfo UsageState `json:"usage_info"`
	// Ground and Deid are shown by dataset.get, where there are some.
	Ground *ledger.View `json:"ground,omitzero"`
	Deid   *ledger.View `json:"deid,omitzero"`
}

func answerDataset(head *ledger.Sealed[records.Dataset], version *ledger.Sealed[records.Version], policy *ledger.Sealed[records.PolicyVersion]) (datasetAnswer, error) {
	state, err := usageState(version.Record.Body, policy.Record.Body.Policy)
	return datasetAnswer{Dataset: head.View(), Version: version.View(), Policy: policy.View(), UsageInfo: state}, err
}

func getDataset(tx *ledger.Tx, a transaction.NumberedName) (any, error) {
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	version, err := evidence.ReadVersion(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestVersion))
	if err != nil {
		return nil, err
	}
	policy, err := evidence.ReadPolicy(tx, a.Dataset, head.Record.Body.LatestPolicy)
	if err != nil {
		return nil, err
	}
	answer, err := answerDataset(head, version, policy)
	if err != nil {
		return nil, err
	}
	if answer.Ground, answer.Deid, err = restingViews(tx, version.Record.Body); err != nil {
		return nil, err
	}
	return answer, nil
}

func getManifest(tx *ledger.Tx, a transaction.NumberedName) (any, error) {
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	version, err := evidence.ReadVersion(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestVersion))
	if err != nil {
		return nil, err
	}
	if url := version.Record.Body.Manifest.URL; url != "" {
		return nil, refusal.New(refusal.NotFound, "the manifest of %s is not on the ledger: it is served at %s", version.Record.ID, url).
			Hinting("compare what you get there with manifest.sha256 of the version").With(version.Record.Body.Manifest)
	}
	finding, err := evidence.FindManifest(tx, a.Dataset, version.Record.Body.Version)
	return transaction.ViewOf(finding, err)
}

type datasetFilter struct {
	transaction.Page
	Owner   string `json:"owner"`
	Keyword string `json:"keyword"`
	Kind    string `json:"kind"`
}

func (a datasetFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("owner", a.Owner, c.Institution)
	c.Optional("keyword", a.Keyword, c.Slug)
	c.Optional("kind", a.Kind, c.Kind)
}

func listDatasets(tx *ledger.Tx, a datasetFilter) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Datasets(a.Owner), a.Of(), func(tx *ledger.Tx, head *ledger.Sealed[records.Dataset]) (any, bool, error) {
		version, err := evidence.ReadVersion(tx, head.Record.ID, head.Record.Body.LatestVersion)
		if err != nil {
			return transaction.AsForgery(head.Key, err)
		}
		if a.Keyword != "" && !slices.Contains(version.Record.Body.Keywords, a.Keyword) || a.Kind != "" && !slices.Contains(version.Record.Body.Kinds, a.Kind) {
			return nil, false, nil
		}
		policy, err := evidence.ReadPolicy(tx, head.Record.ID, head.Record.Body.LatestPolicy)
		if err != nil {
			return transaction.AsForgery(head.Key, err)
		}
		answer, err := answerDataset(head, version, policy)
		return answer, err == nil, err
	}))
}

// restingViews shows what a version rests on and its statement, each where there is one that counts.
func restingViews(tx *ledger.Tx, version records.Version) (ground, deid *ledger.View, err error) {
	found, err := evidence.Maybe(evidence.FindGround(tx, version.Dataset, version.Version))
	if err != nil {
		return nil, nil, err
	}
	if found != nil {
		view := found.View()
		ground = &view
	}
	stated, err := evidence.Maybe(evidence.FindDeid(tx, version.Dataset, version.Version))
	if stated != nil {
		view := stated.View()
		deid = &view
	}
	return ground, deid, err
}
