package budget_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/budget/budgettest"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	orgA   = "org_aaaaaaaaaaaaaaaaaaaaaaaa"
	orgB   = "org_bbbbbbbbbbbbbbbbbbbbbbbb"
	prod   = "env_111111111111111111111111"
	test   = "env_222222222222222222222222"
	ci     = "key_333333333333333333333333"
	job    = "tru_444444444444444444444444"
	person = "usr_555555555555555555555555"

	usd = int64(1_000_000_000)
)

// target knows what the first organization has.
func target(organization, idOrName string) (id, name string, err error) {
	for id, name := range map[string]string{prod: "prod", test: "test", ci: "ci", job: "deploy", person: "Ada"} {
		if organization == orgA && (idOrName == id || idOrName == name) {
			return id, name, nil
		}
	}
	switch {
	case len(idOrName) > 1000:
		return "", "", fault.New(fault.Internal, "looked for what cannot be")
	case idOrName == "\x00":
		return "", "", fault.New(fault.Invalid, "no id")
	}
	return "", "", fault.New(fault.NotFound, "no such thing").WithCode("not_found")
}

// ledger is usage's sums, as all replicas see them.
type ledger struct {
	mu      sync.Mutex
	records []usage.Record
	queries []usage.Query
	fail    error
}

func (l *ledger) AddBatch(_ context.Context, b usage.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.records = append(l.records, b.Records...)
	return nil
}

func (l *ledger) Usage(context.Context, usage.Query) ([]usage.Record, error) {
	return nil, errors.New("nobody asks for it")
}

func (l *ledger) Spent(_ context.Context, q usage.Query) (usage.Counts, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queries = append(l.queries, q)
	if l.fail != nil {
		return usage.Counts{}, l.fail
	}
	return usage.Total(chosen(l.records, q)), nil
}

func (l *ledger) away(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = err
}

func (l *ledger) asked() []usage.Query {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.queries
	l.queries = nil
	return all
}

func chosen(all []usage.Record, q usage.Query) (some []usage.Record) {
	for _, r := range all {
		if !r.Hour.Before(q.From) && r.Hour.Before(q.To) && r.Organization == q.Organization &&
			(q.Environment == "" || q.Environment == r.Environment) && (q.Key == "" || q.Key == r.Key) {
			some = append(some, r)
		}
	}
	return some
}

// replica is one process: a registry and a meter over a store and a ledger that others may share.
type replica struct {
	*budget.Registry
	t      testing.TB
	store  *budgettest.Store
	ledger *ledger
	meter  *usage.Meter
	now    func() time.Time
}

// clock is a time that stands until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func noon() *clock { return &clock{at: time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)} }

func newReplica(t testing.TB, now func() time.Time, with ...func(*budget.Settings)) *replica {
	t.Helper()
	p := &replica{t: t, store: budgettest.New(), ledger: &ledger{}, now: now}
	p.start(with...)
	return p
}

// another returns a second process with the same database.
func (p *replica) another(with ...func(*budget.Settings)) *replica {
	other := &replica{t: p.t, store: p.store, ledger: p.ledger, now: p.now}
	other.start(with...)
	return other
}

func (p *replica) start(with ...func(*budget.Settings)) {
	p.meter = usage.NewMeter(p.ledger, usage.Settings{Now: p.now})
	s := budget.Settings{
		Store: p.store, Spent: p.ledger.Spent, Flush: p.meter.Flush, Target: target, Now: p.now,
		Record: func(ctx context.Context, e audit.Event) error {
			return p.store.Audit.AppendEvents(ctx, []audit.Event{e})
		},
		Recorded: p.store.Audit.Rows,
		Refresh:  func(context.Context) error { p.Set(p.store.Budgets()); return nil },
	}
	for _, f := range with {
		f(&s)
	}
	p.Registry = budget.New(s)
	p.Set(p.store.Budgets())
}

func (p *replica) make(targetName string, period budget.Period, soft, hard int64) budget.Budget {
	p.t.Helper()
	b, err := p.Create(p.t.Context(), audit.System(), budget.Input{Organization: orgA, Target: targetName, Period: period, Soft: soft, Hard: hard})
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// spend is a request of the first organization that cost so much.
func (p *replica) spend(environment, key string, nano int64) {
	p.meter.Add(usage.Record{Organization: orgA, Environment: environment, Key: key, Counts: usage.Counts{Cost: nano - nano/3, EstimatedCost: nano / 3}})
	p.Add(orgA, environment, key, nano)
}

func (p *replica) step() {
	p.t.Helper()
	if err := p.Step(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *replica) admits(environment, key string) bool {
	return p.Admit(caller.Caller{Organization: orgA, Key: key}, environment) == nil
}

func (p *replica) spent(b budget.Budget) int64 {
	spent, _, _ := p.Status(b)
	return spent
}

// actions are the audit's, without those of changes.
func (p *replica) told() (actions []string) {
	for _, e := range p.store.Audit.Events() {
		if e.Action == "budget.warning" || e.Action == "budget.exceeded" {
			actions = append(actions, e.Action+" "+e.Details["bound_usd"])
		}
	}
	return actions
}

func pointer[T any](v T) *T { return &v }
