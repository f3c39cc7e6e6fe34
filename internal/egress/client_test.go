package egress_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// serve starts a server with TLS and returns its address, and a policy under which it may be called.
func serve(t *testing.T, h http.HandlerFunc) (string, egress.Policy) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.URL, egress.Policy{Allow: loopback(), Roots: roots}
}

func get(t *testing.T, c *http.Client, url string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Code
}

func TestAnAddressTheOperatorAllowsIsCalledOnAnyPort(t *testing.T) {
	url, policy := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	got, err := get(t, egress.New(policy), url)
	if got != "hello" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	policy.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
	if _, err := get(t, egress.New(policy), url); code(err) != "url_refused" {
		t.Errorf("outside what is allowed: %v", err)
	}
}

func TestANameIsCalledWhereItsAddressIsAllowed(t *testing.T) {
	url, policy := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })
	url = strings.Replace(url, "127.0.0.1", "example.com", 1) // what httptest's certificate is for
	policy.Resolver = names{"example.com": one("127.0.0.1")}
	if got, err := get(t, egress.New(policy), url); err != nil || !strings.HasPrefix(got, "example.com:") {
		t.Errorf("%q, %v", got, err)
	}
	policy.Resolver = names{"example.com": one("1.1.1.1")}
	if _, err := get(t, egress.New(policy), url); code(err) != "url_refused" {
		t.Errorf("another port of a public address: %v", err)
	}
}

func TestMetadataServicesNeedAnExceptionOfTheirOwn(t *testing.T) {
	for allow, want := range map[string]bool{"0.0.0.0/0": false, "169.254.0.0/16": false, "169.254.169.254/32": true} {
		p := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix(allow)}}
		if _, err := egress.CheckURL("https://169.254.169.254/", p); (err == nil) != want {
			t.Errorf("with %s allowed: %v", allow, err)
		}
	}
}

func TestFurtherPortsAreForPublicAddressesOnly(t *testing.T) {
	p := egress.Policy{Ports: []uint16{8443}}
	for url, want := range map[string]bool{
		"https://idp.example:8443/": true, "https://1.1.1.1:8443/": true,
		"https://idp.example:8444/": false, "https://10.0.0.1:8443/": false,
	} {
		if _, err := egress.CheckURL(url, p); (err == nil) != want {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, to := range []string{"https://127.0.0.1/", "http://169.254.169.254/", "/elsewhere", "https://1.1.1.1/", ""} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			var calls atomic.Int32
			url, policy := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				if to != "" {
					w.Header().Set("Location", to)
				}
				w.WriteHeader(status)
			})
			_, err := get(t, egress.New(policy), url)
			if code(err) != "url_refused" || !strings.Contains(err.Error(), "redirect") || calls.Load() != 1 {
				t.Errorf("%d to %q: %v after %d calls", status, to, err, calls.Load())
			}
			if to != "" && to != "/elsewhere" && strings.Contains(fault.From(err).Error(), to) {
				t.Errorf("the fault tells where it would lead: %v", err)
			}
		}
	}
}

func TestNoProxyOfTheEnvironmentIsUsed(t *testing.T) {
	url, policy := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "direct") })
	url = strings.Replace(url, "127.0.0.1", "example.com", 1)
	policy.Resolver = names{"example.com": one("127.0.0.1")}
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("ALL_PROXY", "http://127.0.0.1:1")
	if got, err := get(t, egress.New(policy), url); got != "direct" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAnAnswerIsReadToItsBound(t *testing.T) {
	for _, told := range []bool{true, false} {
		url, policy := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body := strings.Repeat("x", len(r.URL.Path)-1)
			if told {
				w.Header().Set("Content-Length", "")
			} else {
				w.WriteHeader(http.StatusOK)
				w.(http.Flusher).Flush()
			}
			fmt.Fprint(w, body)
		})
		policy.MaxBody = 100
		if got, err := get(t, egress.New(policy), url+"/"+strings.Repeat("a", 100)); len(got) != 100 || err != nil {
			t.Errorf("at the bound: %d bytes, %v", len(got), err)
		}
		got, err := get(t, egress.New(policy), url+"/"+strings.Repeat("a", 101))
		if code(err) != "answer_too_large" || len(got) > 100 {
			t.Errorf("over the bound: %d bytes, %v", len(got), err)
		}
	}
}

func TestAHeaderIsReadToItsBound(t *testing.T) {
	url, policy := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 200<<10))
	})
	if _, err := get(t, egress.New(policy), url); code(err) != "unreachable" {
		t.Error(err)
	}
}

func TestASlowAnswerEnds(t *testing.T) {
	for _, where := range []string{"header", "body"} {
		inPipes(t, func(w http.ResponseWriter, r *http.Request) {
			if where == "body" {
				fmt.Fprint(w, "a beginning")
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}, func(t *testing.T, c *http.Client) {
			began := time.Now()
			got, err := get(t, c, "https://127.0.0.1/")
			if code(err) != "unreachable" || time.Since(began) != 3*time.Second || (got != "") != (where == "body") {
				t.Errorf("slow %s: %q, %v after %v", where, got, err, time.Since(began))
			}
		})
	}
}

func TestAClosedPortAndAFilteredOneReadAlike(t *testing.T) {
	policy := egress.Policy{Allow: loopback(), Timeout: 50 * time.Millisecond} // whatever is slower is unreachable too
	const address = "127.0.0.1:4711"                                           // nobody gets so far as to call it
	closing := egress.Connecting(policy, func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED })
	_, closed := get(t, closing, "https://"+address+"/")
	filtering := egress.Connecting(policy, func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	_, filtered := get(t, filtering, "https://"+address+"/")
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	_, notTLS := get(t, egress.New(policy), strings.Replace(plain.URL, "http:", "https:", 1))
	policy.Resolver = names{}
	_, unknown := get(t, egress.New(policy), "https://idp.example/")
	for what, err := range map[string]error{"closed": closed, "filtered": filtered, "not TLS": notTLS, "unknown name": unknown} {
		if fault.From(err).Error() != fault.From(closed).Error() || code(err) != "unreachable" {
			t.Errorf("%s: %v", what, fault.From(err))
		}
	}
}

func TestACertificateOfNobodyIsRefusedWithoutItsNames(t *testing.T) {
	url, policy := serve(t, func(http.ResponseWriter, *http.Request) {})
	policy.Resolver = names{"other.test": one("127.0.0.1")}
	_, wrongName := get(t, egress.New(policy), strings.Replace(url, "127.0.0.1", "other.test", 1))
	policy.Roots = x509.NewCertPool()
	_, wrongAuthority := get(t, egress.New(policy), url)
	for _, err := range []error{wrongName, wrongAuthority} {
		if code(err) != "certificate_refused" || strings.Contains(err.Error(), "example.com") || strings.Contains(err.Error(), "Acme") {
			t.Errorf("%v", err)
		}
	}
}

func TestACallerThatGoesAwayIsToldSo(t *testing.T) {
	arrived := make(chan struct{})
	url, policy := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	_, err := egress.New(policy).Do(req)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
