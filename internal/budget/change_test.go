package budget_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

func ada() audit.Actor {
	return audit.Actor{Organization: orgA, Key: person, Name: "Ada", Address: "192.0.2.7"}
}

func TestABudgetIsMadeChangedAndRemovedWithItsEvents(t *testing.T) {
	c := noon()
	p := newReplica(t, c.now)
	b, err := p.Create(t.Context(), ada(), budget.Input{Organization: orgA, Target: "prod", Period: budget.Month, Soft: usd / 2, Hard: 50 * usd})
	if err != nil {
		t.Fatal(err)
	}
	want := budget.Budget{
		ID: b.ID, Organization: orgA, Target: prod, Period: budget.Month, Soft: usd / 2, Hard: 50 * usd, Created: c.now(), Updated: c.now(), Version: 1,
	}
	if d := cmp.Diff(want, b); d != "" || ident.Check(ident.Budget, b.ID) != nil {
		t.Errorf("made: %s", d)
	}
	c.pass(time.Hour)
	b, err = p.Update(t.Context(), ada(), orgA, b.ID, budget.Patch{Soft: pointer(int64(0)), Hard: pointer(60 * usd), Version: 1})
	want.Soft, want.Hard, want.Updated, want.Version = 0, 60*usd, c.now(), 2
	if d := cmp.Diff(want, b); d != "" || err != nil {
		t.Errorf("changed: %v %s", err, d)
	}
	if got, err := p.Budget(orgA, b.ID); err != nil || got != b {
		t.Errorf("read back: %+v %v", got, err)
	}
	if _, err := p.Update(t.Context(), ada(), orgA, b.ID, budget.Patch{Hard: pointer(60 * usd)}); err != nil {
		t.Errorf("a change of nothing: %v", err)
	}
	if err := p.Delete(t.Context(), ada(), orgA, b.ID, 0); err != nil {
		t.Fatal(err)
	}
	if list, err := p.Budgets(orgA); err != nil || len(list) != 0 {
		t.Errorf("after it was removed: %v %v", list, err)
	}
	var got []audit.Event
	for _, e := range p.store.Audit.Events() {
		if e.Actor != ada() || e.Target != b.ID || e.Organization != orgA || e.Outcome != "ok" {
			t.Errorf("an event of somebody else: %+v", e)
		}
		got = append(got, audit.Event{Action: e.Action, Details: e.Details})
	}
	if d := cmp.Diff([]audit.Event{
		{Action: "budget.create", Details: map[string]string{"period": "month", "target": prod, "soft_usd": "0.5", "hard_usd": "50"}},
		{Action: "budget.update", Details: map[string]string{
			"changed": "hard_usd,soft_usd", "old.hard_usd": "50", "new.hard_usd": "60", "old.soft_usd": "0.5", "new.soft_usd": "",
		}},
		{Action: "budget.delete", Details: map[string]string{"period": "month", "target": prod, "hard_usd": "60"}},
	}, got); d != "" {
		t.Error(d)
	}
}

func TestAllThatIsWrongWithABudgetIsToldAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		in    budget.Input
		wrong string
	}{
		"nothing is right":     {budget.Input{Target: "staging", Period: "week", Soft: -1, Hard: -1}, "target period soft_usd hard_usd"},
		"no bound":             {budget.Input{Period: budget.Day}, "hard_usd"},
		"soft is not below":    {budget.Input{Period: budget.Day, Soft: 5, Hard: 5}, "soft_usd"},
		"soft is above":        {budget.Input{Target: "<img onerror>", Period: budget.Day, Soft: 6, Hard: 5}, "target soft_usd"},
		"more than there is":   {budget.Input{Period: budget.Month, Hard: 1<<63 - 1}, "hard_usd"},
		"no period":            {budget.Input{Hard: 5}, "period"},
		"another's target":     {budget.Input{Organization: orgB, Target: prod, Period: budget.Day, Hard: 5}, "target"},
		"a very long target":   {budget.Input{Target: strings.Repeat("a", 100_000), Period: budget.Day, Hard: 5}, "target"},
		"a name that is no id": {budget.Input{Target: "\x00", Period: budget.Day, Hard: 5}, "target"},
	} {
		p := newReplica(t, noon().now)
		if c.in.Organization == "" {
			c.in.Organization = orgA
		}
		_, err := p.Create(t.Context(), ada(), c.in)
		var all fault.Inputs
		if !errors.As(err, &all) {
			all = fault.Inputs{err}
		}
		var fields []string
		for _, each := range all {
			f := fault.From(each)
			if f.Kind != fault.Invalid || f.Code != "invalid_input" || strings.ContainsAny(f.Message, "<\x00") {
				t.Errorf("%s: %+v", name, f)
			}
			fields = append(fields, f.Param)
		}
		if d := cmp.Diff(c.wrong, strings.Join(fields, " ")); d != "" {
			t.Errorf("%s: %v %s", name, err, d)
		}
		if len(p.store.Budgets()) != 0 {
			t.Errorf("%s: it was made all the same", name)
		}
	}
}

func TestAChangeThatLeavesNoSenseIsRefused(t *testing.T) {
	p := newReplica(t, noon().now)
	b := p.make("", budget.Day, 4*usd, 5*usd)
	for _, patch := range []budget.Patch{
		{Soft: pointer(5 * usd)}, {Hard: pointer(3 * usd)}, {Soft: pointer(int64(0)), Hard: pointer(int64(0))}, {Hard: pointer(int64(-1))},
	} {
		if _, err := p.Update(t.Context(), ada(), orgA, b.ID, patch); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", patch, err)
		}
	}
	if got, _ := p.Budget(orgA, b.ID); got != b {
		t.Errorf("and yet it is %+v", got)
	}
}

