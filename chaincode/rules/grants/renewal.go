package grants

import (
	"fmt"
	"reflect"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// Unrelated gives every reason why a request that was stated at a moment cannot renew or join a grant, as far as it does not change any more: what the request says,
// and the terms of the grant. It is empty when the request can. Whether the grant still stands is judged beside it.
func Unrelated(request records.Request, at records.Time, grant records.Record[records.Grant]) []string {
	var reasons []string
	say := func(wrong bool, format string, arguments ...any) {
		if wrong {
			reasons = append(reasons, fmt.Sprintf(format, arguments...))
		}
	}
	granted := grant.Body
	say(request.Renews != "" && request.Joins != "", "a request renews a grant or joins one, not both")
	say(granted.Breakglass != "", "a break-glass grant is neither renewed nor joined")
	say(granted.Dataset != request.Dataset, "the grant is on %s, not on %s", granted.Dataset, request.Dataset)
	say(granted.Institution != request.Requester.Institution, "the grant is %s's, not %s's", granted.Institution, request.Requester.Institution)
	say(at < granted.From || at >= granted.Until, "the grant lasts from %s until %s, and the request was stated at %s", granted.From, granted.Until, at)
	if request.Renews != "" {
		more := rules.Beyond(request.Researchers, granted.Grantees)
		say(len(more) > 0, "%s %s not among the grantees: more people join a grant, they do not renew it", rules.List(more), rules.Plural(len(more), "is", "are"))
	}
	if request.Joins != "" {
		reasons = append(reasons, unlike(request, at, granted)...)
	}
	return reasons
}

// unlike gives the reasons why a request for more people differs from the grant that they would join.
func unlike(request records.Request, at records.Time, granted records.Grant) []string {
	var reasons []string
	say := func(wrong bool, format string, arguments ...any) {
		if wrong {
			reasons = append(reasons, fmt.Sprintf(format, arguments...))
		}
	}
	say(granted.Joins != "", "the grant joins another itself: join that one, %.12s", granted.Joins)
	say(granted.Version != request.Version, "the grant is for version %d, not %d", granted.Version, request.Version)
	say(granted.Mode != request.Mode, "the grant is for delivery by %s, not %s", granted.Mode, request.Mode)
	say(!samePurpose(granted.Purpose, request.Purpose), "the purpose is not the granted one")
	already := slices.DeleteFunc(slices.Clone(request.Researchers), func(id string) bool { return !slices.Contains(granted.Grantees, id) })
	say(len(already) > 0, "%s %s among the grantees already", rules.List(already), rules.Plural(len(already), "is", "are"))
	left := max(0, int64(granted.Until-at))
	say(request.DurationSeconds > left, "the grant ends at %s, and so do those that join it: at most %d %s left", granted.Until, left, rules.Plural(int(left), "second is", "seconds are"))
	return reasons
}

// samePurpose compares what is said; a list that names nothing says as little as one that is left out.
func samePurpose(a, b records.Purpose) bool {
	for _, purpose := range []*records.Purpose{&a, &b} {
		for _, names := range []*[]string{&purpose.Diseases, &purpose.Countries, &purpose.Sensitive} {
			if len(*names) == 0 {
				*names = nil
			}
		}
	}
	return reflect.DeepEqual(a, b)
}
