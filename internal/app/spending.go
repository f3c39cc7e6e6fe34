package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/price"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/usage"
)

// prices is the table in force.
func (s StateSettings) prices() (price.Table, error) {
	if s.Prices == "" {
		return price.Builtin(), nil
	}
	return price.Load(s.Prices)
}

// keep is for how long usage is kept: that of hours for an eighth of that of days.
func (s StateSettings) keep() usage.Keep {
	return usage.Keep{Hours: max(s.KeepUsage/8, 0), Days: s.KeepUsage}
}

// openSpending makes the rooms of prices and budgets.
func (s *state) openSpending() (err error) {
	if s.prices, err = s.settings.prices(); err != nil {
		return err
	}
	if s.pruner, err = usage.NewPruner(s.store, usage.PrunerSettings{Keep: s.settings.keep(), Now: s.settings.Now, Log: s.log}); err != nil {
		return err
	}
	s.budgets = budget.New(budget.Settings{
		Store: s.store, Spent: s.spent, Flush: s.meter.Flush, Target: s.target, Refresh: s.Refresh, Fresh: s.fresh, Warn: s.reached,
		Record: s.events.Record, Recorded: s.store.Rows, Now: s.settings.Now, Log: s.log,
	})
	return nil
}

// personTime is how long one waits to see whether there is a person.
const personTime = 2 * time.Second

// target finds what a budget of an organization may bound. Only for a person's
// id the database is read: refusals for spent budgets ask for the names of all else, and must not wait.
func (s *state) target(organization, idOrName string) (id, name string, err error) {
	if e, err := s.tenants.Environment(organization, idOrName); fault.KindOf(err) != fault.NotFound {
		return e.ID, e.Name, err
	}
	if k, err := s.keys.Key(organization, idOrName); fault.KindOf(err) != fault.NotFound {
		return k.ID, k.Name, err
	}
	if i, err := s.trusted.Issuer(organization, idOrName); fault.KindOf(err) != fault.NotFound {
		return i.ID, i.Name, err
	}
	nobody := fault.New(fault.NotFound, "there is no such person in this organization").WithCode("person_not_found")
	if !strings.HasPrefix(idOrName, string(ident.Person)+"_") {
		return "", "", nobody
	}
	ctx, end := context.WithTimeout(context.Background(), personTime)
	defer end()
	p, err := s.people.Person(ctx, idOrName)
	if err != nil {
		return "", "", err
	}
	if !slices.ContainsFunc(p.Roles, func(m signin.Membership) bool { return m.Organization == organization || m.Organization == "" }) {
		return "", "", nobody
	}
	return p.ID, p.Name, nil
}

// reached notes a bound that was reached.
func (s *state) reached(b budget.Budget, spent int64) {
	bound := "soft"
	if b.Hard > 0 && spent >= b.Hard {
		bound = "hard"
	}
	s.metrics.ReachedLimit(bound)
}

// count notes what a request came to.
func (a *App) count(c caller.Caller, s gateway.Spent) {
	n := usage.Counts{Requests: 1, Texts: int64(s.Texts), Tokens: int64(s.Tokens), Estimated: int64(s.Estimated)}
	switch {
	case s.Err == nil:
	case fault.From(s.Err).Code == budget.CodeExceeded:
		n.OverBudget = 1
	case fault.KindOf(s.Err) == fault.Throttled:
		n.Throttles = 1
	default:
		n.Errors = 1
	}
	a.state.charge(&n, s.Model, s.Region)
	a.state.meter.Add(usage.Record{
		Organization: c.Organization, Environment: s.Environment, Model: s.Model, Key: c.Key, Tags: usage.TagText(c.Tags), Counts: n,
	})
	a.state.metrics.Charged(n.Cost, n.EstimatedCost)
	a.state.budgets.Add(c.Organization, s.Environment, c.Key, n.Cost+n.EstimatedCost)
}

// charge adds what the tokens cost.
func (s *state) charge(n *usage.Counts, model, region string) {
	var known bool
	if n.Cost, known = s.prices.Cost(model, region, n.Tokens); !known {
		n.Unpriced = n.Tokens + n.Estimated
		return
	}
	n.EstimatedCost, _ = s.prices.Cost(model, region, n.Estimated)
}

// admit refuses what no budget is left for.
func (a *App) admit(c caller.Caller, environment string) error {
	return a.state.budgets.Admit(c, environment)
}

// spent sums up what was used, as far as it is written.
func (s *state) spent(ctx context.Context, q usage.Query) (usage.Counts, error) {
	sums, err := s.store.Sums(ctx, q, usage.By{}, 1)
	return usage.Total(sums), err
}
