package trust_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

// inProcess answers as the issuer does, without a network.
type inProcess struct{ issuer *trusttest.Issuer }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.issuer.ServeDocuments(w, r)
	return w.Result(), nil
}

func TestRunWritesLastUsesAndReadsKeysInTime(t *testing.T) {
	issuer := trusttest.NewIssuer()
	defer issuer.Close()
	synctest.Test(t, func(t *testing.T) {
		store := trusttest.NewStore()
		r := trust.New(trust.Settings{
			Store: store, Tenants: tenants{}, Egress: issuer.Policy(), HTTP: &http.Client{Transport: inProcess{issuer}}, Every: 10 * time.Second,
		})
		rule, err := r.Create(t.Context(), system(), trust.Input{Organization: orgA, Name: "ci", URL: issuer.URL, Subject: mainBranch})
		if err != nil {
			t.Fatal(err)
		}
		r.Set(store.Things())
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.Run(ctx) })
		if _, err := r.Authenticate(ctx, issuer.Mint(issuer.GitHub("acme/search", "main", trust.Audience(orgA)))); err != nil {
			t.Fatal(err)
		}
		at := time.Now()
		time.Sleep(11 * time.Second)
		if used, err := store.TrustUsed(ctx, orgA); err != nil || !used[rule.ID].Equal(at) {
			t.Errorf("%v, %v", used, err)
		}
		// The key is withdrawn; while the issuer is in use that is known without anybody waiting.
		token := issuer.Mint(issuer.GitHub("acme/search", "main", trust.Audience(orgA)).With(trusttest.Claims{"exp": at.Add(time.Hour).Unix()}))
		issuer.AddKey()
		issuer.Withdraw()
		time.Sleep(10 * time.Minute)
		if _, err := r.Authenticate(ctx, token); code(err) != "invalid_token" {
			t.Error(err)
		}
		end()
		running.Wait()
	})
}

func TestOnlySoManyTokensAreRemembered(t *testing.T) {
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	for _, n := range []int{10, 4096, 4098, 20_000} {
		kept, last := trust.Remember(n, now)
		if kept > 4096 || n < 4096 && kept != n || !last {
			t.Errorf("of %d, %d are remembered, the last: %v", n, kept, last)
		}
	}
}
