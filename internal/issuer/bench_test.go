package issuer_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
)

func recorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

func request(path string) *http.Request {
	return httptest.NewRequest(http.MethodGet, path, http.NoBody)
}

func BenchmarkMint(b *testing.B) {
	for _, algorithm := range []string{signing.RS256, signing.ES256} {
		b.Run(algorithm, func(b *testing.B) {
			signer, _ := keys(b, signing.Settings{Algorithm: algorithm})
			i := newIssuer(b, issuer.Settings{Signer: signer})
			b.ReportAllocs()
			for b.Loop() {
				mint(b, i, claims())
			}
		})
	}
}

// nobody reads an answer.
type nobody struct{ header http.Header }

func (n nobody) Header() http.Header         { return n.header }
func (n nobody) Write(b []byte) (int, error) { return len(b), nil }
func (n nobody) WriteHeader(int)             {}

func BenchmarkJWKS(b *testing.B) {
	i := newIssuer(b, issuer.Settings{PerSecond: 1 << 30})
	h, r := i.Handler(), request(jwksPath)
	for name, match := range map[string]string{"200": "", "304": "*"} {
		b.Run(name, func(b *testing.B) {
			r.Header.Set("If-None-Match", match)
			w := nobody{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}
