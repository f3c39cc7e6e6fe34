package bedrock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/telemetry"
)

// maxBody is the largest body of InvokeModel in either direction (Bedrock API
// reference, InvokeModel).
const maxBody = 25_000_000

// Options are what a client is built from. The zero value is usable.
type Options struct {
	// Transport sends the requests; nil means one of its own, made by NewTransport.
	Transport http.RoundTripper
	// CallTimeout bounds one call, so that a connection that went silent is
	// noticed and tried again. Default 60 seconds.
	CallTimeout time.Duration
	Log         *slog.Logger
	// Tracer makes a span of each call; nil makes none.
	Tracer telemetry.Tracer
	// UserAgent is what AWS sees, such as "adit/1.2.3".
	UserAgent string
}

// Client sends calls to Bedrock. It is safe for use by many goroutines.
type Client struct {
	transport http.RoundTripper
	signer    *v4.Signer
	timeout   time.Duration
	log       *slog.Logger
	agent     string
	tracer    telemetry.Tracer
}

// NewClient returns a client.
func NewClient(o Options) *Client {
	c := &Client{transport: o.Transport, timeout: o.CallTimeout, log: o.Log, agent: o.UserAgent, tracer: o.Tracer, signer: v4.NewSigner()}
	if c.transport == nil {
		c.transport = NewTransport()
	}
	if c.timeout == 0 {
		c.timeout = time.Minute
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.agent == "" {
		c.agent = "adit"
	}
	return c
}

// maxIdle is above what the models' concurrency limits together let be open at
// once, so that no connection is closed only to be opened again.
const maxIdle = 4096

// NewTransport returns a transport that keeps every connection it needed open
// for five minutes: less than the 350 seconds after which NAT gateways and load
// balancers forget idle ones (Bedrock user guide, Troubleshooting).
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          0,
		MaxIdleConnsPerHost:   maxIdle,
		IdleConnTimeout:       5 * time.Minute,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true,                                                                                // digits are passed on as they come
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second}, // or a dead connection takes call after call
		WriteBufferSize:       64 << 10,
		ReadBufferSize:        64 << 10,
	}
}

// answer is one HTTP answer, whole.
type answer struct {
	status int
	header http.Header
	body   *buffer
}

// send signs and sends one request and reads its whole answer. The error is a
// connection fault: AWS said nothing that could be read.
func (c *Client) send(ctx context.Context, method string, u *url.URL, region string, creds credential.Credentials, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	req := (&http.Request{
		Method: method, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Accept": {"application/json"}, "User-Agent": {c.agent}},
	}).WithContext(ctx)
	setBody(req, body)
	if err := c.sign(ctx, req, region, creds, body); err != nil {
		return answer{}, &unsignedError{err}
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.ContentLength > maxBody {
		return answer{}, errTooLarge
	}
	buf := newBuffer()
	if err := buf.readAll(resp.Body, resp.ContentLength); err != nil {
		buf.release()
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	return answer{resp.StatusCode, resp.Header, buf}, nil
}

func (c *Client) sign(ctx context.Context, req *http.Request, region string, creds credential.Credentials, body []byte) error {
	sum := sha256.Sum256(body)
	return c.signer.SignHTTP(ctx, aws.Credentials{
		AccessKeyID:     creds.AccessKeyID,
		SecretAccessKey: creds.SecretAccessKey.Reveal(),
		SessionToken:    creds.SessionToken.Reveal(),
	}, req, hex.EncodeToString(sum[:]), "bedrock", region, time.Now())
}

// setBody gives the request a body that it can send again by itself when a
// kept connection turns out to be closed.
func setBody(req *http.Request, body []byte) {
	if len(body) == 0 {
		return
	}
	req.Header["Content-Type"] = []string{"application/json"}
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return newReader(body), nil }
	req.Body, _ = req.GetBody()
}

var errTooLarge = errors.New("the response is larger than Bedrock's limit of 25,000,000 bytes")
