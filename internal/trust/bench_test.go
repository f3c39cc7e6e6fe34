package trust_test

import (
	"fmt"
	"testing"

	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

// BenchmarkAuthenticate measures a token's first request, with its signature, and
// those that follow, among a hundred rules of the organization.
func BenchmarkAuthenticate(b *testing.B) {
	ready := func(b *testing.B) *server {
		s := newServer(b)
		for n := range 99 {
			s.trusts(orgA, fmt.Sprintf("repo:acme/other-%d:*", n))
		}
		s.trusts(orgA, "repo:acme/*:ref:refs/heads/main")
		return s
	}
	b.Run("first", func(b *testing.B) {
		s := ready(b)
		tokens := make([]string, 1000)
		for n := range tokens {
			tokens[n] = s.issuer.Mint(s.job().With(trusttest.Claims{"jti": fmt.Sprint(n)}))
		}
		s.lets(tokens[0])
		issuers := s.store.Things()
		b.ReportAllocs()
		b.ResetTimer()
		for n := range b.N {
			if n%len(tokens) == 0 {
				b.StopTimer()
				s.trust = trust.New(trust.Settings{Store: s.store, Tenants: tenants{}, Egress: s.issuer.Policy(), Now: s.clock})
				s.trust.Set(issuers)
				s.trust.ReadKeys(b.Context())
				b.StartTimer()
			}
			if _, err := s.trust.Authenticate(b.Context(), tokens[n%len(tokens)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		s := ready(b)
		token := s.issuer.Mint(s.job())
		s.lets(token)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.trust.Authenticate(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("forged", func(b *testing.B) {
		s := ready(b)
		s.lets(s.issuer.Mint(s.job()))
		token := trusttest.Unsigned(map[string]any{"alg": "ES256", "kid": "key-1"}, s.job(), make([]byte, 64))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.trust.Authenticate(b.Context(), token); err == nil {
				b.Fatal("let in")
			}
		}
	})
}
