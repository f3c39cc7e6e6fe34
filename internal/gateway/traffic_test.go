package gateway_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
)

func TestTwoThousandTitanTextsPassAtTheDocumentsDefaults(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, documented, nil))
		start := time.Now()
		texts := numbered(2048)
		resp, err := r.ask("titan", texts...)
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Vectors) != 2048 {
			t.Errorf("%d vectors", len(resp.Vectors))
		}
		if got := busiestMinute(r.calls()); got != 1500 {
			t.Errorf("the busiest minute held %d calls; 1,500 are allowed and can be spent at once", got)
		}
		if took := time.Since(start); took < time.Minute || took > 90*time.Second {
			t.Errorf("took %v", took)
		}
	}, emulator.WithLatency(80*time.Millisecond, 120*time.Millisecond))
}

// TestTheQuotaIsNeverOverrunAndNearlyUsedUp has many callers, faults that cause
// retries, and reloads, all at random. The emulator's clock is the judge.
func TestTheQuotaIsNeverOverrunAndNearlyUsedUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		perMinute := rapid.IntRange(5, 120).Draw(rt, "per minute")
		concurrent := rapid.IntRange(max(2, perMinute/20), 40).Draw(rt, "concurrent")
		slowest := rapid.IntRange(1, 1900).Draw(rt, "slowest answer in ms")
		faulty := rapid.SampledFrom([]float64{0, 0, 0.02, 0.1}).Draw(rt, "share of cut connections")
		reloads := rapid.IntRange(0, 3).Draw(rt, "reloads")
		seed := rapid.Uint64().Draw(rt, "seed")
		inVirtualTime(t, func(r *rig) {
			limits := limit.Limits{PerMinute: perMinute, Concurrent: concurrent}
			models := []gateway.Model{r.model("a", titan, limits, nil), r.model("b", "arn:aws:bedrock:us-east-1::foundation-model/"+titan, limits, nil)}
			r.set(models...)
			if faulty > 0 {
				if err := r.aws.Inject(emulator.Fault{Kind: emulator.FaultCut, Probability: faulty}); err != nil {
					r.t.Fatal(err)
				}
			}
			for i := range reloads {
				time.AfterFunc(time.Duration(i+1)*47*time.Second, func() { _ = r.SetModels(models) })
			}
			keepBusy(r, 3*time.Minute, seed)
			events := r.calls()
			if got := busiestMinute(events); got > perMinute {
				r.t.Fatalf("a rolling minute held %d calls, %d are allowed", got, perMinute)
			}
			for _, e := range events {
				if e.InFlight > concurrent {
					r.t.Fatalf("%d calls at once, %d allowed", e.InFlight, concurrent)
				}
			}
			if faulty == 0 {
				atLeast(r, events, perMinute, concurrent, slowest)
			}
		}, emulator.WithSeed(seed), emulator.WithLatency(time.Millisecond, time.Duration(slowest)*time.Millisecond))
	})
}

// keepBusy has two callers of either model ask for more than the quota gives.
func keepBusy(r *rig, d time.Duration, seed uint64) {
	end := time.Now().Add(d)
	var askers sync.WaitGroup
	for i := range 12 {
		chance := rand.New(rand.NewPCG(seed, uint64(i)))
		askers.Go(func() {
			for time.Now().Before(end) {
				_, err := r.ask([]string{"a", "b"}[i%2], numbered(1+chance.IntN(30))...)
				f := fault.From(err)
				switch {
				case f == nil, f.Kind == fault.Unavailable, f.Kind == fault.Invalid:
				case f.Kind == fault.Throttled:
					time.Sleep(min(f.RetryAfter, 5*time.Second))
				default:
					r.t.Errorf("%v", err)
					return
				}
			}
		})
	}
	askers.Wait()
	synctest.Wait()
}

// atLeast checks that 95 % of the quota was used over the whole minutes in which
// it could be: as long as the callers asked, and as fast as the connections allow.
func atLeast(r *rig, events []emulator.Event, perMinute, concurrent, slowest int) {
	possible := concurrent * 60_000 / max(1, slowest)
	if possible < 2*perMinute {
		return // connections, not the quota, were what was short
	}
	start := events[0].Time
	window := 3 * time.Minute
	used := 0
	for _, e := range events {
		if e.Time.Sub(start) < window {
			used++
		}
	}
	// Three minutes hold three bursts when a slot returns 60 s and an answer after its call.
	want := float64(3*perMinute) * 60 / (60 + float64(slowest)/1000)
	if float64(used) < 0.95*want {
		r.t.Fatalf("%d calls in three minutes; the quota allows %d", used, 3*perMinute)
	}
}

func TestAReloadKeepsTheWindow(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		limits := limit.Limits{PerMinute: 10, Concurrent: 40}
		r.set(r.model("titan", titan, limits, nil))
		if _, err := r.ask("titan", numbered(10)...); err != nil {
			t.Fatal(err)
		}
		r.set(r.model("renamed", titan, limits, nil))
		start := time.Now()
		if _, err := r.ask("renamed", numbered(1)...); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 59*time.Second {
			t.Errorf("after the reload a call went out within %v of ten others", took)
		}
	})
}

func TestCallsMadeBeforeTheAccountWasKnownCountForIt(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, limit.Limits{PerMinute: 10, Concurrent: 40}, nil))
		r.knowAccount("")
		if _, err := r.ask("titan", numbered(10)...); err != nil {
			t.Fatal(err)
		}
		r.knowAccount(account)
		if _, err := r.ask("titan", numbered(5)...); err != nil {
			t.Fatal(err)
		}
		if got := busiestMinute(r.calls()); got > 10 {
			t.Errorf("a minute held %d calls", got)
		}
	})
}

func TestModelsThatSpendOneQuotaShareItsSmallestLimit(t *testing.T) {
	profile := "arn:aws:bedrock:us-east-1:" + account + ":application-inference-profile/ab12cd34ef56"
	inVirtualTime(t, func(r *rig) {
		if _, err := r.aws.AddApplicationProfile("us-east-1", "ab12cd34ef56", cohere); err != nil {
			t.Fatal(err)
		}
		r.set(
			r.model("queries", cohere, limit.Limits{PerMinute: 20, Concurrent: 40}, map[string]string{"input_type": "search_query"}),
			r.model("tagged", profile, limit.Limits{PerMinute: 5, Concurrent: 40}, nil),
			r.model("by-arn", "arn:aws:bedrock:us-east-1::foundation-model/"+cohere, limit.Limits{PerMinute: 7, Concurrent: 40}, nil),
		)
		r.Prepare(r.t.Context(), caller.Local())
		var both sync.WaitGroup
		for _, name := range []string{"queries", "tagged", "by-arn"} {
			for range 8 {
				both.Go(func() {
					if _, err := r.ask(name, "a"); err != nil && fault.KindOf(err) != fault.Throttled {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
		}
		both.Wait()
		if got := busiestMinute(r.calls()); got > 5 {
			t.Errorf("a minute held %d calls of one quota; the smaller limit is 5", got)
		}
	})
}
