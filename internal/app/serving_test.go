package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/secret"
)

func apiKeys(keys ...string) []secret.String {
	var out []secret.String
	for _, k := range keys {
		out = append(out, secret.New(k))
	}
	return out
}

// certificate writes a certificate for 127.0.0.1 and its key, and returns the pool that trusts it.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "adit"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, data := range map[string][]byte{certFile: certPEM, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return certFile, keyFile, pool
}

func TestHTTP1AndHTTP2AreSpokenWithTLSAndWithout(t *testing.T) {
	certFile, keyFile, pool := certificate(t)
	for _, encrypted := range []bool{false, true} {
		s := start(t, everyFamily, func(s *app.Settings) {
			if encrypted {
				s.TLSCert, s.TLSKey = certFile, keyFile
			}
		})
		for _, major := range []int{1, 2} {
			var p http.Protocols
			p.SetHTTP1(major == 1)
			p.SetHTTP2(major == 2 && encrypted)
			p.SetUnencryptedHTTP2(major == 2 && !encrypted)
			transport := &http.Transport{Protocols: &p, TLSClientConfig: &tls.Config{RootCAs: pool}}
			resp, err := (&http.Client{Transport: transport}).Post(s.URL()+"/v1/embeddings", "application/json", strings.NewReader(`{"model":"titan","input":"a"}`))
			if err != nil {
				t.Errorf("HTTP/%d, TLS %v: %v", major, encrypted, err)
				continue
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != 200 || resp.ProtoMajor != major {
				t.Errorf("HTTP/%d, TLS %v: status %d over HTTP/%d", major, encrypted, resp.StatusCode, resp.ProtoMajor)
			}
			transport.CloseIdleConnections()
		}
	}
}

func TestWithoutKeysOnlyProgramsOnThisMachineAreAnswered(t *testing.T) {
	s := start(t, everyFamily, nil)
	for _, c := range []struct {
		name, header, value string
		want                int
	}{
		{"plain", "", "", 200},
		{"another host", "Host", "rebound.example.com", 403},
		{"localhost", "Host", "localhost:1234", 200},
		{"a page of another site", "Origin", "https://evil.example", 403},
		{"a page that hides where it is from", "Origin", "null", 403},
		{"a form", "Content-Type", "text/plain", 400},
		{"an upload form", "Content-Type", "multipart/form-data; boundary=x", 400},
	} {
		req, _ := http.NewRequest(http.MethodPost, s.URL()+"/v1/embeddings", strings.NewReader(`{"model":"titan","input":"a"}`))
		req.Header.Set("Content-Type", "application/json")
		if c.header == "Host" {
			req.Host = c.value
		} else if c.header != "" {
			req.Header.Set(c.header, c.value)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", c.name, resp.StatusCode, c.want)
		}
	}
}

func TestWithoutKeysNothingButLoopbackIsListenedOn(t *testing.T) {
	for listen, ok := range map[string]bool{"127.0.0.1:0": true, "[::1]:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false, "192.0.2.1:0": false} {
		dir := t.TempDir()
		path := filepath.Join(dir, "spicepod.yaml")
		if err := os.WriteFile(path, []byte(everyFamily), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := app.New(app.Settings{Config: path, Listen: listen, Environ: []string{"HOME=" + dir}})
		if a != nil {
			_ = a.Close()
		}
		refused := err != nil && strings.Contains(err.Error(), "ADIT_API_KEYS")
		if refused == ok {
			t.Errorf("--listen %s: %v", listen, err)
		}
	}
}

func TestBothHeadersCarryAKeyAndNothingElseDoes(t *testing.T) {
	const key = "sk-0123456789abcdef"
	s := start(t, everyFamily, func(s *app.Settings) { s.APIKeys = apiKeys("sk-another-key-of-it", key) })
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"Authorization", "Bearer " + key, 200}, {"Authorization", "bearer " + key, 200}, {"X-API-Key", key, 200},
		{"Authorization", "Bearer " + key + "0", 401}, {"Authorization", key, 401}, {"Authorization", "Basic " + key, 401},
		{"X-API-Key", "", 401}, {"X-API-Key", key[:len(key)-1], 401}, {"Cookie", "key=" + key, 401},
	} {
		for _, path := range []string{"/v1/models", "/v1/models/titan"} {
			req, _ := http.NewRequest(http.MethodGet, s.URL()+path, nil)
			req.Header.Set(c.header, c.value)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != c.want {
				t.Errorf("%s %s: %q: status %d, want %d", path, c.header, c.value, resp.StatusCode, c.want)
			}
		}
	}
	for path, want := range map[string]int{"/health": 200, "/v1/ready": 200} {
		resp, err := http.Get(s.URL() + path)
		if err != nil || resp.StatusCode != want {
			t.Errorf("%s needs no key: %v, %v", path, resp, err)
			continue
		}
		_ = resp.Body.Close()
	}
}

func TestAStoppingServerLetsRequestsFinish(t *testing.T) {
	arrived := make(chan struct{}, 1)
	dir := t.TempDir()
	path := filepath.Join(dir, "spicepod.yaml")
	if err := os.WriteFile(path, []byte(everyFamily), 0o600); err != nil {
		t.Fatal(err)
	}
	aws, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	key := aws.DefaultKey()
	a, err := app.New(app.Settings{Config: path, Listen: "127.0.0.1:0", Transport: &gate{aws.Transport(), arrived, release},
		Environ: []string{"AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()

	status := make(chan int, 1)
	go func() {
		resp, err := http.Post(a.URL()+"/v1/embeddings", "application/json", strings.NewReader(`{"model":"titan","input":"a"}`))
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		defer resp.Body.Close()
		var out struct{ Data []any }
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || len(out.Data) != 1 {
			t.Errorf("the answer was cut: %v", err)
		}
		status <- resp.StatusCode
	}()
	<-arrived
	stop()
	close(release)
	if got := <-status; got != 200 {
		t.Errorf("status %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(a.URL() + "/health"); err == nil {
		t.Error("the stopped server still answers")
	}
}

// gate holds InvokeModel calls until it is opened.
type gate struct {
	next    http.RoundTripper
	arrived chan struct{}
	open    chan struct{}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/invoke") {
		g.arrived <- struct{}{}
		<-g.open
	}
	return g.next.RoundTrip(r)
}
