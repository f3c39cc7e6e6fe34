package access

import (
	"github.com/adit-hq/adit/internal/fault"

	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/ident"
)

// Input makes a key.
type Input struct {
	// Organization is an id; "" makes an operator's key.
	Organization string
	// Name is 1 to 100 printable characters, unique among the organization's live keys.
	Name string
	// Roles are one or several; see [Registry.Create] for which go together. None means [Invoke].
	Roles []Role
	// Environments are ids or names of those it may use; nil, or "*" alone, means all.
	Environments []string
	// Models are the names that it may ask for; nil, or "*" alone, means all.
	Models []string
	Limits caller.Limits
	Tags   map[string]string
	// Expires is when it ends; zero means never.
	Expires time.Time
}

// Patch changes what is not nil; lists and tags are replaced whole.
type Patch struct {
	Name         *string
	Roles        *[]Role
	Environments *[]string
	Models       *[]string
	Limits       *caller.Limits
	Tags         *map[string]string
	// Expires of the zero time means never.
	Expires *time.Time
	// Version, when not 0, is the one that the patch was made for; another is refused with the code "conflict".
	Version int64
}

// maxName bounds a name, in characters.
const maxName = 100

// check notes all that is wrong with a key as it would be, and resolves its
// environments to ids. What the old key had already is not held against it: a
// name can still be changed when the key has expired, or when one of its
// environments was deleted.
func (r *Registry) check(k *Key, old Key) error {
	var f fault.Inputs
	checkName(&f, k.Name)
	checkRoles(&f, k)
	scope := Scope{k.Environments, k.Models, k.Limits, k.Tags}
	if slices.ContainsFunc(k.Roles, Role.administers) {
		scope.checkUnbound(&f)
	}
	scope.Check(&f, r.settings.Tenants, k.Organization, old.Environments)
	k.Environments, k.Models = scope.Environments, scope.Models
	if !k.Expires.Equal(old.Expires) && !lives(k.Expires, r.settings.Now()) {
		f.Add("expires", "the expiry is in the past; to end the key now, revoke it")
	}
	r.now.Load().AddTaken(&f, k.Organization, k.Name, k.ID)
	return f.Err()
}

func checkName(f *fault.Inputs, name string) {
	switch {
	case name == "" || utf8.RuneCountInString(name) > maxName:
		f.Add("name", "a key's name must have 1 to %d characters", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.TrimSpace(name) != name:
		f.Add("name", "a key's name must have only printable characters and must not begin or end with a space")
	case ident.Check(ident.Key, name) == nil:
		f.Add("name", "a key's name must not look like an id")
	}
}

// checkRoles: an operator's key is only that and belongs to no organization; of
// owner, admin, developer and auditor a key is one at most, since each holds the
// lesser; invoke and credentials go with any of these.
func checkRoles(f *fault.Inputs, k *Key) {
	if len(k.Roles) == 0 {
		f.Add("roles", "a key needs at least one role")
		return
	}
	seen, people := map[Role]bool{}, 0
	for _, r := range k.Roles {
		switch {
		case !slices.Contains(Roles(), r):
			f.Add("roles", "unknown role %.40q; the roles are %s", r, roleNames())
		case seen[r]:
			f.Add("roles", "the role %s is listed twice", r)
		case r == Operator && k.Organization != "":
			f.Add("roles", "an operator key belongs to the server, not to an organization")
		case r != Operator && k.Organization == "":
			f.Add("roles", "a key without an organization can only have the role operator, not %s", r)
		case r == Owner, r == Admin, r == Developer, r == Auditor:
			people++
		}
		seen[r] = true
	}
	if people > 1 {
		f.Add("roles", "a key can have only one of owner, admin, developer and auditor; create a second key for a second task")
	}
}

func roleNames() string {
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}
