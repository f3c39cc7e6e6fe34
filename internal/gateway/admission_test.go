package gateway_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
)

func TestWhoHasNoMoneyLeftReachesNobodyAndIsCounted(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		asked := ""
		r.SetAdmission(func(c caller.Caller, environment string) error {
			asked = c.Key + " " + environment
			return fault.New(fault.Throttled, "the budget is spent").WithCode("budget_exceeded")
		})
		var told []gateway.Spent
		r.SetMeter(func(_ caller.Caller, s gateway.Spent) { told = append(told, s) })
		r.set(r.ofEnvironment("org_a", "env_a", caller.Limits{}))
		err := r.askAs(caller.Caller{Organization: "org_a", Key: "key_a"}, "prod/"+titan, "one")
		if fault.From(err).Code != "budget_exceeded" || asked != "key_a env_a" || len(r.calls()) != 0 {
			t.Errorf("%v; asked for %q; %d calls", err, asked, len(r.calls()))
		}
		if got, want := r.scraped(`adit_throttles_total{by="budget"`), `adit_throttles_total{by="budget",model="`+titan+`"} 1`; !strings.Contains(got, want) {
			t.Errorf("the metrics tell %q, want %q", got, want)
		}
		if len(told) != 1 || told[0].Err == nil || told[0].Texts != 0 || told[0].Region != "us-east-1" {
			t.Errorf("the meter was told %+v", told)
		}
	})
}
