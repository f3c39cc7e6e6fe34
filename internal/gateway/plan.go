package gateway

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/telemetry"
)

// plan reserves a turn for every call of the request, or says why there is
// none: in the limit of the account, inside it in the environment's, and inside
// that in the caller's own.
func (g *Gateway) plan(ctx context.Context, c caller.Caller, e *entry, texts []string) (*limit.Plan, error) {
	creds, err := g.credentials(ctx, c, e)
	if err != nil {
		return nil, err
	}
	key, err := g.quotas.key(ctx, e, creds)
	if err != nil {
		return nil, err
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil, errors.New("a request has no deadline")
	}
	calls := e.Target.Calls(texts)
	plan, err := g.limiter.Plan(key, e.Limits, c.Key, calls, deadline)
	for _, inner := range innerLimits(c, e, key.Model) {
		if err != nil {
			break
		}
		plan, err = g.planInside(plan, inner, c.Key, calls, deadline)
	}
	if fault.KindOf(err) == fault.Throttled && err != nil {
		e.metrics.Throttled(telemetry.ByAdit)
	}
	return plan, err
}

// innerLimit is a limit of our own inside AWS's.
type innerLimit struct {
	whose  string
	key    limit.Key
	limits caller.Limits
}

// innerLimits returns those that hold for a request, outermost first.
func innerLimits(c caller.Caller, e *entry, quota string) []innerLimit {
	var out []innerLimit
	if e.Environment != nil && e.Environment.Limits != (caller.Limits{}) {
		out = append(out, innerLimit{"the environment", limit.Key{Account: "environment", Region: e.Environment.ID, Model: quota}, e.Environment.Limits})
	}
	if c.Limits != (caller.Limits{}) {
		out = append(out, innerLimit{"the API key", limit.Key{Account: "caller", Region: c.Organization, Model: c.Key}, c.Limits})
	}
	return out
}

// boundless is a limit that never holds.
const boundless = math.MaxInt32

// inForce are the limits with those that do not hold out of reach.
func (i innerLimit) inForce() limit.Limits {
	return limit.Limits{PerMinute: cmp.Or(i.limits.PerMinute, boundless), Concurrent: cmp.Or(i.limits.Concurrent, boundless)}
}

func (g *Gateway) planInside(outer *limit.Plan, i innerLimit, caller string, calls int, deadline time.Time) (*limit.Plan, error) {
	plan, err := g.limiter.Plan(i.key, i.inForce(), caller, calls, deadline)
	if err == nil {
		return plan.Within(outer), nil
	}
	outer.Close()
	f := *fault.From(err)
	f.Message = "the separate limit of " + i.whose + ": " + f.Message
	if f.Kind == fault.Invalid { // the limiter speaks of AWS's quota
		f.Remedy = "Split the request, allow it more time, or ask an administrator to raise the limit."
	}
	return nil, &f
}

// Rate tells what is left of the limit that is nearest to its end for this
// caller; the zero State where none is known yet.
func (g *Gateway) Rate(c caller.Caller, name string) limit.State {
	e, err := g.models.Load().find(c, name)
	if err != nil || e.key.Load() == nil {
		return limit.State{}
	}
	key := e.key.Load().Key
	least := g.limiter.State(key)
	for _, inner := range innerLimits(c, e, key.Model) {
		if s := g.limiter.State(inner.key); s.Limit > 0 && s.Limit < boundless && s.Remaining < least.Remaining {
			least = s
		}
	}
	return least
}
