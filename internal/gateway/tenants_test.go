package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
)

// askAs embeds one text for a caller.
func (r *rig) askAs(c caller.Caller, name string, texts ...string) error {
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	resp, err := r.Embed(ctx, c, gateway.Request{Model: name, Texts: texts})
	if err == nil {
		resp.Release()
	}
	return err
}

// ofEnvironment is a model of an organization's environment.
func (r *rig) ofEnvironment(organization, environment string, limits caller.Limits) gateway.Model {
	m := r.model("prod/"+titan, titan, documented, nil)
	m.Organization, m.Also, m.Label = organization, environment+"/"+titan, titan
	m.Environment = &gateway.Environment{ID: environment, Account: account, Limits: limits}
	return m
}

func TestAModelOfAnotherOrganizationIsLikeOneThatDoesNotExist(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.ofEnvironment("org_a", "env_a", caller.Limits{}), r.ofEnvironment("org_b", "env_b", caller.Limits{}))
		a := caller.Caller{Organization: "org_a", Key: "key_a", Name: "a"}
		for name, ok := range map[string]bool{"prod/" + titan: true, "env_a/" + titan: true, "env_b/" + titan: false, "absent": false} {
			err := r.askAs(a, name, "a text")
			if ok != (err == nil) || !ok && fault.KindOf(err) != fault.NotFound {
				t.Errorf("asking for %s: %v", name, err)
			}
		}
		foreign, absent := r.askAs(a, "env_b/"+titan, "a text"), r.askAs(a, "env_c/"+titan, "a text")
		if foreign.Error() != absent.Error() {
			t.Errorf("a foreign model and an absent one differ:\n%v\n%v", foreign, absent)
		}
		if got := r.Models(caller.Caller{Organization: "org_c"}); len(got) != 0 {
			t.Errorf("an organization without models sees %v", got)
		}
	})
}

func TestAKeyUsesOnlyTheEnvironmentsAndModelsThatItIsAllowed(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.ofEnvironment("org_a", "env_a", caller.Limits{}))
		narrow := caller.Caller{Organization: "org_a", Key: "key_a", Environments: []string{"env_other"}}
		if err := r.askAs(narrow, "prod/"+titan, "a text"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a key without the environment: %v", err)
		}
		if got := r.Models(narrow); len(got) != 0 {
			t.Errorf("it sees %v", got)
		}
		named := caller.Caller{Organization: "org_a", Key: "key_b", Models: []string{"env_a/" + titan}}
		if err := r.askAs(named, "prod/"+titan, "a text"); err != nil {
			t.Errorf("a key that names the model by its environment's id: %v", err)
		}
		named.Models = []string{"prod/" + cohere}
		if err := r.askAs(named, "prod/"+titan, "a text"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a key without the model: %v", err)
		}
	})
}

func TestLimitsOfEnvironmentAndKeyHoldInsideTheAccounts(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.ofEnvironment("org_a", "env_a", caller.Limits{PerMinute: 5}))
		free := caller.Caller{Organization: "org_a", Key: "key_free"}
		tight := caller.Caller{Organization: "org_a", Key: "key_tight", Limits: caller.Limits{PerMinute: 2}}
		if err := r.askAs(tight, "prod/"+titan, "one", "two"); err != nil {
			t.Fatal(err)
		}
		err := r.askAs(tight, "prod/"+titan, "three", "four", "five")
		if err == nil || !strings.Contains(err.Error(), "the separate limit of the API key") {
			t.Errorf("a third, fourth and fifth call within a minute of a key that may make two: %v", err)
		}
		if s := r.Rate(tight, "prod/"+titan); s.Limit != 2 || s.Remaining != 0 {
			t.Errorf("its rate headers would say %+v", s)
		}
		if err := r.askAs(free, "prod/"+titan, "one", "two", "three"); err != nil {
			t.Fatal(err)
		}
		err = r.askAs(free, "prod/"+titan, numbered(6)...)
		if err == nil || !strings.Contains(err.Error(), "the separate limit of the environment") {
			t.Errorf("more calls than the environment may make: %v", err)
		}
	})
}

func TestTheMeterIsToldWhoSpentWhat(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		var told []gateway.Spent
		r.SetMeter(func(c caller.Caller, s gateway.Spent) {
			if c.Key != "key_a" {
				t.Errorf("the meter was told of %s", c.Key)
			}
			told = append(told, s)
		})
		r.set(r.ofEnvironment("org_a", "env_a", caller.Limits{}))
		c := caller.Caller{Organization: "org_a", Key: "key_a"}
		if err := r.askAs(c, "prod/"+titan, "one", "two"); err != nil {
			t.Fatal(err)
		}
		_ = r.askAs(c, "prod/"+titan, strings.Repeat("long ", 20_000))
		if len(told) != 2 || told[0].Texts != 2 || told[0].Tokens == 0 || told[0].Environment != "env_a" || told[0].Model != titan || told[1].Err == nil || told[1].Texts != 0 {
			t.Errorf("the meter was told %+v", told)
		}
	})
}

func TestAnEnvironmentsLimitMayRaiseWhatIsOnlyAssumedOfItsAccount(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		assumed := func(environment string, perMinute int) gateway.Model {
			m := r.ofEnvironment("org_a", environment, caller.Limits{PerMinute: perMinute})
			m.Name = environment + "/" + titan
			m.Assumed, m.Limits.PerMinute = true, max(5, perMinute)
			return m
		}
		stated := r.model("titan", titan, documented, nil)
		stated.Organization, stated.Limits.PerMinute = "org_a", 3
		stated.Environment = &gateway.Environment{ID: "env_file", Account: account}
		c := caller.Caller{Organization: "org_a", Key: "key_a"}
		for _, step := range []struct {
			models []gateway.Model
			most   int
		}{
			{[]gateway.Model{assumed("env_small", 0)}, 5},
			{[]gateway.Model{assumed("env_small", 0), assumed("env_large", 20)}, 20},
			{[]gateway.Model{assumed("env_large", 20), stated}, 3},
		} {
			r.set(step.models...)
			if err := r.askAs(c, step.models[0].Name, "a text"); err != nil {
				t.Fatal(err)
			}
			if got := r.Rate(c, step.models[0].Name).Limit; got != step.most && step.models[0].Environment.Limits.PerMinute != 20 {
				t.Errorf("with %d models the account's limit is %d, want %d", len(step.models), got, step.most)
			}
			time.Sleep(2 * time.Minute)
		}
	})
}
