package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/usage"
)

// batchOnce tries batches again, as a process does that got no answer, also while
// its first attempt is still under way and after others wrote.
func batchOnce(t *testing.T, e Engine) {
	url := e.New(t)
	now := Now()
	stores := []*store.Store{Open(t, url), Open(t, url)}
	hour := Now().Truncate(time.Hour)
	batch := func(writer string, number int64) usage.Batch {
		return usage.Batch{Writer: writer, Number: number, Records: []usage.Record{record(hour, "a", writer)}}
	}
	requests := func() map[string]int64 {
		t.Helper()
		all, err := stores[0].Sums(t.Context(), usage.Query{}, usage.By{Key: true}, 0)
		must(t, err)
		of := map[string]int64{}
		for _, r := range all {
			of[r.Key] = r.Requests
		}
		return of
	}
	for number := range int64(3) {
		var work sync.WaitGroup
		for i := range 8 {
			work.Go(func() {
				if err := stores[i%2].AddBatch(t.Context(), batch([]string{"one", "two"}[i/2%2], number+1)); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
	}
	must(t, stores[0].AddBatch(t.Context(), batch("one", 2))) // from a connection that was held up
	if diff := cmp.Diff(map[string]int64{"one": 3, "two": 3}, requests()); diff != "" {
		t.Errorf("three batches of two processes (-want +got):\n%s", diff)
	}

	old, err := store.Open(t.Context(), url, store.Options{Now: func() time.Time { return now.Add(-25 * time.Hour) }})
	must(t, err)
	defer old.Close()
	recent, err := store.Open(t.Context(), url, store.Options{Now: func() time.Time { return now.Add(-23 * time.Hour) }})
	must(t, err)
	defer recent.Close()
	must(t, old.AddBatch(t.Context(), batch("old", 1)))
	must(t, recent.AddBatch(t.Context(), batch("recent", 1)))
	pruning, err := store.Open(t.Context(), url, store.Options{Now: func() time.Time { return now }})
	must(t, err)
	defer pruning.Close()
	if n, err := pruning.PruneUsage(t.Context(), time.Time{}, time.Time{}); n != 0 || err != nil {
		t.Errorf("%d sums were removed: %v", n, err)
	}
	must(t, stores[0].AddBatch(t.Context(), batch("old", 1)))
	must(t, stores[0].AddBatch(t.Context(), batch("recent", 1)))
	if diff := cmp.Diff(map[string]int64{"one": 3, "two": 3, "old": 2, "recent": 1}, requests()); diff != "" {
		t.Errorf("after a day (-want +got):\n%s", diff)
	}
}
