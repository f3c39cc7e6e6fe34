package tenant_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// TestARemedysCommandFindsTheEnvironmentWhereItIs: without --org a command would
// look in "default".
func TestARemedysCommandFindsTheEnvironmentWhereItIs(t *testing.T) {
	s := newServer(t)
	home := s.organization("default")
	in := tenant.EnvironmentInput{Name: "prod", Region: "us-east-1"}
	made, _, err := s.CreateEnvironment(t.Context(), admin(), home.ID, in)
	if got := fault.From(made.Usable()).Remedy; err != nil || !strings.Contains(got, "`adit aws setup --environment prod`") {
		t.Errorf("in default: %q %v", got, err)
	}
	roleless, _, err := s.CreateEnvironment(t.Context(), admin(), s.acme.ID, in)
	if err != nil {
		t.Fatal(err)
	}
	pending := s.environment("pending")
	unsafe := s.probed(s.environment("unsafe").ID, tenant.Open)
	for command, e := range map[string]tenant.Environment{
		"`adit aws setup --environment prod --org acme`":     roleless,
		"`adit aws verify --environment pending --org acme`": pending,
		"`adit aws setup --environment unsafe --org acme`":   unsafe,
	} {
		if got := fault.From(e.Usable()).Remedy; !strings.Contains(got, command) {
			t.Errorf("%q is not in %q", command, got)
		}
	}
	if _, err := s.UpdateOrganization(t.Context(), admin(), s.acme.ID, tenant.OrganizationPatch{Name: ptr("research")}); err != nil {
		t.Fatal(err)
	}
	renamed := s.read(roleless.ID)
	if got := fault.From(renamed.Usable()).Remedy; !strings.Contains(got, "--environment prod --org research`") {
		t.Errorf("in an organization of another name by now: %q", got)
	}
}
