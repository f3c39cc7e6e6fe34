package federation

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// class is what kind of No AWS said: what may help.
type class int

const (
	final    class = iota // nothing helps but somebody's change
	unripe                // AWS could not get the issuer's keys: the same token may do in a second
	idpDown               // AWS could not reach the issuer
	expired               // a new token may do, once
	rejected              // the same, for a claim
	busy                  // throttled, failing or out of reach: a little later
	denied                // final, but for a role that was changed a moment ago
)

// classify judges by the code, and where AWS has one code for many reasons, by the message.
func classify(r *refusal) class {
	message := strings.ToLower(r.aws.Message)
	switch code := strings.TrimSuffix(r.aws.Code, "Exception"); code {
	case "InvalidIdentityToken":
		if strings.Contains(message, "retrieve verification key") {
			return unripe
		}
		if strings.Contains(message, "no openidconnect provider") {
			return denied // a provider made a moment ago is not there yet either
		}
		return final
	case "IDPCommunicationError":
		return idpDown
	case "ExpiredToken":
		return expired
	case "IDPRejectedClaim":
		return rejected
	case "AccessDenied":
		return denied
	case "Throttling", "Throttled", "RequestThrottled", "RequestLimitExceeded", "TooManyRequests", "SlowDown",
		"ServiceUnavailable", "InternalFailure", "InternalError", "InternalServer", "RequestTimeout":
		return busy
	}
	switch {
	case r.outcome == "timeout", r.outcome == "unreachable":
		return busy
	case r.outcome == "bad_answer":
		return final
	case r.aws.Status >= http.StatusInternalServerError, r.aws.Status == http.StatusTooManyRequests, r.aws.Status == http.StatusRequestTimeout:
		return busy
	}
	return final
}

// transient reports whether the No may pass without anybody's doing.
func (c class) transient() bool { return c == unripe || c == idpDown || c == busy }

// calls is how many calls to STS an exchange may make that gets this No every time.
func (c class) calls() int {
	switch c {
	case unripe, idpDown:
		return 3
	case expired, rejected:
		return 2
	case busy:
		return 4
	default:
		return 1
	}
}

// mostCalls bounds an exchange that gets one No after another of different kinds.
const mostCalls = 6

// tries counts what an exchange has spent.
type tries struct {
	seen     [denied + 1]int
	mintAnew bool // AWS did not like the token
}

// again decides whether the exchange goes on after a No, and waits before it does.
func (x *run) again(ctx context.Context, r *refusal, begun time.Time) bool {
	c := classify(r)
	x.tries.seen[c]++
	settling := c == denied && x.settle > 0
	var pause time.Duration
	switch {
	case settling:
		pause = jittered(3*time.Second, 2*time.Second)
		if x.f.settings.Now().Add(pause).Sub(begun) > x.settle {
			return false
		}
	case x.tries.seen[c] >= c.calls() || x.tell.Calls-x.tries.seen[denied] >= mostCalls:
		return false
	case c == expired, c == rejected:
		x.tries.mintAnew = true
	case c == busy:
		// Full jitter: 0.2 s, 0.4 s, 0.8 s at most on the average of many.
		pause = jittered(200*time.Millisecond, 400*time.Millisecond<<min(x.tries.seen[c], 3))
	default: // unripe, idpDown: 0.5 to 4 s
		pause = jittered(500*time.Millisecond, 1500*time.Millisecond<<min(x.tries.seen[c]-1, 1))
	}
	if c == busy && !x.f.budgets.retry(x.role.Account, x.env.Region) {
		return false
	}
	return sleep(ctx, pause) == nil
}

// jittered returns a pause between least and least+spread.
func jittered(least, spread time.Duration) time.Duration {
	return least + time.Duration(rand.Float64()*float64(spread))
}

// sleep waits, or returns the ctx's error.
func sleep(ctx context.Context, pause time.Duration) error {
	if pause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
