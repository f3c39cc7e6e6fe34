package roster_test

import (
	"fmt"
	"testing"

	"github.com/adit-hq/adit/internal/roster"
)

// BenchmarkNew makes a roster of 10,000 things of 100 organizations, which every
// change has every replica do.
func BenchmarkNew(b *testing.B) {
	things := make([]thing, 10_000)
	for i := range things {
		things[i].Entry = roster.Entry{ID: fmt.Sprintf("id_%024d", i), Organization: fmt.Sprintf("org_%d", i%100), Name: fmt.Sprintf("name-%d", (i*7919)%10_000)}
	}
	b.ReportAllocs()
	for b.Loop() {
		roster.New(things, entry)
	}
}

func BenchmarkFind(b *testing.B) {
	things := make([]thing, 10_000)
	for i := range things {
		things[i].Entry = roster.Entry{ID: fmt.Sprintf("id_%024d", i), Name: fmt.Sprintf("name-%d", i)}
	}
	r := roster.New(things, entry)
	b.ReportAllocs()
	for b.Loop() {
		if r.Find("", "name-4711") == nil || r.ByID("id_000000000000000000004711") == nil {
			b.Fatal("not found")
		}
	}
}
