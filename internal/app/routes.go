package app

import (
	"context"
	"net/http"
	"strings"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/container"
	"github.com/adit-hq/adit/internal/control"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/studio"
)

// routes puts the edges behind one handler: the issuer's documents, the control
// API, Studio, AWS credentials, and OpenAI's API for all the rest. It is no ServeMux,
// which would answer an unclean path such as //api/v1 with a redirect in HTML.
func (a *App) routes(v1 http.Handler, client *bedrock.Client) (http.Handler, error) {
	if a.state == nil {
		return v1, nil
	}
	a.control = a.controlAPI(client)
	pages, err := a.studio()
	if err != nil {
		return nil, err
	}
	controlled, pages := a.endingStreams(a.control), a.endingStreams(pages)
	take := a.credentialsEndpoint()
	wellKnown, documents := "", http.Handler(nil)
	if i := a.state.issuer; i != nil {
		wellKnown, documents = i.Path()+"/.well-known/", i.Handler()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case documents != nil && strings.HasPrefix(path, wellKnown):
			documents.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/api/"):
			controlled.ServeHTTP(w, r)
		case path == studioPath || strings.HasPrefix(path, studioPath+"/"):
			pages.ServeHTTP(w, r)
		case path == "/" && r.Method == http.MethodGet:
			http.Redirect(w, r, studioPath+"/", http.StatusSeeOther)
		case path == container.Path:
			take.ServeHTTP(w, r)
		default:
			v1.ServeHTTP(w, r)
		}
	}), nil
}

// studio is /studio.
func (a *App) studio() (http.Handler, error) {
	st := a.state
	name := ""
	if p := st.people.Provider(); p != nil {
		name = p.Name()
	}
	return studio.New(studio.Settings{
		People: st.people, Client: a.clientAs, Playground: playground{a}, ProviderName: name,
		Address: ingress.Proxies(st.settings.TrustedProxies).Address, Proxies: st.settings.TrustedProxies, URL: st.settings.StudioURL, Here: a.settings.here(),
		Version: a.settings.Version, Now: st.settings.Now, Log: a.log,
	})
}

// credentialsEndpoint is /v1/aws/credentials.
func (a *App) credentialsEndpoint() http.Handler {
	st := a.state
	return container.New(container.Settings{
		Authenticate: st.keys.Authenticate, Environments: st.tenants.Environments, Record: st.events.Record, Log: a.log,
		Address: ingress.Proxies(st.settings.TrustedProxies).Address, Refused: a.wrong.refused,
		Credentials: func(ctx context.Context, environment string, c caller.Caller) (credential.Credentials, error) {
			return st.federation.For(environment).Credentials(ctx, c)
		},
	})
}

// controlAPI is /api.
func (a *App) controlAPI(client *bedrock.Client) http.Handler {
	st := a.state
	rooms := &controlRooms{state: st, app: a, client: client}
	return control.New(control.Settings{
		Access: st.keys, Keys: st.keys, Organizations: st.tenants, Environments: st.tenants, SigningKeys: st.signer, Issuer: st.published(),
		Activity: st.tenants, Acceptances: st.tenants, Exchange: st.federation, Models: rooms, Diagnosis: rooms, Audit: rooms, Events: st.events,
		Reports: rooms, KeepUsage: st.settings.keep(), Health: rooms, Thumbprint: rooms.thumbprint,
		People: st.people, Trusted: st.trusted, Budgets: st.budgets, Prices: st.prices, Callables: rooms, Replies: replies{st.store}, StudioURL: a.StudioURL, Refresh: st.Refresh,
		Version: a.settings.Version, Started: st.started, Proxies: st.settings.TrustedProxies,
		Now: st.settings.Now, Log: a.log,
	})
}
