package studio

import (
	"cmp"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// names tells what people call the ids that lists and sums are full of. It asks
// for a page of each kind once, and for a few more one by one; an id whose name
// cannot be found stays an id, which is no fault.
type names struct {
	v     *visit
	known map[string]string
	asked map[string]bool // by the prefix of ids
	gone  map[string]bool // asked for those that are no more, by the prefix of ids
	left  int             // single questions that it may still ask
}

const (
	namesAtOnce = 200
	namesSingly = 20
)

func newNames(v *visit) *names {
	return &names{v: v, known: map[string]string{}, asked: map[string]bool{}, gone: map[string]bool{}, left: namesSingly}
}

// Of is the name of an id; "" when it is not known.
func (n *names) Of(id string) string {
	if name, ok := n.known[id]; ok {
		return name
	}
	kind, _, ok := strings.Cut(id, "_")
	if !ok {
		return ""
	}
	if !n.asked[kind] {
		n.asked[kind] = true
		n.list(kind)
		if name, ok := n.known[id]; ok {
			return name
		}
	}
	if !n.gone[kind] {
		n.gone[kind] = true
		n.listGone(kind)
		if name, ok := n.known[id]; ok {
			return name
		}
	}
	if n.left > 0 {
		n.left--
		n.single(kind, id)
	}
	return n.known[id]
}

// beside is an id with its name before it, where that is known.
func (n *names) beside(id string) string {
	if name := n.Of(id); name != "" {
		return name + " (" + id + ")"
	}
	return id
}

// list learns a page of names of one kind. What is in an organization has no
// name on pages of the server, which are of all of them.
func (n *names) list(kind string) {
	v, l := n.v, client.List{Limit: namesAtOnce}
	if v.Org.ID == "" {
		n.left = 0
		if kind == "org" {
			p, _ := v.api.OrganizationPage(v.ctx(), l)
			for _, o := range p.Items {
				n.known[o.ID] = o.Name
			}
		}
		return
	}
	switch kind {
	case "env":
		p, _ := v.api.EnvironmentPage(v.ctx(), v.Org.ID, l) // an error leaves no items
		for _, e := range p.Items {
			n.known[e.ID] = e.Name
		}
	case "key":
		p, _ := v.api.KeyPage(v.ctx(), v.Org.ID, l)
		for _, k := range p.Items {
			n.known[k.ID] = k.Name
		}
	case "tru":
		p, _ := v.api.TrustedIssuerPage(v.ctx(), v.Org.ID, l)
		for _, i := range p.Items {
			n.known[i.ID] = i.Name
		}
	case "bud":
		p, _ := v.api.BudgetPage(v.ctx(), v.Org.ID, l)
		for _, b := range p.Items {
			n.known[b.ID] = budgetName(b)
		}
	case "usr":
		p, _ := v.api.MemberPage(v.ctx(), v.Org.ID, l)
		for _, m := range p.Items {
			n.known[m.ID] = m.Name
		}
	case "org":
		n.known[v.Org.ID] = v.Org.Name
	}
}

// listGone learns the names of what is no more, which the audit keeps, for those
// who may read it. What was revoked or deleted longest ago stays an id.
func (n *names) listGone(kind string) {
	var action, became string
	switch kind {
	case "key":
		action, became = "apikey.revoke", "revoked"
	case "tru":
		action, became = "trust.revoke", "revoked"
	case "env":
		action, became = "environment.delete", "deleted"
	}
	v := n.v
	if action == "" || v.Org.ID == "" || !v.May(access.ReadAudit) {
		return
	}
	l := client.List{Limit: namesAtOnce, Filter: map[string]string{"action": action}}
	p, _ := v.api.EventPage(v.ctx(), v.Org.ID, l) // an error leaves no items
	for _, e := range p.Items {
		if name := e.Details["name"]; name != "" && e.Action == action && n.known[e.Target] == "" {
			n.known[e.Target] = name + " (" + became + ")"
		}
	}
}

// single asks for one; what is not found is not asked for again.
func (n *names) single(kind, id string) {
	v, name := n.v, ""
	switch kind {
	case "env":
		e, _ := v.api.Environment(v.ctx(), v.Org.ID, id)
		name = e.Name
	case "key":
		k, _ := v.api.Key(v.ctx(), v.Org.ID, id)
		name = k.Name
	case "tru":
		i, _ := v.api.TrustedIssuer(v.ctx(), v.Org.ID, id)
		name = i.Name
	case "bud":
		if b, err := v.api.Budget(v.ctx(), v.Org.ID, id); err == nil {
			name = budgetName(b)
		}
	case "usr":
		m, _ := v.api.Member(v.ctx(), v.Org.ID, id)
		name = m.Name
	}
	n.known[id] = name
}

// budgetName is what a budget, which has no name of its own, is called.
func budgetName(b wire.Budget) string {
	if b.Target == "" {
		return "budget of the organization per " + b.Period
	}
	return "budget of " + cmp.Or(b.TargetName, b.Target) + " per " + b.Period
}
