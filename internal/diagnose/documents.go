package diagnose

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
)

// maxDocument bounds what is read of a document; ours have some 2 KB.
const maxDocument = 256 << 10

// page is a document as the public URL serves it.
type page struct {
	body   []byte
	header http.Header
	took   time.Duration
}

// fetch gets a document, and says in the step what AWS would not take.
func (w *walk) fetch(ctx context.Context, s *Step, path string) *page {
	if !w.reached {
		s.skip("the public URL cannot be reached from here")
		return nil
	}
	address := w.Issuer.URL() + path
	s.fact("url", address)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		s.fail(fault.Config, "the URL cannot be requested", "")
		return nil
	}
	begun := w.Now()
	response, err := w.site.client.Do(request)
	if err != nil {
		s.fail(fault.Unavailable, "no answer: "+fault.Root(err).Error(), "Check the server's log, and proxies in front of it.")
		return nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	took := w.Now().Sub(begun)
	s.fact("status", strconv.Itoa(response.StatusCode))
	s.fact("took", took.Round(time.Millisecond).String())
	s.fact("cache_control", response.Header.Get("Cache-Control"))
	switch {
	case err != nil:
		s.fail(fault.Unavailable, "the response was cut off", "Check proxies in front of the server.")
	case response.StatusCode >= 300 && response.StatusCode < 400:
		s.fail(fault.Config, "the URL redirects", "Serve the document at this URL itself.")
	case response.StatusCode != http.StatusOK:
		s.fail(fault.Config, fmt.Sprintf("the URL returns HTTP status %d", response.StatusCode),
			"Send requests for this host and path to this server; if a CDN serves an export, publish it again.")
	case len(body) > maxDocument:
		s.fail(fault.Config, "the response is far too long for this document", "Something else answers at this URL.")
	default:
		return &page{body, response.Header, took}
	}
	return nil
}

// discovery compares the published document with the configuration.
func (w *walk) discovery(ctx context.Context, s *Step) {
	p := w.fetch(ctx, s, "/.well-known/openid-configuration")
	if p == nil {
		return
	}
	ours, _, err := w.Issuer.Documents()
	if err != nil {
		s.failed(err)
		return
	}
	var have, want map[string]any
	if json.Unmarshal(p.body, &have) != nil || json.Unmarshal(ours, &want) != nil {
		s.fail(fault.Config, "the response is not JSON", "Something else answers at this URL.")
		return
	}
	var differ []string
	for name := range want {
		if !reflect.DeepEqual(have[name], want[name]) {
			differ = append(differ, name)
		}
	}
	slices.Sort(differ)
	s.say("the document matches the configuration")
	switch {
	case slices.Contains(differ, "issuer"), slices.Contains(differ, "jwks_uri"):
		s.fact("served_issuer", fmt.Sprint(have["issuer"]))
		s.fail(fault.Config, "the served document belongs to another issuer: "+strings.Join(differ, ", ")+" differ from the configuration",
			"Another server answers at this URL, or --issuer-url was changed.")
		return
	case len(differ) > 0:
		s.warn("the served document is out of date: "+strings.Join(differ, ", ")+" differ", "If a CDN serves an export, publish it again.")
	}
	w.headers(s, p)
}

// headers judges what lets AWS keep a document, and take it for JSON.
func (w *walk) headers(s *Step, p *page) {
	if kind, _, _ := mime.ParseMediaType(p.header.Get("Content-Type")); kind != "application/json" && kind != "application/jwk-set+json" {
		s.warn("the content type is "+strconv.Quote(kind)+", not application/json", "Have the proxy or bucket keep the content type.")
	}
	cache := strings.ToLower(p.header.Get("Cache-Control"))
	for _, bad := range []string{"no-cache", "no-store", "max-age=0", "private"} {
		if strings.Contains(cache, bad) {
			s.warn("Cache-Control is "+strconv.Quote(cache)+": AWS may not cache the document, and parallel exchanges will fail", "Have proxies pass Adit's Cache-Control through.")
			return
		}
	}
	if !strings.Contains(cache, "max-age=") {
		s.warn("the document has no max-age: some verifiers then cache it for 12 hours", "Have proxies pass Adit's Cache-Control through.")
	}
}

// jwks checks the keys: in time, public ones only, and the one that signs among them.
func (w *walk) jwks(ctx context.Context, s *Step) {
	// The key that signs is known from a token.
	token, unsigned := w.Issuer.Mint(ctx, w.asked())
	if unsigned == nil {
		w.token = &token
	}
	for name, at := range w.Issuer.LastFetch() {
		if name == issuer.JWKS && !at.IsZero() {
			s.fact("fetched_last", at.UTC().Format(time.RFC3339))
		}
	}
	p := w.fetch(ctx, s, "/.well-known/jwks.json")
	if p == nil {
		return
	}
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	if json.Unmarshal(p.body, &set) != nil || len(set.Keys) == 0 {
		s.fail(fault.Config, "the response is not a JSON Web Key Set", "Something else answers at this URL.")
		return
	}
	var kids []string
	for _, k := range set.Keys {
		kid, _ := k["kid"].(string)
		kids = append(kids, kid)
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
			if _, there := k[private]; there {
				s.fail(fault.Config, "a PRIVATE key is published", "Take the document down at once, and run `adit issuer keys revoke` for its kid.")
				s.fact("kid", kid)
				return
			}
		}
	}
	s.fact("kids", strings.Join(kids, ", "))
	s.say(fmt.Sprintf("%d keys, the active signing key among them", len(kids)))
	switch {
	case unsigned != nil:
		s.warn("the active signing key is not known: no token can be issued", "See the token step.")
	case !slices.Contains(kids, token.KID):
		s.fact("signing_kid", token.KID)
		s.fail(fault.Config, "the active signing key is not among the served keys",
			"If a CDN or bucket serves an export, publish it again; otherwise another server answers at this URL.")
		return
	}
	if p.took >= awsWaits {
		s.fail(fault.Unavailable, fmt.Sprintf("the keys took %v; AWS gives up after 5 seconds", p.took.Round(time.Millisecond)), "Serve them faster, for example by `adit issuer export` and a CDN.")
		return
	}
	if p.took >= awsWaits/2 {
		s.warn(fmt.Sprintf("the keys took %v; AWS gives up after 5 seconds", p.took.Round(time.Millisecond)), "Serve them faster, for example by `adit issuer export` and a CDN.")
	}
	if len(kids) > 6 {
		s.warn(fmt.Sprintf("%d keys are published; AWS accepts at most 100", len(kids)), "See `adit issuer keys list`.")
	}
	w.headers(s, p)
}
