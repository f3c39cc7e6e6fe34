package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/store"
)

// TestAPruningThatIsInterruptedLeavesASoundChainAndTheNextGoesOn cuts one off in
// its second piece.
func TestAPruningThatIsInterruptedLeavesASoundChainAndTheNextGoesOn(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		ctx, cancel := context.WithCancel(t.Context())
		pieces := 0
		s, err := store.Open(ctx, e.New(t), store.Options{Now: func() time.Time { // asked with every piece
			if pieces++; pieces == 2 {
				cancel()
			}
			return Now()
		}})
		must(t, err)
		defer s.Close()
		s.UseChain(Chain())
		const all, old = 6000, 5000
		for from := 0; from < all; from += 500 {
			batch := make([]audit.Event, 500)
			for i := range batch {
				batch[i] = Event("", "e")
				if from+i >= old {
					batch[i].Time = Now().AddDate(0, 0, 1)
				}
			}
			must(t, s.AppendEvents(t.Context(), batch))
		}

		p, err := s.PruneBefore(ctx, Now().AddDate(0, 0, 1))
		if !errors.Is(err, context.Canceled) || p.Seq == 0 || p.Seq >= old {
			t.Errorf("it came to row %d: %v", p.Seq, err)
		}
		wantSound(t, s, all-p.Seq)
		must(t, s.AppendEvents(t.Context(), []audit.Event{Event("", "between")}))
		if p, err = s.PruneBefore(t.Context(), Now().AddDate(0, 0, 1)); err != nil || p.Seq != old {
			t.Errorf("the next one came to row %d: %v", p.Seq, err)
		}
		wantSound(t, s, all-old+1)
	})
}
