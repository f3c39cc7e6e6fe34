package control

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/tenant"
)

// How long a listing is shown before AWS is asked again, and how many are kept.
// One that AWS refused a part of is shown shortly: somebody may mend the role
// meanwhile, as its warnings say.
const (
	listingLife = time.Hour
	partialLife = time.Minute
	maxListings = 1000
)

func life(l bedrock.Listing) time.Duration {
	if len(l.Warnings) > 0 {
		return partialLife
	}
	return listingLife
}

// listings keeps what AWS said of accounts' models. A listing belongs to the
// environment's role and region: when these change it is asked anew. It is
// safe for concurrent use.
type listings struct {
	now    func() time.Time
	flight singleflight.Group

	mu   sync.Mutex
	kept map[string]bedrock.Listing
}

func newListings(now func() time.Time) *listings {
	return &listings{now: now, kept: map[string]bedrock.Listing{}}
}

func listingName(e tenant.Environment) string { return e.ID + " " + e.Region + " " + e.RoleARN }

// known returns a listing that is young enough, if there is one.
func (l *listings) known(e tenant.Environment) (bedrock.Listing, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	got, ok := l.kept[listingName(e)]
	return got, ok && l.now().Sub(got.Read) < life(got)
}

// get returns the listing, from memory unless it is to be fresh. All who ask at
// once wait for one reading; it goes on for the others when one leaves.
func (l *listings) get(ctx context.Context, e tenant.Environment, fresh bool, read func(context.Context) (bedrock.Listing, error)) (bedrock.Listing, error) {
	if !fresh {
		if got, ok := l.known(e); ok {
			return got, nil
		}
	}
	done := l.flight.DoChan(listingName(e), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), awsTime)
		defer cancel()
		got, err := read(ctx)
		if err == nil {
			l.keep(e, got)
		}
		return got, err
	})
	select {
	case <-ctx.Done():
		return bedrock.Listing{}, ctx.Err()
	case r := <-done:
		got, _ := r.Val.(bedrock.Listing)
		return got, r.Err
	}
}

// keep remembers a listing; of too many, some old one goes.
func (l *listings) keep(e tenant.Environment, got bedrock.Listing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, old := range l.kept {
		if len(l.kept) < maxListings {
			break
		}
		if l.now().Sub(old.Read) >= life(old) || len(l.kept) >= maxListings {
			delete(l.kept, name)
		}
	}
	l.kept[listingName(e)] = got
}
