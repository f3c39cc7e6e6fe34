package issuer_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/signing/signingtest"
)

const (
	// example.com is what httptest's certificate is for.
	exampleURL = "https://example.com/o/acme"
	orgID      = "org_0123456789abcdef01234567"
	envID      = "env_fedcba9876543210fedcba98"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 999_999_999, time.UTC) }

func keys(t testing.TB, s signing.Settings) (*signing.Signer, *signingtest.Store) {
	t.Helper()
	signer, store, err := signingtest.NewSigner(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return signer, store
}

func newIssuer(t testing.TB, s issuer.Settings) *issuer.Issuer {
	t.Helper()
	if s.URL == "" {
		s.URL = exampleURL
	}
	if s.Signer == nil {
		s.Signer, _ = keys(t, signing.Settings{})
	}
	i, err := issuer.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func claims() issuer.Claims {
	return issuer.Claims{Organization: orgID, Environment: envID, Audience: "bedrock"}
}

func mint(t testing.TB, i *issuer.Issuer, c issuer.Claims) issuer.Token {
	t.Helper()
	token, err := i.Mint(t.Context(), c)
	if err != nil {
		t.Fatalf("Mint: %v", err)
	}
	return token
}

// publish serves the handler by TLS and returns a context by which go-oidc
// finds it under the issuer's name.
func publish(t *testing.T, handler http.Handler) context.Context {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	pool := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	var d net.Dialer
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return d.DialContext(ctx, network, server.Listener.Addr().String())
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return oidc.ClientContext(t.Context(), &http.Client{Transport: transport})
}

func ask(handler http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// params returns the parameters at fault, one for each fault.
func params(err error) []string {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, params(e)...)
		}
		return all
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return []string{f.Param}
	}
	return nil
}

// segments returns the three parts of a compact token.
func segments(t testing.TB, token issuer.Token) []string {
	t.Helper()
	parts := strings.Split(token.Compact.Reveal(), ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	return parts
}
