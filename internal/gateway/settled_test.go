package gateway_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
)

func TestWhatIsKnownOfAQuotaIsNotWorkedOutAnewByEveryFirstCall(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		wide, narrow := r.ofEnvironment("org_a", "env_a", caller.Limits{}), r.ofEnvironment("org_a", "env_b", caller.Limits{})
		narrow.Name, narrow.Limits.PerMinute = "other/"+titan, 100
		c := caller.Caller{Organization: "org_a", Key: "key_a"}
		told := func() int {
			return strings.Count(r.log.String(), "models that share one AWS quota have different limits")
		}
		for range 3 { // each change of any environment sets all models anew
			r.set(wide, narrow)
			for _, m := range []gateway.Model{wide, narrow} {
				if err := r.askAs(c, m.Name, "a text"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := told(); n != 1 {
			t.Errorf("one conflict of limits was told %d times", n)
		}
		narrow.Limits.PerMinute = 90
		if r.set(wide, narrow); told() != 2 {
			t.Errorf("another conflict was told %d times", told()-1)
		}
	})
}

func TestTheLimitOfAKeyIsNotForItsHolderToRaise(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.ofEnvironment("org_a", "env_a", caller.Limits{}))
		tight := caller.Caller{Organization: "org_a", Key: "key_tight", Limits: caller.Limits{PerMinute: 2}}
		err := r.askAs(tight, "prod/"+titan, numbered(50)...)
		if err == nil || strings.Contains(fault.From(err).Remedy, "AWS account") || !strings.Contains(fault.From(err).Remedy, "administrator") {
			t.Errorf("fifty calls of a key that may make two a minute: %v", err)
		}
	})
}
