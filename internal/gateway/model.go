package gateway

import (
	"strings"
	"sync/atomic"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/telemetry"
)

// Model is a name that callers use, and what stands behind it.
type Model struct {
	// Name is unique in the organization.
	Name string
	// Also is another name for it that no list shows; "" for none.
	Also string
	// Organization is the id of the tenant whose callers see it; "" is that of the local caller.
	Organization string
	// Environment is whose credentials sign; nil for the credential chain.
	Environment *Environment
	// Label is what metrics call it; "" means Name.
	Label  string
	Target *bedrock.Target
	// Set are the parameters that the configuration sets; a request may set others.
	Set    map[string]string
	Limits limit.Limits
	// Assumed says that Limits are nobody's word about the AWS account: they give
	// way to those of other models with the same quota, and to larger assumed ones.
	Assumed bool
}

// Environment is what the gateway has to know of one: who is to be let in, and
// what its calls count against.
type Environment struct {
	ID      string
	Account string
	// Limits hold for each quota model of the environment, inside the account's; zeros do not hold.
	Limits caller.Limits
}

// Info is what a caller may know of a model.
type Info struct {
	Name       string
	ID         string
	Family     string
	Dimensions int
	// Environment is the id of the one whose credentials sign; "" for the credential chain.
	Environment string
	Region      string
	MaxTokens   int // of a text
	PerCall     int // texts
}

// entry is a model in force.
type entry struct {
	Model
	params  model.Params // Set with all defaults
	metrics *telemetry.ModelMetrics
	key     atomic.Pointer[quotaKey] // what AWS counts its calls against, once known
	refused atomic.Pointer[refusal]  // AWS's last, until a call succeeds
	expires atomic.Int64             // what the metrics were told last, in Unix time
}

func (e *entry) info() Info {
	family := e.Target.Family
	i := Info{
		Name: e.Name, ID: e.Target.ID.String(), Family: family.Name, Dimensions: family.Dimension(e.params),
		Region: e.Target.Region, MaxTokens: family.MaxTokens, PerCall: family.TextsPerCall,
	}
	if e.Environment != nil {
		i.Environment = e.Environment.ID
	}
	return i
}

// place is where the entry stands: a name in an organization.
func (e *entry) place() place { return place{e.Organization, e.Name} }

// place is equal for two entries of different configurations when one follows the other.
type place struct{ organization, name string }

// follows says that the entry's calls count where those of an older one did.
func (e *entry) follows(older *entry) bool {
	return older != nil && e.Target.ID.String() == older.Target.ID.String() && e.Target.Region == older.Target.Region && e.account() == older.account()
}

// account is the AWS account as far as the configuration tells it.
func (e *entry) account() string {
	if e.Environment == nil {
		return ""
	}
	return e.Environment.Account
}

// allowed says why the caller may not use the model, or nil.
func (e *entry) allowed(c caller.Caller) error {
	switch {
	case e.Environment != nil && !c.MayUseEnvironment(e.Environment.ID):
		return fault.New(fault.Forbidden, "this API key may not use the environment of the model").
			WithCode("environment_not_allowed").WithParam("model").WithRemedy("Ask an administrator to allow it for the key.")
	case !c.MayAskFor(e.Name, e.Also):
		return fault.New(fault.Forbidden, "this API key may not use the model").
			WithCode("model_not_allowed").WithParam("model").WithRemedy("Ask an administrator to allow it for the key.")
	}
	return nil
}

// paramsFor merges what one request asks for into the model's own parameters.
func (e *entry) paramsFor(over map[string]string) (model.Params, error) {
	if len(over) == 0 {
		return e.params, nil
	}
	set := make(map[string]string, len(e.Set)+len(over))
	for k, v := range e.Set {
		set[k] = v
	}
	family := e.Target.Family
	for k, v := range over {
		p, ok := family.Param(k)
		switch {
		case ok:
			set[p.Name] = v
		case k != "dimensions":
			return nil, fault.New(fault.Invalid, "%s has no parameter %s", family.Title, k).WithParam(k).WithRemedy("%s", choices(family))
		case v != itoa(family.Dimensions[0]): // asking for what one gets anyway is no fault
			return nil, fault.New(fault.Invalid, "the vectors of %s always have %d numbers", family.Title, family.Dimensions[0]).
				WithParam(k).WithRemedy("Leave dimensions out.")
		}
	}
	return family.Resolve(set)
}

// choices says which parameters of a request the family knows.
func choices(f *model.Family) string {
	var known []string
	for _, name := range []string{"dimensions", "input_type", "truncate"} {
		if _, ok := f.Param(name); ok {
			known = append(known, name)
		}
	}
	if known == nil {
		return "Omit it."
	}
	return "A request may choose: " + strings.Join(known, ", ") + "."
}
