package studio

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// environmentRoutes are the pages of environments.
func (s *studio) environmentRoutes() []route {
	const all = "/o/{org}/environments"
	const one = all + "/{env}"
	in := s.inEnvironment
	return []route{
		get(all, access.ReadEnvironment, s.environments),
		get(all+"/new", access.WriteEnvironment, s.newEnvironment),
		post(all+"/new", access.WriteEnvironment, s.createEnvironment),

		get(one, access.ReadEnvironment, in(s.environment)),
		get(one+"/usage", access.ReadUsage, in(s.environmentUsage)),
		get(one+"/edit", access.WriteEnvironment, in(s.editEnvironment)),
		post(one+"/edit", access.WriteEnvironment, in(s.changeEnvironment)),
		get(one+"/delete", access.WriteEnvironment, in(s.confirmEnvironment)),
		post(one+"/delete", access.WriteEnvironment, in(s.deleteEnvironment)),
		post(one+"/accept", access.AcceptUnsafe, in(s.acceptEnvironment)),

		get(one+"/setup", access.ReadEnvironment, in(s.setup)),
		get(one+"/setup/progress", access.ReadEnvironment, in(s.setupProgress)),
		get(one+"/setup/document", access.Setup, in(s.setupDocument)),
		get(one+"/setup/role", access.ReadEnvironment, in(s.backToSetup)),
		post(one+"/setup/role", access.WriteEnvironment, in(s.storeRole)),
		get(one+"/check", access.ReadEnvironment, in(s.backToSetup)),
		post(one+"/check", access.TryExchange, in(s.checkRole)),

		get(one+"/diagnosis", access.Diagnose, in(s.diagnosis)),
		post(one+"/diagnosis", access.Diagnose, in(s.diagnose)),

		get(one+"/models", access.ReadModel, in(s.environmentModels)),
		post(one+"/models/enable", access.WriteModel, in(s.enableModel)),
		post(one+"/models/disable", access.WriteModel, in(s.disableModel)),
	}
}

// inEnvironment finds the environment that the path names, by id or by name; a
// name's pages are those of the id.
func (s *studio) inEnvironment(h func(*visit, wire.Environment) (answer, error)) handler {
	return func(v *visit) (answer, error) {
		named := v.path("env")
		e, err := v.api.Environment(v.ctx(), v.Org.ID, named)
		if err != nil {
			return nil, err
		}
		if named == e.ID || v.r.Method != http.MethodGet {
			return h(v, e)
		}
		rest := strings.TrimPrefix(v.r.URL.EscapedPath(), v.At("environments")+"/"+url.PathEscape(named))
		to := v.At("environments", e.ID) + rest
		if v.r.URL.RawQuery != "" {
			to += "?" + v.r.URL.RawQuery
		}
		return moved{to: localPath(to)}, nil
	}
}

// ofEnvironment is a page about an environment, below its own.
func (v *visit) ofEnvironment(e wire.Environment, p page) page {
	p.section = "environments"
	p.trail = []link{{Label: "Environments", URL: v.At("environments")}, {Label: e.Name, URL: v.At("environments", e.ID)}}
	return p
}

// environmentList is what the list draws.
type environmentList struct {
	Items               []environmentRow
	Next                string
	Form                form
	Search, State, Sort string
	Chosen              bool // it is not the whole list
}

func (s *studio) environments(v *visit) (answer, error) {
	l := v.list("state", "region")
	found, err := v.api.EnvironmentPage(v.ctx(), v.Org.ID, l)
	if err != nil {
		return nil, err
	}
	p := page{
		template: "environments", title: "Environments", section: "environments",
		lead: "An environment binds this organization to one AWS role in one region. Callers use it without AWS keys.",
		data: environmentList{
			Items: environmentRows(found.Items), Next: found.Next, Form: form{values: v.r.URL.Query()}, Search: l.Search, State: l.Filter["state"], Sort: l.Sort,
			Chosen: l.Search != "" || len(l.Filter) > 0 || l.Cursor != "",
		},
	}
	if v.May(access.WriteEnvironment) {
		p.actions = []link{{Label: "New environment", URL: v.At("environments", "new"), Primary: true}}
	}
	return p, nil
}

// environmentRow is an environment in the list.
type environmentRow struct {
	wire.Environment
	Standing standing
}

func environmentRows(all []wire.Environment) []environmentRow {
	rows := make([]environmentRow, len(all))
	for i, e := range all {
		rows[i] = environmentRow{Environment: e, Standing: standingOf(e)}
	}
	return rows
}

// Role is the name of its role, Account the one that the role is of.
func (e environmentRow) Role() string    { return roleOf(e.RoleARN) }
func (e environmentRow) Account() string { return accountOf(e.RoleARN) }

// Refused is what AWS said to the last exchange; "" when that went well.
func (e environmentRow) Refused() string {
	if e.Activity == nil || e.Activity.Outcome == "ok" {
		return ""
	}
	return outcomeWords(e.Activity.Outcome)
}

// States are the choices of the list's filter. Some of the API's states are
// several of the words that the list tells them with.
func (l environmentList) States() []option {
	out := []option{
		{Value: "", Label: "Any state"},
		{Value: "ready", Label: "Ready (also too permissive)"},
		{Value: "pending", Label: "In setup (no role, or not checked)"},
		{Value: "failing", Label: "Failing"},
		{Value: "unsafe", Label: "Unsafe (also with the risk accepted)"},
	}
	for i := range out {
		out[i].Chosen = out[i].Value == l.State
	}
	return out
}

// Regions are the suggestions of the filter by region.
func (l environmentList) Regions() []region { return regions() }

// Order is how a column's heading sorts: its URL parameter, and how the column is sorted now.
func (l environmentList) Order(column string) order {
	switch l.Sort {
	case column:
		return order{Next: "-" + column, Now: "ascending"}
	case "-" + column:
		return order{Next: column, Now: "descending"}
	case "":
		if column == "name" { // the order of the API where none is asked for
			return order{Next: "-name", Now: "ascending"}
		}
	}
	return order{Next: column}
}

// order is how the rows of a table lie by one of its columns.
type order struct{ Next, Now string }
