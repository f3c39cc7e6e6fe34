package emulator_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// quick is a transport for answers that come before the request's body was seen
// to end. The SDK closes the body then, and net/http takes the end of a closed
// body for a failure and cuts the connection under the answer; a network has
// never been so quick. It sends a copy, which nobody closes.
type quick struct{ next http.RoundTripper }

func (q quick) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(b))
	return q.next.RoundTrip(r)
}

func TestWhoeverHasAnAnswerFindsItsEvent(t *testing.T) {
	e, cfg := start(t)
	if err := e.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	cfg.BaseEndpoint, cfg.HTTPClient = aws.String(e.URL()), &http.Client{Transport: quick{http.DefaultTransport}}
	for n := 1; n <= 200; n++ {
		if _, err := invoke(cfg, "amazon.titan-embed-text-v1", `{"inputText":"a long answer, which is sent before its handler ends"}`); err != nil {
			t.Fatal(err)
		}
		if got := len(e.Trail()); got != n {
			t.Fatalf("after %d answers the trail has %d events", n, got)
		}
	}
}
