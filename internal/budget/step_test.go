package budget_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

func TestTheSumsOfTheDayOrMonthAreAskedForByTarget(t *testing.T) {
	p := newReplica(t, noon().now)
	for _, target := range []string{"", "prod", "ci", "deploy", "Ada"} {
		p.make(target, budget.Day, usd, 0)
	}
	p.make("", budget.Month, usd, 0)
	got := p.ledger.asked()
	day, next := time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 16, 0, 0, 0, 0, time.UTC)
	want := []usage.Query{
		{From: day, To: next, Organization: orgA},
		{From: day, To: next, Organization: orgA, Environment: prod},
		{From: day, To: next, Organization: orgA, Key: ci},
		{From: day, To: next, Organization: orgA, Key: job},
		{From: day, To: next, Organization: orgA, Key: person},
		{From: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Organization: orgA},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatWasSpentBeforeTheBudgetOrTheProcessCounts(t *testing.T) {
	p := newReplica(t, noon().now)
	p.spend(prod, ci, 3*usd)
	b := p.make("prod", budget.Day, 0, 3*usd)
	if p.spent(b) != 3*usd || p.admits(prod, ci) {
		t.Errorf("of a new budget %d are spent", p.spent(b))
	}
	again := p.another()
	again.step()
	if again.spent(b) != 3*usd || again.admits(prod, ci) {
		t.Errorf("after a restart %d are spent", again.spent(b))
	}
}

func TestAnotherReplicasSpendingIsKnownWithTheNextStep(t *testing.T) {
	p := newReplica(t, noon().now)
	b := p.make("", budget.Day, 0, 5*usd)
	other := p.another()
	other.spend(prod, ci, 4*usd)
	other.step()
	p.spend(test, ci, usd)
	if !p.admits(prod, ci) {
		t.Error("refused before anything could be known")
	}
	p.step()
	if p.spent(b) != 5*usd || p.admits(prod, ci) {
		t.Errorf("%d are spent", p.spent(b))
	}
}

func TestBudgetsInUseAreReadWithEveryStepAndTheOthersOnceAMinute(t *testing.T) {
	c := noon()
	p := newReplica(t, c.now)
	p.make("prod", budget.Day, 0, usd)
	p.make("test", budget.Day, 0, usd)
	p.ledger.asked()
	var read []string
	for i := range 25 { // two minutes
		if i == 3 {
			p.admits(prod, ci)
		}
		if i == 20 {
			p.spend(test, ci, 1)
		}
		p.step()
		for _, q := range p.ledger.asked() {
			read = append(read, p.now().Format("04:05 ")+q.Environment[4:5])
		}
		c.pass(5 * time.Second)
	}
	// prod is 1, test is 2
	want := []string{"00:15 1", "01:00 2", "01:15 1", "01:40 2"}
	if d := cmp.Diff(want, read); d != "" {
		t.Error(d)
	}
	c.pass(24 * time.Hour) // a day that nobody has read yet
	p.step()
	if n := len(p.ledger.asked()); n != 2 {
		t.Errorf("at the beginning of a day %d are read", n)
	}
}

func TestWhileSumsCannotBeReadTheLastKnownOnesCountOn(t *testing.T) {
	p := newReplica(t, noon().now)
	b := p.make("", budget.Day, 2*usd, 5*usd)
	p.spend(prod, ci, usd)
	p.step()
	p.ledger.away(errors.New("away"))
	p.spend(prod, ci, 2*usd)
	for range 3 {
		if err := p.Step(t.Context()); err == nil {
			t.Fatal("a step does not say that the sums cannot be read")
		}
	}
	if p.spent(b) != 3*usd || !p.admits(prod, ci) {
		t.Errorf("%d are spent", p.spent(b))
	}
	if d := cmp.Diff([]string{"budget.warning 2"}, p.told()); d != "" {
		t.Errorf("what is known is told all the same: %s", d)
	}
	p.spend(prod, ci, 2*usd)
	if p.admits(prod, ci) {
		t.Error("the bound does not hold while the sums cannot be read")
	}
	p.ledger.away(nil)
	p.step()
	if p.spent(b) != 5*usd {
		t.Errorf("%d are spent when they are read again", p.spent(b))
	}
}

func TestASumThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	p := newReplica(t, noon().now, func(s *budget.Settings) {
		spent := s.Spent
		s.Spent = func(ctx context.Context, q usage.Query) (usage.Counts, error) {
			if q.Environment == prod {
				return usage.Counts{}, errors.New("too many")
			}
			return spent(ctx, q)
		}
	})
	p.make("prod", budget.Day, 0, usd)
	b, c := p.make("test", budget.Day, 0, usd), p.make("", budget.Day, 0, 9*usd)
	other := p.another()
	other.spend(test, ci, usd)
	if err := other.meter.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.admits(prod, ci)
		p.admits(test, ci)
		if err := p.Step(t.Context()); err == nil {
			t.Error("the fault is not told")
		}
	}
	if p.spent(b) != usd || p.spent(c) != usd {
		t.Errorf("%d and %d are spent", p.spent(b), p.spent(c))
	}
}

