package control

import (
	"context"
	"time"
)

// refreshTime is how long a person's page waits for the database to tell whether
// anything is new.
const refreshTime = 2 * time.Second

// refresh learns what other replicas changed, where it may have been seen already:
// a version, on the replica that made it; what a person made there, whose next page
// comes from here. Where the database does not answer the person is shown what is
// in memory, as everybody is. A browser that leaves meanwhile must not look like a
// database that failed.
func (a *api) refresh(ctx context.Context, within, version bool) error {
	if version {
		return a.s.Refresh(ctx)
	}
	if within {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTime)
		defer cancel()
		_ = a.s.Refresh(ctx) // who follows the database's changes logs that it is away
	}
	return nil
}
