package app

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/container"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/secret"
)

// door is a server and the clock that it goes by.
type door struct {
	*replica
	mu    sync.Mutex
	ahead time.Duration
}

func (d *door) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ahead += by
}

// newDoor is a server behind a proxy in 10.0.0.0/8, with an API key for calls
// and credentials, and the key of the settings.
func newDoor(t *testing.T) (d *door, good string) {
	t.Helper()
	d = &door{}
	d.replica = startReplica(t, newAWS(t), func(s *Settings) {
		s.APIKeys = []secret.String{secret.New("the-key-of-the-settings")}
		s.State.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		began := time.Now()
		s.State.Now = func() time.Time { // it stands still, but for pass
			d.mu.Lock()
			defer d.mu.Unlock()
			return began.Add(d.ahead)
		}
	})
	made, err := d.control.CreateKey(t.Context(), "default", wire.KeyInput{Name: "search", Roles: []string{string(access.Invoke), string(access.Credentials)}})
	if err != nil {
		t.Fatal(err)
	}
	return d, made.Secret
}

func (d *door) ask(path, key, from, forwarded string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(from), 40_000).String()
	r.Header.Set("Authorization", "Bearer "+key)
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	return w
}

// wrongs are credentials that let nobody in: of every kind that there is.
func wrongs() []string {
	return []string{
		"nonsense", "adit_key_000000000000000000000000_" + strings.Repeat("A", 43),
		"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIn0.c2ln",
	}
}

// flood sends wrong keys until the address is told to slow down, and returns
// how many were refused as wrong before.
func (d *door) flood(t *testing.T, from, forwarded string) int {
	t.Helper()
	for n := range 500 {
		path := []string{"/v1/models", container.Path}[n%2]
		switch w := d.ask(path, wrongs()[n%3], from, forwarded); w.Code {
		case http.StatusUnauthorized:
		case http.StatusTooManyRequests:
			return n
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	t.Fatal("wrong keys are answered without end")
	return 0
}

func TestAnAddressThatSendsWrongKeysIsToldToSlowDownAndItsRightOnesGoOnWorking(t *testing.T) {
	d, good := newDoor(t)
	const nat = "192.0.2.7"
	if n := d.flood(t, nat, ""); n != wrongAtOnce {
		t.Errorf("%d wrong keys at once were answered one by one, want %d", n, wrongAtOnce)
	}
	for _, path := range []string{"/v1/models", container.Path} {
		w := d.ask(path, wrongs()[1], nat, "")
		wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if w.Code != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 2 ||
			!strings.Contains(w.Body.String(), "too_many_wrong_keys") || !strings.Contains(w.Body.String(), "is not valid") {
			t.Errorf("%s: %d, Retry-After %d (%v): %s", path, w.Code, wait, err, w.Body)
		}
		if w := d.ask(path, wrongs()[1], "192.0.2.8", ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: another address is told the same: %d", path, w.Code)
		}
	}
	for range 3 * wrongAtOnce {
		for _, key := range []string{good, "the-key-of-the-settings"} {
			if w := d.ask("/v1/models", key, nat, ""); w.Code != http.StatusOK {
				t.Fatalf("a right key of the address: %d %s", w.Code, w.Body)
			}
		}
		if w := d.ask(container.Path, good, nat, ""); w.Code != http.StatusNotFound { // there is no environment
			t.Fatalf("a right key of the address: %d %s", w.Code, w.Body)
		}
	}
	d.pass(time.Minute)
	if n := d.flood(t, nat, ""); n != wrongAtOnce {
		t.Errorf("a minute later %d are answered", n)
	}
}

func TestWrongKeysAreCountedUnderTheAddressThatTheControlAPISees(t *testing.T) {
	d, _ := newDoor(t)
	refused := func(from, forwarded string) int { return d.ask("/v1/models", "nonsense", from, forwarded).Code }
	d.flood(t, "10.1.2.3", "203.0.113.9, 198.51.100.7") // the proxy wrote the last one
	if got := refused("10.9.9.9", "198.51.100.7"); got != http.StatusTooManyRequests {
		t.Errorf("the same client by another proxy: %d", got)
	}
	if got := refused("10.1.2.3", "198.51.100.8"); got != http.StatusUnauthorized {
		t.Errorf("another client by the same proxy: %d", got)
	}
	d.flood(t, "192.0.2.7", "")
	if got := refused("192.0.2.7", "198.51.100.9"); got != http.StatusTooManyRequests {
		t.Errorf("who claims to be another: %d", got)
	}
	d.flood(t, "2001:db8:1:2::1", "")
	if got := refused("2001:db8:1:2:ffff::9", ""); got != http.StatusTooManyRequests {
		t.Errorf("another address of the same customer: %d", got)
	}
	if got := refused("2001:db8:1:3::1", ""); got != http.StatusUnauthorized {
		t.Errorf("another customer: %d", got)
	}
}

func TestWhatIsNoWrongKeyIsNotCountedAsOne(t *testing.T) {
	d, _ := newDoor(t)
	bound, err := d.control.CreateKey(t.Context(), "default", wire.KeyInput{Name: "reader", Roles: []string{string(access.Auditor)}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 * wrongAtOnce {
		if w := d.ask("/v1/models", bound.Secret, "192.0.2.7", ""); w.Code != http.StatusForbidden {
			t.Fatalf("a right key that may not call: %d", w.Code)
		}
		for _, path := range []string{"/v1/models", container.Path} {
			if w := d.ask(path, "", "192.0.2.7", ""); w.Code != http.StatusUnauthorized {
				t.Fatalf("%s: no key at all: %d", path, w.Code)
			}
		}
	}
}

// TestWrongKeysWriteNothingIntoTheAudit: what everybody can send as often as they
// like must not make the database grow.
func TestWrongKeysWriteNothingIntoTheAudit(t *testing.T) {
	d, _ := newDoor(t)
	rows := func() int {
		t.Helper()
		if err := d.state.events.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := d.state.store.Rows(t.Context(), audit.Query{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := rows()
	d.flood(t, "192.0.2.7", "")
	for n := range 2 * wrongAtOnce {
		if w := d.ask("/api/v1/organizations", wrongs()[n%3], "192.0.2.8", ""); w.Code != http.StatusUnauthorized {
			t.Fatalf("the control API: %d", w.Code)
		}
	}
	if after := rows(); before == 0 || after != before {
		t.Errorf("%d rows before, %d after", before, after)
	}
}
