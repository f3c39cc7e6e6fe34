package studio

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
)

// overWay asks for a page over a connection of some kind, without a session.
func overWay(s *visitor, target, remote string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr = remote
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func TestNobodySignsInOverPlainHTTPButOnTheMachineItself(t *testing.T) {
	s := newStage(t, access.Owner, func(st *Settings) { st.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for _, c := range []struct {
		name, target, remote string
		header               []string
		refused              bool
	}{
		{"TLS of its own", "https://adit.example.com/studio/sign-in", "203.0.113.9:1", nil, false},
		{"loopback by name", "http://localhost:8080/studio/sign-in", "127.0.0.1:1", nil, false},
		{"loopback by address", "http://[::1]:8080/studio/sign-in", "[::1]:1", nil, false},
		{"another machine", "http://adit.example.com/studio/sign-in", "203.0.113.9:1", nil, true},
		{"another machine that says it is not", "http://localhost/studio/sign-in", "203.0.113.9:1", nil, true},
		{"a name that somebody's DNS points here", "http://evil.example/studio/sign-in", "127.0.0.1:1", nil, true},
		{"a proxy on this machine that nobody configured", "http://localhost/studio/sign-in", "127.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.9"}, true},
		{"a proxy that is believed", "http://adit.example.com/studio/sign-in", "10.1.2.3:1", []string{"X-Forwarded-Proto", "https"}, false},
		{"a believed proxy over plain HTTP", "http://adit.example.com/studio/sign-in", "10.1.2.3:1", []string{"X-Forwarded-Proto", "http"}, true},
		{"somebody who says to be a proxy", "http://adit.example.com/studio/sign-in", "203.0.113.9:1", []string{"X-Forwarded-Proto", "https"}, true},
	} {
		w := overWay(s, c.target, c.remote, c.header...)
		refused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "plain HTTP")
		if refused != c.refused || refused == strings.Contains(w.Body.String(), "password\" id=") {
			t.Errorf("%s: %d, refused = %v, want %v", c.name, w.Code, refused, c.refused)
		}
	}
}

func TestAProxyThatSaysNothingOfItselfIsNotThisMachine(t *testing.T) {
	s := newStage(t, access.Owner)
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8090/studio/sign-in", nil) // as nginx asks with proxy_pass alone
	r.Proto, r.ProtoMinor, r.RemoteAddr = "HTTP/1.0", 0, "127.0.0.1:1"
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	s.see(w, http.StatusForbidden, "plain HTTP", "--trusted-proxy")
}

func TestTheCookieHasThePrefixAndSecureWhereItCan(t *testing.T) {
	s := newStage(t, access.Owner)
	for target, want := range map[string]string{
		"https://adit.example.com/studio/sign-in/password": "__Host-adit_session=token-2; Path=/; Expires=Mon, 23 Nov 2026 12:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
		"http://localhost/studio/sign-in/password":         "adit_session=token-2; Path=/; Expires=Mon, 23 Nov 2026 12:00:00 GMT; HttpOnly; SameSite=Lax",
	} {
		form := url.Values{"login": {"ada"}, "password": {"correct horse"}}
		r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", target, got, want)
		}
	}
}

func TestASessionOverTLSIsNotTakenFromACookieWithoutThePrefix(t *testing.T) {
	s := newStage(t, access.Owner)
	r := httptest.NewRequest(http.MethodGet, "https://adit.example.com"+s.org(), nil)
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: "token-1"}) // as a sister domain could set it
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/studio/sign-in") {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestBrowsersAreToldToStayWithTLSWhereTheyCameOverIt(t *testing.T) {
	s := newStage(t, access.Owner, func(s *Settings) { s.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for _, c := range []struct {
		name, target, remote string
		header               []string
		want                 string
	}{
		{"TLS", "https://adit.example.com/studio/sign-in", "203.0.113.9:1", nil, "max-age=31536000"},
		{"TLS, and no page there", "https://adit.example.com/studio/nothing", "203.0.113.9:1", nil, "max-age=31536000"},
		{"a believed proxy's TLS", "http://127.0.0.1:8090/studio/sign-in", "10.1.2.3:1", []string{"X-Forwarded-Proto", "https"}, "max-age=31536000"},
		{"a believed proxy's plain HTTP", "http://adit.example.com/studio/sign-in", "10.1.2.3:1", []string{"X-Forwarded-Proto", "http"}, ""},
		{"somebody who says to be a proxy", "http://adit.example.com/studio/sign-in", "203.0.113.9:1", []string{"X-Forwarded-Proto", "https"}, ""},
		{"plain HTTP on this machine", "http://localhost/studio/sign-in", "127.0.0.1:1", nil, ""},
		{"TLS on this machine, whose other servers may have none", "https://localhost/studio/sign-in", "127.0.0.1:1", nil, ""},
	} {
		if got := overWay(s, c.target, c.remote, c.header...).Header().Get("Strict-Transport-Security"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWherePeopleComeByHTTPSTheMachineItselfNeedsItToo(t *testing.T) {
	for _, c := range []struct {
		name, public, target, remote string
		header                       []string
		refused                      bool
	}{
		{"a proxy of HTTP/1.1 that says nothing of itself", "https://adit.example.com", "http://127.0.0.1:8090/studio/sign-in", "127.0.0.1:1", nil, true},
		{"the same, with the scheme written large", "HTTPS://adit.example.com/", "http://localhost:8090/studio/sign-in", "[::1]:1", nil, true},
		{"a believed proxy on this machine", "https://adit.example.com", "http://127.0.0.1:8090/studio/sign-in", "127.0.0.1:1", []string{"X-Forwarded-Proto", "https"}, false},
		{"a believed proxy's plain HTTP", "https://adit.example.com", "http://127.0.0.1:8090/studio/sign-in", "127.0.0.1:1", []string{"X-Forwarded-Proto", "http"}, true},
		{"TLS of its own", "https://adit.example.com", "https://localhost:8090/studio/sign-in", "127.0.0.1:1", nil, false},
		{"people come to this machine", "http://localhost:8090", "http://localhost:8090/studio/sign-in", "127.0.0.1:1", nil, false},
	} {
		s := newStage(t, access.Owner, func(st *Settings) {
			st.URL, st.Proxies = c.public, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		})
		w := overWay(s, c.target, c.remote, c.header...)
		refused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), strings.TrimSpace(c.public)+" (--studio-url)")
		if refused != c.refused || refused == strings.Contains(w.Body.String(), "password\" id=") {
			t.Errorf("%s: %d, refused = %v, want %v", c.name, w.Code, refused, c.refused)
		}
	}
}
