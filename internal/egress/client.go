package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/adit-hq/adit/internal/fault"
)

// New returns a client that holds to the policy with every request and every
// connection. It follows no redirects, uses no proxy, keeps no cookies, and each
// request resolves its name anew.
//
// Its faults say why, and nothing of what is there: "url_refused" (Invalid) for a
// URL or address outside the policy and for a redirect; "unreachable"
// (Unavailable) for a name without an address, a closed port, a filtered one and
// silence alike; "certificate_refused" (Unavailable); "answer_too_large" (TooLarge).
func New(p Policy) *http.Client {
	p = p.withDefaults()
	g := &guard{policy: p}
	dialer := &net.Dialer{Timeout: toConnect, ControlContext: g.control}
	g.connect = dialer.DialContext
	var http1 http.Protocols
	http1.SetHTTP1(true)
	g.next = &http.Transport{
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: p.Roots},
		TLSHandshakeTimeout:    toHandshake,
		ResponseHeaderTimeout:  p.Timeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableKeepAlives:      true, // a kept connection would outlive what its name means
		DisableCompression:     true, // a bound on the body is a bound on what is read
		Protocols:              &http1,
	}
	return &http.Client{Transport: g, CheckRedirect: func(*http.Request, []*http.Request) error { return redirected() }}
}

// guard stands before the transport and behind it.
type guard struct {
	policy  Policy
	next    http.RoundTripper
	connect func(ctx context.Context, network, address string) (net.Conn, error)
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := CheckURL(r.URL.String(), g.policy); err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper closes it, whatever happens
		}
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.policy.Timeout)
	resp, err := g.next.RoundTrip(r.WithContext(ctx))
	if err == nil && ctx.Err() != nil {
		// A server that is told of the end may answer just then.
		_ = resp.Body.Close()
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		return nil, explain(r.Context(), err)
	}
	resp.Body = &body{from: resp.Body, left: g.policy.MaxBody, asked: r.Context(), ctx: ctx, done: cancel}
	switch {
	case isRedirect(resp.StatusCode):
		resp.Body.Close()
		return nil, redirected()
	case resp.ContentLength > g.policy.MaxBody:
		resp.Body.Close()
		return nil, tooLarge()
	}
	return resp, nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// body is an answer's, to its bound and within its time.
type body struct {
	from  io.ReadCloser
	left  int64
	asked context.Context //nolint:containedctx // a body belongs to its request and ends with it
	ctx   context.Context //nolint:containedctx // the same with our bound of time
	done  context.CancelFunc
}

// Read implements io.Reader.
func (b *body) Read(into []byte) (int, error) {
	if int64(len(into)) > b.left+1 {
		into = into[:b.left+1] // one byte more tells that there is more
	}
	n, err := b.from.Read(into)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		return n, tooLarge()
	}
	b.left -= int64(n)
	if late := b.ctx.Err(); late != nil {
		// As above: it may end its answer just then, as if that were all of it.
		return n, explain(b.asked, late)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = explain(b.asked, err)
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	defer b.done()
	return b.from.Close()
}

// explain puts a failed request into words that tell nothing of what is at the
// other end. Causes are left out: they would tell a closed port from a filtered
// one, and a certificate's names.
func explain(ctx context.Context, err error) error {
	var f *fault.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case errors.As(err, &certificate):
		return fault.New(fault.Unavailable, "the server there has no valid certificate for its name from a trusted CA").
			WithCode("certificate_refused").WithRemedy("Install one from a public CA there, or ask Adit's operator to trust its CA.")
	}
	return unreachable()
}

func unreachable() error {
	return fault.New(fault.Unavailable, "the host cannot be reached, or did not answer over https in time").
		WithCode("unreachable").WithRemedy("Check its name and port, and that this server can reach it.")
}

func redirected() error {
	return refused("the URL redirects, and redirects are not followed").WithRemedy("Give the final URL.")
}

func tooLarge() error {
	return fault.New(fault.TooLarge, "the response is larger than the limit").WithCode("answer_too_large")
}
