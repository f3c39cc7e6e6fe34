package corpus

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// Rows gives rows in order, then io.EOF.
type Rows interface{ Next() (Row, error) }

// Output takes what became of each row, in the order of the input.
type Output interface {
	// Vector takes a row and its vector as JSON.
	Vector(Row, []byte) error
	// Failure takes a row that has none, and why.
	Failure(row Row, reason string) error
}

// Job embeds all rows of an input. Make one with the fields filled in and call
// Run once.
type Job struct {
	Rows     Rows
	Embedder Embedder
	Output   Output
	// Batch is how many texts are sent at once; 0 means 96, what a Cohere call takes.
	Batch int
	// Concurrency is how many batches are on the way at once; 0 means 8.
	Concurrency int
	// Patience is how long the job waits for one batch to get through while the
	// server is busy or out of reach; 0 means 10 minutes.
	Patience time.Duration
	// Grace is how long batches on the way may take to finish after the context
	// has ended; 0 means 10 seconds.
	Grace time.Duration

	counts counts
}

// batchBytes bounds a batch of long texts: well below the 32 MiB that a server
// takes by default, and so that a window of batches fits into memory.
const batchBytes = 2 << 20

// Run embeds until the rows end and returns nil, even when rows failed. An
// error means that the rest was not done: the input could not be read on, the
// embedder refused to go on, the output could not be written, or ctx ended
// (a fault of kind Canceled). What came out until then is whole: every row up
// to the last one that Output got.
func (j *Job) Run(ctx context.Context) error {
	j.defaults()
	sending, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	stop := make(chan struct{})
	var once sync.Once
	var cause error // the first in time: what it stops may come before it in the order
	halt := func(err error) { once.Do(func() { cause = err; close(stop) }) }
	end := context.AfterFunc(ctx, func() {
		halt(errStopped())
		time.AfterFunc(j.Grace, giveUp)
	})
	defer end()

	order := make(chan *batch, 2*j.Concurrency) // as read: the writer's
	todo := make(chan *batch)                   // the senders'
	var tasks sync.WaitGroup
	tasks.Go(func() {
		defer close(order)
		defer close(todo)
		j.read(order, todo, stop)
	})
	for range j.Concurrency {
		tasks.Go(func() {
			for b := range todo {
				if stopped(stop) {
					b.err = errStopped() // it was not begun: nobody waits for it
				} else if b.err = b.embed(sending, j, stop); b.err != nil {
					halt(b.err)
				}
				close(b.done)
			}
		})
	}
	err := j.write(order, halt, giveUp)
	tasks.Wait()
	if err != nil {
		return cause // set by now: the writer halts with its error at the latest
	}
	if ctx.Err() != nil && !j.counts.whole.Load() {
		return errStopped()
	}
	return nil
}

func (j *Job) defaults() {
	if j.Batch <= 0 {
		j.Batch = 96
	}
	if j.Concurrency <= 0 {
		j.Concurrency = 8
	}
	if j.Patience <= 0 {
		j.Patience = 10 * time.Minute
	}
	if j.Grace <= 0 {
		j.Grace = 10 * time.Second
	}
	j.counts.begin()
}

// read cuts the rows into batches. A batch is known to the writer before it is
// sent, so that there are never more than the writer's window.
func (j *Job) read(order, todo chan<- *batch, stop <-chan struct{}) {
	for {
		rows, err := j.gather(stop)
		if len(rows) > 0 {
			b := newBatch(rows)
			select {
			case order <- b:
			case <-stop:
				return
			}
			select {
			case todo <- b:
			case <-stop:
				b.err = errStopped()
				close(b.done)
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			j.counts.whole.Store(true)
			return
		case err != nil:
			b := newBatch(nil)
			b.err = err
			close(b.done)
			select {
			case order <- b:
			case <-stop:
			}
			return
		}
	}
}

// gather reads the rows of one batch; an error comes with those before it.
func (j *Job) gather(stop <-chan struct{}) ([]Row, error) {
	var rows []Row
	bytes := 0
	for len(rows) < j.Batch && bytes < batchBytes {
		if stopped(stop) {
			return nil, errStopped()
		}
		row, err := j.Rows.Next()
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
		bytes += len(row.Text)
	}
	return rows, nil
}

// write hands finished batches to the output in the order they were read, up
// to the first that did not finish.
func (j *Job) write(order <-chan *batch, halt func(error), giveUp func()) error {
	var first error
	for b := range order {
		<-b.done
		if first != nil {
			continue
		}
		if first = b.err; first == nil {
			first = j.put(b)
		}
		if first != nil {
			halt(first)
			giveUp() // whatever comes after it is not written
		}
	}
	return first
}

func (j *Job) put(b *batch) error {
	for i, row := range b.rows {
		var err error
		if b.reasons[i] != "" {
			err = j.Output.Failure(row, b.reasons[i])
		} else {
			err = j.Output.Vector(row, b.vectors[i])
		}
		if err != nil {
			return fault.Wrap(err, fault.Config, "the output cannot be written: %v", err).WithRemedy("Look for room on the disk and at the permissions.")
		}
		j.counts.wrote(row, b.reasons[i] != "")
	}
	j.counts.tokens.Add(int64(b.tokens))
	return nil
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
