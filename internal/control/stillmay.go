package control

import (
	"context"
	"net/http"
	"slices"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
)

// stillMay returns how a request that goes on is admitted again: by the key that
// it brought, which may be revoked, have expired or have other roles by now. While
// that cannot be told, nothing is known to have changed. Of a person who asks
// within the process it is nil: who signed them in watches the session.
func (a *api) stillMay(ctx context.Context, c *call, r *http.Request) func(context.Context) error {
	if isActing(ctx) {
		return nil
	}
	key, named := ingress.Key(r), r.PathValue("org")
	over := []fault.Kind{fault.Unauthenticated, fault.Forbidden, fault.NotFound}
	return func(ctx context.Context) error {
		who, err := a.identify(ctx, key)
		if err == nil {
			err = a.authorize(&call{who: who, route: c.route}, named)
		}
		if !slices.Contains(over, fault.KindOf(err)) {
			return nil
		}
		return err
	}
}

// watched ends the context with the reason when the request may not go on. The
// caller ends the watch.
func (c *call) watched(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancelCause(ctx)
	if c.stillMay != nil {
		go ingress.Recheck(ctx, c.stillMay, end)
	}
	return ctx, func() { end(nil) }
}
