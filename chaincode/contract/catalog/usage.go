package catalog

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/use"
)

// The policy is the master of the conditions of use: what a manifest says of them (Croissant's usageInfo) is made from it, and checked against it.

type offerArgument struct {
	Dataset string          `json:"dataset"`
	Version *int64          `json:"version"`
	Policy  *records.Policy `json:"policy"`
}

func (a offerArgument) Check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("version", a.Version)
	if a.Policy != nil {
		c.Require(a.Version == nil, "version", "it is a version of the policy that stands: give either policy or version")
		c.Policy("policy", *a.Policy)
	}
}

type offerAnswer struct {
	UsageInfo jsontext.Value `json:"usage_info"`
	SHA256    string         `json:"sha256"`
}

// offerPolicy gives the usageInfo that goes with a dataset's policy, or with one that is not set yet.
func offerPolicy(tx *ledger.Tx, a offerArgument) (any, error) {
	policy := a.Policy
	if policy == nil {
		head, err := evidence.ReadHead(tx, a.Dataset)
		if err != nil {
			return nil, err
		}
		stands, err := evidence.ReadPolicy(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestPolicy))
		if err != nil {
			return nil, err
		}
		policy = &stands.Record.Body.Policy
	}
	offer, err := use.Offer(a.Dataset, *policy)
	if err != nil {
		return nil, err
	}
	return offerAnswer{offer, records.Digest(offer)}, nil
}

// statedUse compares the conditions of use that a manifest states with the policy that will hold, and gives the digest of what it states; empty when it states
// none, which is no false statement, or when its text is not on the ledger.
//
// Refuses with USAGE_INFO_DIFFERS.
func statedUse(manifest input.Manifest, dataset string, policy records.Policy) (string, error) {
	const field = "manifest.text"
	stated, elsewhere, err := manifest.UsageInfo()
	if err != nil {
		return "", refusal.From(err).At(field)
	}
	const hint = "policy.offer gives the usageInfo that goes with a policy; or leave it out: the policy holds all the same"
	if elsewhere != "" {
		elsewhere = fmt.Sprintf("%.200s", elsewhere) // the names in it are the author's
		return "", refusal.New(refusal.UsageInfoDiffers, "the manifest states conditions of use at %s, where nothing compares them with the policy", elsewhere).
			At(field+":"+elsewhere).Hinting("state them once, as usageInfo of the whole dataset: %s", hint)
	}
	if stated == nil {
		return "", nil
	}
	offer, err := use.Offer(dataset, policy)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(stated, offer) {
		place := fmt.Sprintf("%.200s", "usageInfo"+firstDifference(stated, offer))
		return "", refusal.New(refusal.UsageInfoDiffers, "the manifest's usageInfo is not what the policy says: it differs at %s", place).At(field+":"+place).Hinting("%s", hint)
	}
	return records.Digest(offer), nil
}

// UsageState tells how the conditions of use in a version's manifest stand to the policy.
type UsageState string

// The states of the conditions of use in a manifest.
const (
	UsageCurrent   UsageState = "current"
	UsageOutdated  UsageState = "outdated"
	UsageAbsent    UsageState = "absent"
	UsageOffLedger UsageState = "off-ledger"
)

// UsageStates lists them.
var UsageStates = []UsageState{UsageCurrent, UsageOutdated, UsageAbsent, UsageOffLedger}

// usageState judges by the digest in the version's record, so that no manifest is read.
func usageState(version records.Version, policy records.Policy) (UsageState, error) {
	switch stated := version.Manifest.UsageInfoSHA256; {
	case version.Manifest.URL != "":
		return UsageOffLedger, nil
	case stated == "":
		return UsageAbsent, nil
	default:
		offer, err := use.Offer(version.Dataset, policy)
		if err == nil && records.Digest(offer) == stated {
			return UsageCurrent, nil
		}
		return UsageOutdated, err
	}
}

// firstDifference is the path of the first place in which two JSON texts differ. Of an offer's own @id it tells only when nothing else differs: it is a hash of the
// rest.
func firstDifference(one, other jsontext.Value) string {
	var a, b any
	if json.Unmarshal(one, &a) != nil || json.Unmarshal(other, &b) != nil {
		return ""
	}
	path, _ := differ("", a, b)
	return path
}

func differ(path string, a, b any) (place string, differs bool) {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return path, true
		}
		all := maps.Clone(x)
		maps.Copy(all, y)
		names := slices.Sorted(maps.Keys(all))
		if path == "" {
			names = append(slices.DeleteFunc(names, func(name string) bool { return name == "@id" }), "@id")
		}
		for _, name := range names {
			inX, has := x[name]
			inY, had := y[name]
			place, differs := differ(path+"."+name, inX, inY)
			if differs || has != had {
				return place, true
			}
		}
		return path, false
	case []any:
		y, ok := b.([]any)
		if !ok {
			return path, true
		}
		for i := range max(len(x), len(y)) {
			place := fmt.Sprintf("%s[%d]", path, i)
			if i >= len(x) || i >= len(y) {
				return place, true
			}
			if deeper, differs := differ(place, x[i], y[i]); differs {
				return deeper, true
			}
		}
		return path, false
	}
	return path, a != b
}
