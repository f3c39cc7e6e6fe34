package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/store"
)

func answerStories() []story {
	return []story{
		{"of many requests with one key one is answered", oneClaims},
		{"an answer is given again for a day", answerLife},
		{"a claim whose request failed, or whose server died, is free again", claimFreed},
	}
}

func oneClaims(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	for _, key := range [][]byte{{0, 1}, {0, 2}, {0, 3}} {
		var claimed atomic.Int64
		var work sync.WaitGroup
		for i := range 6 {
			work.Go(func() {
				r, mine, err := stores[i%2].Remember(t.Context(), key, []byte("asked"), Now())
				if err != nil || string(r.Fingerprint) != "asked" || r.Status != 0 {
					t.Errorf("%+v, %v", r, err)
				}
				if mine {
					claimed.Add(1)
				}
			})
		}
		work.Wait()
		if n := claimed.Load(); n != 1 {
			t.Errorf("%d of 6 claimed the key", n)
		}
	}
}

func wantRemembered(t *testing.T, s *store.Store, key string, at time.Time, want store.Remembered, claimed bool) {
	t.Helper()
	got, mine, err := s.Remember(t.Context(), []byte(key), []byte("asked now"), at)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" || mine != claimed {
		t.Errorf("claimed: %v, want %v; what is remembered (-want +got):\n%s", mine, claimed, diff)
	}
}

func answerLife(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	claim := store.Remembered{Fingerprint: []byte("asked now"), At: Now()}
	wantRemembered(t, s, "a", Now(), claim, true)
	must(t, s.Answer(t.Context(), []byte("a"), 201, []byte{'{', 0, 255}))
	must(t, s.Answer(t.Context(), []byte("a"), 500, nil)) // the first one stays
	must(t, s.Release(t.Context(), []byte("a")))
	claim.Status, claim.Body = 201, []byte{'{', 0, 255}
	const day = 24 * time.Hour
	wantRemembered(t, s, "a", Now().Add(time.Hour), claim, false)
	wantRemembered(t, s, "a", Now().Add(day-time.Microsecond), claim, false)
	wantRemembered(t, s, "a", Now().Add(day), store.Remembered{Fingerprint: []byte("asked now"), At: Now().Add(day)}, true)
	must(t, s.Answer(t.Context(), []byte("never"), 200, nil))
}

func claimFreed(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	claim := store.Remembered{Fingerprint: []byte("asked now"), At: Now()}
	wantRemembered(t, s, "a", Now(), claim, true)
	wantRemembered(t, s, "a", Now().Add(time.Minute), claim, false)
	must(t, s.Release(t.Context(), []byte("a")))
	claim.At = Now().Add(2 * time.Minute)
	wantRemembered(t, s, "a", claim.At, claim, true)
	wantRemembered(t, s, "a", claim.At.Add(10*time.Minute-time.Microsecond), claim, false)
	later := claim
	later.At = claim.At.Add(10 * time.Minute)
	wantRemembered(t, s, "a", later.At, later, true)
}
