package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// memory keeps replies as the database does.
type memory struct {
	mu   sync.Mutex
	kept map[string]Reply
	down error
}

func (m *memory) Remember(_ context.Context, key, fingerprint []byte, _ time.Time) (Reply, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.kept[string(key)]; ok || m.down != nil {
		return r, false, m.down
	}
	if m.kept == nil {
		m.kept = map[string]Reply{}
	}
	m.kept[string(key)] = Reply{Fingerprint: fingerprint}
	return m.kept[string(key)], true, nil
}

func (m *memory) Answer(ctx context.Context, key []byte, status int, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.kept[string(key)]
	r.Status, r.Body = status, body
	m.kept[string(key)] = r
	return ctx.Err()
}

func (m *memory) Release(ctx context.Context, key []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, string(key))
	return ctx.Err()
}

// secretRoutes are those whose answers hold what is shown once.
func secretRoutes() []string {
	return []string{"create-key", "create-operator-key", "rotate-key", "rotate-operator-key", "invite-member", "invite-operator"}
}

func TestWhatIsMadeIsMadeOnceForAnIdempotencyKey(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	rows := 0
	for _, r := range table() {
		if !r.makes() {
			continue
		}
		rows++
		w.changes = nil
		path := filled(r, ours, ourEnv, ourKey)
		first := ask(t, h, "operator", r.method, path, body(r.id), with("Idempotency-Key", r.id+"-1"))
		again := ask(t, h, "operator", r.method, path, body(r.id), with("Idempotency-Key", r.id+"-1"))
		if first.Code/100 != 2 || len(w.changes) != 1 {
			t.Fatalf("%s: %d, done: %q, %s", r.id, first.Code, w.changes, first.Body)
		}
		if slices.Contains(secretRoutes(), r.id) {
			if p := told(t, again); p.Status != 409 || p.Code != "already_done" || p.Remedy == "" || strings.Contains(again.Body.String(), "shown_once") || strings.Contains(again.Body.String(), "canary") {
				t.Errorf("%s: %s", r.id, again.Body)
			}
		} else if d := cmp.Diff(first.Body.String(), again.Body.String()); d != "" || again.Code != first.Code || again.Header().Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: %d %s", r.id, again.Code, d)
		}
		if first.Header().Get("Idempotent-Replayed") != "" {
			t.Errorf("%s: the first answer says that it was one before", r.id)
		}
		if out := ask(t, h, "operator", r.method, path, body(r.id), with("Idempotency-Key", r.id+"-2")); out.Code != first.Code || len(w.changes) != 2 {
			t.Errorf("%s with another key: %d, done: %q", r.id, out.Code, w.changes)
		}
	}
	if rows < 11 {
		t.Errorf("only %d routes make something", rows)
	}
}

func TestNoSecretIsKeptForARepetition(t *testing.T) {
	w := newWorld()
	kept := &memory{}
	s := w.settings()
	s.Replies = kept
	h := New(s)
	for _, r := range table() {
		if r.makes() {
			ask(t, h, "operator", r.method, filled(r, ours, ourEnv, ourKey), body(r.id), with("Idempotency-Key", "one"))
		}
	}
	for _, r := range kept.kept {
		if text := string(r.Body); strings.Contains(text, "shown_once") || strings.Contains(text, "canary") || r.Status/100 != 2 {
			t.Errorf("%d %s", r.Status, text)
		}
	}
	out := ask(t, h, "operator", "POST", base+"/operator/keys", `{"name":"new"}`, with("Idempotency-Key", "one"))
	if p := told(t, out); !strings.Contains(p.Detail, "key_new") {
		t.Errorf("the repetition is not told what was made: %+v", p)
	}
}

// Whatever is created is so by a route that knows repetitions.
func TestEveryRouteThatAnswers201IsOnceForAKey(t *testing.T) {
	doc := read[struct {
		Paths map[string]map[string]struct {
			Responses map[string]any `json:"responses"`
		} `json:"paths"`
	}](t, ask(t, New(newWorld().settings()), "", "GET", "/api/openapi.json", ""), 200)
	for _, r := range table() {
		if _, creates := doc.Paths[base+r.path][strings.ToLower(r.method)].Responses["201"]; creates && !r.makes() {
			t.Errorf("%s creates something, twice if asked twice", r.id)
		}
	}
}

