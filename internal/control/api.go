package control

import (
	"encoding/json"
	"net/http"
	"path"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/pace"
)

// api serves the routes.
type api struct {
	s                                          Settings
	proxies                                    ingress.Proxies
	byAddress, byKey, byOrganization, byPerson *pace.Pace
	listings                                   *listings
	document                                   []byte
}

// askedOfAPage is how many requests a person's page makes at most, or nearly.
const askedOfAPage = 8

// New returns the handler of /api/. The settings' rooms must be there; it
// panics if a route cannot be registered, which no input can cause.
func New(s Settings) http.Handler {
	s = s.withDefaults()
	a := &api{
		s: s, proxies: s.Proxies, listings: newListings(s.Now),
		byAddress: pace.New(s.PerAddress, s.PerAddress/4), byKey: pace.New(s.PerKey, s.PerKey/4), byOrganization: pace.New(s.PerOrganization, s.PerOrganization/4),
		byPerson: pace.New(s.PerKey*askedOfAPage, s.PerKey*askedOfAPage/4),
	}
	mux := http.NewServeMux()
	h := humago.New(mux, configuration(s.Version))
	a.mount(mux, h)
	describe(h.OpenAPI(), a.routes())
	a.document, _ = json.Marshal(h.OpenAPI()) // huma's own types always marshal
	mux.HandleFunc("GET /api/openapi.json", a.openAPI)
	docsRoutes(mux)
	return a.recorded(a.direct(mux))
}

func unknownURL() error {
	return fault.New(fault.NotFound, "nothing exists at this URL").WithCode(codeUnknownURL).WithRemedy("/api/openapi.json lists all URLs.")
}

// configuration is huma's, with nothing of it shared between two APIs: its own
// error type is turned into ours on the way out, instead of by its global.
func configuration(version string) huma.Config {
	c := huma.DefaultConfig("Adit control API", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""                                  // huma fills its copy of the document in without a lock
	c.CreateHooks = nil                                                                    // no $schema members
	c.Formats = map[string]huma.Format{"application/json": jsonOnly(), "json": jsonOnly()} // the second is for problem+json
	c.Transformers = []huma.Transformer{problems}
	return c
}

func (a *api) openAPI(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/openapi+json")
	h.Set("Content-Length", strconv.Itoa(len(a.document)))
	_, _ = w.Write(a.document)
}

// fail answers with a problem where huma does not.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r.Context(), err)
	for name, values := range p.header {
		w.Header()[name] = values
	}
	writeProblem(w, p.Problem)
}

func writeProblem(w http.ResponseWriter, p wire.Problem) {
	b, _ := json.Marshal(p) // our own type always marshals
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n'))
}

// direct answers a path such as //api, which the mux would redirect in HTML, as
// one that does not exist.
func (a *api) direct(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; path.Clean(p) != p {
			a.fail(w, r, unknownURL())
			return
		}
		mux.ServeHTTP(w, r)
	})
}
