package studio

import (
	"cmp"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/ident"
)

// known is something that the audit's page calls by a name. The audit itself
// keeps ids, which are all that its API finds.
type known struct {
	Field          string // of the form that it is for: actor or target
	Kind, Name, ID string
}

// auditNamed puts ids in place of the names that were typed for actor and
// target. What is the name of several, or only part of names, is not decided
// here: they are returned to choose from.
func (v *visit) auditNamed(filter map[string]string) (choose []known) {
	for _, field := range []string{"actor", "target"} {
		typed := filter[field]
		if typed == "" || typed == "system" || isID(typed) {
			continue
		}
		found := v.knownAs(typed)
		same := slices.DeleteFunc(slices.Clone(found), func(k known) bool { return !strings.EqualFold(k.Name, typed) })
		if len(same) == 1 {
			filter[field] = same[0].ID
			continue
		}
		if len(same) > 1 {
			found = same
		}
		for _, k := range found {
			k.Field = field
			choose = append(choose, k)
		}
	}
	return choose
}

// isID reports whether a text is an id of anything.
func isID(text string) bool {
	kind, _, ok := strings.Cut(text, "_")
	return ok && ident.Check(ident.Prefix(kind), text) == nil
}

// knownAs finds what the person may see by a part of its name.
func (v *visit) knownAs(part string) (out []known) {
	l := client.List{Search: part, Limit: pageRows}
	add := func(kind, name, id string) {
		if strings.Contains(strings.ToLower(name), strings.ToLower(part)) {
			out = append(out, known{Kind: kind, Name: name, ID: id})
		}
	}
	if v.May(access.ReadKey) {
		p, _ := v.api.KeyPage(v.ctx(), v.Org.ID, l) // an error leaves no items
		for _, k := range p.Items {
			add("API key", k.Name, k.ID)
		}
	}
	if v.May(access.ReadMember) {
		p, _ := v.api.MemberPage(v.ctx(), v.Org.ID, l)
		for _, m := range p.Items {
			name := cmp.Or(m.Name, m.Login)
			if strings.EqualFold(m.Login, part) {
				name = m.Login
			}
			add("Person", name, m.ID)
		}
	}
	if v.Org.ID == "" {
		p, _ := v.api.OrganizationPage(v.ctx(), l)
		for _, o := range p.Items {
			add("Organization", o.Name, o.ID)
		}
		return out
	}
	add("Organization", v.Org.Name, v.Org.ID)
	if v.May(access.ReadEnvironment) {
		p, _ := v.api.EnvironmentPage(v.ctx(), v.Org.ID, l)
		for _, e := range p.Items {
			add("Environment", e.Name, e.ID)
		}
	}
	if v.May(access.ReadTrust) {
		p, _ := v.api.TrustedIssuerPage(v.ctx(), v.Org.ID, l)
		for _, i := range p.Items {
			add("Trusted issuer", i.Name, i.ID)
		}
	}
	return out
}
