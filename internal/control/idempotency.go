package control

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// Replies keeps the answers to requests that must not be done twice, for a day.
type Replies interface {
	// Remember claims the key for a request, or returns what became of the one that
	// had it first: claimed is true for one of all who ask at once.
	Remember(ctx context.Context, key, fingerprint []byte, at time.Time) (r Reply, claimed bool, err error)
	// Answer keeps the answer of the request that claimed the key, Release lets go
	// of the claim of one that did nothing.
	Answer(ctx context.Context, key []byte, status int, body []byte) error
	Release(ctx context.Context, key []byte) error
}

// Reply is what became of the first request with an idempotency key.
type Reply struct {
	Fingerprint []byte
	Status      int // 0 while there is no answer
	Body        []byte
}

// repeated is how a request is told from its repetition.
type repeated struct {
	key     string // as the client made it; "": none
	replies Replies
	now     func() time.Time
	log     *slog.Logger
}

// makes reports whether a route's request makes something, which must not come
// twice when a client that heard nothing asks again.
func (r route) makes() bool {
	switch r.id {
	case "rotate-key", "rotate-operator-key", "rotate-signing-keys":
		return true
	}
	return r.method == http.MethodPost && (strings.HasPrefix(r.id, "create-") || strings.HasPrefix(r.id, "invite-"))
}

// maxKey is how long an idempotency key may be.
const maxKey = 255

// repeatedOf reads the Idempotency-Key. Where it would not be kept it is refused:
// who sends one relies on it. Methods that may be repeated anyway need none.
func (a *api) repeatedOf(rt *route, h http.Header) (repeated, error) {
	given := h.Values("Idempotency-Key")
	if len(given) == 0 || rt.method != http.MethodPost {
		return repeated{}, nil
	}
	wrong := fault.New(fault.Invalid, "an Idempotency-Key must have 1 to %d visible ASCII characters", maxKey).WithParam("header.Idempotency-Key").WithCode(codeInput)
	hidden := func(r rune) bool { return r <= ' ' || r > '~' }
	switch key := given[0]; {
	case !rt.makes():
		wrong.Message = "this operation does not accept an Idempotency-Key: it creates nothing that could be created twice"
		return repeated{}, wrong.WithRemedy("Send it without this header.")
	case len(given) > 1, key == "", len(key) > maxKey, strings.ContainsFunc(key, hidden):
		return repeated{}, wrong.WithRemedy("Use a new random one for each create, such as a UUID.")
	case a.s.Replies == nil:
		return repeated{}, fault.New(fault.Config, "this server stores no answers, so it cannot detect repetitions").
			WithCode("no_idempotency").WithRemedy("Send the request without an Idempotency-Key.")
	default:
		return repeated{key, a.s.Replies, a.s.Now, a.s.Log}, nil
	}
}

// hashed is a sum over texts that no other list of texts has.
func hashed(texts ...string) []byte {
	b, _ := json.Marshal(texts) // strings always marshal
	h := sha256.Sum256(b)
	return h[:]
}

// once makes a function that makes something do so once for each idempotency
// key of a caller. What it refuses, or cannot do, may be tried again; what it may
// have done all the same, because the database never said so, may not.
func once[I, T any](status int, h func(context.Context, *call, *I) (T, error)) func(context.Context, *call, *I) (T, error) {
	return func(ctx context.Context, c *call, in *I) (body T, err error) {
		again := c.repeated
		if again.key == "" {
			return h(ctx, c, in)
		}
		asked, err := json.Marshal(in)
		if err != nil {
			return body, err
		}
		key, fingerprint := hashed(c.who.Key.Organization, c.who.Key.ID, c.route.id, again.key), hashed(string(asked))
		was, claimed, err := again.replies.Remember(ctx, key, fingerprint, again.now())
		if err != nil {
			return body, err
		}
		if !claimed {
			return replay[T](c, was, fingerprint)
		}
		answer := 0
		defer func() { again.end(ctx, key, answer, body) }() // of a panic too
		switch body, err = h(ctx, c, in); {
		case err == nil:
			answer = status
		case fault.From(err).Code == codeOutcomeUnknown:
			answer = statusUnknown
		}
		return body, err
	}
}

// statusUnknown stands for the answer of a request of which nobody knows whether
// it made something.
const statusUnknown = http.StatusServiceUnavailable

// end keeps the answer, or with 0 lets go of the claim, also when the client has
// left by now. What is made is made: if its answer cannot be kept, the claim goes
// with time, and nobody is told that nothing was made.
func (r repeated) end(ctx context.Context, key []byte, status int, body any) {
	const most = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	var err error
	if status != 0 {
		kept := body
		if name, secret := secretly(body); secret {
			kept = name
		}
		b, _ := json.Marshal(kept) // the wire's types always marshal
		err = r.replies.Answer(ctx, key, status, b)
	} else {
		err = r.replies.Release(ctx, key)
	}
	if err != nil {
		r.log.WarnContext(ctx, "the answer to an idempotency key could not be stored", slog.Any("error", err))
	}
}

// secretly returns what an answer with a secret made, by the name that its
// repetition is told; false for an answer that holds none and may be kept.
func secretly(body any) (name string, secret bool) {
	switch b := body.(type) {
	case wire.NewKey:
		return "the API key " + b.Key.ID, true
	case wire.Link:
		return "a link for " + b.Login, true
	}
	return "", false
}

// replay answers a repetition as the first request was.
func replay[T any](c *call, was Reply, fingerprint []byte) (body T, err error) {
	_, secret := secretly(body)
	switch {
	case !bytes.Equal(was.Fingerprint, fingerprint):
		return body, fault.New(fault.Invalid, "this Idempotency-Key was already used for a different request").WithParam("header.Idempotency-Key").
			WithCode("idempotency_mismatch").WithRemedy("Use a new one for each create.")
	case was.Status == 0:
		f := fault.New(fault.Unavailable, "the first request with this Idempotency-Key is still in progress").WithCode(codeUnderWay).WithRemedy("Ask again in a moment.")
		f.RetryAfter = time.Second
		return body, f
	case was.Status == statusUnknown:
		return body, fault.New(fault.Invalid, "it is not known whether the first request with this Idempotency-Key was done: the database did not confirm it").
			WithCode(codeOutcomeUnknown).
			WithRemedy("See whether it was. If not, ask again with a new Idempotency-Key, or on a page that is opened anew.")
	case secret:
		var name string
		_ = json.Unmarshal(was.Body, &name) // end wrote it
		return body, fault.New(fault.Invalid, "the first request with this Idempotency-Key created %s; its secret was shown only in that answer", name).
			WithCode(codeAlreadyDone).WithRemedy("If that answer is lost, rotate the key with an overlap, in which secrets in use keep working, or create a new link.")
	}
	c.header.Set("Idempotent-Replayed", "true")
	return body, json.Unmarshal(was.Body, &body)
}
