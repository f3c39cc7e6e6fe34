package limit_test

import (
	"context"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/limit"
)

// wide are limits that no benchmark reaches.
var wide = map[limit.Key]limit.Limits{titan: {PerMinute: 1 << 40, Concurrent: 1 << 30}}

// one plans, acquires, ends and closes one call.
func one(b *testing.B, l *limit.Limiter, deadline time.Time) {
	p, err := l.Plan(titan, limit.Limits{}, "ann", 1, deadline)
	if err != nil {
		b.Fatal(err)
	}
	lease, err := p.Acquire(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	lease.Done(limit.NotSent)
	p.Close()
}

func BenchmarkOneCallOnAnIdleQuota(b *testing.B) {
	l := limit.New(nil)
	l.Configure(wide)
	deadline := time.Now().Add(time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		one(b, l, deadline)
	}
}

func BenchmarkOneCallFromManyGoroutines(b *testing.B) {
	l := limit.New(nil)
	l.Configure(wide)
	deadline := time.Now().Add(time.Hour)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			one(b, l, deadline)
		}
	})
}

// BenchmarkARefusalWithALongQueue is what a flood costs: 10,000 requests wait,
// and the next one does not fit.
func BenchmarkARefusalWithALongQueue(b *testing.B) {
	l := limit.New(nil)
	l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 1500, Concurrent: 40}})
	for i := range 10_000 {
		if _, err := l.Plan(titan, limit.Limits{}, string(rune('a'+i%16)), 1, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
	deadline := time.Now().Add(5 * time.Minute)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Plan(titan, limit.Limits{}, "q", 1, deadline); err == nil {
			b.Fatal("admitted")
		}
	}
}
