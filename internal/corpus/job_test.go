package corpus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/corpus"
	"github.com/adit-hq/adit/internal/fault"
)

// numbered gives n rows whose texts are their numbers, and counts how many were read.
type numbered struct {
	n, read int
	problem map[int]string
	mu      sync.Mutex
}

func (r *numbered) Next() (corpus.Row, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read == r.n {
		return corpus.Row{}, io.EOF
	}
	r.read++
	row := corpus.Row{Number: r.read, Line: r.read, Text: fmt.Sprintf("text %d", r.read)}
	if p := r.problem[r.read]; p != "" {
		row.Text, row.Problem = "", p
	}
	return row, nil
}

// embedder answers with each text, quoted, as its vector, after what before says.
type embedder struct {
	mu     sync.Mutex
	calls  int
	before func(ctx context.Context, call int, texts []string) error
}

func (e *embedder) Embed(ctx context.Context, texts []string) (corpus.Answer, error) {
	e.mu.Lock()
	e.calls++
	call := e.calls
	e.mu.Unlock()
	if e.before != nil {
		if err := e.before(ctx, call, texts); err != nil {
			return corpus.Answer{}, err
		}
	}
	var a corpus.Answer
	for _, t := range texts {
		v, _ := json.Marshal([]string{t})
		a.Vectors = append(a.Vectors, v)
		a.Tokens++
	}
	return a, nil
}

// list is an Output that remembers.
type list struct {
	rows   []string
	before func()
}

func (l *list) Vector(row corpus.Row, v []byte) error {
	if l.before != nil {
		l.before()
	}
	l.rows = append(l.rows, fmt.Sprintf("%d %s", row.Number, v))
	return nil
}

func (l *list) Failure(row corpus.Row, reason string) error {
	l.rows = append(l.rows, fmt.Sprintf("%d failed: %s", row.Number, reason))
	return nil
}

func good(from, to int) []string {
	var out []string
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprintf(`%d ["text %d"]`, i, i))
	}
	return out
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// N rows in, N rows out, in order, whatever the server does meanwhile.
func TestEveryRowComesOutOnceAndInOrderUnderRandomFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(rt, "rows")
		size := rapid.IntRange(1, 9).Draw(rt, "batch")
		senders := rapid.IntRange(1, 5).Draw(rt, "concurrency")
		bad := rapid.MapOf(rapid.IntRange(1, 60), rapid.SampledFrom([]string{"empty", "refused", "unnamed"})).Draw(rt, "bad rows")
		delays := rapid.SliceOfN(rapid.IntRange(0, 3), 7, 7).Draw(rt, "delays")
		moods := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "busy", "away"}), 11, 11).Draw(rt, "moods")
		moods[0] = "" // or nothing ever got through
		synctest.Test(t, func(t *testing.T) {
			rows := &numbered{n: n, problem: map[int]string{}}
			for i, kind := range bad {
				if kind == "empty" {
					rows.problem[i] = "empty"
				}
			}
			e := &embedder{before: func(ctx context.Context, call int, texts []string) error {
				if err := wait(ctx, time.Duration(delays[call%7])*time.Second); err != nil {
					return err
				}
				switch moods[call%11] {
				case "busy":
					f := fault.New(fault.Throttled, "busy")
					f.RetryAfter = 3 * time.Second
					return f
				case "away":
					return fault.New(fault.Unavailable, "away")
				}
				for i, text := range texts {
					var number int
					_, _ = fmt.Sscanf(text, "text %d", &number)
					switch bad[number] {
					case "refused":
						return &corpus.TextError{Index: i, Reason: "refused"}
					case "unnamed":
						return &corpus.SplitError{Reason: "one of them"}
					}
				}
				return nil
			}}
			out := &list{}
			job := &corpus.Job{Rows: rows, Embedder: e, Output: out, Batch: size, Concurrency: senders}
			if err := job.Run(context.Background()); err != nil {
				t.Fatalf("Run: %v", err)
			}
			var want []string
			for i := 1; i <= n; i++ {
				switch bad[i] {
				case "empty":
					want = append(want, fmt.Sprintf("%d failed: empty", i))
				case "refused":
					want = append(want, fmt.Sprintf("%d failed: refused", i))
				case "unnamed":
					want = append(want, fmt.Sprintf("%d failed: one of them", i))
				default:
					want = append(want, good(i, i)...)
				}
			}
			if diff := cmp.Diff(want, out.rows); diff != "" {
				t.Fatal(diff)
			}
			if p := job.Progress(); p.Rows != int64(n) || p.Tokens != int64(n)-p.Failed {
				t.Fatalf("progress: %+v", p)
			}
		})
	})
}

func TestNoMoreThanAWindowOfTheInputIsReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &numbered{n: 10_000}
		out := &list{}
		most, written := 0, 0
		out.before = func() {
			synctest.Wait() // everything that can be read ahead has been
			rows.mu.Lock()
			defer rows.mu.Unlock()
			most, written = max(most, rows.read-written), written+1
		}
		e := &embedder{before: func(ctx context.Context, call int, _ []string) error {
			return wait(ctx, time.Duration(call%5)*time.Second)
		}}
		if err := (&corpus.Job{Rows: rows, Embedder: e, Output: out, Batch: 10, Concurrency: 4}).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if window := 10 * (2*4 + 3); most > window {
			t.Errorf("%d rows were in memory at once, more than %d", most, window)
		}
	})
}