func TestEachBoundIsToldOnceAPeriod(t *testing.T) {
	c := noon()
	var warned []budget.State
	p := newReplica(t, c.now, func(s *budget.Settings) {
		s.Warn = func(b budget.Budget, spent int64) { warned = append(warned, b.State(spent)) }
	})
	b := p.make("prod", budget.Day, 4*usd, 5*usd)
	for _, nano := range []int64{3 * usd, usd, usd / 2, usd / 2, usd} {
		p.spend(prod, ci, nano)
		p.step()
		p.step()
	}
	again := p.another()
	again.step()
	again.spend(prod, ci, usd)
	again.step()
	if d := cmp.Diff([]string{"budget.warning 4", "budget.exceeded 5"}, p.told()); d != "" {
		t.Errorf("told in the first day: %s", d)
	}
	c.pass(12 * time.Hour)
	p.spend(prod, ci, 10*usd)
	p.step()
	if d := cmp.Diff([]string{"budget.warning 4", "budget.exceeded 5", "budget.exceeded 5"}, p.told()); d != "" {
		t.Errorf("told in two days, in the second of which both bounds are passed at once: %s", d)
	}
	if d := cmp.Diff([]budget.State{budget.Warning, budget.Exceeded, budget.Exceeded}, warned); d != "" {
		t.Errorf("the hook: %s", d)
	}
	events := p.store.Audit.Events()
	want := audit.Event{
		Time: c.now(), Organization: orgA, Actor: audit.System(), Action: "budget.exceeded", Target: b.ID, Outcome: "ok",
		Details: map[string]string{
			"period": "day", "target": prod, "soft_usd": "4", "hard_usd": "5", "bound_usd": "5", "spent_usd": "10", "ends": "2026-06-17T00:00:00Z",
		},
	}
	if d := cmp.Diff(want, events[len(events)-1]); d != "" {
		t.Error(d)
	}
}

func TestEachProcessTellsOnceWhereNobodyReadsTheAudit(t *testing.T) {
	warned := 0
	p := newReplica(t, noon().now, func(s *budget.Settings) {
		s.Recorded = nil
		s.Warn = func(budget.Budget, int64) { warned++ }
	})
	p.make("", budget.Day, usd, 0)
	for range 3 {
		p.spend(prod, ci, usd)
		p.step()
	}
	if d := cmp.Diff([]string{"budget.warning 1"}, p.told()); d != "" || warned != 1 {
		t.Errorf("%d warnings, %s", warned, d)
	}
}

func TestABoundThatIsMovedIsToldAgain(t *testing.T) {
	p := newReplica(t, noon().now)
	b := p.make("", budget.Day, 0, 4*usd)
	p.spend(prod, ci, 6*usd)
	p.step()
	for _, bound := range []int64{5 * usd, 9 * usd, 6 * usd} {
		if _, err := p.Update(t.Context(), audit.System(), orgA, b.ID, budget.Patch{Hard: &bound}); err != nil {
			t.Fatal(err)
		}
		p.step() // also when nobody asks
		if open := p.admits(prod, ci); open != (bound > 6*usd) {
			t.Errorf("at a bound of %d requests are let through: %v", bound, open)
		}
	}
	if d := cmp.Diff([]string{"budget.exceeded 4", "budget.exceeded 5", "budget.exceeded 6"}, p.told()); d != "" {
		t.Error(d)
	}
}

func TestWhatTheAuditCouldNotTakeIsToldLater(t *testing.T) {
	var full, silent error
	warned := 0
	p := newReplica(t, noon().now, func(s *budget.Settings) {
		record, recorded := s.Record, s.Recorded
		s.Record = func(ctx context.Context, e audit.Event) error {
			if full != nil {
				return full
			}
			return record(ctx, e)
		}
		s.Recorded = func(ctx context.Context, q audit.Query) ([]audit.Row, error) {
			if silent != nil {
				return nil, silent
			}
			return recorded(ctx, q)
		}
		s.Warn = func(budget.Budget, int64) { warned++ }
	})
	p.make("", budget.Day, usd, 0)
	p.spend(prod, ci, usd)
	full = fault.New(fault.Unavailable, "full")
	if err := p.Step(t.Context()); !errors.Is(err, full) || warned != 0 {
		t.Errorf("a full audit: %v, %d warnings", err, warned)
	}
	full, silent = nil, errors.New("away")
	if err := p.Step(t.Context()); !errors.Is(err, silent) || warned != 0 {
		t.Errorf("an audit that cannot be read: %v, %d warnings", err, warned)
	}
	silent = nil
	p.step()
	p.step()
	if d := cmp.Diff([]string{"budget.warning 1"}, p.told()); d != "" || warned != 1 {
		t.Errorf("%d warnings, %s", warned, d)
	}
}

