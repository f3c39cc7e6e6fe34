package studio

import (
	"cmp"
	"html/template"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

func (s *studio) budgetsRoutes() []route {
	const all, one = "/o/{org}/budgets", "/o/{org}/budgets/{budget}"
	return []route{
		get(all, access.ReadBudget, s.budgets),
		get(all+"/new", access.WriteBudget, s.newBudget),
		post(all, access.WriteBudget, s.createBudget),
		get(one+"/edit", access.WriteBudget, s.editBudget),
		post(one+"/edit", access.WriteBudget, s.changeBudget),
		get(one+"/delete", access.WriteBudget, s.askDeleteBudget),
		post(one+"/delete", access.WriteBudget, s.deleteBudget),
	}
}

// budgetRow is a budget as pages draw it.
type budgetRow struct {
	wire.Budget
	Name  string // of what it bounds
	Kind  string // what that is
	Meter template.HTML
	Spent string
}

func (v *visit) budgetRow(b wire.Budget, n *names) budgetRow {
	row := budgetRow{Budget: b, Name: cmp.Or(b.TargetName, n.Of(b.Target), b.Target), Kind: kindOfID(b.Target), Meter: budgetMeter(b), Spent: usd(b.SpentUSD)}
	if b.Target == "" {
		row.Name = "Everything"
	}
	return row
}

// kindOfID says what an id is of.
func kindOfID(id string) string {
	kind, _, _ := strings.Cut(id, "_")
	switch kind {
	case "":
		return "Organization"
	case "env":
		return "Environment"
	case "key":
		return "API key"
	case "tru":
		return "Trusted issuer"
	case "usr":
		return "Person"
	}
	return ""
}

// Each is the budget's period as people say it.
func (b budgetRow) Each() string {
	if b.Period == "day" {
		return "daily"
	}
	return "monthly"
}

// budgetMeter draws what is spent against the bounds: filled up to the spending,
// a line at each bound. What goes beyond the last bound fills the bar.
func budgetMeter(b wire.Budget) template.HTML {
	spent, soft, hard := nanoDollars(b.SpentUSD), nanoDollars(b.SoftUSD), nanoDollars(b.HardUSD)
	full := max(soft, hard)
	if hard == 0 {
		full += full / 4 // beyond a bound that only warns there is more
	}
	full = max(full, 1)
	share := min(float64(max(spent, 0))/float64(full), 1)
	class := map[string]string{"warning": "fill-warn", "exceeded": "fill-bad"}[b.State]
	d := &drawing{}
	d.begin("svg", "class", "budget-meter", "width", "100%", "height", "14", "role", "img", "aria-label", meterWords(b))
	d.put("rect", "", "class", "fill-none", "y", "2", "width", "100%", "height", "10", "rx", "3")
	if spent > 0 {
		d.put("rect", "", "class", cmp.Or(class, "fill-main"), "y", "2", "width", percent(max(share, 0.005)), "height", "10", "rx", "3")
	}
	for _, bound := range []int64{soft, hard} {
		if bound > 0 && bound < full {
			x := percent(float64(bound) / float64(full))
			d.put("line", "", "class", "meter-mark", "x1", x, "x2", x, "y1", "0", "y2", "14")
		}
	}
	d.end()
	return d.html()
}

// meterWords says the meter to those who cannot see it.
func meterWords(b wire.Budget) string {
	said := usd(b.SpentUSD) + " spent"
	if b.SoftUSD != "" {
		said += ", soft limit " + limitUSD(b.SoftUSD)
	}
	if b.HardUSD != "" {
		said += ", hard limit " + limitUSD(b.HardUSD)
	}
	return said
}

type budgetsData struct {
	Rows   []budgetRow
	Next   string
	States []option
	State  string
	Date   string // of the table of prices; "" when it is not known
}

func (s *studio) budgets(v *visit) (answer, error) {
	l := v.list("state")
	p, err := v.api.BudgetPage(v.ctx(), v.Org.ID, l)
	if err != nil {
		return nil, err
	}
	data := budgetsData{Next: p.Next, State: l.Filter["state"], States: chosenOption([]option{
		{Value: "", Label: "Any state"}, {Value: "within", Label: "OK"}, {Value: "warning", Label: "Warning"}, {Value: "exceeded", Label: "Exceeded"},
	}, l.Filter["state"])}
	n := newNames(v)
	for _, b := range p.Items {
		data.Rows = append(data.Rows, v.budgetRow(b, n))
	}
	if prices, err := v.api.Prices(v.ctx()); err == nil {
		data.Date = prices.Date
	}
	var actions []link
	if v.May(access.WriteBudget) {
		actions = []link{{Label: "New budget", URL: v.At("budgets", "new"), Primary: true}}
	}
	return page{
		template: "budgets", title: "Budgets", section: "budgets", actions: actions, data: data,
		lead: "Daily and monthly limits on spending. Costs come from the price table; your AWS bill is authoritative.",
	}, nil
}

// everything stands in the form for the organization as a whole, which has no
// target: a browser takes an empty choice for none.
const everything = "everything"

// budgetTargets are what a budget can bound: everything, environments, API keys
// and trusted issuers, so many of each at most as a choice can show.
func (v *visit) budgetTargets() []option {
	out := []option{{Value: everything, Label: "Everything in " + clip(63, v.Org.Name)}}
	l := client.List{Limit: 100}
	if p, err := v.api.EnvironmentPage(v.ctx(), v.Org.ID, l); err == nil {
		for _, e := range p.Items {
			out = append(out, option{Value: e.ID, Label: "Environment " + clip(63, e.Name)})
		}
	}
	if p, err := v.api.KeyPage(v.ctx(), v.Org.ID, l); err == nil {
		for _, k := range p.Items {
			out = append(out, option{Value: k.ID, Label: "API key " + clip(63, k.Name)})
		}
	}
	if p, err := v.api.TrustedIssuerPage(v.ctx(), v.Org.ID, l); err == nil {
		for _, i := range p.Items {
			out = append(out, option{Value: i.ID, Label: "Trusted issuer " + clip(63, i.Name)})
		}
	}
	return out
}
