package cli

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/secret"
)

// parseServe returns what `adit serve` makes of flags and environment.
func parseServe(t *testing.T, environ []string, args ...string) (serveCmd, error) {
	t.Helper()
	var line struct {
		Serve serveCmd `cmd:""`
	}
	p := &Process{Environ: environ}
	parser, err := kong.New(&line, kong.NoDefaultHelp(), kong.Resolvers(variables(p)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(append([]string{"serve"}, args...))
	return line.Serve, err
}

func TestAFlagWinsOverItsVariableAndAVariableOverTheDefault(t *testing.T) {
	environ := []string{"ADIT_LISTEN=127.0.0.1:1", "ADIT_LISTEN=127.0.0.1:2", "ADIT_MAX_BODY=1kB", "ADIT_LOG_LEVEL="}
	c, err := parseServe(t, environ, "--max-body", "2kB")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:2" || c.MaxBody != 2000 || c.LogLevel != "info" || c.RequestTimeout != 10*time.Minute {
		t.Errorf("listen %s, max body %d, log level %s, request timeout %v", c.Listen, c.MaxBody, c.LogLevel, c.RequestTimeout)
	}
}

func TestEveryServeFlagReachesTheSettings(t *testing.T) {
	c, err := parseServe(t, nil, "--config=a.yaml", "--data-dir=none", "--listen=l", "--metrics-listen=none", "--tls-cert=c", "--tls-key=k",
		"--request-timeout=1s", "--max-body=1MiB", "--shutdown-grace=2s", "--aws-endpoint-url=http://all",
		"--aws-endpoint-url-bedrock-runtime=http://run", "--aws-endpoint-url-bedrock=http://bed", "--aws-endpoint-url-sts=http://sts",
		"--aws-endpoint-url-sso=http://sso", "--aws-endpoint-url-sso-oidc=http://oidc")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.settings(&Process{Version: "v9", Stderr: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	got.Log = nil
	want := app.Settings{
		Config: "a.yaml", Listen: "l", TLSCert: "c", TLSKey: "k", Timeout: time.Second, MaxBody: 1 << 20, Grace: 2 * time.Second, Version: "v9",
		Endpoints: app.Endpoints{All: "http://all", BedrockRuntime: "http://run", Bedrock: "http://bed", STS: "http://sts", SSO: "http://sso", SSOOIDC: "http://oidc"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(secret.String{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestWhatTheServerKeepsComesFromFlagsAndVariables(t *testing.T) {
	environ := []string{"HOME=/home/ada", "ADIT_MASTER_KEY=secret"}
	c, err := parseServe(t, environ, "--issuer-url=https://a.example", "--stale=1m", "--file-organization=lab", "--trusted-proxy=10.0.0.0/8,192.0.2.1/32",
		"--signing-algorithm=ES256", "--token-ttl=1m", "--jwks-max-age=2m", "--key-prepublish=3h", "--key-life=4h", "--key-retire=5h")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.keeps(&Process{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	if got.MasterKey.Reveal() != "secret" || !strings.HasPrefix(got.DataDir, "/home/ada/") || !strings.HasSuffix(got.DataDir, "adit") {
		t.Errorf("master key or data directory: %s", got.DataDir)
	}
	want := app.Rotation{Algorithm: "ES256", TokenTTL: time.Minute, JWKSMaxAge: 2 * time.Minute, Prepublish: 3 * time.Hour, ActiveLife: 4 * time.Hour, Retire: 5 * time.Hour}
	if got.IssuerURL != "https://a.example" || got.Stale != time.Minute || got.FileOrganization != "lab" || len(got.TrustedProxies) != 2 ||
		got.Signing.Algorithm != want.Algorithm || got.Signing.TokenTTL != want.TokenTTL || got.Signing.JWKSMaxAge != want.JWKSMaxAge ||
		got.Signing.Prepublish != want.Prepublish || got.Signing.ActiveLife != want.ActiveLife || got.Signing.Retire != want.Retire {
		t.Errorf("%+v", got)
	}
	c.TrustedProxies = []string{"10.0.0.1"}
	if _, err := c.keeps(&Process{Environ: environ}); exitCode(err) != exitUsage {
		t.Errorf("an address is no network: %v", err)
	}
}

func TestSizesAreReadWithTheirUnits(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1048576": 1 << 20, "32MiB": 32 << 20, "32 MiB": 32 << 20, "500kB": 500_000, "1g": 1 << 30, "2GB": 2e9, "7B": 7,
	} {
		var got byteSize
		if err := got.UnmarshalText([]byte(text)); err != nil || int64(got) != want {
			t.Errorf("%s is %d (%v), not %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5MiB", "1TiB", "99999999999GiB", "1kk"} {
		var got byteSize
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q passed as %d", text, got)
		}
	}
}

func TestKeysComeFromTheEnvironmentAndAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte("# for the app\n\n  third  \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	p := &Process{Environ: []string{"ADIT_API_KEYS=first, second,,"}}
	keys, err := p.apiKeys(file, slog.New(slog.NewTextHandler(&logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range keys {
		got = append(got, k.Reveal())
	}
	if diff := cmp.Diff([]string{"first", "second", "third"}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if logged.Len() > 0 {
		t.Errorf("a file for one user alone was warned of: %s", logged.String())
	}
}

func TestTheLogIsJSONWhereNobodyReadsAlong(t *testing.T) {
	var out bytes.Buffer
	logFlags{LogLevel: "warn", LogFormat: "auto"}.logger(&out).Warn("one")
	logFlags{LogLevel: "warn", LogFormat: "auto"}.logger(&out).Info("two")
	var record map[string]any
	if err := json.Unmarshal(out.Bytes(), &record); err != nil || record["msg"] != "one" {
		t.Errorf("not one line of JSON: %v: %s", err, out.String())
	}
	out.Reset()
	logFlags{LogLevel: "debug", LogFormat: "text"}.logger(&out).Debug("three")
	if !strings.Contains(out.String(), "level=DEBUG msg=three") {
		t.Errorf("no text: %s", out.String())
	}
}

func TestFaultsOfTheEmulatorAreReadInShortAndInJSON(t *testing.T) {
	for text, want := range map[string]emulator.Fault{
		"throttle":     {Kind: "throttle"},
		"throttle=0.1": {Kind: "throttle", Probability: 0.1},
		"delay=2s":     {Kind: "delay", Delay: 2 * time.Second},
		"status=503":   {Kind: "status", Status: 503},
		`{"kind":"delay","delay":"5ms","model":"cohere.*","count":3}`: {Kind: "delay", Delay: 5 * time.Millisecond, Model: "cohere.*", Count: 3},
	} {
		var got faultSpec
		if err := got.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, emulator.Fault(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
