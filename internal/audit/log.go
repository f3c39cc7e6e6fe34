package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// Appender is what a [Log] writes to: the end of the chain.
type Appender interface {
	// AppendEvents writes the events at the end of the chain, in their order, all or none.
	AppendEvents(ctx context.Context, events []Event) error
}

// Settings of a [Log]. Zero values mean the defaults.
type Settings struct {
	// Capacity is how many events wait in memory while the database is away; 10,000 by default.
	Capacity int
	// Batch is how many events are written at once; 500 by default.
	Batch int
	// Retry is the pause after a failed write; a second by default.
	Retry time.Duration
	Now   func() time.Time
	Log   *slog.Logger
}

// Log takes the events that belong to no change and writes them soon, many at
// once. While the database is away they wait in memory, in their order; when
// the memory is full nothing is dropped: [Log.Record] refuses, and so does what
// would have been recorded. What waits when the process is killed is lost.
//
// An event is written at least once: twice only when the database wrote it and
// its answer was lost. A Log is safe for concurrent use.
type Log struct {
	store    Appender
	settings Settings
	wake     chan struct{} // holds one: something waits

	mu      sync.Mutex
	waiting []Event

	writing chan struct{} // one writer at a time keeps the order; holds one while somebody writes
}

// NewLog returns a log that writes to the store. Nothing is written before [Log.Run], [Log.Step] or [Log.Flush].
func NewLog(store Appender, s Settings) *Log {
	if s.Capacity <= 0 {
		s.Capacity = 10_000
	}
	if s.Batch <= 0 {
		s.Batch = 500
	}
	if s.Retry <= 0 {
		s.Retry = time.Second
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return &Log{store: store, settings: s, wake: make(chan struct{}, 1), writing: make(chan struct{}, 1)}
}

// Record takes an event, with the time of now if it has none. It does not wait
// for the database. A full log is a fault of kind Unavailable with the code
// "audit_unavailable".
func (l *Log) Record(_ context.Context, e Event) error {
	if e.Time.IsZero() {
		e.Time = l.settings.Now()
	}
	e = e.Clean() // here too: what waits is bounded, and shares no map with the caller
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= l.settings.Capacity {
		return l.full()
	}
	l.waiting = append(l.waiting, e)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

// Room reports whether there is room for another event, as [Log.Record] would.
// Ask before doing what must not go unrecorded.
func (l *Log) Room() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= l.settings.Capacity {
		return l.full()
	}
	return nil
}

// Waiting returns how many events are not written yet.
func (l *Log) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}

func (l *Log) full() error {
	return fault.New(fault.Unavailable, "what this does has to be recorded, and the audit cannot be written now").
		WithRemedy("Try again later; if it lasts, tell the administrator of the server.").
		WithDetail("the database has been away for so long that %d events wait in memory; nothing new that needs an event is done until it is back", l.settings.Capacity).
		WithCode("audit_unavailable")
}

// Run writes what is recorded until ctx ends. What then still waits is for [Log.Flush].
func (l *Log) Run(ctx context.Context) {
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		err := l.Flush(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			if failing {
				l.settings.Log.Info("the audit is written again")
			}
			failing = false
			continue
		}
		if !failing {
			l.settings.Log.Error("the audit cannot be written; events wait in memory", "error", err, "waiting", l.Waiting())
		}
		failing = true
		l.sleep(ctx)
	}
}

// sleep waits for the retry, and sees to it that the next turn comes.
func (l *Log) sleep(ctx context.Context) {
	timer := time.NewTimer(l.settings.Retry)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// Flush writes everything that waits. Call it before the process ends, with a
// context that still lives. What a failed write did not write goes on waiting.
func (l *Log) Flush(ctx context.Context) error {
	for {
		more, err := l.Step(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// Step writes one batch, and reports whether more waits.
func (l *Log) Step(ctx context.Context) (more bool, err error) {
	select {
	case l.writing <- struct{}{}:
	case <-ctx.Done():
		return true, ctx.Err()
	}
	defer func() { <-l.writing }()
	l.mu.Lock()
	n := min(len(l.waiting), l.settings.Batch)
	batch := l.waiting[:n:n]
	l.mu.Unlock()
	if n == 0 {
		return false, nil
	}
	if err := l.store.AppendEvents(ctx, batch); err != nil {
		return true, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = l.waiting[n:]
	if len(l.waiting) == 0 {
		l.waiting = nil // let the written ones go
	}
	return len(l.waiting) > 0, nil
}
