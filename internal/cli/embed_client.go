package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/adit-hq/adit/internal/corpus"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// embedClient asks a server's public API for vectors. It is a corpus.Embedder.
type embedClient struct {
	http  *http.Client
	base  string // without /v1
	key   secret.String
	body  embedBody
	price float64 // USD per million tokens, 0 when unknown
	alone bool    // the server is in this process, and has no log to look into
}

// embedBody is a body of POST /v1/embeddings.
type embedBody struct {
	Model          string   `json:"model"`
	Input          []string `json:"input"`
	EncodingFormat string   `json:"encoding_format,omitempty"`
	InputType      string   `json:"input_type,omitempty"`
	Truncate       string   `json:"truncate,omitempty"`
	Dimensions     int      `json:"dimensions,omitempty"`
}

// embedAnswer is what POST /v1/embeddings answers; the vectors stay text.
type embedAnswer struct {
	Data []struct {
		Index     int             `json:"index"`
		Embedding json.RawMessage `json:"embedding"`
	} `json:"data"`
	Usage struct {
		TotalTokens int `json:"total_tokens"`
	} `json:"usage"`
}

// Embed implements corpus.Embedder.
func (c *embedClient) Embed(ctx context.Context, texts []string) (corpus.Answer, error) {
	body := c.body
	body.Input = texts
	var got embedAnswer
	if err := c.do(ctx, http.MethodPost, "/v1/embeddings", body, &got); err != nil {
		return corpus.Answer{}, refusalOf(err, len(texts))
	}
	out := corpus.Answer{Vectors: make([]json.RawMessage, len(got.Data)), Tokens: got.Usage.TotalTokens}
	for _, d := range got.Data {
		if d.Index < 0 || d.Index >= len(out.Vectors) || out.Vectors[d.Index] != nil {
			return corpus.Answer{}, fault.New(fault.Refused, "the server's vectors are not numbered from 0 to %d", len(got.Data)-1)
		}
		out.Vectors[d.Index] = d.Embedding
	}
	return out, nil
}

// refusalOf says what a refusal means for a batch of texts.
func refusalOf(err error, texts int) error {
	f := fault.From(err)
	var at int
	switch {
	case f.Kind == fault.TooLarge, f.Kind == fault.Invalid && f.Param == "input":
		return &corpus.SplitError{Reason: f.Message}
	case f.Kind != fault.Invalid:
		return err
	}
	if n, _ := fmt.Sscanf(f.Param, "input[%d]", &at); n == 1 && at < texts {
		return &corpus.TextError{Index: at, Reason: reasonOf(f)}
	}
	return err
}

// reasonOf is the message about one text without its place in the request,
// which is not its place in the input.
func reasonOf(f *fault.Error) string {
	what, rest, ok := strings.Cut(f.Message, ": ")
	_, length, found := strings.Cut(rest, f.Param+" has ")
	if ok && found {
		return what + "; this one has " + strings.TrimRight(strings.Fields(length)[0], ",.")
	}
	return strings.TrimPrefix(f.Message, f.Param+": ")
}

// do sends one request and reads its answer into out. The error is a fault.
func (c *embedClient) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fault.Wrap(err, fault.Config, "%s is not a server's URL", c.base).WithRemedy("Write --server http://HOST:PORT.")
	}
	req.Header.Set("Content-Type", "application/json")
	if !c.key.Empty() {
		req.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return unreachable(ctx, c.base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		f := readRefusal(resp)
		if c.alone {
			f.Detail = ""
		}
		return f
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return unreachable(ctx, c.base, err)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fault.Wrap(err, fault.Config, "%s answers, but not as Adit does", c.base).WithRemedy("Check --server.")
	}
	return nil
}

func unreachable(ctx context.Context, base string, err error) error {
	if ctx.Err() != nil {
		return fault.From(ctx.Err())
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner // the innermost names the cause and not the way to it
	}
	return fault.New(fault.Unavailable, "%s cannot be reached: %v", base, err).WithRemedy("Is `adit serve` running there? Without --server no server is needed.")
}
