package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAServerWithAPublicURLNeedsAKeyOnLoopbackToo(t *testing.T) {
	for name, c := range map[string]struct {
		issuer string
		status int
	}{
		"for this machine only":            {"", http.StatusOK},
		"behind a proxy, as AWS must come": {"https://issuer.example.com", http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := New(Settings{
				Listen: "127.0.0.1:0", State: StateSettings{DataDir: t.TempDir(), IssuerURL: c.issuer, Signing: Rotation{Algorithm: "ES256"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			}()
			// What nginx sends upstream unless it is told otherwise: the address of proxy_pass as Host.
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, a.URL()+"/v1/models", nil)
			w := httptest.NewRecorder()
			a.Handler().ServeHTTP(w, req)
			if w.Code != c.status {
				t.Errorf("without a key: %d %s", w.Code, w.Body)
			}
		})
	}
}
