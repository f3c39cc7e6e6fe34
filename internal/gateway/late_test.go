package gateway_test

import (
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/limit"
)

func TestARequestWhoseModelIsRemovedWhileItWaitsForCredentialsIsServedAllTheSame(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, limit.Limits{PerMinute: 3, Concurrent: 40}, nil))
		if _, err := r.ask("titan", "a"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		r.keys.takes.Store(int64(2 * time.Second))
		time.AfterFunc(time.Second, func() { r.set() })
		start := time.Now()
		if _, err := r.ask("titan", numbered(3)...); err != nil {
			t.Errorf("%v", err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("took %v; its limit of 3 a minute allows all three at once", took)
		}
	})
}
