package budget_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

func TestWhoHasSpentAHardBoundIsToldWhichHowMuchAndUntilWhen(t *testing.T) {
	p := newReplica(t, noon().now)
	p.make("prod", budget.Day, 40*usd, 50*usd)
	p.spend(prod, ci, 50*usd-1)
	if !p.admits(prod, ci) {
		t.Fatal("refused a billionth below the bound")
	}
	p.spend(prod, ci, 1)
	f := fault.From(p.Admit(caller.Caller{Organization: orgA, Key: ci}, prod))
	if f.Kind != fault.Throttled || f.Code != "budget_exceeded" || f.RetryAfter != 12*time.Hour {
		t.Errorf("refused with %+v", f)
	}
	const want = "the daily budget of the environment prod of $50 is used up; it resets at 2026-06-16 00:00 UTC. " +
		"Wait until then, or ask an administrator of the organization to raise the budget."
	if f.Sentence() != want {
		t.Errorf("the sentence is\n%s, want\n%s", f.Sentence(), want)
	}
}

func TestABudgetBoundsItsTargetAndNothingElse(t *testing.T) {
	type request struct{ organization, environment, key string }
	all := []request{
		{orgA, prod, ci}, {orgA, prod, job}, {orgA, test, ci}, {orgA, test, person}, {orgA, "", ci}, {orgA, "", job}, {orgB, prod, ci}, {orgB, "", ""},
	}
	for name, bounds := range map[string]func(request) bool{
		"":    func(r request) bool { return r.organization == orgA },
		prod:  func(r request) bool { return r.organization == orgA && r.environment == prod },
		"ci":  func(r request) bool { return r.organization == orgA && r.key == ci },
		job:   func(r request) bool { return r.organization == orgA && r.key == job },
		"Ada": func(r request) bool { return r.organization == orgA && r.key == person },
	} {
		p := newReplica(t, noon().now)
		b := p.make(name, budget.Month, 0, 10*usd)
		want := int64(0)
		for i, r := range all {
			p.Add(r.organization, r.environment, r.key, int64(i+1)*usd)
			if bounds(r) {
				want += int64(i+1) * usd
			}
		}
		if got := p.spent(b); got != want {
			t.Errorf("of the budget of %q %d are spent, want %d", name, got, want)
		}
		p.Add(orgA, prod, ci, 10*usd)
		p.Add(orgA, test, job, 10*usd)
		p.Add(orgA, test, person, 10*usd)
		for _, r := range all {
			if err := p.Admit(caller.Caller{Organization: r.organization, Key: r.key}, r.environment); (err != nil) != bounds(r) {
				t.Errorf("the budget of %q: %+v gets %v", name, r, err)
			}
		}
	}
}

func TestEveryKindOfTargetIsNamedAsPeopleCallIt(t *testing.T) {
	for name, want := range map[string]string{
		"": "the monthly budget of the organization of $1 is", "prod": "of the environment prod of $1", "ci": "of the API key ci of $1",
		"deploy": "of the trusted issuer deploy of $1", "Ada": "of the person " + person + " of $1",
	} {
		p := newReplica(t, noon().now)
		b := p.make(name, budget.Month, 0, usd)
		p.Add(orgA, b.Target, b.Target, usd)
		f := fault.From(p.Admit(caller.Caller{Organization: orgA, Key: b.Target}, b.Target))
		if !strings.Contains(f.Message, want) {
			t.Errorf("%q is %q", name, f.Message)
		}
	}
}

func TestOfSeveralSpentBudgetsTheOneThatLastsLongestIsTold(t *testing.T) {
	p := newReplica(t, noon().now)
	p.make("ci", budget.Day, 0, 2*usd)
	p.make("prod", budget.Month, 0, usd)
	p.make("", budget.Day, 0, usd)
	p.spend(prod, ci, 2*usd)
	f := fault.From(p.Admit(caller.Caller{Organization: orgA, Key: ci}, prod))
	if f.RetryAfter != (15*24+12)*time.Hour || !strings.Contains(f.Message, "monthly budget of the environment prod") {
		t.Errorf("told is %q, to wait %v", f.Message, f.RetryAfter)
	}
}

func TestASoftBoundRefusesNothing(t *testing.T) {
	p := newReplica(t, noon().now)
	b := p.make("", budget.Day, usd, 0)
	p.spend(prod, ci, 100*usd)
	if _, state, _ := p.Status(b); state != budget.Warning || !p.admits(prod, ci) {
		t.Errorf("the state is %s, and requests are let through: %v", state, p.admits(prod, ci))
	}
}

