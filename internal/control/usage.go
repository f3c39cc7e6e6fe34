package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
	"github.com/adit-hq/adit/internal/usage"
)

// Reports adds up what was used, where the sums are kept.
type Reports interface {
	// Sums returns one record for each group of those that q chooses, in order of
	// time and names. More than most of them are a fault, "too_many_groups".
	Sums(ctx context.Context, q usage.Query, by usage.By, most int) ([]usage.Record, error)
}

const maxGroups = 10_000

func (a *api) usageRoutes() []route {
	return []route{
		{"GET", "/usage", "show-all-usage", "Show the usage of the whole server", access.ReadWholeUsage, ofServer, 0, on(a.showUsage)},
		{"GET", "/organizations/{org}/usage", "show-usage", "Show the usage of an organization", access.ReadUsage, ofOrganization, 0, on(a.showOrganizationUsage)},
		{"GET", "/organizations/{org}/usage/own", "show-own-usage", "Show the usage of the calling key", access.ReadOwnUsage, ofOrganization, 0, on(a.showOwnUsage)},
	}
}

// UsageFilter chooses and groups sums.
type UsageFilter struct {
	From        time.Time `query:"from" doc:"Counted from the start of its hour, and from the start of its day where usage is no longer kept by the hour; default: 30 days before to"`
	To          time.Time `query:"to" doc:"Counted to the end of its hour, or day; default: now"`
	Environment string    `query:"environment" maxLength:"100" doc:"Id of an environment"`
	Model       string    `query:"model" maxLength:"2048" doc:"A Bedrock model id"`
	Key         string    `query:"key" maxLength:"100" doc:"Id of a caller: an API key, trusted issuer or person"`
	Group       []string  `query:"group" maxItems:"8" pattern:"^(hour|day|organization|environment|model|key|tag:.{1,128})$" patternDescription:"hour, day, organization, environment, model, key or tag:NAME" doc:"What to group by, separated by commas: hour or day, organization, environment, model, key, and tag:NAME by the value of a caller's tag; default: environment,model"`
}

type showUsageInput struct{ UsageFilter }

type showOrganizationUsageInput struct {
	InOrganization
	UsageFilter
}

func (a *api) showUsage(ctx context.Context, _ *call, in *showUsageInput) (wire.Usage, error) {
	return a.sums(ctx, "", in.UsageFilter)
}

func (a *api) showOrganizationUsage(ctx context.Context, c *call, in *showOrganizationUsageInput) (wire.Usage, error) {
	return a.sums(ctx, c.organization.ID, in.UsageFilter)
}

func (a *api) showOwnUsage(ctx context.Context, c *call, in *showOrganizationUsageInput) (wire.Usage, error) {
	if in.Key != "" && in.Key != c.who.Key.ID {
		return wire.Usage{}, fault.New(fault.Invalid, "you can see only the usage of your own key").WithCode(codeInput).WithParam("query.key")
	}
	in.Key = c.who.Key.ID
	return a.sums(ctx, c.organization.ID, in.UsageFilter)
}

func (a *api) sums(ctx context.Context, organization string, f UsageFilter) (wire.Usage, error) {
	by, err := groupedBy(f.Group)
	if err != nil {
		return wire.Usage{}, err
	}
	if err := a.wholeSteps(&f, by); err != nil {
		return wire.Usage{}, err
	}
	records, err := a.s.Reports.Sums(ctx, usage.Query{
		From: f.From, To: f.To, Organization: organization, Environment: f.Environment, Model: f.Model, Key: f.Key,
	}, by, maxGroups)
	if fault.From(err) != nil && fault.From(err).Code == "too_many_groups" {
		return wire.Usage{}, fault.New(fault.Invalid, "the result would have more than %d rows", maxGroups).
			WithCode("too_many_groups").WithParam("query.group").WithRemedy("Choose a shorter period, or group by less.")
	}
	if err != nil {
		return wire.Usage{}, err
	}
	out := wire.Usage{From: f.From, To: f.To, Items: make([]wire.UsageSum, len(records)), Total: showCounts(usage.Total(records))}
	out.HoursSince, out.DaysSince = a.s.KeepUsage.Since(a.s.Now())
	for i, r := range records {
		out.Items[i] = showSum(r, by)
	}
	return out, nil
}

// groupedBy reads what is to be told apart. Of hour and day, hour counts.
func groupedBy(names []string) (usage.By, error) {
	if len(names) == 0 {
		names = []string{"environment", "model"}
	}
	if slices.Contains(names, "hour") {
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "day" })
	}
	by, err := usage.ParseBy(strings.Join(names, ","))
	if f := fault.From(err); f != nil {
		return by, f.WithParam("query.group")
	}
	return by, nil
}

func showSum(r usage.Record, by usage.By) wire.UsageSum {
	s := wire.UsageSum{Organization: r.Organization, Environment: r.Environment, Model: r.Model, Key: r.Key, Counts: showCounts(r.Counts)}
	s.Tag, _ = usage.TagValue(r.Tags, by.Tag)
	at := r.Hour.UTC()
	switch {
	case by.Hour:
		s.Hour = &at
	case by.Day:
		s.Day = &at
	}
	return s
}

func showCounts(c usage.Counts) wire.Counts {
	return wire.Counts{
		Requests: c.Requests, Texts: c.Texts, Tokens: c.Tokens, Estimated: c.Estimated, Errors: c.Errors, Throttles: c.Throttles, OverBudget: c.OverBudget,
		CostUSD: price.FormatUSD(c.Cost), EstimatedCostUSD: price.FormatUSD(c.EstimatedCost), Unpriced: c.Unpriced,
	}
}
