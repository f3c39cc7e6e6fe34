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

	models atomic.Pointer[snapshot]
	quotas quotas
	swap   sync.Mutex
	meter  Meter
	admit  Admission
}

// Meter is told what became of every request that found its model.
type Meter func(caller.Caller, Spent)

// Spent is what one request came to.
type Spent struct {
	Environment string // id; "" for the credential chain
	Model       string // the Bedrock model id
	Region      string // whose prices hold
	Texts       int    // embedded; 0 for a request that failed
	Tokens      int    // reported by AWS, of a request that failed too: calls of it that went well are billed
	Estimated   int    // estimated where AWS reported none
	Err         error
}

// Admission refuses a request before anything is planned for it, because
// whoever asks has no money left: a fault of kind Throttled. The environment is
// an id, "" for the credential chain.
type Admission func(c caller.Caller, environment string) error

// New returns a gateway without models. metrics may be nil.
func New(client *bedrock.Client, limiter *limit.Limiter, metrics *telemetry.Metrics, log *slog.Logger) *Gateway {
	g := &Gateway{client: client, limiter: limiter, metrics: metrics, meter: func(caller.Caller, Spent) {}, admit: func(caller.Caller, string) error { return nil }}
	g.quotas = quotas{limiter: limiter, log: log, profiles: newProfiles(client), keys: map[place]limit.Key{}}
	g.models.Store(&snapshot{})
	return g
}

// SetMeter names who is told what is spent. It is called before the first
// request; the meter must not block.
func (g *Gateway) SetMeter(m Meter) { g.meter = m }

// SetAdmission names who is asked whether a request may be made. It is called
// before the first request; the answer must not wait for anything.
func (g *Gateway) SetAdmission(a Admission) { g.admit = a }

// SetModels puts models in force at once. Requests under way finish with the
// models they began with, and the limits keep what was spent.
func (g *Gateway) SetModels(models []Model) error {
	g.swap.Lock()
	defer g.swap.Unlock()
	s, err := newSnapshot(models)
	if err != nil {
		return err
	}
	g.metrics.Configure(s.labels())
	for _, e := range s.entries {
		e.metrics = g.metrics.Model(e.Label)
	}
	g.quotas.replace(s)
	g.models.Store(s)
	return nil
}

// Models lists what the caller may ask for, by name.
func (g *Gateway) Models(c caller.Caller) []Info {
	own := g.models.Load().of(c)
	names := own.visible(c)
	out := make([]Info, len(names))
	for i, name := range names {
		out[i] = own.byName[name].info()
	}
	return out
}

// Model returns one model, or a fault of kind NotFound or Forbidden.
func (g *Gateway) Model(c caller.Caller, name string) (Info, error) {
	e, err := g.models.Load().find(c, name)
	if err != nil {
		return Info{}, err
	}
	return e.info(), nil
}

// Metrics returns those of a model, or the ones that all unknown models share.
func (g *Gateway) Metrics(c caller.Caller, name string) *telemetry.ModelMetrics {
	e, err := g.models.Load().find(c, name)
	if err != nil {
		return g.metrics.Model("")
	}
	return e.metrics
}

// Prepare asks for the credentials of every model of the chain, so that the
// first request need not, and learns which models spend one quota. Those of
// environments wait for a caller. Failures wait for a request.
func (g *Gateway) Prepare(ctx context.Context, c caller.Caller) {
	var asking sync.WaitGroup
	for _, e := range g.models.Load().entries {
		if e.Environment != nil {
			continue
		}
		asking.Go(func() {
			if creds, err := g.credentials(ctx, c, e); err == nil {
				_, _ = g.quotas.key(ctx, e, creds) // an error: ctx ended, which is no matter here
			}
		})
	}
	asking.Wait()
}

// credentials asks for an entry's credentials, and tells the metrics when those of a chain expire.
func (g *Gateway) credentials(ctx context.Context, c caller.Caller, e *entry) (credential.Credentials, error) {
	creds, err := e.Target.Credentials.Credentials(ctx, c)
	if err != nil {
		return creds, err
	}
	if at := creds.Expires.Unix(); e.Environment == nil && e.expires.Swap(at) != at {
		g.metrics.CredentialExpiry(e.Label, creds.Expires)
	}
	return creds, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