func TestThereIsOneBudgetForATargetAndPeriod(t *testing.T) {
	p := newReplica(t, noon().now)
	p.make("prod", budget.Day, 0, usd)
	p.make("prod", budget.Month, 0, usd)
	_, err := p.Create(t.Context(), ada(), budget.Input{Organization: orgA, Target: prod, Period: budget.Day, Hard: 2 * usd})
	if fault.From(err).Code != "budget_exists" {
		t.Errorf("a second one: %v", err)
	}
}

func TestAForeignBudgetIsNotThere(t *testing.T) {
	p := newReplica(t, noon().now)
	b := p.make("", budget.Day, 0, usd)
	_, read := p.Budget(orgB, b.ID)
	_, changed := p.Update(t.Context(), ada(), orgB, b.ID, budget.Patch{Hard: pointer(2 * usd)})
	_, none := p.Budget(orgA, "bud_000000000000000000000000")
	for _, err := range []error{read, changed, none, p.Delete(t.Context(), ada(), orgB, b.ID, 0)} {
		if f := fault.From(err); err == nil || f.Kind != fault.NotFound || f.Code != "budget_not_found" {
			t.Errorf("%v", err)
		}
	}
	if list, _ := p.Budgets(orgB); len(list) != 0 || len(p.store.Budgets()) != 1 {
		t.Errorf("%v", list)
	}
}

func TestAChangeThatAnotherReplicaCameBeforeIsMadeAnewOrRefused(t *testing.T) {
	p := newReplica(t, noon().now)
	b := p.make("", budget.Day, 0, usd)
	other := p.another()
	if _, err := other.Update(t.Context(), ada(), orgA, b.ID, budget.Patch{Soft: pointer(usd / 2)}); err != nil {
		t.Fatal(err)
	}
	got, err := p.Update(t.Context(), ada(), orgA, b.ID, budget.Patch{Hard: pointer(2 * usd)})
	if err != nil || got.Soft != usd/2 || got.Hard != 2*usd || got.Version != 3 {
		t.Errorf("%+v %v", got, err)
	}
	_, err = other.Update(t.Context(), ada(), orgA, b.ID, budget.Patch{Hard: pointer(3 * usd), Version: 1})
	if fault.From(err).Code != "conflict" {
		t.Errorf("for a version that is gone: %v", err)
	}
	if err := other.Delete(t.Context(), ada(), orgA, b.ID, 0); err != nil {
		t.Errorf("removing what was changed meanwhile: %v", err)
	}
	if _, err = p.Update(t.Context(), ada(), orgA, b.ID, budget.Patch{Hard: pointer(3 * usd)}); fault.From(err).Code != "budget_not_found" {
		t.Errorf("of what was removed meanwhile: %v", err)
	}
}

func TestAnOldConfigurationAndADatabaseThatIsAwayAreToldAndNothingChanges(t *testing.T) {
	old := fault.New(fault.Unavailable, "old").WithCode("stale")
	stale := false
	p := newReplica(t, noon().now, func(s *budget.Settings) {
		s.Fresh = func() error {
			if stale {
				return old
			}
			return nil
		}
		s.Target = func(organization, name string) (string, string, error) {
			if name == "test" {
				return "", "", old
			}
			return target(organization, name)
		}
	})
	b := p.make("", budget.Day, 0, usd)
	_, err := p.Create(t.Context(), ada(), budget.Input{Organization: orgA, Target: "test", Period: budget.Day, Hard: 1})
	if !errors.Is(err, old) {
		t.Errorf("a target that cannot be looked for: %v", err)
	}
	stale = true
	_, created := p.Create(t.Context(), ada(), budget.Input{Organization: orgA, Period: budget.Month, Hard: 1})
	_, updated := p.Update(t.Context(), ada(), orgA, b.ID, budget.Patch{Hard: pointer(2 * usd)})
	_, listed := p.Budgets(orgA)
	for _, err := range []error{created, updated, listed, p.Delete(t.Context(), ada(), orgA, b.ID, 0)} {
		if !errors.Is(err, old) {
			t.Errorf("%v", err)
		}
	}
	stale = false
	p.store.Before = func() error { return old }
	if _, err := p.Create(t.Context(), ada(), budget.Input{Organization: orgA, Period: budget.Month, Hard: 1}); !errors.Is(err, old) {
		t.Errorf("%v", err)
	}
	if list, _ := p.Budgets(orgA); len(list) != 1 || list[0] != b {
		t.Errorf("%v", list)
	}
}

func TestAChangeThatCannotBeReadBackIsMade(t *testing.T) {
	p := newReplica(t, noon().now, func(s *budget.Settings) {
		s.Refresh = func(context.Context) error { return errors.New("away") }
	})
	p.make("", budget.Day, 0, usd)
	if len(p.store.Budgets()) != 1 {
		t.Error("it is not there")
	}
}

func TestBudgetsAreListedTheWholeOrganizationsFirst(t *testing.T) {
	p := newReplica(t, noon().now)
	for _, target := range []string{"test", "ci", "", "prod"} {
		p.make(target, budget.Month, 0, usd)
		p.make(target, budget.Day, 0, usd)
	}
	list, err := p.Budgets(orgA)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range list {
		got = append(got, b.Target+" "+string(b.Period))
	}
	if d := cmp.Diff([]string{" day", " month", prod + " day", prod + " month", test + " day", test + " month", ci + " day", ci + " month"}, got); d != "" {
		t.Error(d)
	}
}
