package budget_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/usage"
)

func TestABoundThatIsToldAfterMidnightIsOfTheDayBefore(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 22, 23, 59, 58, 0, time.UTC)}
	slow := time.Duration(0)
	p := newReplica(t, c.now, func(s *budget.Settings) {
		spent := s.Spent
		s.Spent = func(ctx context.Context, q usage.Query) (usage.Counts, error) {
			c.pass(slow)
			return spent(ctx, q)
		}
	})
	p.make("", budget.Day, 0, usd)
	p.spend(prod, ci, usd)
	slow = 4 * time.Second // the database is busy
	p.step()
	c.pass(-slow) // another replica began its step before midnight too, and comes second
	p.another().step()
	if d := cmp.Diff([]string{"budget.exceeded 1"}, p.told()); d != "" {
		t.Errorf("told of the day: %s", d)
	}
	c.pass(slow)
	slow = 0
	p.spend(prod, ci, usd)
	p.step()
	if d := cmp.Diff([]string{"budget.exceeded 1", "budget.exceeded 1"}, p.told()); d != "" {
		t.Errorf("told of two days: %s", d)
	}
}
