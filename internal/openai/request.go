package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
)

// embeddingsRequest is a checked body of POST /v1/embeddings.
type embeddingsRequest struct {
	gateway.Request
	base64 bool
	// alone says that input is a string, not a list of one.
	alone bool
}

// fields are all that a body may have. user is accepted and not used.
func fields() []string {
	return []string{"dimensions", "encoding_format", "input", "input_type", "model", "truncate", "user"}
}

// readBody reads the body as far as it may go.
func (a *API) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if ct := r.Header.Get("Content-Type"); ct != "" || len(a.Auth.Keys) == 0 {
		// Without keys the type keeps web pages out: a form cannot send JSON's.
		if media, _, err := mime.ParseMediaType(ct); err != nil || media != "application/json" {
			return nil, fault.New(fault.Invalid, "the content type is %q", ct).WithRemedy("Send JSON with `Content-Type: application/json`.")
		}
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, fault.New(fault.Invalid, "the body has the content encoding %q", enc).WithRemedy("Send it uncompressed.")
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= a.MaxBody {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, a.MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault.New(fault.TooLarge, "the body is larger than %d bytes", a.MaxBody).
			WithRemedy("Send fewer texts at once; who runs the server can raise --max-body.")
	case err != nil && r.Context().Err() != nil:
		return nil, fault.From(r.Context().Err())
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "the body could not be read to its end")
	}
	return buf.Bytes(), nil
}

// parseEmbeddings checks a body. All that is wrong with it is said at once; the
// fault's parameter is the first.
func parseEmbeddings(body []byte) (embeddingsRequest, error) {
	var req embeddingsRequest
	members, err := object(body)
	if err != nil {
		return req, err
	}
	var c complaints
	for name := range members {
		if !slices.Contains(fields(), name) {
			c.add(clip(name), "there is no parameter %q", clip(name))
		}
	}
	slices.SortFunc(c, func(a, b complaint) int { return strings.Compare(a.param, b.param) })
	req.Model = c.required(members, "model")
	req.Texts = c.input(members["input"])
	req.alone = !absent(members["input"]) && members["input"][0] == '"'
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
	if raw := members["dimensions"]; !absent(raw) {
		n, err := strconv.Atoi(string(raw))
		if err != nil || n <= 0 {
			c.add("dimensions", "dimensions must be a whole number above zero")
		}
		req.Params["dimensions"] = strconv.Itoa(n)
	}
	c.optional(members, "user")
	return req, c.fault()
}

// object takes a JSON object apart. A name that comes twice is refused: which of
// the two was meant cannot be known.
func object(body []byte) (map[string]json.RawMessage, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, fault.New(fault.Invalid, "the body is empty").WithRemedy(`Send an object such as {"model": "NAME", "input": ["text"]}.`)
	}
	if !utf8.Valid(body) {
		return nil, fault.New(fault.Invalid, "the body is not valid UTF-8").WithRemedy("Encode it as UTF-8.")
	}
	members, err := decodeObject(json.NewDecoder(bytes.NewReader(body)))
	if errors.Is(err, errNoObject) {
		err = cmp.Or(json.Unmarshal(body, &members), err) // it tells better where and why
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "the body is not a JSON object: %s", plain(err)).
			WithRemedy(`Send an object such as {"model": "NAME", "input": ["text"]}.`)
	}
	return members, nil
}

var errNoObject = errors.New("it is null")

func decodeObject(dec *json.Decoder) (map[string]json.RawMessage, error) {
	if opening, err := dec.Token(); err != nil || opening != json.Delim('{') {
		return nil, errNoObject
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, errNoObject
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return nil, errNoObject
		}
		key, _ := name.(string) // a member's name is always a string
		if _, twice := members[key]; twice {
			return nil, fmt.Errorf("it has %q twice", clip(key))
		}
		members[key] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNoObject
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return members, nil
}

// plain says what is wrong with JSON without Go's names for things.
func plain(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Value == "array":
		return "it is a list"
	case errors.As(err, &kind):
		return "it is a " + kind.Value
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return "it ends too early"
	case errors.As(err, &syntax):
		return fmt.Sprintf("syntax error at byte %d", syntax.Offset)
	}
	return err.Error()
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// clip keeps a name that a client made up short enough for an answer.
func clip(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "…"
}
