package client

import (
	"context"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// How often, and how long each time, a repetition waits for the first request
// to end, which the server may still be at.
const (
	maxWaits = 5
	maxWait  = 5 * time.Second
)

// onceKey is what a context holds an idempotency key under.
type onceKey struct{}

// Once returns a context in which each kind of thing is made once only, however
// often the same request comes: with the key as its idempotency key. Without one,
// or with "", each call has a key of its own.
func Once(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, onceKey{}, key)
}

// onceOf is the idempotency key of a context; "" for none.
func onceOf(ctx context.Context) string {
	key, _ := ctx.Value(onceKey{}).(string)
	return key
}

// again calls, and once more when the connection broke: nobody knows then what
// became of the first request, and its idempotency key keeps the second from
// doing it anew.
func again(ctx context.Context, call func() error) error {
	err := call()
	if !broke(err) || ctx.Err() != nil {
		return err
	}
	for range maxWaits {
		err = call()
		f := fault.From(err)
		if f == nil || f.Code != "under_way" {
			return err
		}
		select {
		case <-ctx.Done():
			return fault.From(ctx.Err())
		case <-time.After(min(f.RetryAfter, maxWait)):
		}
	}
	return err
}

// broke reports whether a request may have arrived that was not answered.
func broke(err error) bool {
	for _, cause := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}
