package control

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

// Usage reads the sums by hour.
type Usage interface {
	Usage(ctx context.Context, q usage.Query) ([]usage.Record, error)
}

const (
	usageSpan    = 30 * 24 * time.Hour  // by default
	maxUsageSpan = 400 * 24 * time.Hour // a year, and the same month of the year before
	maxGroups    = 10_000
)

func (a *api) usageRoutes() []route {
	return []route{
		{"GET", "/usage", "show-all-usage", "Sum up what the whole server was asked", access.ReadWholeUsage, ofServer, 0, on(a.showUsage)},
		{"GET", "/organizations/{org}/usage", "show-usage", "Sum up what an organization asked", access.ReadUsage, ofOrganization, 0, on(a.showOrganizationUsage)},
		{"GET", "/organizations/{org}/usage/own", "show-own-usage", "Sum up what the key itself asked", access.ReadOwnUsage, ofOrganization, 0, on(a.showOwnUsage)},
	}
}

// UsageFilter chooses and groups sums.
type UsageFilter struct {
	From        time.Time `query:"from" doc:"Default: 30 days before to"`
	To          time.Time `query:"to" doc:"Default: now"`
	Environment string    `query:"environment" maxLength:"100" doc:"Id of an environment"`
	Model       string    `query:"model" maxLength:"2048" doc:"A Bedrock model id"`
	Key         string    `query:"key" maxLength:"100" doc:"Id of an API key"`
	Group       []string  `query:"group" enum:"hour,day,organization,environment,model,key" doc:"What to tell apart, separated by commas; default: environment,model"`
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
		return wire.Usage{}, fault.New(fault.Invalid, "this is the usage of your own key only").WithCode(codeInput).WithParam("query.key")
	}
	in.Key = c.who.Key.ID
	return a.sums(ctx, c.organization.ID, in.UsageFilter)
}

func (a *api) sums(ctx context.Context, organization string, f UsageFilter) (wire.Usage, error) {
	if f.To.IsZero() {
		f.To = a.s.Now().UTC().Truncate(time.Hour).Add(time.Hour) // this hour too
	}
	if f.From.IsZero() {
		f.From = f.To.Add(-usageSpan)
	}
	if span := f.To.Sub(f.From); span <= 0 || span > maxUsageSpan {
		return wire.Usage{}, fault.New(fault.Invalid, "from must be before to, by 400 days at most").WithCode(codeInput).WithParam("query.from")
	}
	records, err := a.s.Usage.Usage(ctx, usage.Query{
		From: f.From, To: f.To, Organization: organization, Environment: f.Environment, Model: f.Model, Key: f.Key,
	})
	if err != nil {
		return wire.Usage{}, err
	}
	if len(f.Group) == 0 {
		f.Group = []string{"environment", "model"}
	}
	return summed(records, f)
}

// group is what records of one sum have in common.
type group struct {
	at                                    time.Time
	organization, environment, model, key string
}

// summed adds the records up by group.
func summed(records []usage.Record, f UsageFilter) (wire.Usage, error) {
	out := wire.Usage{From: f.From.UTC(), To: f.To.UTC(), Items: []wire.UsageSum{}}
	sums := map[group]*wire.Counts{}
	for _, r := range records {
		g := groupOf(r, f.Group)
		if sums[g] == nil {
			sums[g] = new(wire.Counts)
		}
		addCounts(sums[g], r.Counts)
		addCounts(&out.Total, r.Counts)
	}
	if len(sums) > maxGroups {
		return wire.Usage{}, fault.New(fault.Invalid, "these are %d sums, more than %d", len(sums), maxGroups).
			WithCode(codeInput).WithParam("query.group").WithRemedy("Choose a shorter time, or tell less apart.")
	}
	groups := make([]group, 0, len(sums))
	for g := range sums {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(x, y group) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.organization, y.organization), cmp.Compare(x.environment, y.environment),
			cmp.Compare(x.model, y.model), cmp.Compare(x.key, y.key))
	})
	for _, g := range groups {
		s := wire.UsageSum{Organization: g.organization, Environment: g.environment, Model: g.model, Key: g.key, Counts: *sums[g]}
		switch {
		case slices.Contains(f.Group, "hour"):
			s.Hour = &g.at
		case slices.Contains(f.Group, "day"):
			s.Day = &g.at
		}
		out.Items = append(out.Items, s)
	}
	return out, nil
}

func groupOf(r usage.Record, by []string) group {
	var g group
	for _, name := range by {
		switch name {
		case "hour":
			g.at = r.Hour.UTC()
		case "day":
			if !slices.Contains(by, "hour") {
				g.at = r.Hour.UTC().Truncate(24 * time.Hour)
			}
		case "organization":
			g.organization = r.Organization
		case "environment":
			g.environment = r.Environment
		case "model":
			g.model = r.Model
		case "key":
			g.key = r.Key
		}
	}
	return g
}

func addCounts(sum *wire.Counts, c usage.Counts) {
	sum.Requests += c.Requests
	sum.Texts += c.Texts
	sum.Tokens += c.Tokens
	sum.Estimated += c.Estimated
	sum.Errors += c.Errors
	sum.Throttles += c.Throttles
}
