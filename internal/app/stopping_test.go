package app

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

// held keeps calls of models back until they are let go.
type held struct {
	next          http.RoundTripper
	arrived, free chan struct{}
}

func (h *held) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/invoke") {
		h.arrived <- struct{}{}
		<-h.free
	}
	return h.next.RoundTrip(r)
}

func TestAStoppingServerEndsItsStreamsAtOnceAndFinishesItsRequests(t *testing.T) {
	aws := newAWS(t)
	calls := &held{aws.Transport(), make(chan struct{}), make(chan struct{})}
	dialing := make(chan struct{})
	r := startReplica(t, aws, func(s *Settings) {
		s.Grace, s.Transport = time.Minute, calls
		s.State.Outside.Lookup = func(context.Context, string) ([]string, error) { return []string{"203.0.113.7"}, nil }
		s.State.Outside.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { // a public URL that does not answer
			dialing <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	env, key := r.ready("default", "prod"), r.key("default", "caller", "invoke")
	link, err := r.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	browser := r.browser(link)

	answered := make(chan answer, 1)
	go func() { answered <- r.embed(key, "prod/"+titanV2, "a") }()
	<-calls.arrived
	walked := make(chan error, 1)
	go func() {
		var last error
		for event, err := range r.control.Diagnose(t.Context(), "default", env.ID, wire.DiagnosisInput{}) {
			if last = err; event.Problem != nil {
				last = fault.New(fault.Unavailable, "%s", event.Problem.Detail)
			}
		}
		walked <- last
	}()
	<-dialing
	drawn := make(chan string, 1)
	go func() {
		_, page := r.studio(browser, "/o/"+env.Organization+"/environments/"+env.ID+"/diagnosis", url.Values{})
		drawn <- page
	}()
	<-dialing

	began := time.Now()
	r.stop()
	if err := <-walked; err == nil || !strings.Contains(err.Error(), "the server is stopping") {
		t.Errorf("the diagnosis ends with %v", err)
	}
	if page := <-drawn; !strings.Contains(page, "The server is stopping") {
		t.Errorf("the page does not say why it ends: %.2000s", page)
	}
	select {
	case <-r.ended:
		t.Error("the server did not wait for the request under way")
	default:
	}
	close(calls.free)
	if got := <-answered; got.status != http.StatusOK {
		t.Errorf("the request under way was answered with %d %s", got.status, got.body)
	}
	<-r.ended
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

func TestUsageIsWrittenEverySecondWhileAStoppingServerFinishesItsRequests(t *testing.T) {
	aws := newAWS(t)
	calls := &held{aws.Transport(), make(chan struct{}), make(chan struct{})}
	r := startReplica(t, aws, func(s *Settings) { s.Grace, s.Transport = time.Minute, calls })
	r.ready("default", "prod")
	key := r.key("default", "caller", "invoke")
	answered := make(chan answer)
	for range 2 {
		go func() { answered <- r.embed(key, "prod/"+titanV2, "a text") }()
		<-calls.arrived
	}
	r.stop()
	<-r.stopping.Done()
	calls.free <- struct{}{}
	if got := <-answered; got.status != http.StatusOK {
		t.Fatalf("the request under way was answered with %d %s", got.status, got.body)
	}
	eventually(t, time.Minute/4, "what the first request used is written while the second goes on", func() bool {
		sums, err := r.state.store.Sums(t.Context(), usage.Query{}, usage.By{}, 1)
		return err == nil && usage.Total(sums).Requests == 1
	})
	calls.free <- struct{}{}
	if got := <-answered; got.status != http.StatusOK {
		t.Errorf("the last request was answered with %d %s", got.status, got.body)
	}
	<-r.ended
}

func TestAStreamThatNobodyReadsHoldsNoStopUp(t *testing.T) {
	a := &App{}
	a.stopping, a.stop = context.WithCancelCause(t.Context())
	begun, ended := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(a.endingStreams(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer close(ended)
		control := http.NewResponseController(w)
		for n := 0; ; n++ {
			_ = control.SetWriteDeadline(time.Now().Add(time.Hour))
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
			if _ = control.Flush(); n == 0 {
				close(begun)
			}
		}
	})))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-begun
	a.stop(errStopping())
	<-ended
}
