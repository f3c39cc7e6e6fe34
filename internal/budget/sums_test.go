package budget_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/usage"
)

// observed is a replica whose readings are slow and fail now and then: others
// and it itself spend while it reads.
type observed struct {
	*replica
	world  *sums
	own    []usage.Record // all that it ever spent
	during bool           // a step runs
	read   map[reading]known
}

type reading struct {
	budget string
	begins time.Time
}

// known is what the last reading of a budget's window must have brought.
type known struct {
	others int64 // what the others had written by then
	twice  int64 // what this replica spent while it read
	part   int64 // what it spent in the step that runs
}

// sums is several replicas over one ledger.
type sums struct {
	r        *rapid.T
	clock    *clock
	budgets  []budget.Budget
	replicas []*observed
	failing  bool // the next use of the ledger fails
}

func (s *sums) newReplica(t testing.TB, first *replica) *observed {
	o := &observed{world: s, read: map[reading]known{}}
	slow := func(settings *budget.Settings) {
		spent, flush := settings.Spent, settings.Flush
		settings.Flush = func(ctx context.Context) error {
			s.meanwhile(o)
			if s.failing {
				return errors.New("away")
			}
			return flush(ctx)
		}
		settings.Spent = func(ctx context.Context, q usage.Query) (usage.Counts, error) {
			s.meanwhile(o)
			if s.failing || rapid.IntRange(0, 9).Draw(s.r, "fails") == 0 {
				return usage.Counts{}, errors.New("away")
			}
			o.note(q)
			counts, err := spent(ctx, q)
			s.meanwhile(o)
			return counts, err
		}
	}
	if first == nil {
		o.replica = newReplica(t, s.clock.now, slow)
	} else {
		o.replica = first.another(slow)
	}
	s.replicas = append(s.replicas, o)
	return o
}

// meanwhile has anybody spend while a replica reads.
func (s *sums) meanwhile(reading *observed) {
	if !reading.during {
		return
	}
	for range rapid.IntRange(0, 2).Draw(s.r, "requests meanwhile") {
		s.request()
	}
	if rapid.Bool().Draw(s.r, "a write meanwhile") {
		_ = rapid.SampledFrom(s.replicas).Draw(s.r, "writer").meter.Flush(s.r.Context())
	}
}

// note remembers what a reading that begins now has to find.
func (o *observed) note(q usage.Query) {
	for _, b := range o.world.budgets {
		if begins, _ := b.Period.Span(q.From); queryOf(b, o.world.clock.now()) == q {
			at := reading{b.ID, begins}
			k := o.read[at]
			k.others = total(chosen(o.ledger.records, q)) - o.writtenByItself(q)
			k.twice, k.part = k.part, 0
			o.read[at] = k
		}
	}
}

// writtenByItself is how much of the ledger is this replica's: its records have its own model name.
func (o *observed) writtenByItself(q usage.Query) (sum int64) {
	for _, r := range chosen(o.ledger.records, q) {
		if r.Model == o.name() {
			sum += r.Cost
		}
	}
	return sum
}

func (o *observed) name() string {
	for i, other := range o.world.replicas {
		if other == o {
			return string(rune('a' + i))
		}
	}
	return ""
}

// request is one that any replica answered.
func (s *sums) request() {
	o := rapid.SampledFrom(s.replicas).Draw(s.r, "replica")
	r := usage.Record{
		Hour: s.clock.now().Truncate(time.Hour), Organization: orgA, Model: o.name(),
		Environment: rapid.SampledFrom([]string{prod, test, ""}).Draw(s.r, "environment"), Key: rapid.SampledFrom([]string{ci, job}).Draw(s.r, "key"),
		Counts: usage.Counts{Cost: rapid.Int64Range(0, 100).Draw(s.r, "cost")},
	}
	o.meter.Add(r)
	o.Add(r.Organization, r.Environment, r.Key, r.Cost)
	o.own = append(o.own, r)
	if o.during {
		for _, b := range s.budgets {
			q := queryOf(b, s.clock.now())
			at := reading{b.ID, q.From}
			k := o.read[at]
			k.part += total(chosen([]usage.Record{r}, q))
			o.read[at] = k
		}
	}
}

