package trust

import (
	"context"
	"sync"
	"time"
)

// Keys are read before they grow old only for issuers somebody used in this time.
const lately = time.Hour

// atOnce is how many issuers are read from at once when nobody waits for them.
const atOnce = 4

// Run writes last uses and reads keys that grow old, from time to time, until ctx
// ends. The last uses are for [Registry.Flush].
func (r *Registry) Run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() {
		r.every(ctx, func() {
			if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
				r.settings.Log.Warn("the last use of trusted issuers could not be saved; Adit will retry", "error", err)
			}
		})
	})
	loops.Go(func() { r.every(ctx, func() { r.ReadKeys(ctx) }) })
	loops.Wait()
}

func (r *Registry) every(ctx context.Context, do func()) {
	tick := time.NewTicker(r.settings.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// ReadKeys reads the keys of issuers that were never read, that failed a while
// ago, or that are in use and about to grow old, so that requests seldom wait for
// an issuer and [Registry.Problem] is known soon. It returns when all were tried.
func (r *Registry) ReadKeys(ctx context.Context) {
	turns := make(chan struct{}, atOnce)
	var reading sync.WaitGroup
	for _, s := range r.now.Load().sources {
		if !s.due(3 * r.settings.Every) {
			continue
		}
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			reading.Wait()
			return
		}
		reading.Go(func() {
			defer func() { <-turns }()
			s.readAhead(ctx)
		})
	}
	reading.Wait()
}
