package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/control/wire"
)

func TestAllFaultsOfABodyAreToldAtOnceWithTheirPlaces(t *testing.T) {
	h := New(newWorld().settings())
	body := `{"name":7,"region":["x"],"session_seconds":"long","limits":{"requests_per_minute":-1,"colour":1},"session_name":"planet","role":"x"}`
	p := told(t, ask(t, h, "admin@"+ours, "POST", envs, body))
	got := map[string]bool{}
	for _, e := range p.Errors {
		got[e.Location] = true
	}
	want := map[string]bool{
		"body.name": true, "body.region": true, "body.session_seconds": true, "body.limits.requests_per_minute": true,
		"body.limits.colour": true, "body.session_name": true, "body.role": true,
	}
	if d := cmp.Diff(want, got); d != "" || p.Status != 422 || p.Code != "invalid_input" {
		t.Errorf("%d %s\n%s", p.Status, p.Code, d)
	}
}

func TestBodiesThatAreNotWhatTheySeemAreRefused(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	for body, status := range map[string]int{
		`{"name":"a","name":"b"}`: 400,
		`{"name":"a","limits":{"max_concurrent":1,"max_concurrent":2}}`: 400,
		`{"NAME":"a"}`:                               422,
		`{"name":"a","Region":"x"}`:                  422,
		`{"name":"a","limits":{"Max_Concurrent":1}}`: 422,
		`{"name":"a"} {"name":"b"}`:                  400,
		`{"name":"a"`:                                400,
		`[]`:                                         422,
		`null`:                                       422,
		`"name"`:                                     422,
		`{"name":null}`:                              422,
		strings.Repeat("[", 20_000):                  400,
		"\xff\xfe":                                   400,
	} {
		out := ask(t, h, "admin@"+ours, "POST", envs, body)
		if p := told(t, out); p.Status != status || len(out.Body.String()) > 4<<10 {
			t.Errorf("%.60q: %d, want %d: %.200s", body, p.Status, status, out.Body)
		}
	}
	if len(w.changes) > 0 {
		t.Errorf("%q", w.changes)
	}
}

func TestNamesThatOnlyTheClientKnowsAreRepeatedBriefly(t *testing.T) {
	h := New(newWorld().settings())
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `"x%d":1,`, i)
	}
	for name, body := range map[string]string{
		"a long name":     `{"name":"a","` + strings.Repeat("y", 900_000) + `":1}`,
		"many names":      `{` + many.String() + `"name":"a"}`,
		"a long value":    `{"name":"a","session_name":"` + strings.Repeat("y", 900_000) + `"}`,
		"a long model":    `{"name":"a","models":7,"description":"` + strings.Repeat("<img onerror=alert(1)>", 1000) + `"}`,
		"a long bad body": `{"name":"` + strings.Repeat("y", 900_000),
	} {
		out := ask(t, h, "admin@"+ours, "POST", envs, body)
		if p := told(t, out); p.Status < 400 || out.Body.Len() > 16<<10 || len(p.Errors) > maxFaults+1 || strings.Contains(out.Body.String(), "onerror") {
			t.Errorf("%s: %d, %d bytes", name, p.Status, out.Body.Len())
		}
	}
}

