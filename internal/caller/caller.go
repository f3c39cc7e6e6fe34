package caller

import "slices"

// Caller is who makes a request. It is a value: copy it, compare its Key, keep
// it; nobody changes what it holds.
type Caller struct {
	// Organization is the id of the tenant that the caller belongs to.
	Organization string
	// Key tells one caller from another; limits and accounts are kept by it. It
	// is the id of an API key.
	Key string
	// Name is what people call it, such as the name of an API key.
	Name string
	// Environments are the ids of those it may use; nil means all of its organization.
	Environments []string
	// Models are the names that it may ask for; nil means all.
	Models []string
	// Limits are what it may spend by itself, over all models; a zero one does not hold.
	Limits Limits
	// Tags are what its calls are accounted under, such as team or cost-center.
	Tags map[string]string
	// User is on whose behalf this one request is made, as the request says; "" if it says nothing.
	User string
}

// Limits of a caller: calls in any rolling 60 seconds, and calls at once.
type Limits struct {
	PerMinute  int `json:"requests_per_minute,omitempty"`
	Concurrent int `json:"max_concurrent,omitempty"`
}

// Local is the only caller of a server that has no organizations: whoever
// holds one of its keys, or whoever can reach its loopback address.
func Local() Caller {
	return Caller{Organization: "local", Key: "local", Name: "local"}
}

// MayUseEnvironment reports whether the caller may use the environment with that id.
func (c Caller) MayUseEnvironment(id string) bool {
	return c.Environments == nil || slices.Contains(c.Environments, id)
}

// MayAskFor reports whether the caller may ask for a model by any of its names.
func (c Caller) MayAskFor(names ...string) bool {
	return c.Models == nil || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(c.Models, n) })
}
