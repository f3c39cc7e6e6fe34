package studio

import (
	"html/template"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// environmentPage is what an environment's own page draws.
type environmentPage struct {
	Env         wire.Environment
	Standing    standing
	Attribution attribution
	Place       string // where the region is
	Account     string
	Role        string // its name
	TooWide     bool   // the role lets others in
	Policy      string // the trust policy that mends it; "" where the person may not set AWS up
	Accept      form
	Outcome     string // of the last exchange, in words
}

// Checks reports that the check of the role is on another page.
func (d environmentPage) Checks() bool { return false }

func (s *studio) environment(v *visit, e wire.Environment) (answer, error) {
	return v.environmentPage(e, form{}), nil
}

// environmentPage draws all of an environment that is known here. What AWS has to be asked for comes later.
func (v *visit) environmentPage(e wire.Environment, accept form) page {
	d := environmentPage{
		Env: e, Standing: standingOf(e), Attribution: attributionOf(e), Place: placeOf(e.Region),
		Account: accountOf(e.RoleARN), Role: roleOf(e.RoleARN), Accept: accept,
	}
	if e.Activity != nil {
		d.Outcome = outcomeWords(e.Activity.Outcome)
	}
	if d.TooWide = e.State == "unsafe" || wide(e); d.TooWide {
		d.Policy = v.trustPolicy(e)
	}
	p := v.ofEnvironment(e, page{template: "environment", title: e.Name, lead: e.Description, data: d})
	p.trail = p.trail[:1] // this is the environment's own page
	if v.May(access.Diagnose) {
		p.actions = append(p.actions, link{Label: "Diagnose", URL: v.At("environments", e.ID, "diagnosis"), Primary: d.Standing.Class == "bad"})
	}
	if v.May(access.WriteEnvironment) {
		p.actions = append(p.actions, link{Label: "Edit", URL: v.At("environments", e.ID, "edit")})
	}
	if stageOf(e) != stageModels && e.State == "pending" && v.May(access.Setup) {
		p.actions = append(p.actions, link{Label: "Continue setup", URL: v.At("environments", e.ID, "setup"), Primary: true})
	}
	return p
}

// acceptEnvironment notes that the person answers for a role that lets others in.
func (s *studio) acceptEnvironment(v *visit, e wire.Environment) (answer, error) {
	if _, err := v.api.Accept(v.ctx(), v.Org.ID, e.ID, v.typed("reason")); err != nil {
		return again(v.environmentPage(e, v.form().with(err)), err)
	}
	return moved{to: v.At("environments", e.ID), notice: "Risk accepted for the role of " + e.Name + ". This is in the audit, and applies to this role only."}, nil
}

// usageDays is how far back an environment's own charts go.
const usageDays = 14

// environmentUsagePage are the charts of one environment.
type environmentUsagePage struct {
	Env                 wire.Environment
	Total               wire.Counts
	Cost                usageCost
	Requests, CostChart template.HTML
}

func (s *studio) environmentUsage(v *visit, e wire.Environment) (answer, error) {
	const day = 24 * time.Hour
	to := v.now().Truncate(day).Add(day)
	from := to.Add(-usageDays * day)
	sums, err := v.api.Usage(v.ctx(), client.UsageFilter{Organization: v.Org.ID, Environment: e.ID, From: from, To: to, Group: []string{"day"}})
	if err != nil {
		return nil, err
	}
	return v.ofEnvironment(e, page{template: "environment-usage", title: "Usage of " + e.Name, data: environmentUsagePage{
		Env: e, Total: sums.Total, Cost: costsOf(sums.Total),
		Requests:  usageChart("requests-of-environment", measureRequests, sums.Items, from, to, day),
		CostChart: usageChart("cost-of-environment", measureCost, sums.Items, from, to, day),
	}}), nil
}
