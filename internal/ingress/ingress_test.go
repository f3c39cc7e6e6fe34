package ingress_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/ingress"
)

func TestTheClientsAddressIsCountedFromTheRight(t *testing.T) {
	p := ingress.Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"198.51.100.1:5", "1.1.1.1", "198.51.100.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"10.0.0.1:5", "1.1.1.1", "1.1.1.1"},
		{"10.0.0.1:5", "9.9.9.9, 1.1.1.1", "1.1.1.1"},
		{"10.0.0.1:5", "9.9.9.9, 1.1.1.1, 10.0.0.2", "1.1.1.1"},
		{"10.0.0.1:5", "10.9.9.9, 10.0.0.2", "10.9.9.9"},
		{"10.0.0.1:5", "1.1.1.1, nonsense", "10.0.0.1"},
		{"10.0.0.1:5", "1.1.1.1:4711", "1.1.1.1"},
		{"[fd00::1]:5", "[2001:db8::5]:4711", "2001:db8::5"},
		{"[::ffff:10.0.0.1]:5", "::ffff:1.1.1.1", "1.1.1.1"},
		{"10.0.0.1:5", strings.Repeat("1.1.1.1,", 10_000), "10.0.0.1"},
		{"", "1.1.1.1", "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": {c.forwarded}}}
		if got := p.Client(r).String(); got != c.want {
			t.Errorf("%s, %.40s: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
		if got := p.Address(r); got != c.want && got != "" {
			t.Errorf("%s, %.40s: told others %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestAKeyIsReadFromEitherHeaderInAnySpelling(t *testing.T) {
	for _, c := range []struct{ authorization, key, want string }{
		{"Bearer  one ", "", "one"}, {"bearer one", "two", "one"}, {"BEARER a b", "", "a b"},
		{"", "two", "two"}, {"Basic one", "two", "two"}, {"one", "", ""}, {"", "", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", c.authorization)
		r.Header.Set("X-Api-Key", c.key)
		if got := ingress.Key(r); got != c.want {
			t.Errorf("%q and %q: %q, want %q", c.authorization, c.key, got, c.want)
		}
	}
}

func TestOnlyWhatNobodyElseAnswersForIsThisMachine(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost:8090": true, "adit.localhost:1": true, "127.0.0.1": true, "127.8.9.1:80": true, "[::1]:8090": true, "[::1]": true, "::1": true,
		"": false, ":80": false, "localhost.example.com": false, "evil@localhost:80": false, "xlocalhost": false, "10.0.0.1": false, "0.0.0.0": false,
		"example.com:127.0.0.1": false, "127.0.0.1.nip.io": false, "2130706433": false, "localhost:80:80": false,
	} {
		if got := ingress.Loopback(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}

func TestTheFirstStatusThatIsAnsweredIsNoted(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		want   int
	}{
		"none":        {func(http.ResponseWriter) {}, 0},
		"a body only": {func(w http.ResponseWriter) { _, _ = w.Write(nil) }, 200},
		"a status":    {func(w http.ResponseWriter) { w.WriteHeader(404); _, _ = w.Write(nil) }, 404},
		"flushed":     {func(w http.ResponseWriter) { w.WriteHeader(201); _ = http.NewResponseController(w).Flush() }, 201},
	} {
		status := 0
		c.answer(ingress.WatchStatus(httptest.NewRecorder(), &status))
		if status != c.want {
			t.Errorf("%s: %d, want %d", name, status, c.want)
		}
	}
}
