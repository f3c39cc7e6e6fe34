package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
)

// issuerHost is the issuer's name. The emulator finds it without DNS or TLS.
const issuerHost = "issuer.adit.test"

// desk is what somebody at a shell has: a data directory of their own, an AWS
// account that they administer, and its emulator.
type desk struct {
	t        *testing.T
	dir      string
	aws      *emulator.Emulator
	environ  []string
	atIssuer atomic.Pointer[http.Handler]
	outside  app.Outside
}

// newDesk returns one. Nothing of the real home or account is seen from it.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: filepath.Join(t.TempDir(), "adit")}
	var err error
	issuer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := d.atIssuer.Load(); h != nil {
			(*h).ServeHTTP(w, r)
			return
		}
		http.Error(w, "nobody serves the issuer", http.StatusBadGateway)
	})
	d.aws, err = emulator.New(emulator.WithoutDefaultKey(), emulator.WithIssuer(issuerHost, issuer), emulator.WithSeed(1))
	if err != nil {
		t.Fatal(err)
	}
	key, err := d.aws.AddUser("administrator", administrator)
	if err != nil {
		t.Fatal(err)
	}
	d.in(d.aws, key)
	return d
}

// in makes the desk that of an administrator with that key of that account.
func (d *desk) in(aws *emulator.Emulator, key emulator.Key) {
	t := d.t
	t.Helper()
	if err := aws.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = aws.Close() })
	d.aws = aws
	home := t.TempDir()
	for name, value := range map[string]string{ // AWS's SDK, which setup uses, reads the process's environment
		"HOME": home, "AWS_ACCESS_KEY_ID": key.AccessKeyID, "AWS_SECRET_ACCESS_KEY": key.SecretAccessKey, "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": filepath.Join(home, "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "none"),
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	d.environ = []string{
		"HOME=" + home, "ADIT_DATA_DIR=" + d.dir, "ADIT_ISSUER_URL=https://" + issuerHost, "ADIT_AWS_ENDPOINT_URL=" + aws.URL(),
	}
}

// with returns the desk with more variables set.
func (d *desk) with(pairs ...string) *desk {
	return &desk{t: d.t, dir: d.dir, aws: d.aws, environ: append(append([]string{}, d.environ...), pairs...)}
}

// did is what came of a command.
type did struct {
	t        *testing.T
	line     string
	code     int
	out, err string
}

// adit runs a command.
func (d *desk) adit(args ...string) did {
	d.t.Helper()
	var out, errs bytes.Buffer
	p := Process{Version: "v0.0.0-test", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: d.environ}
	code := Run(d.t.Context(), p, args...)
	return did{d.t, "adit " + strings.Join(args, " "), code, out.String(), errs.String()}
}

// exits fails the test unless the command ended with the code.
func (r did) exits(code int) did {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("%s\nexited with %d, not with %d\n--- standard output\n%s\n--- standard error\n%s", r.line, r.code, code, r.out, r.err)
	}
	return r
}

// says fails the test unless standard output has all the parts.
func (r did) says(parts ...string) did {
	r.t.Helper()
	return r.has("standard output", r.out, parts)
}

// tells fails the test unless standard error has all the parts.
func (r did) tells(parts ...string) did {
	r.t.Helper()
	return r.has("standard error", r.err, parts)
}

func (r did) has(stream, text string, parts []string) did {
	r.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			r.t.Errorf("%s\n%q is missing on %s:\n%s", r.line, part, stream, text)
		}
	}
	return r
}

// json reads standard output as one JSON value.
func (r did) json() map[string]any {
	r.t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.out), &v); err != nil {
		r.t.Fatalf("%s\n%v in:\n%s", r.line, err, r.out)
	}
	return v
}

// serve starts a server on the data directory, at the issuer's URL, and returns its URL.
func (d *desk) serve() (url string, stop func()) {
	d.t.Helper()
	s := app.Settings{
		Listen: "127.0.0.1:0", Environ: d.environ, Version: "v0.0.0-test", Endpoints: app.Endpoints{All: d.aws.URL()},
		State: app.StateSettings{DataDir: d.dir, IssuerURL: "https://" + issuerHost, Outside: d.outside},
	}
	a, err := app.New(s)
	if err != nil {
		d.t.Fatal(err)
	}
	h := a.Handler()
	d.atIssuer.Store(&h)
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		end()
		if err := <-done; err != nil {
			d.t.Error(err)
		}
		if err := a.Close(); err != nil {
			d.t.Error(err)
		}
	}
	d.t.Cleanup(stop)
	return a.URL(), stop
}

// publish puts the issuer under its public name by https too, where the server
// can look at itself. It returns the address, and the authority's certificate.
func (d *desk) publish() (address string, authority []byte) {
	d.t.Helper()
	cert, trusted, err := throwAwayCA(issuerHost)
	if err != nil {
		d.t.Fatal(err)
	}
	public := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*d.atIssuer.Load()).ServeHTTP(w, r) }))
	public.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	public.StartTLS()
	d.t.Cleanup(public.Close)
	address = public.Listener.Addr().String()
	d.outside = app.Outside{
		Roots:  trusted,
		Lookup: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil },
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	return address, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[1]})
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