// lines collects what is logged.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, string(b))
	return len(b), nil
}

func (l *lines) with(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(l.all), func(s string) bool { return !strings.Contains(s, part) }))
}

func TestRunReadsEveryFiveSecondsTellsAtOnceAndLogsATroubleOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged lines
		p := newReplica(t, time.Now, func(s *budget.Settings) { s.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
		b := p.make("", budget.Day, usd, 2*usd)
		ctx, end := context.WithCancel(t.Context())
		go p.Run(ctx)
		synctest.Wait()
		p.spend(prod, ci, usd)
		synctest.Wait() // no time passes
		if d := cmp.Diff([]string{"budget.warning 1"}, p.told()); d != "" {
			t.Errorf("reaching a bound is not told at once: %s", d)
		}
		p.ledger.asked()
		p.spend(prod, ci, 1)
		time.Sleep(5100 * time.Millisecond)
		synctest.Wait()
		if n := len(p.ledger.asked()); n != 1 {
			t.Errorf("read %d times in five seconds", n)
		}
		other := p.another()
		other.spend(prod, ci, usd)
		_ = other.meter.Flush(t.Context())
		p.admits(prod, ci)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if p.spent(b) != 2*usd+1 || logged.with("its requests are refused") != 1 {
			t.Errorf("%d are spent; told is %q", p.spent(b), logged.all)
		}
		p.ledger.away(errors.New("away"))
		p.spend(prod, ci, 1)
		time.Sleep(20 * time.Second)
		p.ledger.away(nil)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if logged.with("cannot be read") != 1 || logged.with("can be read again") != 1 {
			t.Errorf("the log of a trouble: %q", logged.all)
		}
		end()
		synctest.Wait()
	})
}

func TestAfterAnIdleTimeTheFirstWhoAsksHasTheOthersSpendingReadAtOnce(t *testing.T) {
	for name, ask := range map[string]func(p *replica, b budget.Budget){
		"a page or list": func(p *replica, b budget.Budget) { p.spent(b) },
		"a request":      func(p *replica, _ budget.Budget) { p.admits(prod, ci) },
		"what it cost":   func(p *replica, _ budget.Budget) { p.spend(prod, ci, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newReplica(t, time.Now)
				b := p.make("", budget.Day, 0, usd)
				ctx, end := context.WithCancel(t.Context())
				go p.Run(ctx)
				time.Sleep(12 * time.Second) // nobody uses it here
				other := p.another()
				other.spend(prod, ci, usd)
				_ = other.meter.Flush(t.Context())
				p.ledger.asked()
				ask(p, b)
				synctest.Wait() // no time passes
				if p.spent(b) < usd || p.admits(prod, ci) {
					t.Errorf("%d are known to be spent right after", p.spent(b))
				}
				for range 30 {
					ask(p, b)
					time.Sleep(time.Second / 2)
				}
				synctest.Wait()
				if n := len(p.ledger.asked()); n > 4 {
					t.Errorf("in 15 seconds of use it was read %d times", n)
				}
				end()
				synctest.Wait()
			})
		})
	}
}

func TestABudgetThatIsLookedAtIsReadWithEveryStep(t *testing.T) {
	c := noon()
	p := newReplica(t, c.now)
	b := p.make("prod", budget.Day, 0, usd)
	p.ledger.asked()
	for range 6 {
		c.pass(5 * time.Second)
		p.spent(b)
		p.step()
	}
	if n := len(p.ledger.asked()); n != 6 {
		t.Errorf("in half a minute of looking every five seconds it was read %d times", n)
	}
}

func TestANewBudgetIsReadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newReplica(t, time.Now)
		other := p.another()
		other.spend(prod, ci, usd)
		_ = other.meter.Flush(t.Context())
		ctx, end := context.WithCancel(t.Context())
		go p.Run(ctx)
		synctest.Wait()
		b := other.make("", budget.Day, 0, usd) // on another replica: this one sees it with the next snapshot
		p.Set(p.store.Budgets())
		synctest.Wait()
		if p.spent(b) != usd || p.admits(prod, ci) {
			t.Errorf("%d are spent", p.spent(b))
		}
		end()
		synctest.Wait()
	})
}
