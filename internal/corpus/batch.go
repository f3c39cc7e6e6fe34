package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// batch is rows that are sent together, and what became of them.
type batch struct {
	rows    []Row
	vectors []json.RawMessage // by row; nil where it failed
	reasons []string          // by row; "" where it did not
	tokens  int
	err     error         // why the job cannot go on
	done    chan struct{} // closed when the fields above are final
}

func newBatch(rows []Row) *batch {
	return &batch{rows: rows, vectors: make([]json.RawMessage, len(rows)), reasons: make([]string, len(rows)), done: make(chan struct{})}
}

// embed sends the batch until every row has a vector or a reason. Groups are
// rows that are still to be sent together.
func (b *batch) embed(ctx context.Context, j *Job, stop <-chan struct{}) error {
	var all []int
	for i, row := range b.rows {
		if row.Problem != "" {
			b.reasons[i] = row.Problem
			continue
		}
		all = append(all, i)
	}
	groups := [][]int{all}
	for len(groups) > 0 {
		group := groups[0]
		groups = groups[1:]
		if len(group) == 0 {
			continue
		}
		again, err := b.send(ctx, j, group, stop)
		if err != nil {
			return err
		}
		groups = append(again, groups...)
	}
	return nil
}

// send sends one group, as often as the answer is to come again later, and
// returns the groups that it falls into when it is refused.
func (b *batch) send(ctx context.Context, j *Job, group []int, stop <-chan struct{}) ([][]int, error) {
	texts := make([]string, len(group))
	for k, i := range group {
		texts[k] = b.rows[i].Text
	}
	for try := 0; ; try++ {
		answer, err := j.Embedder.Embed(ctx, texts)
		var one *TextError
		var split *SplitError
		switch {
		case err == nil && len(answer.Vectors) == len(texts):
			j.succeeded()
			b.tokens += answer.Tokens
			for k, i := range group {
				b.vectors[i] = answer.Vectors[k]
			}
			return nil, nil
		case err == nil:
			return nil, fault.New(fault.Refused, "the server sent %d vectors for %d texts", len(answer.Vectors), len(texts))
		case errors.As(err, &one) && one.Index >= 0 && one.Index < len(group):
			b.fail(group[one.Index], one.Reason)
			return [][]int{append(append([]int(nil), group[:one.Index]...), group[one.Index+1:]...)}, nil
		case errors.As(err, &split) && len(group) == 1:
			b.fail(group[0], split.Reason)
			return nil, nil
		case errors.As(err, &split):
			half := len(group) / 2
			return [][]int{group[:half], group[half:]}, nil
		}
		if err := j.wait(ctx, stop, try, err); err != nil {
			return nil, err
		}
	}
}

// fail notes why a row has no vector. Whoever refused it may have quoted it.
func (b *batch) fail(i int, reason string) {
	b.reasons[i] = strings.ReplaceAll(reason, b.rows[i].Text, "[text]")
}

// longestPause bounds the waits that nobody asked for.
const longestPause = 30 * time.Second

// wait waits before the same texts are sent again, or says why they are not.
func (j *Job) wait(ctx context.Context, stop <-chan struct{}, try int, err error) error {
	f := fault.From(err)
	switch f.Kind {
	case fault.Throttled, fault.Unavailable, fault.Deadline:
	default:
		return err
	}
	pause := max(f.RetryAfter, min(time.Second<<min(try, 5), longestPause))
	if f.Kind == fault.Throttled && f.RetryAfter > 0 {
		pause = f.RetryAfter
	}
	if idle := j.idle(); idle+pause > j.Patience {
		gaveUp := *f
		gaveUp.Message = fmt.Sprintf("nothing was embedded for %s, and the next try would be in %s: %s",
			idle.Round(time.Second), pause.Round(time.Second), f.Message)
		return &gaveUp
	}
	j.counts.waits(pause)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-stop:
		return errStopped()
	case <-ctx.Done():
		return errStopped()
	}
}

func errStopped() error { return fault.New(fault.Canceled, "stopped") }
