package diagnose

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/tenant"
)

// Settings are the rooms on the way, and how to get outside. Issuer, Exchanger
// and Models are needed.
type Settings struct {
	Issuer    Issuer
	Exchanger Exchanger
	Models    Lister
	// Invoker makes the real calls. Default: nobody can, and the step is skipped.
	Invoker Invoker
	// Dial reaches the public URL's host, whose address it may take from elsewhere
	// than DNS. Default: as the system does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Lookup finds the addresses of the public URL's host. Default: as the system does.
	Lookup func(ctx context.Context, host string) ([]string, error)
	// Roots are the CAs that count as public. Default: the system's.
	Roots *x509.CertPool
	// STS replaces AWS's regional STS endpoint: "http://127.0.0.1:4566".
	STS string
	// HTTP sends the requests to STS. Default: net/http's default transport.
	HTTP *http.Client
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// Issuer makes the tokens and knows what is published. An *issuer.Issuer is one.
type Issuer interface {
	URL() string
	Documents() (discovery, jwks []byte, err error)
	LastFetch() map[string]time.Time
	Mint(context.Context, issuer.Claims) (issuer.Token, error)
}

// Exchanger asks STS. A *federation.Federation is one.
type Exchanger interface {
	Exchange(context.Context, tenant.Environment, caller.Caller) (federation.Exchange, credential.Credentials, error)
	Probe(context.Context, tenant.Environment) (federation.Probe, error)
}

// Lister reads what the environment's account has, with credentials of the environment.
type Lister interface {
	List(context.Context, tenant.Environment, credential.Credentials) (bedrock.Listing, error)
}

// Invoker makes one small real call to a model, and tells what came of it in a
// sentence, such as "1024 numbers in 210 ms".
type Invoker interface {
	Invoke(ctx context.Context, e tenant.Environment, model string, creds credential.Credentials) (string, error)
}

// Options of a walk.
type Options struct {
	// Invoke makes one real call to each enabled model, which AWS bills.
	Invoke bool
}

// walk is one walk under way: what earlier steps found out for later ones.
type walk struct {
	Settings
	env     tenant.Environment
	caller  caller.Caller
	options Options

	reached bool // the public URL answers over TLS
	site    *site
	token   *issuer.Token
	creds   *credential.Credentials
	listing *bedrock.Listing

	result Diagnosis
	report func(Step)
}

// Walk goes through all steps for an environment in the caller's name, and
// reports each when it is done; report may be nil. When ctx ends, the steps
// that are left are skipped.
func Walk(ctx context.Context, s Settings, env tenant.Environment, c caller.Caller, o Options, report func(Step)) Diagnosis {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Lookup == nil {
		s.Lookup = net.DefaultResolver.LookupHost
	}
	if s.Dial == nil {
		s.Dial = (&net.Dialer{}).DialContext
	}
	if report == nil {
		report = func(Step) {}
	}
	w := &walk{
		Settings: s, env: env, caller: c, options: o, report: report,
		result: Diagnosis{Environment: env.ID, Begun: s.Now(), Verdict: OK, Steps: []Step{}},
	}
	defer w.close()
	w.step(ctx, PublicURL, w.publicURL)
	w.step(ctx, TLS, w.certificate)
	w.step(ctx, Discovery, w.discovery)
	w.step(ctx, JWKS, w.jwks)
	w.step(ctx, Clock, w.clock)
	w.step(ctx, Token, w.claims)
	w.step(ctx, Exchange, w.exchange)
	w.step(ctx, Probe, w.probe)
	w.step(ctx, Identity, w.identity)
	w.step(ctx, Models, w.models)
	w.eachModel(ctx, Access, w.access)
	w.eachModel(ctx, Invoke, w.invoke)
	return w.result
}

// step makes one step and reports it.
func (w *walk) step(ctx context.Context, name string, look func(context.Context, *Step)) {
	s := Step{Name: name, Verdict: OK}
	begun := w.Now()
	if ctx.Err() != nil {
		s.skip("the diagnosis was interrupted")
	} else {
		look(ctx, &s)
	}
	s.Milliseconds = w.Now().Sub(begun).Milliseconds()
	w.result.add(s)
	w.report(s)
}

func (w *walk) close() {
	if w.site != nil {
		w.site.transport.CloseIdleConnections()
	}
}