func TestAnIdempotencyKeyIsForItsRequestAndItsCallerOnly(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	send := func(who, path, body string) *httptest.ResponseRecorder {
		return ask(t, h, who, "POST", path, body, with("Idempotency-Key", "k"))
	}
	const budgets = base + "/organizations/ours/budgets"
	if out := send("owner@"+ours, envs, `{"name":"a", "region":"us-east-1"}`); out.Code != 201 {
		t.Fatal(out.Body)
	}
	for name, c := range map[string]struct {
		who, path, body string
		status          int
		code            string
	}{
		"the same, written in another way": {"owner@" + ours, envs, ` {"region":"us-east-1","name":"a"}`, 201, ""},
		"another body":                     {"owner@" + ours, envs, `{"name":"b","region":"us-east-1"}`, 422, "idempotency_mismatch"},
		"another organization":             {"operator", base + "/organizations/theirs/environments", `{"name":"a","region":"us-east-1"}`, 201, ""},
		"another caller":                   {"admin@" + ours, envs, `{"name":"a","region":"us-east-1"}`, 201, ""},
		"another route":                    {"owner@" + ours, budgets, `{"period":"day","hard_usd":"1"}`, 201, ""},
	} {
		out := send(c.who, c.path, c.body)
		if out.Code != c.status || c.code != "" && told(t, out).Code != c.code {
			t.Errorf("%s: %d %s", name, out.Code, out.Body)
		}
	}
	if d := cmp.Diff(4, len(w.changes)); d != "" {
		t.Errorf("%q", w.changes)
	}
}

func TestAFailedRequestMayBeTriedAgainAndOneUnderWayIsNotDoneTwice(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	send := func(body string) *httptest.ResponseRecorder {
		return ask(t, h, "admin@"+ours, "POST", envs, body, with("Idempotency-Key", "k"))
	}
	w.fail = fault.New(fault.Unavailable, "the database is away")
	if out := send(`{"name":"a"}`); out.Code != 503 {
		t.Fatal(out.Body)
	}
	w.fail = nil
	if out := send(`{"name":7}`); out.Code != 422 {
		t.Fatal(out.Body)
	}
	if out := send(`{"name":"a"}`); out.Code != 201 || out.Header().Get("Idempotent-Replayed") != "" {
		t.Errorf("after a failure: %d %s", out.Code, out.Body)
	}

	var inner *httptest.ResponseRecorder
	w.during = func() {
		w.during = nil
		inner = ask(t, h, "admin@"+ours, "POST", envs, `{"name":"b"}`, with("Idempotency-Key", "b"))
	}
	if out := ask(t, h, "admin@"+ours, "POST", envs, `{"name":"b"}`, with("Idempotency-Key", "b")); out.Code != 201 {
		t.Error(out.Body)
	}
	if p := told(t, inner); p.Status != 409 || p.Code != "under_way" || inner.Header().Get("Retry-After") != "1" {
		t.Errorf("%+v %v", p, inner.Header())
	}

	w.during = func() { panic("inner words") }
	ask(t, h, "admin@"+ours, "POST", envs, `{"name":"c"}`, with("Idempotency-Key", "c"))
	w.during = nil
	if out := ask(t, h, "admin@"+ours, "POST", envs, `{"name":"c"}`, with("Idempotency-Key", "c")); out.Code != 201 {
		t.Errorf("a panic keeps the key: %s", out.Body)
	}
}

func TestWhatMayHaveBeenMadeIsNotMadeAgain(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	send := func(key string) *httptest.ResponseRecorder {
		return ask(t, h, "admin@"+ours, "POST", base+"/organizations/ours/keys/"+ourKey+"/rotate", `{}`, with("Idempotency-Key", key))
	}
	w.fail = fault.New(fault.Unavailable, "it is not known whether the change was made").WithCode("outcome_unknown")
	if p := told(t, send("one")); p.Status != 503 || p.Code != "outcome_unknown" {
		t.Errorf("%+v", p)
	}
	w.fail, w.changes = nil, nil
	if p := told(t, send("one")); p.Status != 409 || p.Code != "outcome_unknown" || p.Remedy == "" || len(w.changes) != 0 {
		t.Errorf("%+v, done: %q", p, w.changes)
	}
	if out := send("two"); out.Code != 200 || len(w.changes) != 1 {
		t.Errorf("with another key: %d %s, done: %q", out.Code, out.Body, w.changes)
	}
}

func TestAnAnswerIsKeptAlsoForAClientThatLeft(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	ctx, leave := context.WithCancel(t.Context())
	w.during = leave
	gone := func(r *http.Request) { *r = *r.WithContext(ctx) }
	ask(t, h, "admin@"+ours, "POST", envs, `{"name":"a"}`, with("Idempotency-Key", "k"), gone)
	w.during = nil
	out := ask(t, h, "admin@"+ours, "POST", envs, `{"name":"a"}`, with("Idempotency-Key", "k"))
	if out.Code != 201 || out.Header().Get("Idempotent-Replayed") != "true" || len(w.changes) != 1 {
		t.Errorf("%d %v %q", out.Code, out.Header(), w.changes)
	}
}

