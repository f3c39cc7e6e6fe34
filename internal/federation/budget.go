package federation

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/adit-hq/adit/internal/fault"
)

// budgets bound the calls to STS for each account and region: the quota is the
// customer's, cannot be raised, and pays for everything else in the account too.
type budgets struct {
	perSecond int
	now       func() time.Time

	mu    sync.Mutex
	known map[quota]*spending
}

type quota struct{ account, region string }

type spending struct{ calls, retries *rate.Limiter }

func newBudgets(s *Settings) *budgets {
	return &budgets{perSecond: s.CallsPerSecond, now: s.Now, known: map[quota]*spending{}}
}

func (b *budgets) of(account, region string) *spending {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := quota{account, region}
	s := b.known[q]
	if s == nil {
		s = &spending{
			calls: rate.NewLimiter(rate.Limit(b.perSecond), 2*b.perSecond),
			// A tenth of the calls, and a few for a quiet account, may be tries of failed ones.
			retries: rate.NewLimiter(rate.Limit(max(float64(b.perSecond)/10, 1)), 20),
		}
		b.known[q] = s
	}
	return s
}

// call waits for a place; its error is that of the ctx.
func (b *budgets) call(ctx context.Context, account, region string) error {
	now := b.now()
	r := b.of(account, region).calls.ReserveN(now, 1)
	if err := sleep(ctx, r.DelayFrom(now)); err != nil {
		r.CancelAt(b.now())
		return fault.From(err)
	}
	return nil
}

// retry reports whether one more try is paid for.
func (b *budgets) retry(account, region string) bool {
	return b.of(account, region).retries.AllowN(b.now(), 1)
}
