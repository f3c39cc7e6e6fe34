package app

import (
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// TestWhatAnotherReplicaJustMadeIsNotDeletedUnasked: the one that deletes has not
// heard of it yet.
func TestWhatAnotherReplicaJustMadeIsNotDeletedUnasked(t *testing.T) {
	aws, db := newAWS(t), sharedSQLite(t)
	start := func() *replica {
		return startReplica(t, aws, func(s *Settings) {
			shared(db, t.TempDir())(s)
			s.State.Poll = time.Hour
		})
	}
	one := start()
	lab := one.organization("lab")
	prod, free := one.environment("lab", "prod"), one.environment("lab", "free")
	two := start()
	key, err := OperatorKey(one.settings.State.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	two.control = two.clientOf(key)
	refused := func(what string, err error, names string) {
		t.Helper()
		if f := fault.From(err); f == nil || f.Code != "in_use" || !strings.Contains(f.Error(), names) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := two.control.CreateKey(t.Context(), "lab", wire.KeyInput{Name: "search", Roles: []string{"invoke"}, Environments: []string{"prod"}}); err != nil {
		t.Fatal(err)
	}
	refused("an environment of a key", one.control.DeleteEnvironment(t.Context(), lab, prod.ID, false), "the API key search")
	two.trusts("lab", wire.TrustedIssuerInput{Name: "ci", IssuerURL: "https://ci.example.com", Subject: "job:lab", Environments: []string{"free"}})
	refused("an environment of a trusted issuer", one.control.DeleteEnvironment(t.Context(), lab, free.ID, false), "the trusted issuer ci")
	if err := one.control.DistrustIssuer(t.Context(), "lab", "ci"); err != nil {
		t.Fatal(err)
	}
	if err := one.control.DeleteEnvironment(t.Context(), lab, free.ID, false); err != nil {
		t.Error(err)
	}
	empty := one.organization("empty")
	if err := two.state.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	two.environment("empty", "late")
	refused("an organization", one.control.DeleteOrganization(t.Context(), empty, false), "environment late")
	two.environment("empty", "later")
	if err := one.control.DeleteOrganization(t.Context(), empty, true); err != nil {
		t.Fatal(err)
	}
	told := 0
	for row, err := range one.control.Events(t.Context(), client.AuditFilter{Action: "environment.delete"}) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Organization == empty {
			told++
		}
	}
	if told != 2 {
		t.Errorf("the audit tells of %d deleted environments, want 2", told)
	}
}
