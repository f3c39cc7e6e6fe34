package access

import (
	"slices"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
)

// Principal is who a request comes from, once that is proved. It is a value;
// nobody changes what its key holds.
type Principal struct{ Key Key }

// System is the server itself, at its first start and in its own work.
func System() Principal {
	a := audit.System()
	return Principal{Key: Key{ID: a.Key, Name: a.Name, Roles: []Role{Operator}}}
}

// Caller returns the principal as the rooms of the inference path take it.
func (p Principal) Caller() caller.Caller {
	return caller.Caller{
		Organization: p.Key.Organization, Key: p.Key.ID, Name: p.Key.Name,
		Environments: p.Key.Environments, Models: p.Key.Models, Limits: p.Key.Limits, Tags: p.Key.Tags,
	}
}

// Actor returns the principal as the audit names it; the address is where the request came from.
func (p Principal) Actor(address string) audit.Actor {
	return audit.Actor{Organization: p.Key.Organization, Key: p.Key.ID, Name: p.Key.Name, Address: address}
}

// May reports whether the principal has the permission in the organization with
// that id. The server's permissions are asked for with "". An operator's hold in
// every organization, all others' in their own only.
func (p Principal) May(what Permission, organization string) bool {
	for _, r := range p.Key.Roles {
		if !slices.Contains(grants(r), what) {
			continue
		}
		if r == Operator {
			// An operator's key belongs to no organization; one that does is not taken at its word.
			if p.Key.Organization == "" {
				return true
			}
			continue
		}
		if organization != "" && organization == p.Key.Organization {
			return true
		}
	}
	return false
}

// MayIn reports the same for one environment of the organization, by id: a key
// that is bound to environments has its permissions in those only.
func (p Principal) MayIn(what Permission, organization, environment string) bool {
	return p.May(what, organization) && (p.Key.Environments == nil || slices.Contains(p.Key.Environments, environment))
}

// mayGive reports whether the principal may make or change a key of the
// organization with all of the roles.
func (p Principal) mayGive(organization string, roles []Role) bool {
	needs := WriteKey
	if organization == "" {
		needs = WriteOperatorKey
	}
	if !p.May(needs, organization) {
		return false
	}
	for _, wanted := range roles {
		if !slices.ContainsFunc(p.Key.Roles, func(has Role) bool { return has.MayGive(wanted) }) {
			return false
		}
	}
	return true
}