func TestTheLimitsOfTheOutsideHold(t *testing.T) {
	h := New(newWorld().settings())
	long := strings.Repeat("x", maxBody+1)
	for name, c := range map[string]struct {
		method, path, body string
		change             func(*http.Request)
		status             int
	}{
		"a body that is too large":             {"POST", envs, long, nil, 413},
		"one that does not say its length":     {"POST", envs, long, func(r *http.Request) { r.ContentLength = -1 }, 413},
		"a form":                               {"POST", envs, "name=a", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 415},
		"a body of no type":                    {"POST", envs, `{"name":"a"}`, func(r *http.Request) { r.Header.Del("Content-Type") }, 415},
		"no body where one is needed":          {"POST", envs, "", nil, 400},
		"another method":                       {"PUT", envs, "", nil, 405},
		"a method nobody knows":                {"FROB", envs, "", nil, 405},
		"an unknown path":                      {"GET", base + "/nothing", "", nil, 404},
		"a path that is not clean":             {"GET", base + "//whoami", "", nil, 404},
		"a path with dots":                     {"GET", base + "/../v1/whoami", "", nil, 404},
		"an unknown parameter":                 {"GET", base + "/organizations?limt=3", "", nil, 422},
		"a limit that is too high":             {"GET", base + "/organizations?limit=201", "", nil, 422},
		"a limit that is no number":            {"GET", base + "/organizations?limit=many", "", nil, 422},
		"a sort that is none":                  {"GET", base + "/organizations?sort=colour", "", nil, 422},
		"a sort with two signs":                {"GET", base + "/organizations?sort=--name", "", nil, 422},
		"two sorts":                            {"GET", base + "/organizations?sort=name,created", "", nil, 422},
		"a cursor that is none":                {"GET", base + "/organizations?cursor=x", "", nil, 422},
		"an organization that is an injection": {"GET", base + "/organizations/'%20OR%201=1--", "", nil, 404},
		"one that is a path":                   {"GET", base + "/organizations/..%2f..%2fetc", "", nil, 404},
		"one with a zero byte":                 {"GET", base + "/organizations/a%00b", "", nil, 404},
		"one that is very long":                {"GET", base + "/organizations/" + strings.Repeat("o", 5000), "", nil, 404},
		"a time that is none":                  {"GET", base + "/organizations/ours/audit?from=yesterday", "", nil, 422},
	} {
		if c.change == nil {
			c.change = func(*http.Request) {}
		}
		out := ask(t, h, "owner@"+ours, c.method, c.path, c.body, c.change)
		if p := told(t, out); p.Status != c.status || out.Body.Len() > 4<<10 {
			t.Errorf("%s: %d, want %d: %.200s", name, p.Status, c.status, out.Body)
		}
		if out.Header().Get("X-Content-Type-Options") != "nosniff" || out.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", name, out.Header())
		}
	}
}

func TestABodyIsNotReadBeforeItsSenderIsKnown(t *testing.T) {
	h := New(newWorld().settings())
	body := &counting{Reader: strings.NewReader(`{"name":"a"}`)}
	out := ask(t, h, "", "POST", envs, "{}", func(r *http.Request) { r.Body = io.NopCloser(body) })
	if out.Code != 401 || body.read > 0 {
		t.Errorf("%d, %d bytes read", out.Code, body.read)
	}
}

type counting struct {
	io.Reader
	read int
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.read += n
	return n, err
}

func TestAKeyMayComeInEitherHeader(t *testing.T) {
	h := New(newWorld().settings())
	for _, header := range [][2]string{{"X-API-Key", "operator"}, {"Authorization", "bearer operator"}} {
		if out := ask(t, h, "", "GET", base+"/whoami", "", func(r *http.Request) { r.Header.Set(header[0], header[1]) }); out.Code != 200 {
			t.Errorf("%v: %d", header, out.Code)
		}
	}
	if out := ask(t, h, "", "GET", base+"/whoami?key=operator&api_key=operator", ""); out.Code != 401 {
		t.Error("a key in a URL, which ends up in logs, was taken")
	}
}

