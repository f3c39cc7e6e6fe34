package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"

	"github.com/adit-hq/adit/internal/fault"
)

// maxLine bounds one value of a stream.
const maxLine = 4 << 20

// lines sends a request and walks the values of its answer, each as it comes.
// An answer that breaks off ends with an error.
func lines[T any](ctx context.Context, c *Client, r request) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		r.accept = "application/x-ndjson"
		resp, err := c.send(ctx, r)
		if err != nil {
			yield(none, err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		scan := bufio.NewScanner(resp.Body)
		scan.Buffer(make([]byte, 0, 64<<10), maxLine)
		for scan.Scan() {
			var v T
			if err := json.Unmarshal(scan.Bytes(), &v); err != nil {
				yield(none, notOurs(resp, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := scan.Err(); err != nil {
			yield(none, brokenOff(ctx, err))
		}
	}
}

func brokenOff(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.From(context.Cause(ctx))
	}
	if errors.Is(err, bufio.ErrTooLong) {
		return fault.Wrap(err, fault.Internal, "the server sent a line that is too long")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Wrap(err, fault.Unavailable, "the server's answer was cut off: it is incomplete").
			WithCode("broken_off").WithRemedy("Try again; the server's log shows why.")
	}
	return unreachable(ctx, err)
}
