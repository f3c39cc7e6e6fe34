package studio

import (
	"cmp"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// environmentModels are what an environment's account offers. Asking AWS is slow,
// so it is a part that pages load after themselves.
type environmentModels struct {
	Env   wire.Environment
	Embed []offered // what Adit makes vectors with
	Other []offered // for AWS's own tools, with the environment's credentials
	// Lost are enabled models that AWS does not list, or was not asked for.
	Lost     []string
	Warnings []wire.ModelWarning
	Listed   wire.Models
	// Problem says why AWS could not be asked; the enabled models are shown all the same.
	Problem *problem
	Form    form
	// Back is the page that the part stands on, where a change leads back to.
	Back string
}

// offered is a model and how it stands.
type offered struct {
	wire.Model
	Kind, AccessClass, AccessWords string
	Note                           string // what is against it, or where its calls go
}

func (s *studio) environmentModels(v *visit, e wire.Environment) (answer, error) {
	return v.modelsPage(e, form{}, ""), nil
}

// modelsPage asks for the list, and draws it or why there is none.
func (v *visit) modelsPage(e wire.Environment, f form, notice string) page {
	d := environmentModels{Env: e, Form: f, Back: v.query("back")}
	if e.RoleARN == "" {
		d.Lost = e.Models
	} else if listed, err := v.api.Models(v.ctx(), v.Org.ID, e.ID, v.query("refresh") != ""); err != nil {
		d.Problem, d.Lost = v.problem(err), e.Models
	} else {
		d.sort(listed)
	}
	p := v.ofEnvironment(e, page{template: "environment-models", title: "Models of " + e.Name, data: d, notice: notice})
	if v.May(access.ReadModel) && e.RoleARN != "" {
		p.actions = []link{{Label: "Refresh", URL: v.At("environments", e.ID, "models") + "?refresh=1"}}
	}
	return p
}

// sort puts what Adit embeds with first, the enabled ones at the top.
func (d *environmentModels) sort(listed wire.Models) {
	d.Listed, d.Warnings = listed, listed.Warnings
	known := map[string]bool{}
	for _, m := range listed.Items {
		known[m.ID] = true
		o := offered{Model: m, Kind: kindWords(m.Kind), Note: noteOf(m)}
		o.AccessClass, o.AccessWords = accessWords(m)
		if m.Embeds || m.Enabled {
			d.Embed = append(d.Embed, o)
		} else {
			d.Other = append(d.Other, o)
		}
	}
	for _, list := range [][]offered{d.Embed, d.Other} {
		slices.SortStableFunc(list, func(a, b offered) int {
			return cmp.Or(rank(a)-rank(b), cmp.Compare(a.ID, b.ID))
		})
	}
	for _, id := range d.Env.Models {
		if !known[id] {
			d.Lost = append(d.Lost, id)
		}
	}
}

// rank puts enabled models before those that could be, and these before the rest.
func rank(o offered) int {
	switch {
	case o.Enabled:
		return 0
	case o.Access == "granted" && o.Why == "":
		return 1
	}
	return 2
}

// noteOf is what should be known of a model before it is enabled.
func noteOf(m wire.Model) string {
	var notes []string
	if m.Why != "" {
		notes = append(notes, sentence(m.Why))
	}
	if m.AccessWhy != "" && m.Access != "granted" {
		notes = append(notes, sentence(m.AccessWhy))
	}
	if strings.EqualFold(m.Lifecycle, "legacy") {
		notes = append(notes, "AWS is retiring it.")
	}
	if slices.Contains(m.Destinations, "global") {
		notes = append(notes, "Calls may run in any region.")
	} else if len(m.Destinations) > 0 {
		notes = append(notes, "Calls may run in "+strings.Join(m.Destinations, ", ")+".")
	}
	return strings.Join(notes, " ")
}

func (s *studio) enableModel(v *visit, e wire.Environment) (answer, error) {
	id := v.typed("model")
	came, err := v.api.EnableModel(v.ctx(), v.Org.ID, e.ID, id)
	if err != nil {
		return again(v.modelsPage(e, v.form().with(err), ""), err)
	}
	notice := id + " is enabled. Callers use it as " + e.Name + "/" + id + "."
	if !came.Changed {
		notice = id + " was already enabled."
	}
	if !slices.Contains(came.Environment.InvokeNames, e.Name+"/"+id) {
		notice = id + " is enabled."
	}
	if came.Advice != "" {
		notice += " " + came.Advice
	}
	return moved{to: v.backFromModels(e), notice: notice}, nil
}

func (s *studio) disableModel(v *visit, e wire.Environment) (answer, error) {
	id := v.typed("model")
	if _, err := v.api.DisableModel(v.ctx(), v.Org.ID, e.ID, id); err != nil {
		return again(v.modelsPage(e, v.form().with(err), ""), err)
	}
	return moved{to: v.backFromModels(e), notice: id + " is disabled. Requests for it now get 404."}, nil
}

// backFromModels is the page that the form stood on.
func (v *visit) backFromModels(e wire.Environment) string {
	switch v.typed("back") {
	case "environment":
		return v.At("environments", e.ID)
	case "setup":
		return v.At("environments", e.ID, "setup")
	}
	return v.At("environments", e.ID, "models")
}
