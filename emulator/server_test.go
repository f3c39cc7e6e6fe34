package emulator_test

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/emulator"
)

// clientFor speaks exactly one HTTP version.
func clientFor(e *emulator.Emulator, set func(*http.Protocols)) (*http.Client, func()) {
	protocols := &http.Protocols{}
	set(protocols)
	tr := &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{RootCAs: e.CertPool(), MinVersion: tls.VersionTLS12}}
	return &http.Client{Transport: tr, Timeout: 20 * time.Second}, tr.CloseIdleConnections
}

func TestTheServerSpeaksBothHTTPVersionsWithAndWithoutTLS(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for name, c := range map[string]struct {
		opts  []emulator.Option
		set   func(*http.Protocols)
		major int
	}{
		"plain HTTP/1.1": {nil, func(p *http.Protocols) { p.SetHTTP1(true) }, 1},
		"plain HTTP/2":   {nil, func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }, 2},
		"TLS HTTP/1.1":   {[]emulator.Option{emulator.WithTLS(nil)}, func(p *http.Protocols) { p.SetHTTP1(true) }, 1},
		"TLS HTTP/2":     {[]emulator.Option{emulator.WithTLS(nil)}, func(p *http.Protocols) { p.SetHTTP2(true) }, 2},
	} {
		e, _ := start(t, c.opts...)
		if err := e.Start("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		client, done := clientFor(e, c.set)
		send := func() (string, error) {
			resp, err := client.Do(signed(t, e.DefaultKey(), time.Now(), "POST", e.URL()+"/model/amazon.titan-embed-text-v2:0/invoke", `{"inputText":"x"}`))
			if err != nil {
				return "", err
			}
			defer resp.Body.Close() // read to its end below
			body, err := io.ReadAll(resp.Body)
			if resp.ProtoMajor != c.major || resp.StatusCode != 200 {
				t.Errorf("%s: HTTP/%d, status %d, %s", name, resp.ProtoMajor, resp.StatusCode, body)
			}
			return string(body), err
		}
		if body, err := send(); err != nil || !strings.HasPrefix(body, `{"embedding":[`) {
			t.Errorf("%s: %.60s %v", name, body, err)
		}
		for _, kind := range []emulator.FaultKind{emulator.FaultCut, emulator.FaultCutBody} {
			if err := e.Inject(emulator.Fault{Kind: kind}); err != nil {
				t.Fatal(err)
			}
			if _, err := send(); err == nil {
				t.Errorf("%s: a connection that is cut (%s) gave a whole answer", name, kind)
			}
			e.ClearFaults()
		}
		done()
		if err := e.Close(); err != nil || e.URL() != "" {
			t.Errorf("%s: closing: %v, URL %q", name, err, e.URL())
		}
	}
}

func TestTheControlSurfaceSteersARunningEmulator(t *testing.T) {
	e, _ := start(t)
	do := func(method, path, body string, header ...string) (int, string) {
		req, err := http.NewRequestWithContext(context.Background(), method, "http://aws.test/_emulator/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		status, _, answer := ask(t, e, req)
		return status, answer
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "faults", `{"kind":"throttle","model":"amazon.*","count":1,"delay":"1ms"}`, 204, ""},
		{"GET", "faults", "", 200, `"delay": "1ms"`},
		{"POST", "faults", `{"kind":"flood"}`, 400, "flood"},
		{"POST", "faults", `{"kind":"throttle","colour":1}`, 400, "colour"},
		{"DELETE", "faults", "", 204, ""},
		{"GET", "faults", "", 200, "[]"},
		{"POST", "keys", `{"accessKeyId":"AKIANEW","secretAccessKey":"hush","policies":["{}"]}`, 400, "policy 1"},
		{"POST", "keys", `{"accessKeyId":"AKIANEW","secretAccessKey":"hush"}`, 204, ""},
		{"GET", "keys", "", 200, "AKIANEW"},
		{"DELETE", "keys?id=AKIANEW", "", 204, ""},
		{"DELETE", "keys?id=AKIANEW", "", 404, "not registered"},
		{"POST", "quotas", `{"model":"` + titan2 + `","rpm":0}`, 204, ""},
		{"GET", "trail", "", 200, "[]"},
		{"DELETE", "trail", "", 204, ""},
		{"GET", "nothing", "", 404, "faults, trail, keys, quotas"},
		{"GET", "fetches", "", 200, "[]"},
		{"DELETE", "jwks", "", 204, ""},
		{"POST", "hosts", `{"host":"issuer.test","address":"127.0.0.1:8443"}`, 204, ""},
		{"POST", "hosts", `{"host":"issuer.test:1","address":"127.0.0.1:8443"}`, 400, "host name"},
		{"POST", "settling", `{"for":"10s"}`, 204, ""},
		{"POST", "settling", `{"for":"soon"}`, 400, "soon"},
		{"POST", "faults", `{"kind":"status","operation":"AssumeRoleWithWebIdentity","code":"IDPRejectedClaim"}`, 204, ""},
	} {
		status, answer := do(c.method, c.path, c.body)
		if status != c.status || !strings.Contains(answer, c.want) || strings.Contains(answer, "hush") {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, status, answer)
		}
	}
	if status, code, _ := post(t, e, titan2, `{"inputText":"x"}`); status != 429 || code != "ThrottlingException" {
		t.Errorf("the quota set by HTTP let a call in: %d %s", status, code)
	}
	if status, _ := do("DELETE", "faults", "", "Origin", "http://evil.test"); status != 403 {
		t.Errorf("a browser's request got %d", status)
	}
	if status, _ := do("POST", "faults", `{"kind":"throttle"}`, "Content-Type", "text/plain"); status != 403 {
		t.Errorf("a form's request got %d", status)
	}
}
