package chromium

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/cli"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

const (
	issuerHost = "issuer.adit.test"
	titanV2    = "amazon.titan-embed-text-v2:0"
)

// stand is a whole server in front of an emulator of AWS, both listening.
type stand struct {
	t       *testing.T
	app     *app.App
	aws     *emulator.Emulator
	key     emulator.Key      // an administrator's of the AWS account
	issuer  *trusttest.Issuer // one that an organization may trust
	control *client.Client
	environ []string
	data    string // the server's data directory
	org     string // what the organization is called
}

// newStand starts one; change may alter its settings.
func newStand(t *testing.T, change func(*app.Settings)) *stand {
	t.Helper()
	s := &stand{t: t, org: "default"}
	var err error
	s.aws, err = emulator.New()
	s.must(err)
	s.must(s.aws.Start("127.0.0.1:0"))
	t.Cleanup(func() { _ = s.aws.Close() })
	s.key, err = s.aws.AddUser("admin", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	s.must(err)
	s.issuer = trusttest.NewIssuer()
	t.Cleanup(s.issuer.Close)
	dir := filepath.Join(t.TempDir(), "adit")
	s.data = dir
	settings := app.Settings{
		Listen: "127.0.0.1:0", Transport: s.aws.Transport(), Log: slog.New(slog.DiscardHandler), Version: "v0.0.0-test", Grace: time.Second,
		State: app.StateSettings{
			DataDir: dir, IssuerURL: "https://" + issuerHost, Signing: app.Rotation{Algorithm: "ES256", Prepublish: time.Hour}, Poll: 50 * time.Millisecond,
			IssuerNetworks: s.issuer.Policy().Allow, IssuerRoots: s.issuer.Roots(),
		},
	}
	if change != nil {
		change(&settings)
	}
	s.age(settings)
	s.app, err = app.New(settings)
	s.must(err)
	s.must(s.aws.ServeIssuer(issuerHost, s.app.Handler()))
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.app.Run(ctx) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := s.app.Close(); err != nil {
			t.Error(err)
		}
	})
	key, err := app.OperatorKey(dir)
	s.must(err)
	s.control, err = client.New(client.Settings{URL: s.app.URL(), Key: key})
	s.must(err)
	s.environ = []string{"HOME=" + t.TempDir(), "ADIT_DATA_DIR=" + dir, "ADIT_AWS_ENDPOINT_URL=" + s.aws.URL()}
	for name, value := range map[string]string{ // AWS's own library reads them
		"AWS_ACCESS_KEY_ID": s.key.AccessKeyID, "AWS_SECRET_ACCESS_KEY": s.key.SecretAccessKey, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
	return s
}

// age makes the server's state hours ago, so that the next signing key has been
// published for long enough to sign.
func (s *stand) age(settings app.Settings) {
	s.t.Helper()
	settings.State.Now = func() time.Time { return time.Now().Add(-3 * time.Hour) }
	settings.Listen, settings.State.SignIn = "127.0.0.1:0", app.SignIn{}
	before, err := app.New(settings)
	s.must(err)
	s.must(before.Close())
}

func (s *stand) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// adit runs a command on this machine, and returns what it printed.
func (s *stand) adit(args ...string) string {
	s.t.Helper()
	var out, errs bytes.Buffer
	p := cli.Process{Version: "v0.0.0-test", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: s.environ}
	if code := cli.Run(s.t.Context(), p, args...); code != 0 {
		s.t.Fatalf("adit %s: exit code %d\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return out.String()
}

// link is a one-time link for a local administrator.
func (s *stand) link(args ...string) string {
	s.t.Helper()
	var l wire.Link
	s.must(json.Unmarshal([]byte(s.adit(append([]string{"admin", "link", "-o", "json"}, args...)...)), &l))
	return l.URL
}

// signedIn is a window in which the operator has signed in by a link.
func (s *stand) signedIn() *browser {
	s.t.Helper()
	b := openBrowser(s.t, s.app.URL())
	b.visit(s.link())
	b.press("Sign in")
	b.arrives("/studio/o/")
	return b
}

// ask sends a request to the server as a program would.
func (s *stand) ask(method, path, key, body string) (status int, answer string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.app.URL()+path, strings.NewReader(body))
	s.must(err)
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	s.must(err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	s.must(err)
	return resp.StatusCode, string(b)
}
