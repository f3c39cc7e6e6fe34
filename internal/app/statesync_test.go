package app

import (
	"context"
	"errors"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/tenant"
)

func TestModelsAreSetAnewForChangesOfEnvironmentsOnly(t *testing.T) {
	a, _, _ := bound(t)
	resets, ctx := 0, t.Context()
	a.state.changed = func() { resets++; a.reset() }
	organization := a.holder().Organization
	k, _, err := a.state.keys.Create(ctx, access.By{Principal: access.System()}, access.Input{Organization: organization, Name: "app"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.state.keys.Revoke(ctx, access.By{Principal: access.System()}, organization, k.ID, 0); err != nil {
		t.Fatal(err)
	}
	if resets != 0 {
		t.Errorf("a key that came and went had all models set anew %d times", resets)
	}
	models := []string{titanV2, "cohere.embed-english-v3"}
	if _, _, err := a.state.tenants.UpdateEnvironment(ctx, audit.System(), organization, "prod", tenant.EnvironmentPatch{Models: &models}); err != nil {
		t.Fatal(err)
	}
	if got := namesIn(a, organization); resets != 1 || len(got) != 3 {
		t.Errorf("a model that was enabled: set anew %d times, models %v", resets, got)
	}
	if err := a.state.tenants.DeleteEnvironment(ctx, audit.System(), organization, "prod", 0, true); err != nil {
		t.Fatal(err)
	}
	if got := namesIn(a, organization); resets != 2 || len(got) != 1 {
		t.Errorf("an environment that was deleted: set anew %d times, models %v", resets, got)
	}
}

func TestWhoWaitsForTheStateToBeReadMayLeaveAndTheStatusDoesNotWait(t *testing.T) {
	a, _, _ := bound(t)
	before := (&controlRooms{state: a.state, app: a}).Database()
	a.state.refreshing <- struct{}{} // a reading that hangs
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { left <- a.state.Refresh(ctx) }()
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left is told %v", err)
	}
	if d := (&controlRooms{state: a.state, app: a}).Database(); d.Revision != before.Revision || d.Revision == 0 || d.Err != nil {
		t.Errorf("the status is %+v", d)
	}
	<-a.state.refreshing
	if err := a.state.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
}
