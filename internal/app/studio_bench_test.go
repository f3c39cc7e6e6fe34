package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/usage"
)

// How much a large organization has.
const (
	manyEnvironments = 10_000
	manyEvents       = 100_000
	manySums         = 1_000_000
)

// BenchmarkStudioLists opens every page with a list, of an organization with
// 10,000 environments, 100,000 rows of audit and a million sums of usage on SQLite, and tells
// the 95th of a hundred times. Making all that takes a minute or two.
func BenchmarkStudioLists(b *testing.B) {
	clock := newClock()
	a, org := largeApp(b, clock)
	cookie := signedIn(b, a)
	for _, page := range []string{
		"", "/environments", "/environments?search=env-77", "/environments?state=pending&sort=-updated", "/environments?sort=-exchanged", "/models", "/keys", "/trusted-issuers", "/budgets",
		"/usage", "/usage?range=30d&by=model", "/usage?range=30d&by=key", "/usage?range=24h&by=environment",
		"/audit", "/audit?action=environment.", "/audit?target=env_absent", "/organization",
		"/studio/organizations", "/studio/audit", // the operators'
	} {
		name, path := strings.TrimPrefix(page+" ", "/"), page
		if !strings.HasPrefix(page, "/studio/") {
			path = "/studio/o/" + org + page
		}
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
				r.RemoteAddr = "127.0.0.1:1"
				r.AddCookie(cookie)
				w := httptest.NewRecorder()
				clock.advance(time.Second) // for who asks too often
				begin := time.Now()
				a.Handler().ServeHTTP(w, r)
				took = append(took, time.Since(begin))
				if w.Code != http.StatusOK {
					b.Fatalf("%d %.500s", w.Code, w.Body)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// largeApp is a server whose default organization has a lot.
func largeApp(b *testing.B, clock *clock) (a *App, org string) {
	b.Helper()
	a, err := NewInProcess(Settings{Transport: newAWS(b).Transport(), State: StateSettings{DataDir: b.TempDir(), Signing: Rotation{Algorithm: "ES256"}, Now: clock.Now, Stale: 24 * time.Hour}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Close() })
	ctx, st := b.Context(), a.state
	do := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	org, err = st.tenants.OrganizationID("default")
	do(err)
	now := time.Now().UTC()
	for i := range manyEnvironments {
		do(st.store.CreateEnvironment(ctx, tenant.Environment{
			ID: fmt.Sprintf("env_%024x", i+1), Organization: org, Name: fmt.Sprintf("env-%d", i), Provider: "bedrock", Region: "us-east-1",
			Audiences: []string{"bedrock"}, Session: time.Hour, SessionName: tenant.ByKey, State: tenant.Pending, Created: now, Updated: now, Version: 1,
			Models: []string{titanV2},
		}))
	}
	did := map[string]tenant.Activity{}
	for i := range manyEnvironments {
		did[fmt.Sprintf("env_%024x", i+1)] = tenant.Activity{Exchanged: now.Add(-time.Duration(i) * time.Second), Outcome: "ok", RequestID: "r", Succeeded: now}
	}
	do(st.store.SetActivity(ctx, did))
	var events []audit.Event
	for i := range manyEvents {
		events = append(events, audit.Event{
			Time: now.Add(time.Duration(i-manyEvents) * time.Minute), Organization: org, Actor: audit.System(), Action: "sts.exchange",
			Target: fmt.Sprintf("env_%024x", i%manyEnvironments+1), Outcome: "ok",
		})
	}
	for part := range slices.Chunk(events, 5000) {
		do(st.store.AppendEvents(ctx, part))
	}
	do(manyUses(ctx, st, org, now))
	do(st.Refresh(ctx))
	return a, org
}

// manyUses writes a million sums: 400 days of a hundred series and a few.
func manyUses(ctx context.Context, st *state, org string, now time.Time) error {
	const series = 104
	hour := now.Truncate(time.Hour)
	for written := 0; written < manySums; hour = hour.Add(-time.Hour) {
		batch := make([]usage.Record, series)
		for i := range batch {
			batch[i] = usage.Record{
				Hour: hour, Organization: org, Environment: fmt.Sprintf("env_%024x", i%20+1), Model: titanV2, Key: fmt.Sprintf("key_%024x", i%26+1),
				Tags: fmt.Sprintf(`{"team":"t%d"}`, i), Counts: usage.Counts{Requests: 10, Texts: 100, Tokens: 5000, Cost: 100_000},
			}
		}
		if err := st.store.AddUsage(ctx, batch); err != nil {
			return err
		}
		written += series
	}
	return nil
}

// signedIn is the cookie of an operator's session.
func signedIn(b *testing.B, a *App) *http.Cookie {
	b.Helper()
	link, err := a.FirstLink(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/studio/link", strings.NewReader(url.Values{"token": {u.Query().Get("token")}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if strings.HasSuffix(c.Name, "adit_session") {
			return c
		}
	}
	body, _ := io.ReadAll(w.Result().Body)
	b.Fatalf("no session: %d %.500s", w.Code, body)
	return nil
}