func TestAnIdempotencyKeyThatWouldNotBeKeptIsRefused(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	for name, c := range map[string]struct {
		path   string
		keys   []string
		status int
	}{
		"an empty one":              {envs, []string{""}, 422},
		"one with a space":          {envs, []string{"a b"}, 422},
		"one beyond ASCII":          {envs, []string{"schlüssel"}, 422},
		"one that is too long":      {envs, []string{strings.Repeat("x", 256)}, 422},
		"two":                       {envs, []string{"a", "b"}, 422},
		"where nothing is made":     {envs + "/prod/verify", []string{"a"}, 422},
		"the longest":               {envs, []string{strings.Repeat("x", 255)}, 201},
		"one with all sorts of ink": {envs, []string{"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}, 201},
	} {
		w.changes = nil
		out := ask(t, h, "admin@"+ours, "POST", c.path, body("create-environment"), func(r *http.Request) { r.Header["Idempotency-Key"] = c.keys })
		if out.Code != c.status || (len(w.changes) > 0) != (c.status == 201) {
			t.Errorf("%s: %d %q %s", name, out.Code, w.changes, out.Body)
		}
	}
	s := w.settings()
	w.changes, s.Replies = nil, nil
	if p := told(t, ask(t, New(s), "admin@"+ours, "POST", envs, body("create-environment"), with("Idempotency-Key", "a"))); p.Code != "no_idempotency" || len(w.changes) > 0 {
		t.Errorf("without anywhere to keep it: %+v %q", p, w.changes)
	}
	s.Replies = &memory{down: fault.New(fault.Unavailable, "the database is away")}
	if p := told(t, ask(t, New(s), "admin@"+ours, "POST", envs, body("create-environment"), with("Idempotency-Key", "a"))); p.Status != 503 || len(w.changes) > 0 {
		t.Errorf("with the database away: %+v %q", p, w.changes)
	}
}

// breaking cuts the connection off before an answer, the first so many times.
type breaking struct {
	next http.RoundTripper
	mu   sync.Mutex
	left int
	keys []string
}

func (b *breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	out, err := b.next.RoundTrip(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys = append(b.keys, r.Header.Get("Idempotency-Key"))
	if b.left--; err == nil && b.left >= 0 {
		_ = out.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return out, err
}

func TestTheClientMakesAThingOnceOverAConnectionThatBreaks(t *testing.T) {
	w := newWorld()
	server := httptest.NewServer(New(w.settings()))
	t.Cleanup(server.Close)
	cut := &breaking{next: server.Client().Transport}
	c, err := client.New(client.Settings{URL: server.URL, Key: secret.New("admin@" + ours), HTTP: &http.Client{Transport: cut}})
	if err != nil {
		t.Fatal(err)
	}
	cut.left = 1
	e, err := c.CreateEnvironment(t.Context(), "ours", wire.EnvironmentInput{Name: "a"})
	if err != nil || e.Name != "a" || len(w.changes) != 1 || len(cut.keys) != 2 || cut.keys[0] == "" || cut.keys[0] != cut.keys[1] {
		t.Errorf("%+v %v, done: %q, sent with %q", e, err, w.changes, cut.keys)
	}
	cut.left = 1
	_, err = c.CreateKey(t.Context(), "ours", wire.KeyInput{Name: "b"})
	if f := fault.From(err); f == nil || f.Code != "already_done" || !strings.Contains(f.Message, "key_new") || len(w.changes) != 2 {
		t.Errorf("a key whose secret is lost: %v, done: %q", err, w.changes)
	}
	cut.left = 2
	_, err = c.CreateEnvironment(t.Context(), "ours", wire.EnvironmentInput{Name: "c"})
	if f := fault.From(err); f == nil || f.Code != "server_unreachable" || cut.keys[len(cut.keys)-1] == cut.keys[0] {
		t.Errorf("%v, sent with %q", err, cut.keys)
	}
	cut.left, cut.keys = 1, nil
	name := "d"
	if _, err := c.UpdateEnvironment(t.Context(), "ours", "prod", wire.EnvironmentPatch{Name: &name}); !errors.Is(err, io.ErrUnexpectedEOF) || len(cut.keys) != 1 || cut.keys[0] != "" {
		t.Errorf("a change is no creation: %v, sent with %q", err, cut.keys)
	}
}

func TestARepetitionByTheClientWaitsForTheFirstRequest(t *testing.T) {
	var asked atomic.Int32 // by connections of which one ends without an answer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			writeProblem(w, wire.Problem{Status: 409, Kind: "unavailable", Code: "under_way", ErrorID: "req_1", Title: "Conflict"})
		default:
			w.WriteHeader(201)
			_ = json.NewEncoder(w).Encode(wire.Organization{Name: "a"})
		}
	}))
	t.Cleanup(server.Close)
	c, err := client.New(client.Settings{URL: server.URL, Key: secret.New("x"), HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if o, err := c.CreateOrganization(t.Context(), wire.OrganizationInput{Name: "a"}); err != nil || o.Name != "a" || asked.Load() != 3 {
		t.Errorf("%+v %v, asked %d times", o, err, asked.Load())
	}
}