func (s *sums) step(o *observed) error {
	for at, k := range o.read {
		k.part = 0
		o.read[at] = k
	}
	o.during = true
	defer func() { o.during = false }()
	return o.Step(s.r.Context())
}

func queryOf(b budget.Budget, at time.Time) usage.Query {
	begins, ends := b.Period.Span(at)
	q := usage.Query{From: begins, To: ends, Organization: b.Organization}
	switch b.Target {
	case prod:
		q.Environment = prod
	case ci:
		q.Key = ci
	}
	return q
}

func total(records []usage.Record) int64 {
	c := usage.Total(records)
	return c.Cost + c.EstimatedCost
}

// check holds the promise: a replica knows all that it spent itself, and what
// the others had written when it read last. What it counts too much is at most
// what it spent during that reading.
func (s *sums) check(r *rapid.T) {
	for _, b := range s.budgets {
		q := queryOf(b, s.clock.now())
		var truth int64
		for _, o := range s.replicas {
			truth += total(chosen(o.own, q))
		}
		for _, o := range s.replicas {
			k := o.read[reading{b.ID, q.From}]
			least := total(chosen(o.own, q)) + k.others
			if got := o.spent(b); got < least || got > truth+k.twice {
				r.Fatalf("replica %s knows %d of the %s budget of %q, want %d to %d + %d", o.name(), got, b.Period, b.Target, least, truth, k.twice)
			}
		}
	}
}

func TestNoSpendingIsLostAndOnlyThatOfOneReadingCountsTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &sums{r: r, clock: &clock{at: time.Date(2026, 6, 29, 20, 0, 0, 0, time.UTC)}}
		first := s.newReplica(t, nil)
		for _, target := range []string{"", "prod", "ci"} {
			for _, period := range []budget.Period{budget.Day, budget.Month} {
				b, err := first.Create(r.Context(), audit.System(), budget.Input{Organization: orgA, Target: target, Period: period, Soft: 100, Hard: 1000})
				if err != nil {
					r.Fatal(err)
				}
				s.budgets = append(s.budgets, b)
			}
		}
		s.newReplica(t, first.replica)
		anyone := func() *observed { return rapid.SampledFrom(s.replicas).Draw(r, "replica") }
		r.Repeat(map[string]func(*rapid.T){
			"":      s.check,
			"spend": func(*rapid.T) { s.request() },
			"write": func(*rapid.T) { _ = anyone().meter.Flush(r.Context()) },
			"step":  func(*rapid.T) { _ = s.step(anyone()) },
			"step while the database is away": func(*rapid.T) {
				s.failing = true
				_ = s.step(anyone())
				s.failing = false
			},
			"snapshot": func(*rapid.T) { o := anyone(); o.Set(o.store.Budgets()) },
			"time":     func(r *rapid.T) { s.clock.pass(time.Duration(rapid.IntRange(1, 300).Draw(r, "minutes")) * time.Minute) },
		})
		s.settle(r)
	})
}

// settle has everything written and read while nobody spends: then all know the truth.
func (s *sums) settle(r *rapid.T) {
	for range 2 {
		for _, o := range s.replicas {
			s.clock.pass(time.Minute) // so that budgets out of use are due too
			if err := o.meter.Flush(r.Context()); err != nil {
				r.Fatal(err)
			}
		}
		for _, o := range s.replicas {
			for o.Step(r.Context()) != nil { // a reading in ten fails
			}
		}
	}
	for _, b := range s.budgets {
		var truth int64
		for _, o := range s.replicas {
			truth += total(chosen(o.own, queryOf(b, s.clock.now())))
		}
		for _, o := range s.replicas {
			if got := o.spent(b); got != truth {
				r.Fatalf("at last replica %s knows %d of the %s budget of %q, want %d", o.name(), got, b.Period, b.Target, truth)
			}
		}
	}
}
