package app

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control"
	"github.com/adit-hq/adit/internal/control/client"
)

// StreamingClient is [App.Client], but answers come while they are made: a
// diagnosis is read step by step, an export row by row.
func (a *App) StreamingClient() *http.Client {
	return &http.Client{Transport: flow{handler: a.handler}}
}

// clientAs is a client of the control API, within the process, that asks as a
// person who has signed in.
func (a *App) clientAs(who access.Principal, address string) *client.Client {
	c, err := client.New(client.Settings{
		URL: InProcessURL, UserAgent: "adit-studio", HTTP: &http.Client{Transport: flow{a.control, func(ctx context.Context) context.Context { return control.As(ctx, who, address) }}},
	})
	if err != nil {
		panic(err) // the URL is ours
	}
	return c
}

// flow carries requests to a handler in memory, and hands each answer on while it is made.
type flow struct {
	handler http.Handler
	as      func(context.Context) context.Context // says who asks; nil: the request's own key
}

// RoundTrip implements http.RoundTripper. The answer's body must be closed,
// which ends the request.
func (f flow) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if f.as != nil {
		ctx = f.as(ctx)
	}
	ctx, end := context.WithCancel(ctx)
	in := req.Clone(ctx)
	in.Host = req.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	body, to := io.Pipe()
	out := &flowing{header: http.Header{}, body: to, began: make(chan struct{})}
	go func() {
		defer func() {
			_ = recover()                // http.ErrAbortHandler: of any other the control API made an answer
			out.end(io.ErrUnexpectedEOF) // does nothing where the answer ended well
		}()
		defer func() { _ = in.Body.Close() }()
		f.handler.ServeHTTP(out, in)
		out.WriteHeader(http.StatusOK)
		out.end(nil)
	}()
	select {
	case <-out.began:
	case <-ctx.Done():
		end()
		_ = body.CloseWithError(ctx.Err())
		return nil, context.Cause(req.Context())
	}
	return &http.Response{
		Status: strconv.Itoa(out.status) + " " + http.StatusText(out.status), StatusCode: out.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: out.sent, Body: ending{body, end}, ContentLength: -1, Request: req,
	}, nil
}

// ending is a body that ends its request when it is closed.
type ending struct {
	io.ReadCloser
	end context.CancelFunc
}

// Close implements io.Closer.
func (e ending) Close() error {
	e.end()
	return e.ReadCloser.Close()
}

// flowing is the http.ResponseWriter of one request.
type flowing struct {
	header, sent http.Header
	status       int
	body         *io.PipeWriter
	once         sync.Once
	began        chan struct{}
}

// Header implements http.ResponseWriter.
func (w *flowing) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *flowing) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.began)
	})
}

// Write implements http.ResponseWriter. It waits for the reader.
func (w *flowing) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush implements http.Flusher: what was written is read already.
func (w *flowing) Flush() { w.WriteHeader(http.StatusOK) }

// end tells the reader that there is no more, and why; the first word counts.
func (w *flowing) end(err error) {
	w.WriteHeader(http.StatusInternalServerError)
	_ = w.body.CloseWithError(err)
}
