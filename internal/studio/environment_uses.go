package studio

import (
	"net/url"
	"slices"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// use is something that names what is about to be deleted.
type use struct {
	Kind, Name, URL string
	Says            string // what becomes of it
	// Blocks: the control API refuses to delete as long as it is there, unless forced.
	Blocks bool
}

// usesAtOnce is how many uses a page names; more are only said to be there.
const usesAtOnce = 20

// environmentUses are what names an environment, as far as the person may see
// it. What cannot be read is left out: the deletion itself asks again.
func (v *visit) environmentUses(e wire.Environment) []use {
	var out []use
	if v.May(access.ReadKey) {
		out = append(out, v.keysOf(e)...)
	}
	if v.May(access.ReadModel) {
		l := client.List{Limit: namesAtOnce, Filter: map[string]string{"environment": e.ID}}
		p, _ := v.api.CallableModelPage(v.ctx(), v.Org.ID, l) // an error leaves no items
		for _, m := range p.Items {
			if m.Source == "file" {
				out = append(out, use{"Model", m.Name, pathAnd(v.At("models"), url.Values{"search": {m.Name}}), "of spicepod.yaml, gets no credentials any more", true})
			}
		}
	}
	if v.May(access.ReadTrust) {
		p, _ := v.api.TrustedIssuerPage(v.ctx(), v.Org.ID, client.List{Limit: namesAtOnce})
		for _, i := range p.Items {
			if slices.Contains(i.Environments, e.ID) {
				out = append(out, use{"Trusted issuer", i.Name, v.At("trusted-issuers", i.ID), left(i.Environments), true})
			}
		}
	}
	return append(out, v.budgetsOf(e.ID)...)
}

// budgetsOf are the budgets of what is about to go.
func (v *visit) budgetsOf(target string) (out []use) {
	if !v.May(access.ReadBudget) {
		return nil
	}
	p, _ := v.api.BudgetPage(v.ctx(), v.Org.ID, client.List{Search: target, Limit: namesAtOnce}) // an error leaves no items
	for _, b := range p.Items {
		if b.Target == target {
			out = append(out, use{Kind: "Budget", Name: "per " + b.Period, URL: v.At("budgets"), Says: "counts nothing any more"})
		}
	}
	return out
}

// keysOf are the API keys that are restricted to an environment and maybe others.
func (v *visit) keysOf(e wire.Environment) (out []use) {
	for k, err := range v.api.Keys(v.ctx(), v.Org.ID) {
		if err != nil {
			return out
		}
		if slices.Contains(k.Environments, e.ID) {
			out = append(out, use{"API key", k.Name, v.At("keys", k.ID), left(k.Environments), true})
		}
	}
	return out
}

// left says what a caller may still use once one of its environments is gone.
func left(environments []string) string {
	if len(environments) == 1 {
		return "may use this environment only, and nothing afterwards"
	}
	return "may use its other environments only afterwards"
}
