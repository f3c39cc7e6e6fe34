package telemetry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/google/go-cmp/cmp"
)

func TestTheStopwatchBooksTimeOnceHoweverManyCallsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := telemetry.StartStopwatch()
		time.Sleep(1 * time.Second) // own
		s.WaitBegins()
		s.WaitBegins()
		time.Sleep(2 * time.Second) // both wait
		s.WaitEnds()
		s.CallBegins()
		time.Sleep(4 * time.Second) // one at AWS, one waits
		s.WaitEnds()
		s.CallBegins()
		time.Sleep(8 * time.Second) // both at AWS
		s.CallEnds()
		s.CallEnds()
		time.Sleep(16 * time.Second) // own

		got := s.Spent()
		want := telemetry.Spent{Total: 31 * time.Second, AWS: 12 * time.Second, Queued: 2 * time.Second}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got.Own() != 17*time.Second {
			t.Errorf("own = %v, want 17s", got.Own())
		}
	})
}

func TestNoStopwatchMeasuresNothing(t *testing.T) {
	var s *telemetry.Stopwatch
	s.CallBegins()
	s.CallEnds()
	s.WaitBegins()
	s.WaitEnds()
	if got := s.Spent(); got != (telemetry.Spent{}) {
		t.Errorf("got %v", got)
	}
}
