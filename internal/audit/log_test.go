package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func targets(s *audittest.Store) (list []string) {
	for _, e := range s.Events() {
		list = append(list, e.Target)
	}
	return list
}

func TestWhatIsRecordedIsWrittenSoonAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := audittest.New()
		l := audit.NewLog(s, audit.Settings{Batch: 7})
		ctx, end := context.WithCancel(t.Context())
		go l.Run(ctx)
		for i := range 100 {
			if err := l.Record(ctx, event(i)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		got := targets(s)
		if len(got) != 100 {
			t.Fatalf("%d events written", len(got))
		}
		for i, target := range got {
			if target != fmt.Sprintf("env_%d", i) {
				t.Fatalf("event %d is %s", i, target)
			}
		}
		end()
		synctest.Wait()
	})
}

func TestWhileTheDatabaseIsAwayEventsWaitAndThenNewOnesAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := audittest.New()
		var away atomic.Bool
		away.Store(true)
		s.Fail = func() error {
			if away.Load() {
				return errors.New("connection refused")
			}
			return nil
		}
		l := audit.NewLog(s, audit.Settings{Capacity: 10, Batch: 3})
		ctx, end := context.WithCancel(t.Context())
		go l.Run(ctx)
		for i := range 10 {
			if err := l.Record(ctx, event(i)); err != nil {
				t.Fatal(err)
			}
		}
		for _, err := range []error{l.Record(ctx, event(10)), l.Room()} {
			if f := fault.From(err); f == nil || f.Kind != fault.Unavailable || f.Code != "audit_unavailable" {
				t.Errorf("a full log answers %v", err)
			}
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		away.Store(false)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := targets(s); len(got) != 10 || got[0] != "env_0" || got[9] != "env_9" {
			t.Errorf("written after the return: %v", got)
		}
		if err := l.Room(); err != nil {
			t.Errorf("there is room again, but: %v", err)
		}
		end()
		synctest.Wait()
	})
}

func TestFlushWritesWhatRunLeft(t *testing.T) {
	s := audittest.New()
	now := time.Date(2026, 1, 2, 3, 4, 5, 6789, time.FixedZone("x", 3600))
	l := audit.NewLog(s, audit.Settings{Batch: 3, Now: func() time.Time { return now }})
	for range 8 {
		if err := l.Record(t.Context(), audit.Event{Action: "token.mint"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	events := s.Events()
	if len(events) != 8 || l.Waiting() != 0 {
		t.Fatalf("%d written, %d waiting", len(events), l.Waiting())
	}
	if want := now.UTC().Truncate(time.Microsecond); events[0].Time != want {
		t.Errorf("time %v, want %v", events[0].Time, want)
	}
}

func TestAFailedFlushLosesNothing(t *testing.T) {
	s := audittest.New()
	s.Fail = func() error { return errors.New("away") }
	l := audit.NewLog(s, audit.Settings{})
	if err := l.Record(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(t.Context()); err == nil || l.Waiting() != 1 {
		t.Errorf("%v, %d waiting", err, l.Waiting())
	}
	s.Fail = nil
	if err := l.Flush(t.Context()); err != nil || len(s.Events()) != 1 {
		t.Errorf("%v, %d written", err, len(s.Events()))
	}
}

func TestARecordedEventSharesNoMapWithWhoRecordedIt(t *testing.T) {
	s := audittest.New()
	l := audit.NewLog(s, audit.Settings{})
	e := event(1)
	if err := l.Record(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e.Details["new.region"] = "changed later"
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.Events()[0].Details["new.region"]; got != "eu-west-1" {
		t.Errorf("written: %q", got)
	}
}

// hanging holds every write until its context ends.
type hanging struct{}

func (hanging) AppendEvents(ctx context.Context, _ []audit.Event) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestWhoCannotWaitLeavesAWriterThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := audit.NewLog(hanging{}, audit.Settings{})
		ctx, end := context.WithCancel(t.Context())
		go l.Run(ctx)
		if err := l.Record(ctx, event(1)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		short, over := context.WithTimeout(t.Context(), time.Second)
		defer over()
		if err := l.Flush(short); !errors.Is(err, context.DeadlineExceeded) || l.Waiting() != 1 {
			t.Errorf("%v with %d waiting, want one that waits after a second", err, l.Waiting())
		}
		end()
		synctest.Wait()
	})
}
