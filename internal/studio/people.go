package studio

import (
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// origin is where a person signs in from.
type origin struct{ Address, Agent string }

// opened is a session that has just begun, and its token.
type opened struct {
	Session signin.Session
	Person  signin.Person
	Token   secret.String
}

// flow is a sign-in that goes on at the OIDC provider.
type flow struct {
	URL     string
	Cookie  secret.String
	Expires time.Time
}

// by is who changes something, and from where.
type by = access.By

// signedIn is a person and the session they came with.
type signedIn struct {
	Session signin.Session
	Person  signin.Person
}

// Operator reports whether the person acts on the whole server.
func (s signedIn) Operator() bool {
	for _, m := range s.Person.Roles {
		if m.Role == access.Operator && m.Organization == "" {
			return true
		}
	}
	return false
}

// Organizations are the ids of those in which the person has a role.
func (s signedIn) Organizations() []string {
	var ids []string
	for _, m := range s.Person.Roles {
		if m.Organization != "" {
			ids = append(ids, m.Organization)
		}
	}
	return ids
}

// Principal is the person as access knows them in an organization, or with "" on the server.
func (s signedIn) Principal(organization string) (access.Principal, bool) {
	key := access.Key{ID: s.Person.ID, Name: s.Person.Name}
	if s.Operator() {
		key.Roles = []access.Role{access.Operator}
		return access.Principal{Key: key}, true
	}
	for _, m := range s.Person.Roles {
		if m.Organization == organization && organization != "" {
			key.Organization = organization
			key.Roles = append(key.Roles, m.Role)
		}
	}
	return access.Principal{Key: key}, len(key.Roles) > 0
}