func TestRateLimitsHoldByKeyOrganizationAndAddress(t *testing.T) {
	from := func(address, forwarded string) func(*http.Request) {
		return func(r *http.Request) {
			r.RemoteAddr = address
			if forwarded != "" {
				r.Header.Set("X-Forwarded-For", forwarded)
			}
		}
	}
	count := func(h http.Handler, n int, request func(i int) (who string, change func(*http.Request))) (ok int) {
		for i := range n {
			who, change := request(i)
			out := ask(t, h, who, "GET", base+"/whoami", "", change)
			switch {
			case out.Code == http.StatusOK:
				ok++
			case out.Code != http.StatusTooManyRequests || out.Header().Get("Retry-After") == "":
				t.Fatalf("%d %v", out.Code, out.Header())
			}
		}
		return ok
	}
	w := newWorld()
	s := w.settings()
	s.PerKey = 40
	if ok := count(New(s), 50, func(i int) (string, func(*http.Request)) {
		return "owner@" + ours, from(fmt.Sprintf("192.0.2.%d:1", i), "")
	}); ok != 10 {
		t.Errorf("by key: %d of 50, want 10", ok)
	}
	s = w.settings()
	s.PerOrganization = 40
	if ok := count(New(s), 50, func(i int) (string, func(*http.Request)) {
		return []string{"owner@", "admin@", "auditor@"}[i%3] + ours, from("192.0.2.1:1", "")
	}); ok != 10 {
		t.Errorf("by organization: %d of 50, want 10", ok)
	}
	s = w.settings()
	s.PerAddress, s.Proxies = 40, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	h := New(s)
	if ok := count(h, 50, func(i int) (string, func(*http.Request)) {
		return "operator", from("10.0.0.1:1", fmt.Sprintf("203.0.113.%d, 198.51.100.7", i))
	}); ok != 10 {
		t.Errorf("by address: header rotation raised the limit to %d, want 10", ok)
	}
	if ok := count(h, 50, func(i int) (string, func(*http.Request)) {
		return "operator", from("[2001:db8::1]:1", fmt.Sprintf("203.0.113.%d", i))
	}); ok != 10 {
		t.Errorf("by address: a header of nobody's proxy raised the limit to %d, want 10", ok)
	}
	if ok := count(h, 50, func(i int) (string, func(*http.Request)) {
		return "operator", from(fmt.Sprintf("[2001:db8:0:2::%x]:1", i+1), "")
	}); ok != 10 {
		t.Errorf("by address: 50 addresses of one /64 got %d, want 10", ok)
	}
}

func TestTheLogHasNoWordOfTheClientsAndNoSecret(t *testing.T) {
	var log bytes.Buffer
	s := newWorld().settings()
	s.Log = slog.New(slog.NewJSONHandler(&log, nil))
	h := New(s)
	ask(t, h, "admin@"+ours, "POST", envs+"?needle=1", `{"needle":"needle"}`)
	ask(t, h, "adit_needle", "GET", base+"/whoami", "")
	ask(t, h, "admin@"+ours, "GET", base+"/organizations/needle", "")
	ask(t, h, "admin@"+ours, "NEEDLE", "/needle", "", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "needle") })
	ask(t, h, "admin@"+ours, "POST", base+"/organizations/ours/keys", `{"name":"needle"}`)
	ask(t, h, "admin@"+ours, "POST", envs+"/prod/token", "")
	if text := log.String(); strings.Contains(strings.ToLower(text), "needle") || strings.Contains(text, "shown_once") || strings.Contains(text, "signature") {
		t.Errorf("%s", text)
	}
	if n := strings.Count(log.String(), "control request"); n != 6 {
		t.Errorf("%d lines for 6 requests", n)
	}
}

func TestAPanicIsAnAnswerWithoutItsWords(t *testing.T) {
	w := newWorld()
	s := w.settings()
	s.Health = panics{}
	out := ask(t, New(s), "operator", "GET", base+"/status", "")
	if p := told(t, out); p.Status != 500 || strings.Contains(out.Body.String(), "inner words") {
		t.Errorf("%+v", p)
	}
}

type panics struct{}

func (panics) Database() Database { panic("inner words") }

func FuzzBodies(f *testing.F) {
	for _, seed := range []string{`{"name":"a"}`, `{"name":"a","limits":{"max_concurrent":1}}`, `{"name":"a","tags":{"a":"b"}}`, `[[{}]]`, `{"a":{"a":1,"a":2}}`, `null`} {
		f.Add([]byte(seed))
	}
	h := New(newWorld().settings())
	f.Fuzz(func(t *testing.T, body []byte) {
		out := ask(t, h, "admin@"+ours, "POST", envs, string(body))
		if out.Code >= 500 || out.Body.Len() > 64<<10 {
			t.Fatalf("%q: %d", body, out.Code)
		}
		if out.Code == http.StatusCreated {
			var in wire.EnvironmentInput
			strict := json.NewDecoder(bytes.NewReader(body))
			strict.DisallowUnknownFields()
			if err := strict.Decode(&in); err != nil {
				t.Fatalf("%q was taken, but %v", body, err)
			}
			return
		}
		told(t, out)
	})
}

