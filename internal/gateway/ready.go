package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

// refusalHolds is how long a refusal of AWS makes a model unready. No traffic
// comes behind a readiness probe that fails, so no success would end it.
const refusalHolds = time.Minute

// refusal is what AWS said last, and when.
type refusal struct {
	fault *fault.Error
	at    time.Time
}

// Readiness says whether a model can be called, and why not.
type Readiness struct {
	Model  string
	Reason string // empty: ready
}

// Ready asks for the credentials of every model of the caller's organization,
// and tells AWS's last refusal if it is less than a minute old and no call
// succeeded since. Models of environments are left out: whose session is to be
// asked for, only a request tells, and one environment is not the server.
func (g *Gateway) Ready(ctx context.Context, c caller.Caller) []Readiness {
	own := g.models.Load().of(c)
	var chained []*entry
	for _, name := range own.names {
		if e := own.byName[name]; e.Environment == nil {
			chained = append(chained, e)
		}
	}
	out := make([]Readiness, len(chained))
	var asking sync.WaitGroup
	for i, e := range chained {
		asking.Go(func() { out[i] = Readiness{e.Name, g.unready(ctx, c, e)} })
	}
	asking.Wait()
	return out
}

func (g *Gateway) unready(ctx context.Context, c caller.Caller, e *entry) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := g.credentials(ctx, c, e); err != nil {
		return fault.From(err).Sentence()
	}
	if r := e.refused.Load(); r != nil && time.Since(r.at) < refusalHolds {
		return r.fault.Sentence()
	}
	return ""
}

// remember keeps a refusal for Ready until a call succeeds. Missing credentials
// Ready sees by itself, and an answer that cannot be used is no refusal.
func (e *entry) remember(err error) {
	if err == nil {
		if e.refused.Load() != nil {
			e.refused.Store(nil)
		}
		return
	}
	f := fault.From(err)
	if f.Kind != fault.Refused || f.Code == "no_aws_credentials" || (f.AWS != nil && f.AWS.Code == "BadAnswer") {
		return
	}
	e.refused.Store(&refusal{f, time.Now()})
}
