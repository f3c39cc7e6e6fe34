package trusttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/egress"
)

// The paths of an issuer's documents.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/keys"
)

// Issuer is an OpenID Connect issuer at an address of the loopback network, with
// TLS. It signs with ES256 unless it is given another key.
type Issuer struct {
	// URL is what its tokens say in iss.
	URL string
	// Now is the issuer's clock; time.Now unless it is set before the first token.
	Now func() time.Time

	server *httptest.Server

	mu       sync.Mutex
	made     int
	keys     []jose.JSONWebKey // private halves; the last signs
	headers  http.Header
	instead  http.HandlerFunc
	requests map[string]int
}

// NewIssuer starts an issuer with one key, published with a life of ten minutes.
func NewIssuer() *Issuer {
	i := &Issuer{Now: time.Now, headers: http.Header{"Cache-Control": {"public, max-age=600"}}, requests: map[string]int{}}
	i.server = httptest.NewUnstartedServer(http.HandlerFunc(i.serve))
	i.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.server.StartTLS()
	i.URL = i.server.URL
	i.AddKey()
	return i
}

// Close ends the server.
func (i *Issuer) Close() { i.server.Close() }

// Roots has the authority of its certificate.
func (i *Issuer) Roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(i.server.Certificate())
	return roots
}

// Policy allows the loopback network, where it is, and its certificate.
func (i *Issuer) Policy() egress.Policy {
	return egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Roots: i.Roots(), Timeout: 5 * time.Second}
}

// AddKey makes a key that signs from now on and is published beside those before; it returns its id.
func (i *Issuer) AddKey() string {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // no random numbers: no test can go on
	}
	return i.Add(private, string(jose.ES256))
}

// Add takes a private key of any kind, such as *rsa.PrivateKey for RS256, as AddKey does its own.
func (i *Issuer) Add(private any, alg string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.made++
	kid := fmt.Sprintf("key-%d", i.made)
	i.keys = append(i.keys, jose.JSONWebKey{Key: private, KeyID: kid, Algorithm: alg, Use: "sig"})
	return kid
}

// Withdraw stops publishing all keys but the one that signs.
func (i *Issuer) Withdraw() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = i.keys[len(i.keys)-1:]
}

// Signing returns the key that signs now, with its private half.
func (i *Issuer) Signing() jose.JSONWebKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[len(i.keys)-1]
}

// SetHeader sets a header of both documents, such as Cache-Control; "" removes it.
func (i *Issuer) SetHeader(name, value string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.headers.Del(name)
	if value != "" {
		i.headers.Set(name, value)
	}
}

// Instead has all requests answered by h; nil makes the issuer well again.
func (i *Issuer) Instead(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.instead = h
}

// Requests returns how often a path was asked for.
func (i *Issuer) Requests(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.requests[path]
}

// ServeDocuments answers as a well issuer does. A test's own handler may end in it.
func (i *Issuer) ServeDocuments(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for name, values := range i.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/json")
	var document any
	switch r.URL.Path {
	case DiscoveryPath:
		document = map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + KeysPath, "response_types_supported": []string{"id_token"},
			"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		}
	case KeysPath:
		set := jose.JSONWebKeySet{}
		for _, k := range i.keys {
			set.Keys = append(set.Keys, k.Public())
		}
		document = set
	default:
		http.NotFound(w, r)
		return
	}
	if err := json.NewEncoder(w).Encode(document); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.requests[r.URL.Path]++
	instead := i.instead
	i.mu.Unlock()
	if instead != nil {
		instead(w, r)
		return
	}
	i.ServeDocuments(w, r)
}
