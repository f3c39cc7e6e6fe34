package openai

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"os"
	"strconv"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
)

// embeddingsRequest is a checked body of POST /v1/embeddings.
type embeddingsRequest struct {
	gateway.Request
	base64 bool
	// alone says that input is a string, not a list of one.
	alone bool
	// user is on whose behalf the request is made, if it says so.
	user string
}

// maxUser bounds the name of a user, in bytes: it goes into the name of a role session.
const maxUser = 512

// userOf returns on whose behalf a request is made: the header names it where
// the body does not.
func userOf(r *http.Request, req *embeddingsRequest) (string, error) {
	user := r.Header.Get("X-Adit-User")
	if req.user != "" {
		return req.user, nil
	}
	if len(user) > maxUser {
		return "", fault.New(fault.Invalid, "X-Adit-User has %d bytes; at most %d are allowed", len(user), maxUser).WithParam("user").
			WithRemedy("Send a shorter name, such as a hash.")
	}
	return user, nil
}

// readBody reads the body as far as it may go. A body that is too slow for the
// server has os.ErrDeadlineExceeded for its cause.
func (a *API) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if ct := r.Header.Get("Content-Type"); ct != "" || a.Auth.open() {
		// Without keys the type keeps web pages out: a form cannot send JSON's.
		if media, _, err := mime.ParseMediaType(ct); err != nil || media != "application/json" {
			return nil, fault.New(fault.Invalid, "the content type is %q", clip(ct)).WithRemedy("Send JSON with `Content-Type: application/json`.")
		}
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, fault.New(fault.Invalid, "the body has the unsupported content encoding %q", clip(enc)).WithRemedy("Send it uncompressed.")
	}
	if r.ContentLength > a.MaxBody {
		return nil, a.tooLarge()
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, a.MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, a.tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fault.Wrap(err, fault.Invalid, "the body did not arrive in time").
			WithRemedy("Send fewer texts at once, or over a faster connection.")
	case err != nil && r.Context().Err() != nil:
		return nil, fault.From(r.Context().Err())
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "the body could not be read completely").
			WithRemedy("Check that its length matches Content-Length, and that no proxy cuts the connection.")
	}
	return buf.Bytes(), nil
}

func (a *API) tooLarge() error {
	return fault.New(fault.TooLarge, "the body is larger than %d bytes", a.MaxBody).
		WithRemedy("Send fewer texts at once; the server's operator can raise --max-body.")
}

// parseEmbeddings checks a body. All that is wrong with it is said at once; the
// fault's parameter is the first.
func parseEmbeddings(body []byte) (embeddingsRequest, error) {
	var req embeddingsRequest
	var c complaints
	members, err := c.object(body)
	if err != nil {
		return req, err
	}
	req.Model = c.required(members, "model")
	req.Texts = c.input(members["input"])
	req.alone = kindOf(members["input"]) == "a string"
	req.Params = map[string]string{}
	switch format := c.optional(members, "encoding_format"); format {
	case "", "float":
	case "base64":
		req.base64 = true
	default:
		c.add("encoding_format", "encoding_format cannot be %q; allowed: float, base64", clip(format))
	}
	for _, name := range []string{"input_type", "truncate"} {
		if v := c.optional(members, name); v != "" {
			req.Params[name] = v
		}
	}
	if value := members["dimensions"]; !absent(value) {
		n, err := strconv.Atoi(string(value))
		if err != nil || n <= 0 {
			c.add("dimensions", "dimensions must be a positive whole number")
		}
		req.Params["dimensions"] = strconv.Itoa(n)
	}
	req.user = c.optional(members, "user")
	if len(req.user) > maxUser {
		c.add("user", "user has %d bytes; at most %d are allowed", len(req.user), maxUser)
	}
	return req, c.fault()
}
