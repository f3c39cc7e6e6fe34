package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// Settings say whom a [Client] calls.
type Settings struct {
	// URL is the server's, such as https://adit.example.com; a path is kept.
	URL string
	// Key is the API key that calls.
	Key secret.String
	// HTTP sends the requests. Default: one that uses the environment's proxies.
	// Its redirects are not followed: the key is for this server only.
	HTTP *http.Client
	// UserAgent names the program; default "adit".
	UserAgent string
}

// Client calls a server. It is safe for concurrent use.
type Client struct {
	base  string
	key   secret.String
	http  *http.Client
	agent string
}

// maxAnswer bounds an answer that is no stream.
const maxAnswer = 64 << 20

// New returns a client. A URL that cannot be one is a fault of kind Config.
func New(s Settings) (*Client, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.New(fault.Config, "the server's URL must be http:// or https:// and a host").
			WithCode("server_url").WithRemedy("Set --server or ADIT_SERVER to one such as https://adit.example.com.")
	}
	c := &Client{base: strings.TrimRight(u.String(), "/") + "/api/v1", key: s.Key, agent: s.UserAgent, http: &http.Client{}}
	if c.agent == "" {
		c.agent = "adit"
	}
	if s.HTTP != nil {
		*c.http = *s.HTTP
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// request is one call on its way.
type request struct {
	method, path string
	query        url.Values
	body         any // nil: none
	accept       string
	// once names what the request makes, so that it may be sent again; "" for others.
	once string
}

// at puts a path together; its parts are names that a person may have typed.
func at(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(p))
	}
	return b.String()
}

// send sends a request and returns the answer if it is a success.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("encoding the request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the request cannot be made")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.accept != "" {
		req.Header.Set("Accept", r.accept)
	}
	if r.once != "" {
		req.Header.Set("Idempotency-Key", r.once)
	}
	if tag := asked(ctx); tag != "" && (r.method == http.MethodPatch || r.method == http.MethodDelete) {
		req.Header.Set("If-Match", tag)
	}
	req.Header.Set("User-Agent", c.agent)
	if !c.key.Empty() {
		req.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer func() { _ = resp.Body.Close() }()
		return nil, problem(resp)
	}
	return resp, nil
}

// unreachable is the fault of a call that got no answer. The URL stays out of
// it: names in it may be long, and the reader knows the server.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.From(context.Cause(ctx)) // which may be a fault that says why
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fault.Wrap(err, fault.Unavailable, "the Adit server cannot be reached: %v", err).
		WithCode("server_unreachable").WithRemedy("Check --server or ADIT_SERVER, and that `adit serve` runs there.")
}

// call sends a request and reads the answer into out; nil out wants none.
func (c *Client) call(ctx context.Context, r request, out any) error {
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return unreachable(ctx, err)
	case len(b) > maxAnswer:
		return notOurs(resp, nil)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return notOurs(resp, err)
	}
	return nil
}

// get, post, patch and remove are call with a method, and the answer as a value.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (out T, err error) {
	err = c.call(ctx, request{method: http.MethodGet, path: path, query: query}, &out)
	return out, err
}

func post[T any](ctx context.Context, c *Client, path string, body any) (out T, err error) {
	err = c.call(ctx, request{method: http.MethodPost, path: path, body: body}, &out)
	return out, err
}

// create is post for what makes something: it is made once, however often the
// request has to be sent.
func create[T any](ctx context.Context, c *Client, path string, body any) (out T, err error) {
	r := request{method: http.MethodPost, path: path, body: body, once: cmp.Or(onceOf(ctx), rand.Text())}
	err = again(ctx, func() error { return c.call(ctx, r, &out) })
	return out, err
}

func patch[T any](ctx context.Context, c *Client, path string, body any) (out T, err error) {
	err = c.call(ctx, request{method: http.MethodPatch, path: path, body: body}, &out)
	return out, err
}

func (c *Client) remove(ctx context.Context, path string, force bool) error {
	r := request{method: http.MethodDelete, path: path}
	if force {
		r.query = url.Values{"force": {"true"}}
	}
	return c.call(ctx, r, nil)
}
