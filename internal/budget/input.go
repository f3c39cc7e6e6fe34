package budget

import (
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
)

// Input makes a budget.
type Input struct {
	// Organization is an id.
	Organization string
	// Target is the id or name of an environment or caller; "" is the whole organization.
	Target string
	Period Period
	// Soft and Hard are in billionths of a US dollar, 0 is none; one at least is
	// needed, and a soft one is below the hard one.
	Soft, Hard int64
}

// Patch changes what is not nil; 0 takes a bound away.
type Patch struct {
	Soft, Hard *int64
	// Version, when not 0, is the one that the patch was made for; another is refused with the code "conflict".
	Version int64
}

// The bounds of inputs.
const (
	maxBound  = 1_000_000_000 * 1_000_000_000 // a billion dollars: sums of a few still fit
	maxTarget = 200
)

// check notes all that is wrong with a budget as it would be.
func check(f *fault.Inputs, b Budget) {
	if b.Period != Day && b.Period != Month {
		f.Add("period", "the period must be day or month")
	}
	checkBound(f, "soft_usd", b.Soft)
	checkBound(f, "hard_usd", b.Hard)
	switch {
	case b.Soft == 0 && b.Hard == 0:
		f.Add("hard_usd", "a budget needs a soft limit, which warns, or a hard limit, which refuses, or both")
	case b.Soft > 0 && b.Hard > 0 && b.Soft >= b.Hard:
		f.Add("soft_usd", "the soft limit of $%s must be below the hard limit of $%s, or it would never warn", price.FormatUSD(b.Soft), price.FormatUSD(b.Hard))
	}
}

func checkBound(f *fault.Inputs, field string, bound int64) {
	if bound < 0 || bound > maxBound {
		f.Add(field, "a limit must be above $0 and at most $%s; omit it for none", price.FormatUSD(maxBound))
	}
}

// target turns an id or name into an id, or notes that there is no such thing.
// A fault that is not the input's is returned.
func (r *Registry) target(f *fault.Inputs, organization, idOrName string) (string, error) {
	if idOrName == "" {
		return "", nil
	}
	const unknown = "the organization has no such environment, API key, trusted issuer or person"
	if len(idOrName) > maxTarget {
		f.Add("target", unknown)
		return "", nil
	}
	id, _, err := r.settings.Target(organization, idOrName)
	switch kind := fault.KindOf(err); {
	case err == nil:
		return id, nil
	case kind == fault.NotFound, kind == fault.Invalid:
		f.Add("target", unknown)
		return "", nil
	}
	return "", err
}
