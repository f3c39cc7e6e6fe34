package budget

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
	"github.com/adit-hq/adit/internal/usage"
)

// Settings of a [Registry]. Store, Spent and Target are needed; zero values of
// the others mean the defaults.
type Settings struct {
	Store Store
	// Spent sums up usage: its Cost and EstimatedCost count. A query is of whole
	// days, of an organization and at most one environment or caller in it.
	Spent func(ctx context.Context, q usage.Query) (usage.Counts, error)
	// Flush writes what usage's meter holds in memory, so that the sums have it:
	// [usage.Meter.Flush]. Without it, what the meter had not written by itself is
	// missing from a reading until the next.
	Flush func(ctx context.Context) error
	// Target returns the id and name of an environment, API key, trusted issuer or
	// person of an organization, or a fault of kind NotFound. Refusals ask it too, but for
	// persons: for what is none it must not wait.
	Target func(organization, idOrName string) (id, name string, err error)
	// Every is how often the sums of budgets in use are read; 5 seconds by default.
	Every time.Duration
	// Idle is how often those of all others are; a minute by default.
	Idle time.Duration
	// Refresh reads the configuration in force anew, after a change; default: nothing.
	Refresh func(ctx context.Context) error
	// Fresh returns a fault when the configuration in memory is too old to be trusted; default: it never is.
	Fresh func() error
	// Warn is told when a bound is reached, once a period and bound; [Budget.State] says which.
	Warn func(b Budget, spent int64)
	// Record takes the audit's events of bounds that are reached; default: they are not kept.
	Record func(ctx context.Context, e audit.Event) error
	// Recorded reads the audit's events, so that a bound is told once a period also
	// after a restart and with several replicas. Without it each process tells by
	// itself; two that find a bound reached within the same moment both may anyway.
	Recorded func(ctx context.Context, q audit.Query) ([]audit.Row, error)
	Now      func() time.Time
	Log      *slog.Logger
}

// Registry is all budgets, and what is spent of them, from memory. It is safe
// for concurrent use.
type Registry struct {
	settings Settings
	desk     roster.Desk
	now      atomic.Pointer[index]
	setting  sync.Mutex // one Set at a time keeps the counts
	stepping sync.Mutex
	turns    uint64        // readings so far; only who holds stepping touches it
	wake     chan struct{} // holds one: there may be something to tell or to read
}

// index is the budgets at one moment. It is never changed; the counts in it are.
type index struct {
	byID map[string]*entry
	of   map[string]*budgets // by organization
}

// budgets are an organization's.
type budgets struct {
	all     []*entry
	whole   []*entry            // those of the organization as a whole
	targets map[string][]*entry // the others
}

type entry struct {
	Budget
	count *count
}

// New returns a registry without budgets; [Registry.Set] gives it some.
func New(s Settings) *Registry {
	if s.Flush == nil {
		s.Flush = func(context.Context) error { return nil }
	}
	if s.Every <= 0 {
		s.Every = 5 * time.Second
	}
	if s.Idle <= 0 {
		s.Idle = time.Minute
	}
	if s.Refresh == nil {
		s.Refresh = func(context.Context) error { return nil }
	}
	if s.Fresh == nil {
		s.Fresh = func() error { return nil }
	}
	if s.Warn == nil {
		s.Warn = func(Budget, int64) {}
	}
	if s.Record == nil {
		s.Record = func(context.Context, audit.Event) error { return nil }
	}
	if s.Recorded == nil {
		s.Recorded = func(context.Context, audit.Query) ([]audit.Row, error) { return nil, nil }
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	r := &Registry{settings: s, desk: roster.Desk{Refresh: s.Refresh, Log: s.Log}, wake: make(chan struct{}, 1)}
	r.Set(nil)
	return r
}

// Set replaces all budgets. What is known to be spent of those that stay is
// kept; the sums of new ones are read with the next [Registry.Step]. What it is
// given belongs to the registry from then on.
func (r *Registry) Set(all []Budget) {
	r.setting.Lock()
	defer r.setting.Unlock()
	x := &index{byID: make(map[string]*entry, len(all)), of: map[string]*budgets{}}
	former, now := r.now.Load(), r.settings.Now()
	fresh := false
	for _, b := range all {
		e := &entry{Budget: b}
		if old := former.entry(b.ID); old != nil && old.Target == b.Target && old.Period == b.Period {
			e.count = old.count
			if old.Version != b.Version { // other bounds may be reached
				e.count.use()
				fresh = true
			}
		} else {
			e.count = newCount(b.Period, now)
			fresh = true
		}
		x.add(e)
	}
	for _, of := range x.of {
		slices.SortFunc(of.all, func(a, b *entry) int {
			return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Period, b.Period), cmp.Compare(a.ID, b.ID))
		})
	}
	r.now.Store(x)
	if fresh {
		r.look()
	}
}

func (x *index) entry(id string) *entry {
	if x == nil {
		return nil
	}
	return x.byID[id]
}

func (x *index) add(e *entry) {
	x.byID[e.ID] = e
	of := x.of[e.Organization]
	if of == nil {
		of = &budgets{targets: map[string][]*entry{}}
		x.of[e.Organization] = of
	}
	of.all = append(of.all, e)
	if e.Target == "" {
		of.whole = append(of.whole, e)
	} else {
		of.targets[e.Target] = append(of.targets[e.Target], e)
	}
}

// Budgets returns the organization's: first those of the whole of it, then in
// order of target and period.
func (r *Registry) Budgets(organization string) ([]Budget, error) {
	if err := r.settings.Fresh(); err != nil {
		return nil, err
	}
	of := r.now.Load().of[organization]
	if of == nil {
		return nil, nil
	}
	list := make([]Budget, len(of.all))
	for i, e := range of.all {
		list[i] = e.Budget
	}
	return list, nil
}

// Budget returns a budget of the organization. A foreign one and none are the
// same fault: NotFound, "budget_not_found".
func (r *Registry) Budget(organization, id string) (Budget, error) {
	if err := r.settings.Fresh(); err != nil {
		return Budget{}, err
	}
	if e := r.now.Load().byID[id]; e != nil && e.Organization == organization {
		return e.Budget, nil
	}
	return Budget{}, fault.New(fault.NotFound, "there is no such budget").WithCode("budget_not_found").
		WithRemedy("List the existing budgets.")
}

// Status returns what is known to be spent of a budget in the day or month that
// it is now, in billionths of a US dollar, and when that is over. Who asks has the
// sum read with the next steps, as requests do.
func (r *Registry) Status(b Budget) (spent int64, state State, ends time.Time) {
	now := r.settings.Now()
	_, ends = b.Period.Span(now)
	if e := r.now.Load().byID[b.ID]; e != nil {
		r.use(e.count)
		spent = e.count.window.Load().in(now.Unix())
	}
	return spent, b.State(spent), ends
}
