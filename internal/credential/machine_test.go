package credential_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// machine is what surrounds a chain: a home directory, an environment, AWS, and a log.
type machine struct {
	t        *testing.T
	aws      *fakeAWS
	home     string
	settings credential.Settings
	logged   *lockedBuffer
	budget   time.Duration // 0 = the real one
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// newMachine has no source set up; IMDS is switched off.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, aws: newFakeAWS(t), home: t.TempDir(), logged: &lockedBuffer{}}
	m.settings = credential.Settings{
		Region:    "us-east-1",
		Endpoints: credential.Endpoints{STS: m.aws.URL, SSO: m.aws.URL, SSOOIDC: m.aws.URL, IMDS: m.aws.URL, ECS: m.aws.URL},
		Log:       slog.New(slog.NewJSONHandler(m.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	m.env("HOME", m.home)
	m.env("USERPROFILE", m.home)
	m.env("PATH", os.Getenv("PATH"))
	m.env("AWS_EC2_METADATA_DISABLED", "true")
	return m
}

func (m *machine) env(name, value string) {
	m.settings.Environ = append(m.settings.Environ, name+"="+value)
}

func (m *machine) file(path, content string) string {
	m.t.Helper()
	full := filepath.Join(m.home, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return full
}

// ssoToken writes the cache file of `aws sso login` for a session name or a start URL.
func (m *machine) ssoToken(key string, expires time.Time) {
	sum := sha1.Sum([]byte(key))
	m.file(filepath.Join(".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json"), fmt.Sprintf(
		`{"accessToken":%q,"expiresAt":%q,"refreshToken":%q,"clientId":"c","clientSecret":"s3cr3t-client","startUrl":"https://x"}`,
		canarySSO, expires.UTC().Format(time.RFC3339), canaryRefresh))
}

func (m *machine) chain() *credential.Chain {
	m.t.Helper()
	c := credential.New(m.settings)
	m.t.Cleanup(c.Close)
	if m.budget > 0 {
		credential.SetBudget(c, m.budget)
	}
	return c
}

func (m *machine) credentials() (credential.Credentials, error) {
	m.t.Helper()
	got, err := m.chain().Credentials(m.t.Context(), caller.Local())
	m.assertNoSecrets(got, err)
	return got, err
}

// wins asserts that the source gives the credentials.
func (m *machine) wins(source string) credential.Credentials {
	m.t.Helper()
	got, err := m.credentials()
	if err != nil {
		m.t.Fatalf("no credentials: %v", err)
	}
	if got.Source != source {
		m.t.Fatalf("source = %s, want %s", got.Source, source)
	}
	if got.SecretAccessKey.Reveal() != canarySecret {
		m.t.Fatal("the secret did not arrive")
	}
	return got
}

// none asserts that no source gives credentials, and that the error for administrators says all of want.
func (m *machine) none(want ...string) {
	m.t.Helper()
	_ = m.refusal(want...)
}

// refusal does what none does and returns the error.
func (m *machine) refusal(want ...string) *fault.Error {
	m.t.Helper()
	_, err := m.credentials()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Refused || f.Code != credential.CodeNoCredentials {
		m.t.Fatalf("err = %v, want a refusal with the code %s", err, credential.CodeNoCredentials)
	}
	for _, w := range want {
		if !strings.Contains(f.Detail, w) {
			m.t.Errorf("the detail does not say %q:\n%s", w, f.Detail)
		}
	}
	return f
}

// assertNoSecrets looks for secrets in the log, the error, and the doctor's report.
func (m *machine) assertNoSecrets(got credential.Credentials, err error) {
	m.t.Helper()
	report, jsonErr := json.Marshal(m.chain().Walk(m.t.Context()))
	if jsonErr != nil {
		m.t.Fatal(jsonErr)
	}
	for place, text := range map[string]string{
		"log": m.logged.String(), "error": fmt.Sprintf("%v %+v", err, fault.From(err)),
		"report": string(report), "credentials": fmt.Sprintf("%+v %#v", got, got),
	} {
		for _, secret := range append(canaries(), "s3cr3t-client") {
			if strings.Contains(text, secret) {
				m.t.Errorf("the %s shows the secret %s…: %s", place, secret[:12], text)
			}
		}
	}
}
