package signin

import (
	"context"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/adit-hq/adit/internal/fault"
)

// discovered is what the provider says of itself, and the keys it signs with.
type discovered struct {
	config   *oauth2.Config
	verifier *oidc.IDTokenVerifier
	at       time.Time
}

const (
	// retryAfter is how long a provider that failed is left alone.
	retryAfter = 5 * time.Second
	// What was found is asked for anew after discoverLife. Until discoverStale
	// nobody waits for that: endpoints that move stand side by side for a while.
	discoverLife  = 24 * time.Hour
	discoverStale = 2 * discoverLife
)

// discover returns what the provider says of itself. One at a time asks it, for
// all who wait, and after a failure nobody for five seconds. What was found
// before goes on while it is asked anew, and for as long as it does not answer
// then. Who leaves waits no longer.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	found, landed, err := p.look(ctx)
	if landed == nil {
		return found, err
	}
	select {
	case <-landed:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	return nil, p.failed
}

// look returns what there is, or the asking under way that must be waited for. It
// begins one where it is time.
func (p *Provider) look(ctx context.Context) (found *discovered, landed <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.found != nil && now.Before(p.found.at.Add(discoverLife)) {
		return p.found, nil, nil
	}
	if p.flight == nil && !now.Before(p.again) {
		p.start(ctx, now)
	}
	switch {
	case p.found != nil && (p.flight == nil || p.failed != nil || now.Before(p.found.at.Add(discoverStale))):
		return p.found, nil, nil
	case p.flight == nil:
		return nil, nil, p.failed
	}
	return nil, p.flight, nil
}

// start begins to ask; the mutex is held. It is for everybody who waits, so it
// must not end with the browser that came first.
func (p *Provider) start(ctx context.Context, now time.Time) {
	landed := make(chan struct{})
	p.flight = landed
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	go func() {
		defer close(landed)
		defer end()
		found, err := p.ask(ctx, now)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.flight = nil
		if err != nil {
			p.failed, p.again = unreachable(p, err), p.now().Add(retryAfter)
			return
		}
		p.found, p.failed, p.again = found, nil, time.Time{}
	}()
}

// ask reads the discovery document (OpenID Connect Discovery, 4).
func (p *Provider) ask(ctx context.Context, now time.Time) (*discovered, error) {
	ctx = oidc.ClientContext(ctx, p.http)
	provider, err := oidc.NewProvider(ctx, p.issuer)
	if err != nil {
		return nil, err
	}
	var said struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		Keys    string   `json:"jwks_uri"`
	}
	if err := provider.Claims(&said); err != nil {
		return nil, err
	}
	config := p.config
	config.Endpoint = provider.Endpoint()
	config.Endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default of the specification
	if config.ClientSecret == "" || len(said.Methods) > 0 && !slices.Contains(said.Methods, "client_secret_basic") {
		config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	var f fault.Inputs
	checkURL(&f, "authorization_endpoint", config.Endpoint.AuthURL)
	checkURL(&f, "token_endpoint", config.Endpoint.TokenURL)
	checkURL(&f, "jwks_uri", said.Keys)
	if err := f.Err(); err != nil {
		return nil, err
	}
	verifier := provider.VerifierContext(ctx, &oidc.Config{ClientID: p.config.ClientID, SupportedSigningAlgs: algorithms(), Now: p.now})
	return &discovered{config: &config, verifier: verifier, at: now}, nil
}
