package roster_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/roster"
)

func TestTheLatestUseOfEachIsWrittenOnceAndNoneIsLost(t *testing.T) {
	var u roster.Uses
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	u.Note("a", at(5))
	u.Note("a", at(3))
	u.Note("b", at(1))

	down := errors.New("the database is gone")
	if err := u.Flush(t.Context(), func(context.Context, map[string]time.Time) error { return down }); !errors.Is(err, down) {
		t.Fatalf("a failed write: %v", err)
	}
	shown := u.Over(map[string]time.Time{"b": at(9), "c": at(2), "foreign": at(2)}, []string{"a", "b", "c", "never"})
	if want := map[string]time.Time{"a": at(5), "b": at(9), "c": at(2)}; !maps.Equal(shown, want) {
		t.Errorf("shown %v, want %v", shown, want)
	}
	u.Note("b", at(4))

	var written []map[string]time.Time
	write := func(_ context.Context, all map[string]time.Time) error {
		written = append(written, all)
		return nil
	}
	for range 2 {
		if err := u.Flush(t.Context(), write); err != nil {
			t.Fatal(err)
		}
	}
	if want := map[string]time.Time{"a": at(5), "b": at(4)}; len(written) != 1 || !maps.Equal(written[0], want) {
		t.Errorf("written %v, want %v once", written, want)
	}
}