func TestABusyServerIsAskedAgainWhenItSaidSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{before: func(_ context.Context, call int, _ []string) error {
			if call == 1 {
				f := fault.New(fault.Throttled, "busy")
				f.RetryAfter = 42 * time.Second
				return f
			}
			return nil
		}}
		start, out := time.Now(), &list{}
		if err := (&corpus.Job{Rows: &numbered{n: 3}, Embedder: e, Output: out}).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 42*time.Second {
			t.Errorf("it took %v, not the 42 s that were asked for", took)
		}
		if diff := cmp.Diff(good(1, 3), out.rows); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAServerThatStaysAwayIsGivenUpAfterTheTimeAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{before: func(_ context.Context, call int, _ []string) error {
			if call > 1 {
				return fault.New(fault.Unavailable, "nobody there")
			}
			return nil
		}}
		start, out := time.Now(), &list{}
		err := (&corpus.Job{Rows: &numbered{n: 30}, Embedder: e, Output: out, Batch: 10, Concurrency: 1, Patience: 5 * time.Minute}).Run(context.Background())
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "nothing was embedded for") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took < 4*time.Minute || took > 5*time.Minute {
			t.Errorf("it took %v", took)
		}
		if diff := cmp.Diff(good(1, 10), out.rows); diff != "" {
			t.Errorf("what was done is not kept: %s", diff)
		}
	})
}

func TestARefusalEndsTheJobAndKeepsWhatCameBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{before: func(ctx context.Context, call int, _ []string) error {
			if call == 3 {
				return fault.New(fault.Unauthenticated, "the key is not known")
			}
			return wait(ctx, time.Second) // the earlier ones are still on the way
		}}
		rows, out := &numbered{n: 1000}, &list{}
		err := (&corpus.Job{Rows: rows, Embedder: e, Output: out, Batch: 5, Concurrency: 3}).Run(context.Background())
		if fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("got %v", err)
		}
		for i, row := range out.rows {
			if row != good(i+1, i+1)[0] {
				t.Errorf("row %d: %s", i+1, row)
			}
		}
		if rows.read > 5*10 {
			t.Errorf("%d rows were read after the refusal", rows.read)
		}
	})
}

func TestARefusalDoesNotWaitForBatchesThatNobodyWillWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{before: func(ctx context.Context, _ int, texts []string) error {
			if texts[0] != "text 1" {
				return wait(ctx, time.Hour)
			}
			if err := wait(ctx, time.Second); err != nil { // the others are on the way
				return err
			}
			return fault.New(fault.Forbidden, "not you")
		}}
		start, out := time.Now(), &list{}
		err := (&corpus.Job{Rows: &numbered{n: 100}, Embedder: e, Output: out, Batch: 5, Concurrency: 3}).Run(context.Background())
		if fault.KindOf(err) != fault.Forbidden || time.Since(start) > time.Second || len(out.rows) > 0 {
			t.Errorf("got %v after %v and %q", err, time.Since(start), out.rows)
		}
	})
}

func TestTheErrorIsTheCauseAndNotWhatItStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{before: func(ctx context.Context, _ int, texts []string) error {
			if texts[0] == "text 1" {
				return fault.New(fault.Unavailable, "away for now")
			}
			if err := wait(ctx, 100*time.Millisecond); err != nil {
				return err
			}
			return fault.New(fault.Refused, "not you")
		}}
		err := (&corpus.Job{Rows: &numbered{n: 10}, Embedder: e, Output: &list{}, Batch: 5, Concurrency: 2}).Run(context.Background())
		if fault.KindOf(err) != fault.Refused {
			t.Errorf("got %v, want the refusal of the second batch", err)
		}
	})
}

func TestAnInterruptedJobFinishesWhatIsOnTheWayAndBeginsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(context.Background())
		e := &embedder{before: func(ctx context.Context, call int, _ []string) error {
			if call == 4 {
				interrupt()
			}
			return wait(ctx, 2*time.Second)
		}}
		out := &list{}
		err := (&corpus.Job{Rows: &numbered{n: 1000}, Embedder: e, Output: out, Batch: 5, Concurrency: 2}).Run(ctx)
		if fault.KindOf(err) != fault.Canceled {
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff(good(1, 20), out.rows); diff != "" {
			t.Error(diff)
		}
		if e.calls != 4 {
			t.Errorf("%d batches were sent", e.calls)
		}
	})
}

func TestAnInterruptedJobDoesNotWaitForeverForASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(context.Background())
		e := &embedder{before: func(ctx context.Context, call int, _ []string) error {
			if call == 1 {
				return nil
			}
			interrupt()
			return wait(ctx, time.Hour)
		}}
		start, out := time.Now(), &list{}
		err := (&corpus.Job{Rows: &numbered{n: 100}, Embedder: e, Output: out, Batch: 5, Concurrency: 1}).Run(ctx)
		if fault.KindOf(err) != fault.Canceled || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		if diff := cmp.Diff(good(1, 5), out.rows); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnInputThatBreaksOffEndsTheJobWithWhatWasRead(t *testing.T) {
	broken := errors.New("the disk is gone")
	rows := &breaking{numbered: numbered{n: 7}, err: broken}
	out := &list{}
	err := (&corpus.Job{Rows: rows, Embedder: &embedder{}, Output: out, Batch: 5}).Run(context.Background())
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(good(1, 7), out.rows); diff != "" {
		t.Error(diff)
	}
}

type breaking struct {
	numbered
	err error
}

func (b *breaking) Next() (corpus.Row, error) {
	row, err := b.numbered.Next()
	if err != nil {
		err = b.err
	}
	return row, err
}

func TestAReasonThatQuotesTheTextIsWrittenWithoutIt(t *testing.T) {
	e := &embedder{before: func(_ context.Context, _ int, texts []string) error {
		return &corpus.TextError{Index: 0, Reason: "refused: " + texts[0]}
	}}
	out := &list{}
	if err := (&corpus.Job{Rows: &numbered{n: 1}, Embedder: e, Output: out}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 failed: refused: [text]"}, out.rows); diff != "" {
		t.Error(diff)
	}
}
