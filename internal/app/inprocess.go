package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// NewInProcess returns an App that listens nowhere: its Handler and its Client
// are there for the program that made it, and Run is not for it. The addresses
// and keys of the settings are not looked at; whoever has the App may call it.
// Close it as any other.
func NewInProcess(s Settings) (*App, error) {
	s.Listen, s.MetricsListen, s.TLSCert, s.TLSKey, s.APIKeys = "", "", "", "", nil
	if s.Timeout < 0 || s.MaxBody < 0 {
		return nil, fault.New(fault.Config, "a timeout and a body limit cannot be negative")
	}
	return build(s)
}

// NewControl returns an App that listens nowhere and serves only the control
// API, for a command that found no server running: it holds the data directory
// until Close. spicepod.yaml is not read, and nothing works in the background.
func NewControl(s Settings) (*App, error) {
	if s.State.DataDir == "" {
		return nil, fault.New(fault.Config, "there is no data directory").WithRemedy("Give one with --data-dir.")
	}
	s.Config = ""
	a, err := NewInProcess(s)
	if err != nil {
		return nil, err
	}
	a.knowSpending()
	return a, nil
}

// spendingTime is how long a command waits to know what is spent of budgets.
const spendingTime = 5 * time.Second

// knowSpending reads what is spent of budgets once, since no loop will. Without
// it a command can do all else, so a fault is told and no more.
func (a *App) knowSpending() {
	ctx, end := context.WithTimeout(a.life, spendingTime)
	defer end()
	if err := a.state.budgets.Step(ctx); err != nil {
		a.log.Warn("budget spending cannot be read; budgets may show less than is spent", "error", err)
	}
}

// InProcessURL is the base URL under which a Client reaches its App.
const InProcessURL = "http://localhost"

// Client returns an HTTP client whose requests the App answers in memory, on
// the caller's goroutine; each answer is whole when it is returned.
func (a *App) Client() *http.Client {
	return &http.Client{Transport: inMemory{a.handler}}
}

// inMemory carries requests to a handler without a connection.
type inMemory struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (m inMemory) RoundTrip(req *http.Request) (_ *http.Response, err error) {
	in := req.Clone(req.Context())
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer func() { _ = in.Body.Close() }()
	out := &inMemoryAnswer{header: http.Header{}}
	if out.cut(m.handler, in) {
		if cause := context.Cause(req.Context()); cause != nil {
			return nil, cause
		}
		return nil, io.ErrUnexpectedEOF
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return out.response(req), nil
}

// inMemoryAnswer is the http.ResponseWriter of one request.
type inMemoryAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// cut serves the request, and reports whether the handler broke its answer off.
func (w *inMemoryAnswer) cut(h http.Handler, in *http.Request) (aborted bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != http.ErrAbortHandler { //nolint:errorlint // panics carry this very value (net/http)
				panic(v)
			}
			aborted = true
		}
	}()
	h.ServeHTTP(w, in)
	return false
}

// Header implements http.ResponseWriter.
func (w *inMemoryAnswer) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *inMemoryAnswer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *inMemoryAnswer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if n, err := strconv.Atoi(w.header.Get("Content-Length")); err == nil && w.body.Len() == 0 {
		w.body.Grow(n)
	}
	return w.body.Write(b)
}

func (w *inMemoryAnswer) response(req *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req,
	}
}
