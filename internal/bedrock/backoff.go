package bedrock

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/telemetry"
)

const (
	// firstWait is the longest wait before the second try; it doubles from try to try.
	firstWait = 250 * time.Millisecond
	// longestWait bounds it.
	longestWait = 20 * time.Second
)

// backOff waits before another try, or returns why there is none: the refusal
// is final, the retry budget is empty, or the deadline would pass meanwhile.
func (c *Client) backOff(ctx context.Context, job *Job, r *refusal, try int) error {
	final := r.fault(job.Target)
	if !r.retry {
		return final
	}
	cost := retryCost
	if r.kind == fault.Throttled {
		cost = throttledCost
	}
	if !job.Target.budget.take(cost) {
		final.Detail += ": not retried, because too many calls to this model failed recently"
		return final
	}
	wait := fullJitter(try, r.retryAfter)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		final.Detail += ": not retried, because the request's deadline is near"
		return final
	}
	job.Metrics.Retried(telemetry.Outcome(final))
	job.Stopwatch.WaitBegins()
	defer job.Stopwatch.WaitEnds()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fault.From(ctx.Err())
	case <-timer.C:
		return nil
	}
}

// fullJitter is a random wait up to a bound that doubles with each try, and at
// least what AWS asked for.
func fullJitter(try int, asked time.Duration) time.Duration {
	bound := min(firstWait<<min(try, 10), longestWait)
	return asked + rand.N(bound)
}
