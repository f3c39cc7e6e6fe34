package studio

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// keyForm is the form that makes or changes a key.
type keyForm struct {
	Form   form
	Scope  scopeFields
	Roles  []option
	Key    *wire.Key // nil: a new one
	To     string
	Button string
}

// roleWords say what a key with a role can do.
func roleWords(r access.Role) string {
	switch r {
	case access.Invoke:
		return "call models through /v1; what most keys need"
	case access.Credentials:
		return "get AWS credentials of its environments"
	case access.Developer:
		return "see environments and models, and call models"
	case access.Auditor:
		return "read everything in the organization, change nothing"
	case access.Admin:
		return "manage environments, keys and setup, but not members"
	case access.Owner:
		return "do everything in this organization"
	case access.Operator:
		return "do everything on this server"
	}
	return ""
}

// keyRoles are the roles that the person may give, the smallest first.
func (v *visit) keyRoles() []option {
	var out []option
	for _, r := range []access.Role{access.Invoke, access.Credentials, access.Developer, access.Auditor, access.Admin, access.Owner} {
		if slices.ContainsFunc(v.principal.Key.Roles, func(mine access.Role) bool { return mine.MayGive(r) }) {
			out = append(out, option{Value: string(r), Label: string(r), Hint: roleWords(r)})
		}
	}
	return out
}

// keyForm is the form with its choices. opened is what stands in it at first.
func (v *visit) keyForm(f form, k *wire.Key, had scope) keyForm {
	out := keyForm{
		Form: f, Key: k, Scope: v.scopeFields(had), Roles: v.keyRoles(), To: v.At("keys"), Button: "Create key",
	}
	if k != nil {
		out.To, out.Button = v.At("keys", k.ID, "edit"), "Save"
		out.Roles = withChosen(out.Roles, k.Roles, "not yours to give")
	}
	return out
}

func (s *studio) newKey(v *visit) (answer, error) {
	return v.keyFormPage(v.keyForm(form{values: url.Values{"roles": {string(access.Invoke)}}}, nil, scope{})), nil
}

func (v *visit) keyFormPage(f keyForm) page {
	p := page{template: "key-form", title: "New API key", section: "keys", trail: v.keyTrail(), data: f}
	if f.Key != nil {
		p.title, p.trail = "Edit "+f.Key.Name, v.keyTrail(*f.Key)
	} else {
		p.lead = "The key is shown once, right after you create it. Adit stores only a hash of it."
	}
	return p
}

// keyInput reads a form as the API takes it. had is what the key has now. What
// cannot be read is told, and refused by the API.
func keyInput(f form, had scope) (in wire.KeyInput, unread fault.Inputs) {
	s := readScope(f, had, &unread)
	in = wire.KeyInput{
		Name: strings.TrimSpace(f.Value("name")), Roles: f.Values("roles"), Environments: s.Environments, Models: s.Models,
		Limits: &s.Limits, Tags: s.Tags, Expires: typedDay(f, "expires", &unread),
	}
	if len(in.Roles) == 0 {
		unread.Add("roles", "select at least one role")
		in.Roles = refusedRoles()
	}
	return in, unread
}

// typedDay reads a day: its last second, so that something works through it. nil: none.
func typedDay(f form, name string, faults *fault.Inputs) *time.Time {
	text := strings.TrimSpace(f.Value(name))
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		faults.Add(name, "enter a date such as 2027-01-31, or leave empty for no expiry")
		end := refusedEnd()
		return &end
	}
	at = at.Add(24*time.Hour - time.Second)
	return &at
}

func keyScope(k wire.Key) scope {
	return scope{Environments: k.Environments, Models: k.Models, Limits: k.Limits, Tags: k.Tags}
}

// keyValues are a key's fields as the form shows them.
func keyValues(k wire.Key, fields scopeFields) form {
	values := url.Values{"name": {k.Name}, "roles": k.Roles}
	if k.Expires != nil {
		values.Set("expires", k.Expires.UTC().Format(time.DateOnly))
	}
	keyScope(k).values(values, fields)
	return versioned(form{values: values}, k.Version)
}

// keyPatch is what a form changes of a key: what nobody touched is not sent, so
// that a change of somebody else to it stays.
func keyPatch(f form, k wire.Key) (p wire.KeyPatch, unread fault.Inputs) {
	in, unread := keyInput(f, keyScope(k))
	if in.Name != k.Name {
		p.Name = &in.Name
	}
	if !same(in.Roles, k.Roles) {
		p.Roles = &in.Roles
	}
	if !same(in.Environments, k.Environments) {
		p.Environments = all(in.Environments)
	}
	if !same(in.Models, k.Models) {
		p.Models = all(in.Models)
	}
	if *in.Limits != k.Limits {
		p.Limits = in.Limits
	}
	if !maps.Equal(in.Tags, k.Tags) {
		p.Tags = &in.Tags
	}
	switch {
	case in.Expires == nil && k.Expires != nil:
		p.NeverExpires = true
	case in.Expires != nil && (k.Expires == nil || in.Expires.Format(time.DateOnly) != k.Expires.UTC().Format(time.DateOnly)):
		p.Expires = in.Expires
	}
	return p, unread
}
