package ingress

import (
	"context"
	"time"
)

// AskAgain is how often [Recheck] asks. Most requests are over long before; an
// export or a diagnosis may go on for minutes, and must not outlive the key or the
// session that it was let in with by more than this.
const AskAgain = 3 * time.Second

// Recheck asks every few seconds why a request that goes on may not go on any
// more, and ends it with the first reason. It returns then, or when ctx ends.
func Recheck(ctx context.Context, why func(context.Context) error, end context.CancelCauseFunc) {
	tick := time.NewTicker(AskAgain)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := why(ctx); err != nil {
			end(err)
			return
		}
	}
}
