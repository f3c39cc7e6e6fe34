package app

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// errStopping is why streams end when the server is to stop.
func errStopping() error {
	return fault.New(fault.Unavailable, "the server is stopping").WithCode("stopping").WithRemedy("Try again after it has restarted.")
}

// endingStreams has a stream that is under way when the server is to stop end at
// once, through its context: a diagnosis or an export may go on for minutes, and
// would use up the grace of the requests beside it. An answer becomes a stream
// when it is flushed; all others are finished as ever.
func (a *App) endingStreams(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, end := context.WithCancelCause(r.Context())
		defer end(nil)
		out := &beginning{ResponseWriter: w, stopping: a.stopping, end: end}
		defer out.ended()
		next.ServeHTTP(out, r.WithContext(ctx))
	})
}

// lastWords is how long a stream may take to say that it ends. Who does not read
// holds nobody up.
const lastWords = time.Second

// beginning is the http.ResponseWriter of a request that may become a stream.
type beginning struct {
	http.ResponseWriter
	stopping context.Context //nolint:containedctx // the server's, not the request's
	end      context.CancelCauseFunc
	once     sync.Once

	mu     sync.Mutex
	forget func() bool
	cut    time.Time // when all must be written; zero while the server goes on
	over   bool      // the request is, and its connection is another's
}

// begins has the stop of the server end the request from now on.
func (w *beginning) begins() {
	w.once.Do(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.forget = context.AfterFunc(w.stopping, w.stops)
	})
}

func (w *beginning) stops() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.cut = time.Now().Add(lastWords) // connections know the time of the machine only
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(w.cut)
	w.end(context.Cause(w.stopping))
}

// ended lets go of the server's stop.
func (w *beginning) ended() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.forget != nil {
		w.forget()
	}
}

// FlushError has http.ResponseController flush.
func (w *beginning) FlushError() error {
	w.begins()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Flush implements http.Flusher.
func (w *beginning) Flush() { _ = w.FlushError() }

// SetWriteDeadline has http.ResponseController set one that is not after the end.
func (w *beginning) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.cut.IsZero() && (t.IsZero() || t.After(w.cut)) {
		t = w.cut
	}
	return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(t)
}

// Unwrap lets http.ResponseController do the rest.
func (w *beginning) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// drain refuses new requests, ends the streams and waits for the requests under
// way, on all listeners at once. It also waits for those that it cuts off: what
// AWS answered them is counted when they end, and has to be before the rest is written.
func (a *App) drain() error {
	a.log.Info("shutting down: requests in progress can finish", "grace", a.settings.Grace)
	a.stop(errStopping())
	ctx, cancel := context.WithTimeout(context.Background(), a.settings.Grace)
	defer cancel()
	errs := make([]error, len(a.servers))
	var all sync.WaitGroup
	for i, s := range a.servers {
		all.Go(func() {
			if err := s.Shutdown(ctx); err != nil {
				a.log.Warn("requests were cut off: the grace period is over")
				errs[i] = s.Close()
			}
		})
	}
	all.Wait()
	if !a.underway.wait(lastCount) {
		a.log.Warn("requests that were cut off do not end: what they used may not be counted")
	}
	return errors.Join(errs...)
}
