package studio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// root is where the pages begin.
const root = "/studio"

// studio is what all pages share.
type studio struct {
	Settings
	look   *look
	assets assets
}

// New returns the pages, to be mounted at /studio/.
func New(s Settings) (http.Handler, error) {
	s, err := s.check()
	if err != nil {
		return nil, err
	}
	st := &studio{Settings: s}
	if st.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if st.look, err = newLook(s.Now); err != nil {
		return nil, err
	}
	return st.handler(), nil
}

// routes is the whole table.
func (s *studio) routes() []route {
	return slices.Concat(
		s.homeRoutes(),
		s.auditRoutes(),
		s.usageRoutes(),
		s.budgetsRoutes(),
		s.trustRoutes(),
		s.keysRoutes(),
		s.environmentRoutes(),
		s.modelRoutes(),
		s.playgroundRoutes(),
		s.signinRoutes(),
		s.linkRoutes(),
		s.accountRoutes(),
		s.organizationRoutes(),
		s.organizationsRoutes(),
		s.operatorsRoutes(),
		s.issuerRoutes(),
	)
}

// handler is the table as a handler, behind what holds for every page.
func (s *studio) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.Method+" "+root+r.Path, s.serve(r))
	}
	mux.Handle("GET "+root+"/assets/{hash}/{file}", s.assets)
	mux.Handle(root+"/", withoutSlash(mux, s.serve(route{Entry: Entry{Open: true}, handle: nowhere})))
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(s.serve(route{Entry: Entry{Open: true}, handle: foreign}))
	return s.guarded(cross.Handler(mux))
}

// withoutSlash sends who looks for a page with a slash behind its path to the
// page; everything else goes on to next.
func withoutSlash(pages *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, slash := strings.CutSuffix(r.URL.EscapedPath(), "/")
		if slash && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			there := *r
			there.URL = &url.URL{Path: strings.TrimSuffix(r.URL.Path, "/"), RawPath: path}
			if _, row := pages.Handler(&there); strings.HasPrefix(row, "GET ") {
				to := url.URL{Path: there.URL.Path, RawPath: path, RawQuery: r.URL.RawQuery}
				w.Header().Set("Location", localPath(to.RequestURI()))
				w.WriteHeader(http.StatusSeeOther)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// guarded sets the headers that every answer has: nothing is loaded from elsewhere,
// no page stands in a frame of others, and no proxy or disk keeps a page.
func (s *studio) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
			"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", fragmentHeader)
		if s.staysSealed(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
