package signin

import (
	"slices"

	"github.com/adit-hq/adit/internal/access"
)

// SignedIn is who a request of a browser comes from.
type SignedIn struct {
	Session Session
	Person  Person
}

// Principal returns the person as one who acts in the organization with that
// id, and false when they have nothing to do there. An operator is the same in
// every one, and with "" on the server itself.
func (s SignedIn) Principal(organization string) (access.Principal, bool) {
	if s.Operator() {
		return s.Person.principal("", access.Operator), true
	}
	role, ok := s.Person.role(organization)
	if !ok || organization == "" {
		return access.Principal{}, false
	}
	return s.Person.principal(organization, role), true
}

// Operator reports whether the person administers the server.
func (s SignedIn) Operator() bool { return s.Person.operator() }

// Organizations returns the ids of those that the person has a role in, in the
// order of the roles; of an operator, who may see all, only those they have a role in besides.
func (s SignedIn) Organizations() []string {
	var ids []string
	for _, m := range s.Person.Roles {
		if m.Organization != "" && !slices.Contains(ids, m.Organization) {
			ids = append(ids, m.Organization)
		}
	}
	return ids
}

func (p Person) principal(organization string, role access.Role) access.Principal {
	return access.Principal{Key: access.Key{
		ID: p.ID, Organization: organization, Name: p.Called(), Roles: []access.Role{role},
		Created: p.Created, Updated: p.Updated, Version: p.Version,
	}}
}

// role returns the person's role in the organization; with "", that of an operator.
func (p Person) role(organization string) (access.Role, bool) {
	for _, m := range p.Roles {
		if m.Organization == organization && (m.Role == access.Operator) == (organization == "") {
			return m.Role, true
		}
	}
	return "", false
}

func (p Person) operator() bool {
	_, ok := p.role("")
	return ok
}

// Called returns what to call the person: the name, or what there is instead of one.
func (p Person) Called() string {
	for _, name := range []string{p.Name, p.Login, p.Email, p.Subject} {
		if name != "" {
			return name
		}
	}
	return p.ID
}
