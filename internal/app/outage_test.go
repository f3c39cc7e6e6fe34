package app

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/tenant"
)

const oneModel = `version: v1
kind: Spicepod
name: test
embeddings:
  - name: filed
    from: bedrock:amazon.titan-embed-text-v2:0
    params:
      environment: prod
`

// bound is an App with a model of a file and one of an environment, and its clock.
func bound(t *testing.T) (a *App, now *clock, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "spicepod.yaml")
	if err := os.WriteFile(file, []byte(oneModel), 0o600); err != nil {
		t.Fatal(err)
	}
	now = newClock()
	a, err := NewInProcess(Settings{Config: file, State: StateSettings{
		DataDir: t.TempDir(), Signing: Rotation{Algorithm: "ES256"}, Now: now.Now,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	_, _, err = a.state.tenants.CreateEnvironment(t.Context(), audit.System(), "default", tenant.EnvironmentInput{
		Name: "prod", Region: "us-east-1", RoleARN: "arn:aws:iam::111122223333:role/adit", Models: []string{titanV2},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, now, file
}

// namesIn are the models that a key of the organization sees.
func namesIn(a *App, organization string) []string {
	var names []string
	for _, m := range a.gateway.Models(caller.Caller{Organization: organization, Key: "key_any"}) {
		names = append(names, m.Name)
	}
	return names
}

func TestAReloadWhileTheDatabaseIsAwayLosesNoModelOfAnEnvironment(t *testing.T) {
	a, now, _ := bound(t)
	organization := a.holder().Organization
	want := []string{"filed", "prod/" + titanV2}
	if got := namesIn(a, organization); !slices.Equal(got, want) {
		t.Fatalf("before: %v", got)
	}
	now.advance(time.Hour) // the database has not answered for an hour
	if err := a.state.fresh(); err == nil {
		t.Fatal("the state is not old")
	}
	if err := a.Reload(); err != nil {
		t.Fatal(err)
	}
	if err := a.state.Refresh(t.Context()); err != nil { // it is back, and nothing in it has changed
		t.Fatal(err)
	}
	if got := namesIn(a, organization); !slices.Equal(got, want) {
		t.Errorf("after the outage: %v", got)
	}
	if _, _, of := a.environmentOf(a.inForce[0]); of == nil || of.ID == "prod" {
		t.Errorf("the file's model is bound to %+v", of)
	}
}

func TestTheFilesOrganizationKeepsItsModelsWhenItIsRenamed(t *testing.T) {
	a, _, _ := bound(t)
	organization := a.holder().Organization
	name := "acme"
	if _, err := a.state.tenants.UpdateOrganization(t.Context(), audit.System(), "default", tenant.OrganizationPatch{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if got := namesIn(a, organization); !slices.Contains(got, "filed") {
		t.Errorf("after the organization got another name its keys see %v", got)
	}
}

func TestADeletedOrganizationOfTheFileLocksNobodyOut(t *testing.T) {
	dir := t.TempDir()
	a := opened(t, dir)
	if _, err := a.state.tenants.CreateOrganization(t.Context(), audit.System(), tenant.OrganizationInput{Name: "acme"}); err != nil {
		t.Fatal(err)
	}
	if err := a.state.tenants.DeleteOrganization(t.Context(), audit.System(), "default", 0, true); err != nil {
		t.Fatal(err)
	}
	closed(t, a)
	a = opened(t, dir) // as the next command does, such as `adit org create default`
	closed(t, a)
	s := Settings{APIKeys: []secret.String{secret.New("a-key-of-the-settings")}, Listen: "127.0.0.1:0", State: StateSettings{DataDir: dir}}
	if a, err := New(s); fault.KindOf(err) != fault.Config {
		t.Errorf("a server whose keys belong to nobody: %v", errors.Join(err, a.Close()))
	}
}

func TestAnAccountThatAnEnvironmentOnlyNamesIsNotItsOwn(t *testing.T) {
	a, _, _ := bound(t)
	ctx := t.Context()
	stranger, err := a.state.tenants.CreateOrganization(ctx, audit.System(), tenant.OrganizationInput{Name: "stranger"})
	if err != nil {
		t.Fatal(err)
	}
	// Anybody may write anybody's account into a role ARN. Until the role has let us in, that says nothing.
	e, _, err := a.state.tenants.CreateEnvironment(ctx, audit.System(), stranger.ID, tenant.EnvironmentInput{
		Name: "prod", Region: "us-east-1", RoleARN: "arn:aws:iam::111122223333:role/not-mine", Models: []string{titanV2}, Limits: caller.Limits{PerMinute: 10_000_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := boundTo(e).Account; got != "" {
		t.Errorf("its limits would hold for account %s", got)
	}
	if e, err = a.state.tenants.Probed(ctx, audit.System(), e.ID, e.RoleARN, tenant.Safe, ""); err != nil {
		t.Fatal(err)
	}
	if got := boundTo(e).Account; got != "111122223333" {
		t.Errorf("a role that was seen to let us in, and nobody else, is of account %q", got)
	}
}
