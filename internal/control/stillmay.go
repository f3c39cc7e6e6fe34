package control

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
)

// askAgain is how often a stream asks whether its API key still may. It can go on
// for minutes, and must not outlive the key by more than this.
const askAgain = 3 * time.Second

// stillMay returns how a request that goes on is admitted again: by the key that
// it brought, whose roles may be others by now. Of a person who asks within the
// process it is nil: who signed them in watches the session.
func (a *api) stillMay(ctx context.Context, c *call, r *http.Request) func() error {
	if isActing(ctx) {
		return nil
	}
	key, named := ingress.Key(r), r.PathValue("org")
	return func() error {
		who, err := a.identify(ctx, key)
		if err != nil {
			return err
		}
		return a.authorize(&call{who: who, route: c.route}, named)
	}
}

// watched ends the context with the reason when the key is revoked, expires or
// loses the permission, or its organization is gone. While that cannot be told,
// nothing is known to have changed. The caller ends the watch.
func (c *call) watched(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancelCause(ctx)
	over := []fault.Kind{fault.Unauthenticated, fault.Forbidden, fault.NotFound}
	if c.stillMay != nil {
		go func() {
			tick := time.NewTicker(askAgain)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				if err := c.stillMay(); slices.Contains(over, fault.KindOf(err)) {
					end(err)
					return
				}
			}
		}()
	}
	return ctx, func() { end(nil) }
}
