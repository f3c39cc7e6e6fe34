package gateway

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/telemetry"
)

// Gateway answers by name. It is safe for use by many goroutines.
type Gateway struct {
	client  *bedrock.Client
	limiter *limit.Limiter
	metrics *telemetry.Metrics
	log     *slog.Logger

	models atomic.Pointer[snapshot]
	quotas quotas
	swap   sync.Mutex
}

// New returns a gateway without models. metrics may be nil.
func New(client *bedrock.Client, limiter *limit.Limiter, metrics *telemetry.Metrics, log *slog.Logger) *Gateway {
	g := &Gateway{client: client, limiter: limiter, metrics: metrics, log: log}
	g.quotas = quotas{limiter: limiter, log: log, profiles: newProfiles(client), keys: map[string]limit.Key{}}
	g.models.Store(&snapshot{})
	return g
}

// SetModels puts models in force at once. Requests under way finish with the
// models they began with, and the limits keep what was spent.
func (g *Gateway) SetModels(models []Model) error {
	g.swap.Lock()
	defer g.swap.Unlock()
	s, err := newSnapshot(models)
	if err != nil {
		return err
	}
	g.metrics.Configure(s.names)
	for name, e := range s.byName {
		e.metrics = g.metrics.Model(name)
	}
	g.quotas.replace(s)
	g.models.Store(s)
	return nil
}

// Models lists what the caller may ask for, by name.
func (g *Gateway) Models(caller.Caller) []Info {
	s := g.models.Load()
	out := make([]Info, len(s.names))
	for i, name := range s.names {
		out[i] = s.byName[name].info()
	}
	return out
}

// Model returns one model, or a fault of kind NotFound.
func (g *Gateway) Model(_ caller.Caller, name string) (Info, error) {
	e, err := g.models.Load().find(name)
	if err != nil {
		return Info{}, err
	}
	return e.info(), nil
}

// Rate tells what is left of a model's limit; the zero State where it is not known yet.
func (g *Gateway) Rate(_ caller.Caller, name string) limit.State {
	e, err := g.models.Load().find(name)
	if err != nil || e.key.Load() == nil {
		return limit.State{}
	}
	return g.limiter.State(e.key.Load().Key)
}

// Prepare asks for every model's credentials, so that the first request need
// not, and learns which models spend one quota. Failures wait for a request.
func (g *Gateway) Prepare(ctx context.Context, c caller.Caller) {
	var asking sync.WaitGroup
	for _, e := range g.models.Load().byName {
		asking.Go(func() {
			if creds, err := g.credentials(ctx, c, e); err == nil {
				_, _ = g.quotas.key(ctx, e, creds) // an error: ctx ended, which is no matter here
			}
		})
	}
	asking.Wait()
}

// credentials asks for an entry's credentials, and tells the metrics when they expire.
func (g *Gateway) credentials(ctx context.Context, c caller.Caller, e *entry) (credential.Credentials, error) {
	creds, err := e.Target.Credentials.Credentials(ctx, c)
	if err != nil {
		return creds, err
	}
	if at := creds.Expires.Unix(); e.expires.Swap(at) != at {
		g.metrics.CredentialExpiry(e.Name, creds.Expires)
	}
	return creds, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
