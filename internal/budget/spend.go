package budget

import (
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/price"
)

// CodeExceeded is the code of a refusal for a spent budget.
const CodeExceeded = "budget_exceeded"

// Admit returns a fault of kind Throttled, [CodeExceeded], when the caller's
// organization, the environment ("" for none) or the caller itself has spent a
// hard bound; it says how long to wait. Of several the one that lasts longest is
// told. It reads memory, and waits for nobody.
func (r *Registry) Admit(c caller.Caller, environment string) error {
	of := r.now.Load().of[c.Organization]
	if of == nil {
		return nil
	}
	worst := r.spent(of.whole, verdict{})
	if len(of.targets) > 0 {
		worst = r.spent(of.targets[environment], worst)
		worst = r.spent(of.targets[c.Key], worst)
	}
	if worst.entry == nil {
		return nil
	}
	return r.refusal(worst)
}

// verdict is a budget whose hard bound is spent; the zero verdict is none.
type verdict struct {
	entry *entry
	// spent is how much, now and ends are in Unix seconds.
	spent, now, ends int64
}

// spent returns the one of the entries, and of worst, that is spent and ends
// last. What time it is matters only where so much was spent some day.
func (r *Registry) spent(list []*entry, worst verdict) verdict {
	for _, e := range list {
		r.use(e.count)
		w := e.count.window.Load()
		spent := w.spent.Load()
		if e.Hard == 0 || spent < e.Hard {
			continue
		}
		if now := r.settings.Now().Unix(); now < w.ends && w.ends > worst.ends {
			worst = verdict{e, spent, now, w.ends}
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
	reached := r.spend(of.whole, now, nano)
	if len(of.targets) > 0 {
		reached = r.spend(of.targets[environment], now, nano) || reached
		reached = r.spend(of.targets[key], now, nano) || reached
	}
	if reached {
		r.look()
	}
}

// spend reports whether a bound was reached just now.
func (r *Registry) spend(list []*entry, now, nano int64) (reached bool) {
	for _, e := range list {
		r.use(e.count)
		after := e.count.at(now, e.Period).spent.Add(nano)
		reached = reached || crosses(e.Soft, after-nano, after) || crosses(e.Hard, after-nano, after)
	}
	return reached
}

func crosses(bound, before, after int64) bool { return bound > 0 && before < bound && bound <= after }

// use notes that a budget is in use. Where it was not for a while, other replicas
// may have spent of it since: its sum is read now, and not with the next turn.
func (r *Registry) use(c *count) {
	if c.use() && c.window.Load().age(r.settings.Now()) > r.settings.Every {
		r.look()
	}
}

// look has [Registry.Run] take a step now.
func (r *Registry) look() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Registry) refusal(v verdict) error {
	b := v.entry.Budget
	ends := time.Unix(v.ends, 0).UTC().Format("2006-01-02 15:04 UTC")
	f := fault.New(fault.Throttled, "%s of $%s is used up; it resets at %s", r.title(b), price.FormatUSD(b.Hard), ends).
		WithCode(CodeExceeded).
		WithRemedy("Wait until then, or ask an administrator of the organization to raise the budget.").
		WithDetail("budget %s: $%s spent", b.ID, price.FormatUSD(v.spent))
	f.RetryAfter = time.Duration(v.ends-v.now) * time.Second
	return f
}

// title names a budget for people, such as "the daily budget of environment
// prod". A person goes by the id: to look for the name would read the database,
// and a refusal waits for nobody.
func (r *Registry) title(b Budget) string {
	title := "the daily budget of "
	if b.Period == Month {
		title = "the monthly budget of "
	}
	if b.Target == "" {
		return title + "the organization"
	}
	name := b.Target
	prefix, _, _ := strings.Cut(b.Target, "_")
	if prefix == string(ident.Person) {
		return title + "the person " + name
	}
	if _, known, err := r.settings.Target(b.Organization, b.Target); err == nil && known != "" {
		name = known
	}
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
