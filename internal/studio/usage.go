package studio

import (
	"cmp"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

func (s *studio) usageRoutes() []route {
	return []route{
		get("/o/{org}/usage", "", s.usage), // who may not see everybody's sees their own
		get("/o/{org}/usage.csv", "", s.usageCSV),
	}
}

// usageAsk is what a visit wants to know.
type usageAsk struct {
	Range    string // a name of [ranges], or "days"
	From, To time.Time
	Step     time.Duration // an hour or a day
	Group    string        // environment, model, key, tag, or "" for time
	Tag      string        // the name of the tag, with Group "tag"
	// Environment, Model and Key narrow it.
	Environment, Model, Key string
	// Own is only what the person asked, who may not see what others did.
	Own bool
}

// ranges are the spans of time to choose from; the hours that they reach back.
func ranges() []struct {
	Name, Label string
	Hours       int
} {
	return []struct {
		Name, Label string
		Hours       int
	}{
		{"24h", "Last 24 hours", 24}, {"7d", "Last 7 days", 7 * 24}, {"30d", "Last 30 days", 30 * 24}, {"90d", "Last 90 days", 90 * 24}, {"365d", "Last year", 365 * 24},
	}
}

const (
	hourSpan = 3 * 24 * time.Hour   // longer spans are told by day: bars of an hour would be hairs
	longest  = 400 * 24 * time.Hour // as the control API has it
)

// usageAsk reads the query. What makes no sense is a fault that names its field.
func (v *visit) usageAsk() (usageAsk, error) {
	var faults fault.Inputs
	a := usageAsk{
		Range: cmp.Or(v.query("range"), "7d"), Group: v.query("by"), Tag: strings.TrimSpace(v.query("tag")),
		Environment: v.query("environment"), Model: strings.TrimSpace(v.query("model")), Key: v.query("key"), Own: !v.May(access.ReadUsage),
	}
	a.To = v.now().Truncate(time.Hour).Add(time.Hour) // this hour too
	for _, r := range ranges() {
		if r.Name == a.Range {
			a.From = a.To.Add(-time.Duration(r.Hours) * time.Hour)
		}
	}
	if a.From.IsZero() {
		a.Range = "days"
		a.readDays(v, &faults)
	}
	a.Step = 24 * time.Hour
	if a.To.Sub(a.From) <= hourSpan {
		a.Step = time.Hour
	}
	if a.Step > time.Hour { // days are whole, today's too, and as many as the range says
		span := a.To.Sub(a.From)
		a.To = a.To.Add(a.Step - time.Second).Truncate(a.Step)
		a.From = a.To.Add(-span)
	}
	switch a.Group {
	case "environment", "model", "key", "":
	case "tag":
		if a.Tag == "" {
			faults.Add("tag", "enter the name of a tag, such as team")
		}
	default:
		a.Group = ""
	}
	if a.Own { // there is one caller
		a.Key = ""
		if a.Group == "key" {
			a.Group = ""
		}
	}
	return a, faults.Err()
}

// readDays reads a span of days that was chosen by its first and last.
func (a *usageAsk) readDays(v *visit, faults *fault.Inputs) {
	first, bad := time.Parse(time.DateOnly, v.query("from"))
	if bad != nil {
		faults.Add("from", "choose a start date")
	}
	last, err := time.Parse(time.DateOnly, v.query("to"))
	if err != nil {
		faults.Add("to", "choose an end date")
	}
	a.From, a.To = first, last.Add(24*time.Hour)
	if bad == nil && err == nil && (!a.From.Before(a.To) || a.To.Sub(a.From) > longest) {
		faults.Add("from", "the range must start before it ends, and cover 400 days at most")
	}
	if len(*faults) > 0 {
		a.To = v.now().Truncate(time.Hour).Add(time.Hour)
		a.From = a.To.Add(-7 * 24 * time.Hour)
	}
}

// filter is the question as the API takes it.
func (a usageAsk) filter(org string, group ...string) client.UsageFilter {
	return client.UsageFilter{
		Organization: org, Own: a.Own, Environment: a.Environment, Model: a.Model, Key: a.Key, From: a.From, To: a.To, Group: group,
	}
}

// step and group are the API's words for them.
func (a usageAsk) step() string {
	if a.Step > time.Hour {
		return "day"
	}
	return "hour"
}

func (a usageAsk) group() string {
	if a.Group == "tag" {
		return "tag:" + a.Tag
	}
	return a.Group
}

// usageData is what the page draws.
type usageData struct {
	Ask      usageAsk
	Form     form
	Total    wire.Counts
	Cost     usageCost
	Kept     usageKept
	Charts   []template.HTML
	Rows     []usageRow
	Sum      usageAmounts // of all rows
	What     string       // the heading of the first column
	Ranges   []option
	Groups   []option
	Narrowed []pair // by what, with names
	CSV      string
	Days     bool
}

// Nothing reports whether there was nothing at all.
func (d usageData) Nothing() bool { return d.Total.Requests == 0 }

func (s *studio) usage(v *visit) (answer, error) {
	a, err := v.usageAsk()
	d := usageData{Ask: a, CSV: v.usageCSVLink()}
	d.Form = form{values: v.r.URL.Query()}
	d.choices()
	p := page{template: "usage", title: "Usage", section: "usage", lead: "Requests, tokens and cost. Costs come from the price table; your AWS bill is authoritative."}
	if a.Own {
		p.lead = "Your own requests and their cost. Your role does not show other callers."
	}
	if err != nil {
		d.Form = d.Form.with(err)
		p.data = d
		return p.refused(err), nil
	}
	over, kept, err := v.usageOverTime(&a)
	if err != nil {
		return nil, err
	}
	d.Total, d.Cost, d.Kept = over.Total, costsOf(over.Total), kept
	if kept.Nothing {
		p.data = d
		return p, nil
	}
	from := a.From
	if from.Before(kept.Days) { // bars of zero would say that there were no requests
		from = kept.Days
	}
	for _, m := range []measure{measureRequests, measureTokens, measureCost} {
		d.Charts = append(d.Charts, usageChart("usage-"+string(m), m, over.Items, from, a.To, a.Step))
	}
	sums := over.Items
	if a.Group != "" {
		grouped, err := v.api.Usage(v.ctx(), a.filter(v.Org.ID, a.group()))
		if err != nil {
			return nil, err
		}
		sums = grouped.Items
	}
	n := newNames(v)
	d.Rows, d.What = usageRows(sums, a, n), usageHeading(a)
	d.Sum = withAmounts(d.Rows, d.Total)
	for _, by := range []pair{{"Environment", a.Environment}, {"Model", a.Model}, {"Caller", a.Key}} {
		if by.Value != "" {
			d.Narrowed = append(d.Narrowed, pair{by.Name, cmp.Or(n.Of(by.Value), by.Value)})
		}
	}
	p.data = d
	return p, nil
}

// choices fills in what can be chosen.
func (d *usageData) choices() {
	for _, r := range ranges() {
		d.Ranges = append(d.Ranges, option{Value: r.Name, Label: r.Label, Chosen: r.Name == d.Ask.Range})
	}
	d.Ranges = append(d.Ranges, option{Value: "days", Label: "Custom range", Chosen: d.Ask.Range == "days"})
	d.Groups = []option{{Value: "", Label: "Time"}, {Value: "environment", Label: "Environment"}, {Value: "model", Label: "Model"}}
	if !d.Ask.Own {
		d.Groups = append(d.Groups, option{Value: "key", Label: "Caller"})
	}
	d.Groups = chosenOption(append(d.Groups, option{Value: "tag", Label: "Tag"}), d.Ask.Group)
	d.Days = d.Ask.Range == "days"
}

// usageCSVLink is where the same sums are as a file.
func (v *visit) usageCSVLink() string {
	q := url.Values{}
	for _, name := range []string{"range", "from", "to", "by", "tag", "environment", "model", "key"} {
		if value := v.query(name); value != "" {
			q.Set(name, value)
		}
	}
	return pathAnd(v.At("usage.csv"), q)
}
