package gateway_test

import (
	"net/http"
	"testing"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/gateway"
)

func TestARequestThatFailsIsChargedForItsCallsThatWentWell(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		var told []gateway.Spent
		r.SetMeter(func(_ caller.Caller, s gateway.Spent) { told = append(told, s) })
		one := r.ofEnvironment("org_a", "env_a", caller.Limits{})
		one.Limits.Concurrent = 1 // a call after the other, so that two are through when the third is refused
		r.set(one)
		c := caller.Caller{Organization: "org_a", Key: "key_a"}
		if err := r.askAs(c, "prod/"+titan, "text 0", "text 1"); err != nil {
			t.Fatal(err)
		}
		if err := r.aws.Inject(emulator.Fault{Kind: emulator.FaultStatus, Status: http.StatusForbidden, Code: "AccessDeniedException", Skip: 2}); err != nil {
			t.Fatal(err)
		}
		if err := r.askAs(c, "prod/"+titan, numbered(9)...); err == nil {
			t.Fatal("AWS refused a call, and the request went well")
		}
		well, failed := told[0], told[1]
		if failed.Err == nil || failed.Texts != 0 || failed.Tokens != well.Tokens || failed.Tokens == 0 {
			t.Errorf("two calls of nine went well: the meter was told %+v, and of a request of two calls %+v", failed, well)
		}
	})
}
