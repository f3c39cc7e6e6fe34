package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Transport answers requests in memory, on the caller's goroutine: no
// connection, no goroutine, and a body that is complete when RoundTrip
// returns. It works inside testing/synctest's bubbles, where every wait runs
// on virtual time. Any host will do in a request's URL; under AWS's own host
// names the emulator also checks that endpoint and Region fit the request.
func (e *Emulator) Transport() http.RoundTripper { return memory{e} }

type memory struct{ e *Emulator }

// errCut is what a cut connection looks like from the client.
var errCut = errors.New("emulator: connection reset by an injected fault")

// RoundTrip implements http.RoundTripper.
func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close() // the transport owns the body and has read it
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	in, err := received(req)
	if err != nil {
		return nil, err
	}
	rec := &recorder{header: make(http.Header)}
	cut := rec.run(m.e.Handler(), in)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if rec.status == 0 {
		if cut {
			return nil, errCut
		}
		return nil, context.Canceled
	}
	return rec.response(req, cut), nil
}

// received is the request as a server would see it.
func received(req *http.Request) (*http.Request, error) {
	target := req.URL.RequestURI()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, err
	}
	in := req.Clone(req.Context())
	in.URL, in.RequestURI = u, target
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Method == "" {
		in.Method = http.MethodGet
	}
	return in, nil
}

// recorder is the http.ResponseWriter of one request in memory.
type recorder struct {
	header http.Header
	sent   http.Header // as it was at WriteHeader
	status int
	body   []byte
}

// run serves the request; cut says that the handler ended the connection.
func (r *recorder) run(h http.Handler, in *http.Request) (cut bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			cut = true
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(r, in)
	return false
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

// Write keeps b without a copy when it is the first: the handler hands over
// bodies that it does not touch again.
func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.body == nil {
		r.body = b
	} else {
		r.body = append(r.body, b...)
	}
	return len(b), nil
}

// Flush does nothing: the caller sees the whole answer at once.
func (r *recorder) Flush() {}

func (r *recorder) response(req *http.Request, cut bool) *http.Response {
	length := int64(len(r.body))
	if n, err := strconv.ParseInt(r.sent.Get("Content-Length"), 10, 64); err == nil {
		length = n
	}
	var body io.Reader = bytes.NewReader(r.body)
	if cut {
		body = io.MultiReader(body, broken{})
	}
	return &http.Response{
		Status: strconv.Itoa(r.status) + " " + http.StatusText(r.status), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.sent, Body: io.NopCloser(body), ContentLength: length, Request: req,
	}
}

// broken is the rest of a body whose connection was cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
