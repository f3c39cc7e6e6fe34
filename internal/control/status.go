package control

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// Health tells how the state in memory relates to the database.
type Health interface {
	Database() Database
}

// Database is where the state is kept, as this replica sees it.
type Database struct {
	Kind     string // "sqlite" or "postgres"
	Revision int64
	// Seen is when the database was last seen to have this revision.
	Seen time.Time
	// Err is why it cannot be read now; nil if it can.
	Err error
}

func (a *api) statusRoutes() []route {
	return []route{{"GET", "/status", "show-status", "Show the server's status", access.ReadServer, ofServer, 0, on(a.showStatus)}}
}

func (a *api) showStatus(_ context.Context, _ *call, _ *struct{}) (wire.Status, error) {
	db := a.s.Health.Database()
	w := wire.Status{
		Version: a.s.Version, Started: a.s.Started.UTC(),
		Database: wire.Database{Kind: db.Kind, Revision: db.Revision, AgeSeconds: max(0, int(a.s.Now().Sub(db.Seen)/time.Second))},
		Issuer:   wire.IssuerStatus{URL: a.s.Issuer.URL(), Keys: a.signingKeys().Items, Fetched: a.s.Issuer.LastFetch()},
	}
	if db.Err != nil {
		w.Database.Problem = fault.From(db.Err).Sentence() // the cause may name the server and its user
	}
	w.Organizations, w.Environments = a.census()
	return w, nil
}

// census counts organizations, and environments by state. It counts nothing of a
// state that is too old to be served: a status tells of that too, and so must not
// fail over it.
func (a *api) census() (organizations int, environments map[string]int) {
	environments = map[string]int{}
	all, err := a.s.Organizations.Organizations()
	if err != nil {
		return 0, environments
	}
	for _, o := range all {
		envs, err := a.s.Environments.Environments(o.ID)
		if err != nil {
			break
		}
		for _, e := range envs {
			environments[string(e.State)]++
		}
	}
	return len(all), environments
}
