package issuer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
)

// The two documents, by the names that [Issuer.LastFetch] uses.
const (
	Discovery = "discovery"
	JWKS      = "jwks"
)

// Where the documents are, below the issuer's URL.
const (
	discoveryPath = "/.well-known/openid-configuration"
	jwksPath      = "/.well-known/jwks.json"
)

// published is both documents of one ring.
type published struct {
	ring            *signing.Ring
	discovery, jwks document
}

// document is a body with the header fields that go with it, ready to be sent.
type document struct {
	what   string
	number int
	body   []byte
	etag   string
	fields map[string][]string // of 200
	again  map[string][]string // of 304
}

// discovery is the part of OpenID Connect Discovery 1.0 that AWS and other
// verifiers read.
type discovery struct {
	Issuer  string `json:"issuer"`
	JWKSURI string `json:"jwks_uri"`
	// AuthorizationEndpoint is required by the standard. Nobody signs in here;
	// Kubernetes has the same answer, and AWS takes it.
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	ResponseTypes         []string `json:"response_types_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	Algorithms            []string `json:"id_token_signing_alg_values_supported"`
	Claims                []string `json:"claims_supported"`
}

// Documents returns both documents as they are served now.
func (i *Issuer) Documents() (discovery, jwks []byte, err error) {
	p, err := i.current()
	if err != nil {
		return nil, nil, err
	}
	return slices.Clone(p.discovery.body), slices.Clone(p.jwks.body), nil
}

// current returns the documents of the ring that the signer holds, made when
// they were first asked for after a change.
func (i *Issuer) current() (*published, error) {
	ring, ok := i.settings.Signer.Ring(i.settings.ID)
	if !ok {
		return nil, notYet()
	}
	if p := i.published.Load(); p != nil && p.ring == ring {
		return p, nil
	}
	i.building.Lock()
	defer i.building.Unlock()
	if p := i.published.Load(); p != nil && p.ring == ring {
		return p, nil
	}
	p, err := i.build(ring)
	if err == nil {
		i.published.Store(p)
	}
	return p, err
}

func (i *Issuer) build(ring *signing.Ring) (*published, error) {
	keys := ring.Public()
	if len(keys) == 0 { // a verifier must not keep an empty list
		return nil, notYet()
	}
	algorithms := ring.Algorithms()
	slices.Sort(algorithms)
	d, err := json.Marshal(discovery{
		Issuer: i.URL(), JWKSURI: i.URL() + jwksPath,
		AuthorizationEndpoint: "urn:kubernetes:programmatic_authorization",
		ResponseTypes:         []string{"id_token"},
		SubjectTypes:          []string{"public"},
		Algorithms:            algorithms,
		Claims:                []string{"aud", "exp", "iat", "iss", "jti", "nbf", "sub"},
	})
	if err != nil {
		return nil, err
	}
	k, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		return nil, err
	}
	return &published{
		ring:      ring,
		discovery: newDocument(Discovery, 0, d, i.settings.DiscoveryMaxAge),
		jwks:      newDocument(JWKS, 1, k, i.settings.JWKSMaxAge),
	}, nil
}

func newDocument(what string, number int, body []byte, maxAge time.Duration) document {
	sum := sha256.Sum256(body)
	d := document{what: what, number: number, body: body, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`}
	d.again = map[string][]string{
		"Access-Control-Allow-Origin": {"*"},
		"Cache-Control":               {fmt.Sprintf("public, max-age=%d", maxAge/time.Second)},
		"Etag":                        {d.etag},
		"X-Content-Type-Options":      {"nosniff"},
	}
	d.fields = map[string][]string{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(body))}}
	for name, values := range d.again {
		d.fields[name] = values
	}
	return d
}

func notYet() error {
	return fault.New(fault.Unavailable, "the issuer has no signing key yet").WithCode("no_signing_key").WithRemedy("Try again in a moment.")
}