func TestADayEndsAtMidnightAndAMonthOnTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is midnight UTC of 2000-01-01
		east := time.FixedZone("Kiritimati", 14*3600)
		p := newReplica(t, func() time.Time { return time.Now().In(east) })
		day, month := p.make("prod", budget.Day, 0, usd), p.make("test", budget.Month, 0, usd)
		spend := func() {
			p.spend(prod, ci, usd)
			p.spend(test, ci, usd)
			p.step()
		}
		spend()
		time.Sleep(24*time.Hour - time.Nanosecond)
		if p.admits(prod, ci) || p.admits(test, ci) {
			t.Error("let through in the last moment of the day")
		}
		time.Sleep(time.Nanosecond)
		if !p.admits(prod, ci) || p.admits(test, ci) {
			t.Error("at midnight the day is over, and the month is not")
		}
		if _, state, ends := p.Status(day); state != budget.Within || !ends.Equal(time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("the new day is %s and ends %v", state, ends)
		}
		time.Sleep(30*24*time.Hour - time.Nanosecond)
		if p.admits(test, ci) {
			t.Error("let through in the last moment of January")
		}
		time.Sleep(time.Nanosecond)
		if !p.admits(test, ci) || p.spent(month) != 0 {
			t.Error("January is not over on the first of February")
		}
		spend()
		if p.spent(month) != usd {
			t.Errorf("in February %d are spent", p.spent(month))
		}
		time.Sleep(29*24*time.Hour - time.Second)
		if p.admits(test, ci) {
			t.Error("the February of a leap year ends a day early")
		}
		time.Sleep(time.Second)
		if !p.admits(test, ci) {
			t.Error("February does not end")
		}
	})
}

func TestAClockThatWasAheadIsForgottenWithTheNextStep(t *testing.T) {
	c := noon()
	p := newReplica(t, c.now)
	b := p.make("", budget.Day, 0, usd)
	p.spend(prod, ci, usd)
	p.step()
	c.pass(48 * time.Hour)
	p.spend(prod, ci, 3*usd)
	c.pass(-48 * time.Hour)
	p.step()
	if got := p.spent(b); got != usd {
		t.Errorf("%d are spent of the day, want %d", got, usd)
	}
}

func TestNothingIsLostWhenManySpendWhileBudgetsChangeAndSumsAreRead(t *testing.T) {
	p := newReplica(t, noon().now)
	b, of := p.make("", budget.Day, usd, 2000*usd), p.make("prod", budget.Month, 0, 4000*usd)
	var spenders, others sync.WaitGroup
	done := make(chan struct{})
	for _, do := range []func(){
		func() { _ = p.Step(t.Context()) },
		func() { p.Set(p.store.Budgets()) },
		func() { _ = p.meter.Flush(t.Context()) },
		func() { p.admits(prod, ci); p.Status(of) },
	} {
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					do()
				}
			}
		})
	}
	for range 4 {
		spenders.Go(func() {
			for range 500 {
				p.spend(prod, ci, usd)
			}
		})
	}
	spenders.Wait()
	if got := p.spent(b); got < 2000*usd {
		t.Errorf("%d are known to be spent before a last step, less than %d", got, 2000*usd)
	}
	close(done)
	others.Wait()
	p.spend(prod, ci, usd)
	p.step()
	if p.spent(b) != 2001*usd || p.spent(of) != 2001*usd {
		t.Errorf("%d and %d are spent, want %d", p.spent(b), p.spent(of), 2001*usd)
	}
	if p.admits(test, ci) {
		t.Error("what is spent is let through")
	}
}

func TestAskingAndAddingAllocateNothing(t *testing.T) {
	p := newReplica(t, noon().now)
	p.make("", budget.Day, usd, 1000*usd)
	p.make("prod", budget.Month, usd, 1000*usd)
	p.make("ci", budget.Day, usd, 1000*usd)
	c := caller.Caller{Organization: orgA, Key: ci}
	if n := testing.AllocsPerRun(100, func() {
		if err := p.Admit(c, prod); err != nil {
			t.Error(err)
		}
		p.Add(orgA, prod, ci, 1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func benchmarked(b *testing.B, with bool) *replica {
	p := newReplica(b, time.Now)
	if with {
		p.make("", budget.Day, usd, 1<<59)
		p.make("prod", budget.Month, usd, 1<<59)
		p.make("ci", budget.Day, usd, 1<<59)
	}
	b.ReportAllocs()
	b.ResetTimer()
	return p
}

func BenchmarkAdmit(b *testing.B) {
	for name, with := range map[string]bool{"three budgets": true, "none": false} {
		b.Run(name, func(b *testing.B) {
			p := benchmarked(b, with)
			c := caller.Caller{Organization: orgA, Key: ci}
			for b.Loop() {
				_ = p.Admit(c, prod)
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	for name, with := range map[string]bool{"three budgets": true, "none": false} {
		b.Run(name, func(b *testing.B) {
			p := benchmarked(b, with)
			for b.Loop() {
				p.Add(orgA, prod, ci, 1)
			}
		})
	}
}

func TestARefusalDoesNotLookForAPerson(t *testing.T) {
	asked := 0
	p := newReplica(t, noon().now, func(s *budget.Settings) {
		s.Target = func(organization, idOrName string) (string, string, error) {
			asked++
			return target(organization, idOrName)
		}
	})
	p.make("Ada", budget.Day, 0, usd)
	p.spend(prod, person, usd)
	asked = 0
	if p.admits(prod, person) || asked != 0 {
		t.Errorf("let through, or asked %d times for the target", asked)
	}
}
