package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
)

// canned answers every call to Bedrock with the same body, and passes the rest on.
type canned struct {
	next   http.RoundTripper
	body   string
	header http.Header
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/invoke") {
		return c.next.RoundTrip(r)
	}
	if c.body == "" {
		resp, err := c.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		c.body, c.header = string(body), resp.Header
	} else {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return &http.Response{StatusCode: 200, Header: c.header, Body: io.NopCloser(strings.NewReader(c.body)), ContentLength: int64(len(c.body)), Request: r}, nil
}

// BenchmarkRequest is Adit's whole path for one request without any network:
// what is left is Adit's own work, and its allocations.
func BenchmarkRequest(b *testing.B) {
	texts := make([]string, 96)
	for i := range texts {
		texts[i] = fmt.Sprintf("paragraph %d tells of the mine, its miners, its timber and its water, and of how one walks in", i)
	}
	for _, c := range []struct {
		name, model, format string
		texts               []string
	}{
		{"1-titan-float", "titan", "float", texts[:1]},
		{"1-titan-base64", "titan", "base64", texts[:1]},
		{"96-cohere-float", "cohere", "float", texts},
		{"96-cohere-base64", "cohere", "base64", texts},
	} {
		b.Run(c.name, func(b *testing.B) {
			aws, err := emulator.New()
			if err != nil {
				b.Fatal(err)
			}
			pod := strings.ReplaceAll(everyFamily, "    name: titan\n", "    name: titan\n    params: {requests_per_min_limit: 10000000}\n")
			pod = strings.ReplaceAll(pod, "    name: cohere\n", "    name: cohere\n    params: {requests_per_min_limit: 10000000}\n")
			s := start(b, pod, func(s *app.Settings) {
				s.Transport = &canned{next: aws.Transport()}
				key := aws.DefaultKey()
				s.Environ = []string{"AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey}
				s.Log = nil
			})
			input, err := json.Marshal(c.texts)
			if err != nil {
				b.Fatal(err)
			}
			body := fmt.Sprintf(`{"model":%q,"encoding_format":%q,"input":%s}`, c.model, c.format, input)
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", strings.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				w := &counter{header: http.Header{}}
				s.Handler().ServeHTTP(w, r)
				if w.status != http.StatusOK && w.status != 0 {
					b.Fatalf("status %d", w.status)
				}
				b.SetBytes(w.n)
			}
		})
	}
}

// counter counts what is written and drops it.
type counter struct {
	header http.Header
	status int
	n      int64
}

func (c *counter) Header() http.Header { return c.header }

func (c *counter) WriteHeader(status int) { c.status = status }

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}
