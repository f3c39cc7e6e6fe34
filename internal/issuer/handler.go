package issuer

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// maxAgent is how much of a client's name is logged.
const maxAgent = 120

// Handler serves the two documents below the path of the issuer's URL, by GET
// and HEAD, from memory. Everything else is not found.
func (i *Issuer) Handler() http.Handler { return http.HandlerFunc(i.serve) }

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	rest, below := strings.CutPrefix(r.URL.Path, i.path)
	if !below || rest != discoveryPath && rest != jwksPath {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this document is read-only", http.StatusMethodNotAllowed)
		return
	}
	select {
	case i.places <- struct{}{}:
		defer func() { <-i.places }()
	default:
		busy(w)
		return
	}
	if !i.budget.AllowN(i.settings.Now(), 1) {
		busy(w)
		return
	}
	p, err := i.current()
	if err != nil {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "no signing key is published yet", http.StatusServiceUnavailable)
		return
	}
	d := &p.jwks
	if rest == discoveryPath {
		d = &p.discovery
	}
	i.note(r, d, d.answer(w, r))
}

func busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "too many requests for this document", http.StatusTooManyRequests)
}

// answer sends the document, or 304 to a client that has it.
func (d *document) answer(w http.ResponseWriter, r *http.Request) (status int) {
	status, fields := http.StatusOK, d.fields
	if d.known(r.Header["If-None-Match"]) {
		status, fields = http.StatusNotModified, d.again
	}
	header := w.Header()
	for name, values := range fields {
		header[name] = values
	}
	w.WriteHeader(status)
	if status == http.StatusOK && r.Method == http.MethodGet {
		_, _ = w.Write(d.body)
	}
	return status
}

// known reports whether one of the entity tags is the document's. They are
// compared weakly, as RFC 9110, 13.1.2 wants: a proxy that compresses weakens ours.
func (d *document) known(ifNoneMatch []string) bool {
	for _, line := range ifNoneMatch {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == d.etag {
				return true
			}
		}
	}
	return false
}

func (i *Issuer) note(r *http.Request, d *document, status int) {
	i.fetched[d.number].Store(i.settings.Now().UnixNano())
	i.settings.OnFetch(d.what)
	if i.settings.Log.Enabled(r.Context(), slog.LevelInfo) {
		agent := r.UserAgent()
		i.settings.Log.InfoContext(r.Context(), "issuer document fetched", "what", d.what, "method", r.Method, "status", status,
			"address", r.RemoteAddr, "user_agent", agent[:min(len(agent), maxAgent)])
	}
}

// LastFetch returns when each document was last sent, or found unchanged, by
// its name; one that nobody asked this replica for is not in it.
func (i *Issuer) LastFetch() map[string]time.Time {
	out := map[string]time.Time{}
	for n, what := range []string{Discovery, JWKS} {
		if at := i.fetched[n].Load(); at != 0 {
			out[what] = time.Unix(0, at).UTC()
		}
	}
	return out
}
