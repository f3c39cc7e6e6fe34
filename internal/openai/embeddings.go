package openai

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

// embeddings is POST /v1/embeddings.
func (a *API) embeddings(w http.ResponseWriter, r *http.Request, c caller.Caller) {
	body, err := a.readBody(w, r)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		a.failWith(w, r, fault.From(err), http.StatusRequestTimeout, "invalid_request_error")
		return
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	req, err := parseEmbeddings(body)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	user, err := userOf(r, &req)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	c.User = cmp.Or(user, c.User)
	ctx, cancel := context.WithTimeout(r.Context(), a.Timeout)
	defer cancel()
	n := note(ctx)
	n.asks(a.Gateway.Metrics(c, req.Model), req.Model, len(req.Texts))
	req.Stopwatch, req.Spent = n.stopwatch, &n.spent
	resp, err := a.Gateway.Embed(ctx, c, req.Request)
	a.rateHeaders(w.Header(), c, req.Model)
	if err != nil {
		a.fail(w, r, req.inWords(err))
		return
	}
	switch err := writeEmbeddings(w, req.Model, resp, req.base64); {
	case err == nil:
		resp.Release() // only now: an HTTP/2 stream that failed may still read the vectors
	case n.status == 0: // nothing has left yet
		a.fail(w, r, unusable(err))
	default:
		n.cut = err
	}
}

// unusable is the fault of a vector that cannot be written as float32.
func unusable(err error) error {
	return fault.Wrap(err, fault.Refused, "Bedrock's response cannot be used: a vector cannot be encoded as base64").
		WithRemedy("Request `\"encoding_format\": \"float\"`, which passes AWS's digits through.")
}

// inWords names the only text "input" where the request has no list.
func (req *embeddingsRequest) inWords(err error) error {
	f := fault.From(err)
	if !req.alone || f.Param != "input[0]" {
		return err
	}
	renamed := *f
	renamed.Param, renamed.Message = "input", strings.Replace(f.Message, "input[0]", "input", 1)
	return &renamed
}

// rateHeaders tells what is left of the model's limit, in calls to AWS, under
// the names that OpenAI uses.
func (a *API) rateHeaders(h http.Header, c caller.Caller, model string) {
	s := a.Gateway.Rate(c, model)
	if s.Limit == 0 {
		return
	}
	h["X-Ratelimit-Limit-Requests"] = []string{strconv.Itoa(s.Limit)}
	h["X-Ratelimit-Remaining-Requests"] = []string{strconv.Itoa(s.Remaining)}
	h["X-Ratelimit-Reset-Requests"] = []string{s.Reset.Round(time.Millisecond).String()}
}
