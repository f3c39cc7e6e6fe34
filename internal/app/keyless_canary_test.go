package app

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/signing"
)

// wiretap sees every token on its way to STS.
type wiretap struct {
	next   http.RoundTripper
	mu     sync.Mutex
	tokens []string
}

func (w *wiretap) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if form, err := url.ParseQuery(string(b)); err == nil && form.Get("WebIdentityToken") != "" {
			w.mu.Lock()
			w.tokens = append(w.tokens, form.Get("WebIdentityToken"))
			w.mu.Unlock()
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(b))
	}
	return w.next.RoundTrip(r)
}

func (w *wiretap) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.tokens)
}

// TestNoSecretOfTheKeylessHalfIsFoundAnywhere does everything that there is to
// do, well and badly, and then looks for every secret that it met in all that
// the server wrote or said.
func TestNoSecretOfTheKeylessHalfIsFoundAnywhere(t *testing.T) {
	aws := newAWS(t)
	tap := &wiretap{next: aws.Transport()}
	r := startReplica(t, aws, func(s *Settings) { s.Transport = tap })
	secrets, said := everythingThereIs(t, r)
	tokens := tap.seen()
	for _, token := range tokens {
		secrets = append(secrets, token[strings.LastIndex(token, ".")+1:]) // the signature
	}
	if len(tokens) < 5 {
		t.Fatalf("only %d tokens were sent: the test does too little", len(tokens))
	}
	for _, k := range aws.Keys() {
		secrets = append(secrets, k.SecretAccessKey, k.SessionToken)
	}
	master, err := seal.LoadFile(filepath.Join(r.settings.State.DataDir, masterKeyName))
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, master.Encode().Reveal())

	places := map[string]string{"the log": r.log.String(), "answers": said, "metrics": r.metricsText()}
	for name, text := range r.databaseFiles() {
		places[name] = text
	}
	for where, text := range places {
		for i, s := range secrets {
			if s != "" && strings.Contains(text, s) {
				t.Errorf("secret %d of %d is in %s", i, len(secrets), where)
			}
		}
		for _, mark := range []string{"PRIVATE KEY", `"d":`, "a text that nobody may see", "ann@example.com"} {
			if strings.Contains(text, mark) {
				t.Errorf("%q is in %s", mark, where)
			}
		}
	}
	if len(places) < 5 || len(places["the log"]) < 1000 {
		t.Errorf("too few places were looked at: %d", len(places))
	}
}

// everythingThereIs uses every surface; it returns the secrets that were handed
// out on purpose, and all answers in which none may be.
func everythingThereIs(t *testing.T, r *replica) (secrets []string, said string) {
	t.Helper()
	e := r.environment("default", "prod")
	by := wire.EnvironmentPatch{SessionName: ptr("user"), SessionTags: ptr(true)}
	if _, err := r.control.UpdateEnvironment(t.Context(), "default", "prod", by); err != nil {
		t.Fatal(err)
	}
	r.setRole("default", e.ID, r.role("adit-prod", trusting(audience(), subjects(e.Subject))))
	app := r.key("default", "app", "invoke", "credentials")
	operator, err := OperatorKey(r.settings.State.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, app[len(app)-40:], operator.Reveal()[30:])

	var all strings.Builder
	tell := func(a answer) { all.WriteString(a.body + "\n") }
	tell(r.send(http.MethodPost, "/v1/embeddings", app, `{"model":"prod/`+titanV2+`","input":"a text that nobody may see","user":"ann@example.com"}`))
	tell(r.embed(app, "prod/absent", "a text that nobody may see"))
	tell(r.embed(app[:len(app)-1]+"0", "prod/"+titanV2, "a text that nobody may see"))
	taken := r.get("/v1/aws/credentials", app)
	if taken.status != http.StatusOK {
		t.Fatalf("no credentials: %d %s", taken.status, taken.body)
	}
	token, err := r.control.Token(t.Context(), "default", "prod", wire.TokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, token.Token[strings.LastIndex(token.Token, ".")+1:])
	for _, path := range []string{"/v1/models", "/v1/aws/credentials", "/api/v1/status", "/api/v1/whoami"} {
		if got := r.get(path, token.Token); got.status != http.StatusUnauthorized {
			t.Errorf("a token for AWS opened %s: %d", path, got.status)
		} else {
			tell(got)
		}
	}
	rotated, err := r.control.RotateKey(t.Context(), "default", "app", wire.RotationInput{})
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, rotated.Secret[len(rotated.Secret)-40:])
	if _, err := r.state.signer.Revoke(t.Context(), audit.System(), r.state.signer.Keys(signing.DefaultIssuer)[0].ID, true); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"InvalidIdentityToken", "ExpiredTokenException", "AccessDenied"} {
		fault := emulator.Fault{Kind: emulator.FaultStatus, Operation: "AssumeRoleWithWebIdentity", Code: code, Status: 400, Count: 1}
		if err := r.aws.Inject(fault); err != nil {
			t.Fatal(err)
		}
		tell(r.send(http.MethodPost, "/v1/embeddings", app, `{"model":"prod/`+titanV2+`","input":"a text that nobody may see","user":"`+code+`"}`))
		_, err := r.control.Verify(t.Context(), "default", "prod", wire.ExchangeInput{})
		all.WriteString(strings.TrimSpace(errorText(err)) + "\n")
	}
	for event, err := range r.control.Diagnose(t.Context(), "default", "prod", wire.DiagnosisInput{Invoke: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Step != nil {
			all.WriteString(event.Step.Message + event.Step.Remedy + "\n")
		}
	}
	for _, path := range []string{"/api/v1/status", "/api/v1/audit?limit=200", "/api/v1/organizations/default/keys", "/api/v1/issuer/keys", "/api/v1/usage", "/.well-known/jwks.json"} {
		got := r.get(path, operator.Reveal())
		if got.status != http.StatusOK {
			t.Errorf("%s: %d", path, got.status)
		}
		tell(got)
	}
	if err := r.state.events.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return secrets, all.String()
}

func (r *replica) metricsText() string {
	r.t.Helper()
	resp, err := r.http.Get(r.MetricsURL())
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// databaseFiles is what a thief of the database, its journal included, would read.
func (r *replica) databaseFiles() map[string]string {
	r.t.Helper()
	files := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(r.settings.State.DataDir, "adit.db*"))
	if err != nil || len(paths) < 2 {
		r.t.Fatalf("%v: %v", paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			r.t.Fatal(err)
		}
		files[filepath.Base(path)] = string(b)
	}
	return files
}

func TestTheTrailTellsCallersAndTheirTagsApart(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	e := r.environment("default", "prod")
	if _, err := r.control.UpdateEnvironment(t.Context(), "default", "prod", wire.EnvironmentPatch{SessionTags: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	r.setRole("default", e.ID, r.role("adit-prod", trusting(audience(), subjects(e.Subject))))
	k, err := r.control.CreateKey(t.Context(), "default", wire.KeyInput{Name: "team-a", Tags: map[string]string{"cost-center": "4711"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{k.Secret, r.key("default", "team-b")} {
		if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
			t.Fatalf("%d %s\n%s", got.status, got.body, r.log)
		}
	}
	principals, tagged := map[string]bool{}, 0
	for _, event := range r.aws.Trail() {
		if event.Operation == "InvokeModel" {
			principals[event.Principal] = true
			if event.SessionTags["cost-center"] == "4711" {
				tagged++
			}
		}
	}
	if len(principals) != 2 || tagged != 1 {
		t.Errorf("AWS saw the principals %v, %d calls with the tag", principals, tagged)
	}
}

func ptr[T any](v T) *T { return &v }

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
