package access

import "slices"

// Role is what a key, or later a person, may do. A principal has one or several.
type Role string

// The roles. Operator is the server's; all others are an organization's.
const (
	Operator    Role = "operator"    // organizations, signing keys, server status, the whole audit
	Owner       Role = "owner"       // all of an organization, its administrators too
	Admin       Role = "admin"       // environments, keys, setup
	Developer   Role = "developer"   // sees environments, models and its own usage; calls models
	Auditor     Role = "auditor"     // reads everything of an organization, changes nothing
	Invoke      Role = "invoke"      // calls models through /v1
	Credentials Role = "credentials" // takes AWS credentials of its environments
)

// Roles returns all there are, the most powerful first.
func Roles() []Role {
	return []Role{Operator, Owner, Admin, Developer, Auditor, Invoke, Credentials}
}

// MayGive reports whether who has this role may make, change and rotate keys
// that have the other. Nobody gives more than they have: operators are made by
// operators, administrators by owners.
func (r Role) MayGive(other Role) bool {
	switch r {
	case Operator:
		return slices.Contains(Roles(), other)
	case Owner:
		return other != Operator && slices.Contains(Roles(), other)
	case Admin:
		return other == Developer || other == Auditor || other == Invoke || other == Credentials
	default:
		return false
	}
}

// administers reports whether the role is about the whole of an organization or
// of the server, so that a list of environments or models cannot narrow it.
func (r Role) administers() bool {
	return r == Operator || r == Owner || r == Admin || r == Auditor
}
