package app

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestACommandWithoutAServerGoesByTheSettingsOfTheLastServer(t *testing.T) {
	prices := filepath.Join(t.TempDir(), "prices.yaml")
	text := "date: 2026-11-01\nprices:\n  - model: " + titanV2 + "\n    usd_per_million_tokens: 7\n"
	if err := os.WriteFile(prices, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startReplica(t, newAWS(t), func(s *Settings) {
		s.State.Signing.ActiveLife, s.State.Signing.Prepublish, s.State.Signing.TokenTTL = 90*24*time.Hour, 7*24*time.Hour, 3*time.Minute
		s.State.StudioURL, s.State.Prices, s.State.KeepUsage = "https://adit.example.com", prices, 80*24*time.Hour
		s.State.IssuerNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	was, err := r.control.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range was.Items {
		if k.State == "active" && (k.Rotates == nil || !k.Rotates.Equal(k.Activated.Add(90*24*time.Hour))) ||
			k.State == "next" && (k.Ripens == nil || !k.Ripens.Equal(k.Created.Add(7*24*time.Hour))) {
			t.Errorf("what becomes of a key is told wrongly: %+v", k)
		}
	}
	dir := r.settings.State.DataDir
	r.leave()

	later := time.Now().Add(89 * 24 * time.Hour) // the next key is ripe, and the active one not yet old
	a, err := NewControl(Settings{State: StateSettings{DataDir: dir, Now: func() time.Time { return later }}})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, a)
	key, err := OperatorKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Settings{URL: InProcessURL, Key: key, HTTP: a.StreamingClient()})
	if err != nil {
		t.Fatal(err)
	}
	is, err := c.SigningKeys(t.Context())
	if err != nil || len(is.Items) != len(was.Items) {
		t.Errorf("a command made signing keys: %+v, %v", is.Items, err)
	}
	if got := a.state.settings.Signing; got.Algorithm != "ES256" || got.ActiveLife != 90*24*time.Hour || got.Prepublish != 7*24*time.Hour || got.TokenTTL != 3*time.Minute {
		t.Errorf("keys rotate by %+v", got)
	}
	link, err := c.InviteMember(t.Context(), "default", wire.LinkInput{Login: "ann", Role: "owner"})
	if err != nil || !strings.HasPrefix(link.URL, "https://adit.example.com/studio/link?") {
		t.Errorf("%s, %v", link.URL, err)
	}
	if cost, known := a.state.prices.Cost(titanV2, "us-east-1", 1_000_000); !known || cost != 7_000_000_000 {
		t.Errorf("a million tokens cost %d", cost)
	}
	if s := a.state.settings; s.KeepUsage != 80*24*time.Hour || len(s.IssuerNetworks) != 1 {
		t.Errorf("usage is kept for %v, issuers may be in %v", s.KeepUsage, s.IssuerNetworks)
	}
}
