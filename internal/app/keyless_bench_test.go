package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
)

// once answers every call to Bedrock with the first answer, and passes the rest on.
type once struct {
	next   http.RoundTripper
	body   string
	header http.Header
}

func (o *once) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/invoke") || o.body == "" {
		resp, err := o.next.RoundTrip(r)
		if err != nil || !strings.HasSuffix(r.URL.Path, "/invoke") {
			return resp, err
		}
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		o.body, o.header = string(b), resp.Header
	} else {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return &http.Response{StatusCode: 200, Header: o.header, Body: io.NopCloser(strings.NewReader(o.body)), ContentLength: int64(len(o.body)), Request: r}, nil
}

// BenchmarkKeyless compares, within one server, what a request costs that an API
// key of the settings makes with the credential chain, with one that an API key
// of the database makes with an environment's session: the second checks the
// key, finds the session, and counts usage. AWS answers at once.
func BenchmarkKeyless(b *testing.B) {
	aws := newAWS(b)
	canary := aws.DefaultKey()
	config := filepath.Join(b.TempDir(), "spicepod.yaml")
	pod := "version: v1\nkind: Spicepod\nname: bench\nembeddings:\n- from: bedrock:amazon.titan-embed-text-v2:0\n  name: titan\n  params: {requests_per_min_limit: 10000000}\n"
	if err := os.WriteFile(config, []byte(pod), 0o600); err != nil {
		b.Fatal(err)
	}
	r := startReplica(b, aws, func(s *Settings) {
		s.Config, s.Log, s.Transport = config, nil, &once{next: aws.Transport()}
		s.Environ = []string{"AWS_ACCESS_KEY_ID=" + canary.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + canary.SecretAccessKey}
	})
	env := r.ready("default", "prod")
	limits := wire.Limits{PerMinute: 10_000_000, Concurrent: 1000}
	if _, err := r.control.UpdateEnvironment(b.Context(), "default", env.ID, wire.EnvironmentPatch{Limits: &limits}); err != nil {
		b.Fatal(err)
	}
	key := r.key("default", "app")
	send := func(b *testing.B, model, key string) {
		req := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", strings.NewReader(`{"model":"`+model+`","input":"The level passage by which one walks into a mine."}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+key)
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	for _, c := range []struct{ name, model string }{{"chain", "titan"}, {"environment", "prod/" + titanV2}} {
		b.Run(c.name, func(b *testing.B) {
			send(b, c.model, key)
			b.ReportAllocs()
			for b.Loop() {
				send(b, c.model, key)
			}
		})
	}
	b.Run("session", func(b *testing.B) { // finding the credentials alone
		source := r.state.federation.For(env.ID)
		c := caller.Caller{Organization: env.Organization, Key: "key_bench", Name: "bench"}
		if _, err := source.Credentials(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := source.Credentials(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
