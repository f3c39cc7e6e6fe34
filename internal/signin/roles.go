package signin

import (
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
)

// Roles returns those that a person can have, the most powerful first. The
// others are for programs, which have keys.
func Roles() []access.Role {
	return []access.Role{access.Operator, access.Owner, access.Admin, access.Developer, access.Auditor}
}

// resolved returns the roles with the ids of their organizations, and notes what is wrong with them.
func (r *Registry) resolved(f *fault.Inputs, roles []Membership) []Membership {
	out := make([]Membership, 0, len(roles))
	for _, m := range roles {
		switch {
		case !slices.Contains(Roles(), m.Role):
			f.Add("role", "a person's role is one of %s", roleNames())
			continue
		case m.Role == access.Operator && m.Organization != "":
			f.Add("role", "an operator administers the server, not an organization")
			continue
		case m.Role != access.Operator && m.Organization == "":
			f.Add("role", "the role %s is one in an organization, and none is named", m.Role)
			continue
		}
		if m.Organization != "" {
			id, err := r.settings.Organizations.OrganizationID(m.Organization)
			if err != nil {
				*f = append(*f, err)
				continue
			}
			m.Organization = id
		}
		if slices.ContainsFunc(out, func(o Membership) bool { return o.Organization == m.Organization }) {
			f.Add("role", "a person has one role in an organization")
			continue
		}
		out = append(out, m)
	}
	return out
}

func roleNames() string {
	names := make([]string, 0, len(Roles()))
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}
