package app

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/usage"
)

// stuck is an AWS that answers a few calls of models, and none after them.
type stuck struct {
	next  http.RoundTripper
	few   int64
	asked atomic.Int64
	read  chan struct{} // one for each answer that was read
	held  chan struct{} // one for each call that is not answered
	ended chan struct{} // the server's end, set before the first call
}

func (s *stuck) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/invoke") {
		return s.next.RoundTrip(r)
	}
	if s.asked.Add(1) > s.few {
		s.held <- struct{}{}
		<-r.Context().Done()
		select { // what a request comes to may be known a moment after its connection was closed
		case <-s.ended:
		case <-time.After(100 * time.Millisecond):
		}
		return nil, r.Context().Err()
	}
	resp, err := s.next.RoundTrip(r)
	if err == nil {
		resp.Body = &whole{resp.Body, s.read}
	}
	return resp, err
}

// whole tells when a body was read and closed.
type whole struct {
	io.ReadCloser
	closed chan<- struct{}
}

func (w *whole) Close() error {
	defer func() { w.closed <- struct{}{} }()
	return w.ReadCloser.Close()
}

func TestWhatARequestThatIsCutOffHasUsedIsCounted(t *testing.T) {
	aws := newAWS(t)
	calls := &stuck{next: aws.Transport(), few: 5, read: make(chan struct{}, 100), held: make(chan struct{}, 100)}
	r := startReplica(t, aws, func(s *Settings) { s.Grace, s.Transport = time.Millisecond, calls })
	calls.ended = r.ended
	r.ready("default", "prod")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL()+"/v1/embeddings",
		strings.NewReader(`{"model":"prod/`+titanV2+`","input":["one","two","three","four","five","six"]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.key("default", "caller", "invoke"))
	req.Header.Set("Content-Type", "application/json")
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if resp, err := r.http.Do(req); err == nil {
			_ = resp.Body.Close()
			t.Errorf("the request was answered with %d", resp.StatusCode)
		}
	}()
	for range calls.few {
		<-calls.read
	}
	<-calls.held
	r.leave()
	<-gone

	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(r.settings.State.DataDir, "adit.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	sums, err := s.Sums(t.Context(), usage.Query{}, usage.By{}, 1)
	if got := usage.Total(sums); err != nil || got.Requests != 1 || got.Errors != 1 || got.Tokens < calls.few || got.Cost == 0 {
		t.Errorf("of a request with %d answers of AWS is counted %+v, %v", calls.few, got, err)
	}
}
