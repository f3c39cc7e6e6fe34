package control

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/usage"
)

// chained verifies the chain of a real store.
type chained struct {
	*store.Store
	chain *audit.Chain
}

func (c chained) Prune(ctx context.Context, before time.Time) (audit.Checkpoint, error) {
	return c.PruneBefore(ctx, before)
}

func (c chained) Verify(ctx context.Context) (audit.Verification, error) {
	return audit.Verify(ctx, c.Store, c.chain)
}

// kept are replies in a real store.
type kept struct{ *store.Store }

func (k kept) Remember(ctx context.Context, key, fingerprint []byte, at time.Time) (Reply, bool, error) {
	was, claimed, err := k.Store.Remember(ctx, key, fingerprint, at)
	return Reply{Fingerprint: was.Fingerprint, Status: was.Status, Body: was.Body}, claimed, err
}

// realServer is a server over the real rooms and a database; what speaks to AWS stays
// a fake. It returns an operator's key, and who signs people in.
func realServer(t *testing.T, file string) (http.Handler, string, *signin.Registry) {
	t.Helper()
	return realServerOn(t, file, func(st *store.Store) rows { return st })
}

// rows are where the rooms of what is configured write.
type rows interface {
	tenant.Store
	access.Store
	trust.Store
	budget.Store
}

