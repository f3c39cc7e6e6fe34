package studio

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/ident"
)

func (s *studio) homeRoutes() []route {
	return []route{
		get("/{$}", "", s.first),
		get("/o/{org}", access.ReadOrganization, s.home),
	}
}

// first is the first page: the organization seen last, or the only one, or those there are.
func (s *studio) first(v *visit) (answer, error) {
	ids := v.who.Organizations()
	if v.query("choose") == "" {
		last := v.lastPlace()
		if last == "" && len(ids) == 1 && !v.Operator() {
			last = ids[0]
		}
		if _, _, err := v.find(last); last != "" && err == nil {
			return moved{to: address(root+"/o", last)}, nil
		}
	}
	if v.Operator() {
		return v.firstOfOperator()
	}
	p := page{template: "choose", title: "Your organizations"}
	var rows []roleRow
	for _, row := range v.roles() {
		if row.URL != "" {
			rows = append(rows, row)
		}
	}
	p.data = rows
	return p, nil
}

// firstOfOperator is the only organization of the server, or all of them.
func (v *visit) firstOfOperator() (answer, error) {
	all := moved{to: root + "/organizations"}
	if v.query("choose") != "" {
		return all, nil
	}
	some, err := v.api.OrganizationPage(v.ctx(), client.List{Limit: 2})
	if err != nil || len(some.Items) != 1 || some.Next != "" {
		return all, err
	}
	return moved{to: address(root+"/o", some.Items[0].ID)}, nil
}

// homeData is what an organization's first page draws.
type homeData struct {
	Overview     wire.Overview
	Environments []environmentRow
	// More says that there are environments besides those.
	More  bool
	Total int
	// States are how many environments are in each state, those to look at first.
	States    []stateCount
	Attention []attentionRow
	Chart     template.HTML
	Cost      usageCost // of the last day
}

type stateCount struct {
	State string
	Count int
}

// Words are the state for people, as the filter of the list calls it.
func (c stateCount) Words() stateWord {
	words := stateOf(c.State)
	words.Word = strings.ToLower(c.State)
	if c.State == "pending" {
		words = stateWord{"in setup", "info"}
	}
	return words
}

// attentionRow is a thing to look at, and where.
type attentionRow struct {
	wire.Attention
	Class, URL string
	Way        link // the page that mends it; without a URL, the remedy says what does
	// Before and After are what the sentence says around the name, which leads there.
	Before, After string
}

// rowOf is an attention as a row. A sentence that does not have the name begins with it.
func (v *visit) rowOf(a wire.Attention) attentionRow {
	if a.Since.After(v.now()) { // what is still ahead, the sentence says
		a.Since = time.Time{}
	}
	row := attentionRow{Attention: a, Class: severityClass(a.Severity), URL: v.targetURL(a.Target)}
	row.Remedy, row.Way = v.remedyOf(a)
	what := sentence(a.What)
	before, after, found := strings.Cut(what, a.Name)
	switch {
	case a.Name == "":
		row.Before = what
	case found:
		row.Before, row.After = before, after
	default:
		row.After = ": " + what
	}
	return row
}

// homeEnvironments is how many environments the first page shows.
const homeEnvironments = 6

func (s *studio) home(v *visit) (answer, error) {
	overview, err := v.api.Overview(v.ctx(), v.Org.ID)
	if err != nil {
		return nil, err
	}
	d := homeData{Overview: overview, Cost: costsOf(overview.Total)}
	for _, state := range []string{"failing", "unsafe", "pending", "ready"} {
		if n := overview.Environments[state]; n > 0 {
			d.States, d.Total = append(d.States, stateCount{state, n}), d.Total+n
		}
	}
	if d.Total > 0 && v.May(access.ReadEnvironment) {
		list, err := v.api.EnvironmentPage(v.ctx(), v.Org.ID, client.List{Limit: homeEnvironments})
		if err != nil {
			return nil, err
		}
		d.Environments, d.More = environmentRows(list.Items), list.Next != ""
	}
	for _, a := range overview.Attention {
		d.Attention = append(d.Attention, v.rowOf(a))
	}
	end := v.now().Truncate(time.Hour).Add(time.Hour)
	d.Chart = usageChart("last-day", measureRequests, overview.Hours, end.Add(-24*time.Hour), end, time.Hour)
	p := page{template: "home", title: v.Org.Name, lead: v.Org.Description, section: "home", data: d}
	if d.Total > 0 && v.May(access.WriteEnvironment) {
		p.actions = []link{{Label: "New environment", URL: v.At("environments", "new")}}
	}
	return p, nil
}

func severityClass(severity string) string {
	switch severity {
	case "failed":
		return "bad"
	case "warning":
		return "warn"
	}
	return "info"
}

// targetURL is the page of what an id names; "" when it has none that the person may see.
func (v *visit) targetURL(id string) string {
	kind, _, _ := strings.Cut(id, "_")
	for _, t := range []struct {
		prefix ident.Prefix
		needs  access.Permission
		parts  []string
	}{
		{ident.Environment, access.ReadEnvironment, []string{"environments", id}},
		{ident.Key, access.ReadKey, []string{"keys", id}},
		{ident.Trust, access.ReadTrust, []string{"trusted-issuers", id}},
		{ident.Budget, access.WriteBudget, []string{"budgets", id, "edit"}},
		{ident.Budget, access.ReadBudget, []string{"budgets"}}, // one has no page to read it at
		{ident.Person, access.ReadMember, []string{"organization"}},
	} {
		if kind == string(t.prefix) && v.May(t.needs) {
			return v.At(t.parts...)
		}
	}
	return ""
}

// memberRoles are the roles of an organization that people have.
func memberRoles() []access.Role {
	return []access.Role{access.Owner, access.Admin, access.Developer, access.Auditor}
}

// mayGive are those of them that the person may give: nobody gives more than they have.
func (v *visit) mayGive() []access.Role {
	return slices.DeleteFunc(memberRoles(), func(r access.Role) bool {
		return !slices.ContainsFunc(v.principal.Key.Roles, func(has access.Role) bool { return has.MayGive(r) })
	})
}
