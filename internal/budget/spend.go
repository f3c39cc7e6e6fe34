package budget

import (
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

// Admit returns a fault of kind Throttled, "budget_exceeded", when the caller's
// organization, the environment ("" for none) or the caller itself has spent a
// hard bound; it says how long to wait. Of several the one that lasts longest is
// told. It reads memory, and waits for nobody.
func (r *Registry) Admit(c caller.Caller, environment string) error {
	of := r.now.Load().of[c.Organization]
	if of == nil {
		return nil
	}
	now := r.settings.Now().Unix()
	worst := exceeded(of.whole, now, nil)
	if len(of.targets) > 0 {
		worst = exceeded(of.targets[environment], now, worst)
		worst = exceeded(of.targets[c.Key], now, worst)
	}
	if worst == nil {
		return nil
	}
	return r.refusal(worst, now)
}

// exceeded returns the one of the entries, and of worst, that is spent and ends last.
func exceeded(list []*entry, now int64, worst *entry) *entry {
	for _, e := range list {
		e.count.use()
		w := e.count.window.Load()
		if e.Hard > 0 && w.in(now) >= e.Hard && (worst == nil || w.ends > worst.count.window.Load().ends) {
			worst = e
		}
	}
	return worst
}

// Add adds what a request cost, in billionths of a US dollar, to all budgets
// that it falls under. Give it to usage's meter first, and here then: so a
// reading of the sums that begins in between finds it. It waits for nobody.
func (r *Registry) Add(organization, environment, key string, nano int64) {
	of := r.now.Load().of[organization]
	if of == nil || nano <= 0 {
		return
	}
	now := r.settings.Now().Unix()
	reached := spend(of.whole, now, nano)
	if len(of.targets) > 0 {
		reached = spend(of.targets[environment], now, nano) || reached
		reached = spend(of.targets[key], now, nano) || reached
	}
	if reached {
		r.look()
	}
}

// spend reports whether a bound was reached just now.
func spend(list []*entry, now, nano int64) (reached bool) {
	for _, e := range list {
		e.count.use()
		after := e.count.at(now, e.Period).spent.Add(nano)
		if e.State(after) != e.State(after-nano) {
			reached = true
		}
	}
	return reached
}

// look has [Registry.Run] take a step now.
func (r *Registry) look() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Registry) refusal(e *entry, now int64) error {
	w := e.count.window.Load()
	ends := time.Unix(w.ends, 0).UTC()
	f := fault.New(fault.Throttled, "%s of $%s is spent; it ends %s", r.title(e.Budget), dollars(e.Hard), ends.Format("2006-01-02 15:04 UTC")).
		WithCode("budget_exceeded").
		WithRemedy("Wait until then, or ask an administrator of the organization to raise the budget.").
		WithDetail("budget %s: $%s are spent", e.ID, dollars(w.spent.Load()))
	f.RetryAfter = time.Duration(max(1, w.ends-now)) * time.Second
	return f
}

// title names a budget for people, such as "the daily budget of environment prod".
func (r *Registry) title(b Budget) string {
	title := "the daily budget of "
	if b.Period == Month {
		title = "the monthly budget of "
	}
	if b.Target == "" {
		return title + "the organization"
	}
	name := b.Target
	if _, known, err := r.settings.Target(b.Organization, b.Target); err == nil && known != "" {
		name = known
	}
	prefix, _, _ := strings.Cut(b.Target, "_")
	switch prefix {
	case "env":
		return title + "the environment " + name
	case "key":
		return title + "the API key " + name
	case "tru":
		return title + "the trusted issuer " + name
	}
	return title + name
}