// realServerOn is realServer whose rooms write through what on makes of the database.
func realServerOn(t *testing.T, file string, on func(*store.Store) rows) (http.Handler, string, *signin.Registry) {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, "sqlite:"+file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	chain := audit.NewChain(bytes.Repeat([]byte{1}, 32))
	st.UseChain(chain)

	var tenants *tenant.Registry
	var keys *access.Registry
	var trusted *trust.Registry
	var budgets *budget.Registry
	refresh := func(ctx context.Context) error {
		now, err := st.Snapshot(ctx)
		if err == nil {
			tenants.Set(now.Organizations, now.Environments)
			keys.Set(now.Keys)
			trusted.Set(now.Trusted)
			budgets.Set(now.Budgets)
		}
		return err
	}
	written := on(st)
	tenants = tenant.NewRegistry(tenant.Settings{Store: written, Refresh: refresh})
	keys, err = access.NewRegistry(access.Settings{Store: written, Pepper: bytes.Repeat([]byte{2}, 32), Tenants: tenants, Refresh: refresh})
	if err != nil {
		t.Fatal(err)
	}
	trusted = trust.New(trust.Settings{Store: written, Tenants: tenants, Refresh: refresh})
	budgets = budget.New(budget.Settings{
		Store: written, Refresh: refresh, Spent: func(context.Context, usage.Query) (usage.Counts, error) { return usage.Counts{Cost: 2e9}, nil },
		Target: func(organization, idOrName string) (id, name string, err error) {
			e, err := tenants.Environment(organization, idOrName)
			return e.ID, e.Name, err
		},
	})
	people, err := signin.New(signin.Settings{Store: st, Key: bytes.Repeat([]byte{3}, 32), Organizations: tenants, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	_, operator, err := keys.Create(ctx, access.By{Principal: access.System()}, access.Input{Name: "first", Roles: []access.Role{access.Operator}})
	if err != nil {
		t.Fatal(err)
	}
	s := newWorld().settings()
	s.Access, s.Keys, s.Organizations, s.Environments, s.Activity, s.Acceptances = keys, keys, tenants, tenants, tenants, tenants
	s.Audit, s.Reports, s.Now = chained{st, chain}, st, time.Now
	s.People, s.Trusted, s.Budgets, s.Replies = people, trusted, budgets, kept{st}
	return New(s), operator.Reveal(), people
}

func TestAnEngineerMakesAnOrganizationAnEnvironmentAndAKeyAndTheAuditTellsIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "adit.db")
	h, operatorSecret, _ := realServer(t, file)
	c, ctx := serve(t, h, operatorSecret), t.Context()

	org, err := c.CreateOrganization(ctx, wire.OrganizationInput{Name: "research"})
	if err != nil {
		t.Fatal(err)
	}
	env, err := c.CreateEnvironment(ctx, "research", wire.EnvironmentInput{Name: "prod", EndpointURL: "eu-central-1", APIKey: "arn:aws:iam::111122223333:role/adit"})
	if err != nil || env.Subject != "env:"+org.ID+":"+env.ID || env.State != "pending" || env.SessionSeconds != 3600 || env.Region != "eu-central-1" {
		t.Fatalf("%+v %v", env, err)
	}
	_, err = c.CreateEnvironment(ctx, "research", wire.EnvironmentInput{Name: "prod", Region: "eu-central-1"})
	if f := fault.From(err); f == nil || f.Code != "name_taken" {
		t.Errorf("%v", err)
	}
	_, err = c.CreateEnvironment(ctx, "research", wire.EnvironmentInput{Name: "Prod!", Region: "the moon", RoleARN: "no", SessionSeconds: 1})
	for _, field := range []string{"name: ", "region: ", "role_arn: ", "session"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%q is not among the faults: %v", field, err)
		}
	}
	change, err := c.EnableModel(ctx, org.ID, env.ID, "amazon.titan-embed-text-v2:0")
	if err != nil || change.Environment.Version <= env.Version || change.Environment.InvokeNames[0] != "prod/amazon.titan-embed-text-v2:0" {
		t.Fatalf("%+v %v", change, err)
	}
	made, err := c.CreateKey(ctx, "research", wire.KeyInput{Name: "team/ci", Roles: []string{"developer"}, Environments: []string{"prod"}, Tags: map[string]string{"team": "ml"}})
	if err != nil || len(made.Key.Environments) != 1 || made.Key.Environments[0] != env.ID {
		t.Fatalf("%+v %v", made.Key, err)
	}
	if _, err := c.Key(ctx, "research", "team/ci"); err != nil {
		t.Error("a name with a slash is not found:", err)
	}

	developer := serve(t, h, made.Secret)
	if got, err := developer.Environment(ctx, "research", "prod"); err != nil || got.ID != env.ID {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := developer.CreateEnvironment(ctx, "research", wire.EnvironmentInput{Name: "mine", Region: "eu-central-1"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a developer made an environment: %v", err)
	}
	other, err := c.CreateEnvironment(ctx, "research", wire.EnvironmentInput{Name: "secret", Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := developer.Environment(ctx, "research", other.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a key of prod sees secret: %v", err)
	}
	if got := collected(t, developer.Environments(ctx, "research")); len(got) != 1 {
		t.Errorf("a key of prod is told of %d environments", len(got))
	}

	rotated, err := c.RotateKey(ctx, "research", "team/ci", wire.RotationInput{})
	if err != nil || len(rotated.Key.Secrets) != 2 || rotated.Secret == made.Secret {
		t.Fatalf("%+v %v", rotated.Key, err)
	}
	if err := c.RevokeKey(ctx, "research", "team/ci"); err != nil {
		t.Fatal(err)
	}
	if _, err := developer.WhoAmI(ctx); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("a revoked key is still known: %v", err)
	}
	checkAudit(t, c, org.ID)
	checkNoSecret(t, filepath.Dir(file), operatorSecret, made.Secret, rotated.Secret)
}

// checkAudit wants one event for every change, in order, and a sound chain.
func checkAudit(t *testing.T, c *client.Client, org string) {
	t.Helper()
	var actions []string
	for _, e := range collected(t, c.ExportEvents(t.Context(), client.AuditFilter{Organization: org})) {
		actions = append(actions, e.Action)
	}
	want := "organization.create environment.create environment.update apikey.create environment.create apikey.rotate apikey.revoke"
	if got := strings.Join(actions, " "); got != want {
		t.Errorf("the audit tells\n%s, want\n%s", got, want)
	}
	if v, err := c.VerifyAudit(t.Context()); err != nil || !v.Sound || v.Rows < 8 {
		t.Errorf("%+v %v", v, err)
	}
}

// checkNoSecret looks for the secret part of keys in all files of a folder.
func checkNoSecret(t *testing.T, dir string, keys ...string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if _, secretPart, ok := strings.Cut(strings.TrimPrefix(k, "adit_"), "_"); !ok || bytes.Contains(b, []byte(secretPart[:40])) {
				t.Errorf("%s holds an API key's secret", f.Name())
			}
		}
	}
}
