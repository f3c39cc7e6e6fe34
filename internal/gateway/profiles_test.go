package gateway_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
)

// tagged sets two models of one quota with 5 calls a minute: "base", and "tagged",
// which is an application inference profile of it.
func (r *rig) tagged() []gateway.Model {
	r.t.Helper()
	arn, err := r.aws.AddApplicationProfile("us-east-1", "ab12cd34ef56", cohere)
	if err != nil {
		r.t.Fatal(err)
	}
	five := limit.Limits{PerMinute: 5, Concurrent: 40}
	models := []gateway.Model{r.model("base", cohere, five, nil), r.model("tagged", arn, five, nil)}
	r.set(models...)
	return models
}

// spoil lets the next question for a profile fail or take its time.
func (r *rig) spoil(f emulator.Fault) {
	r.t.Helper()
	f.Operation, f.Count = "GetInferenceProfile", 1
	if err := r.aws.Inject(f); err != nil {
		r.t.Fatal(err)
	}
}

// askMany asks n times at once and waits for all.
func (r *rig) askMany(n int, names ...string) {
	r.t.Helper()
	var all sync.WaitGroup
	for _, name := range names {
		for range n {
			all.Go(func() {
				if _, err := r.ask(name, "a"); err != nil && fault.KindOf(err) != fault.Throttled {
					r.t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
	all.Wait()
}

func (r *rig) atMostFive() {
	r.t.Helper()
	if got := busiestMinute(r.calls()); got > 5 {
		r.t.Errorf("a minute held %d calls of one quota; 5 are allowed", got)
	}
}

var outage = emulator.Fault{Kind: emulator.FaultStatus, Status: 503}

func TestAProfileThatAWSDidNotTellOfAtFirstIsAskedForAgain(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.tagged()
		r.spoil(outage)
		r.Prepare(r.t.Context(), caller.Local())
		time.Sleep(time.Hour)
		r.askMany(5, "base", "tagged")
		r.atMostFive()
	})
}

func TestAClientThatLeavesDoesNotEndTheQuestionForAProfile(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.tagged()
		r.spoil(emulator.Fault{Kind: emulator.FaultDelay, Delay: 2 * time.Second})
		ctx, cancel := context.WithTimeout(r.t.Context(), time.Second)
		defer cancel()
		_, err := r.Embed(ctx, caller.Local(), gateway.Request{Model: "tagged", Texts: []string{"a"}})
		if fault.KindOf(err) != fault.Deadline {
			t.Errorf("the client that left: %v", err)
		}
		r.askMany(5, "base", "tagged")
		r.atMostFive()
		asked := 0
		for _, e := range r.aws.Trail() {
			if e.Operation == "GetInferenceProfile" {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("AWS was asked %d times for one profile", asked)
		}
	})
}

func TestAReloadKeepsWhatAWSToldOfAProfile(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		models := r.tagged()
		r.Prepare(r.t.Context(), caller.Local())
		r.askMany(5, "base")
		r.spoil(outage)
		r.set(models...)
		r.Prepare(r.t.Context(), caller.Local())
		r.askMany(5, "tagged")
		r.atMostFive()
	})
}

func TestWhatAProfileSpentOnItsOwnNameCountsOnceItsModelIsKnown(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.tagged()
		r.spoil(outage)
		r.askMany(3, "tagged")
		time.Sleep(31 * time.Second)
		r.askMany(1, "tagged")
		r.askMany(5, "base")
		r.atMostFive()
	})
}

func TestWhatAProfileSpentBeforeTheAccountWasKnownCountsToo(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.tagged()
		r.knowAccount("")
		r.spoil(outage)
		r.askMany(3, "tagged")
		r.knowAccount(account)
		r.askMany(1, "tagged")
		r.askMany(5, "base")
		r.atMostFive()
	})
}