func hostileTexts() []string {
	return []string{
		`<img src=x onerror=alert(1)>`, strings.Repeat("x", 10_000), "\u202eevil\u202c", "a\x00b", "' OR 1=1--", "../../etc/passwd", "%s%n", "{{.}}", "\r\nSet-Cookie: a=b", "usr_", "\U0010ffff",
	}
}

// filledWith is the JSON of a body with every text in it replaced.
func filledWith(t *testing.T, body, text string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatal(err)
	}
	for name, value := range members {
		if _, ok := value.(string); ok {
			members[name] = text
		}
	}
	b, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What the fakes take is theirs; no route may fail of itself, or say a hostile
// text to somebody who may believe it.
func TestHostileTextsInEveryBodyPathAndQueryAreRefusedOrTakenAsText(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	for _, r := range table() {
		for i, text := range hostileTexts() {
			if b := body(r.id); b != "" {
				out := ask(t, h, "operator", r.method, filled(r, ours, ourEnv, ourKey), filledWith(t, b, text))
				if out.Code >= 500 || out.Code >= 400 && (strings.Contains(out.Body.String(), "onerror") || out.Body.Len() > 4<<10) {
					t.Errorf("%s with %.30q in its body: %d %.200s", r.id, text, out.Code, out.Body)
				}
			}
			for _, id := range []string{ours, ourEnv, ourKey, operatorKey, ourPerson, ourIssuer, ourBudget, "kid-1"} {
				path := filled(r, ours, ourEnv, ourKey)
				if !strings.Contains(path, "/"+id) {
					continue
				}
				out := ask(t, h, "operator", r.method, strings.Replace(path, "/"+id, "/"+url.PathEscape(text), 1), body(r.id))
				if p := told(t, out); p.Status != 404 && p.Status != 422 && p.Status != 405 || strings.Contains(out.Body.String(), "onerror") || out.Body.Len() > 4<<10 {
					t.Errorf("%s with %.30q in its path: %.200s", r.id, text, out.Body)
				}
			}
			if r.method != http.MethodGet {
				continue
			}
			parameters := []string{"search", "cursor", "sort", "limit", "group", "state", "role", "region", "environment", "family", "outcome"}
			parameter := parameters[i%len(parameters)]
			for _, text := range []string{text, hostileTexts()[0]} {
				out := ask(t, h, "operator", r.method, filled(r, ours, ourEnv, ourKey)+"?"+parameter+"="+url.QueryEscape(text), "")
				if out.Code >= 500 || out.Code >= 400 && (strings.Contains(out.Body.String(), "onerror") || out.Body.Len() > 4<<10) {
					t.Errorf("%s?%s=%.30q: %d %.200s", r.id, parameter, text, out.Code, out.Body)
				}
			}
		}
	}
}

func TestEveryBodyTakesItsOwnNamesOnceAndNoOthers(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	for _, r := range table() {
		b := body(r.id)
		if b == "" {
			continue
		}
		name := b[1:strings.Index(b, ":")]
		for broken, status := range map[string]int{
			`{"nobody_knows":1,` + b[1:]: 422, strings.ToUpper(name[:2]) + b: 400, `{` + strings.ToUpper(name) + b[1+len(name):]: 422,
			`{` + name + `:{},` + b[1:]: 400, `{` + name + `:[{}]` + `}`: 422, `[` + b + `]`: 422, b + b: 400,
		} {
			w.changes = nil
			out := ask(t, h, "operator", r.method, filled(r, ours, ourEnv, ourKey), broken)
			if p := told(t, out); p.Status != status || len(w.changes) > 0 {
				t.Errorf("%s: %s: %d, want %d, %q: %.200s", r.id, broken, out.Code, status, w.changes, out.Body)
			}
		}
	}
}
