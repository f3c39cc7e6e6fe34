package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/price"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/usage"
)

// The world of these tests: two organizations with an environment and a key
// each, kept in memory by fakes that remember what they were asked to change.
const (
	ours, theirs       = "org_aaaaaaaaaaaaaaaaaaaaaaaa", "org_bbbbbbbbbbbbbbbbbbbbbbbb"
	ourEnv, theirEnv   = "env_aaaaaaaaaaaaaaaaaaaaaaaa", "env_bbbbbbbbbbbbbbbbbbbbbbbb"
	ourKey, theirKey   = "key_aaaaaaaaaaaaaaaaaaaaaaaa", "key_bbbbbbbbbbbbbbbbbbbbbbbb"
	operatorKey        = "key_cccccccccccccccccccccccc"
	operatorPerson     = "usr_cccccccccccccccccccccccc"
	ourPerson          = "usr_aaaaaaaaaaaaaaaaaaaaaaaa"
	theirPerson        = "usr_bbbbbbbbbbbbbbbbbbbbbbbb"
	ourIssuer          = "tru_aaaaaaaaaaaaaaaaaaaaaaaa"
	theirIssuer        = "tru_bbbbbbbbbbbbbbbbbbbbbbbb"
	ourBudget          = "bud_aaaaaaaaaaaaaaaaaaaaaaaa"
	theirBudget        = "bud_bbbbbbbbbbbbbbbbbbbbbbbb"
	absentOrganization = "org_dddddddddddddddddddddddd"
)

func start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// world is all rooms at once, as fakes.
type world struct {
	mu            sync.Mutex
	organizations []tenant.Organization
	environments  []tenant.Environment
	keys          []access.Key
	events        []audit.Row
	recorded      []audit.Event
	changes       []string // what was asked to change
	usage         []usage.Record
	fail          error // what changes answer
	exchange      error
	probe         federation.Verdict
	verdicts      []wire.Step
	listed        int
	whole         bool  // AWS refuses no part of a listing
	broken        error // Rows after the first call
	rows          int
	people        []signin.Person
	trusted       []trust.Issuer
	problems      map[string]string // of trusted issuers, by id
	budgets       []budget.Budget
	spent         map[string]int64 // of budgets, by id
	down          error            // the database
	callables     []wire.CallableModel
	walk          func(ctx context.Context) error
	during        func() // a change
}

func newWorld() *world {
	w := &world{probe: federation.Refuses}
	for _, o := range []struct{ org, name, env, key, person, issuer, budget string }{
		{ours, "ours", ourEnv, ourKey, ourPerson, ourIssuer, ourBudget}, {theirs, "theirs", theirEnv, theirKey, theirPerson, theirIssuer, theirBudget},
	} {
		w.trusted = append(w.trusted, trust.Issuer{
			ID: o.issuer, Organization: o.org, Name: "ci", URL: "https://token.actions.githubusercontent.com", Subject: "repo:acme/search:*", Created: start(), Updated: start(), Version: 1,
		})
		w.budgets = append(w.budgets, budget.Budget{ID: o.budget, Organization: o.org, Target: o.env, Period: budget.Day, Soft: 4e9, Hard: 5e9, Created: start(), Updated: start(), Version: 1})
		w.people = append(w.people, signin.Person{
			ID: o.person, Login: "ada." + o.name, Name: "Ada of " + o.name, Password: "canary-hash", Created: start(), Updated: start(), Version: 1,
			Roles: []signin.Membership{{Organization: o.org, Role: access.Developer}},
		})
		w.organizations = append(w.organizations, tenant.Organization{ID: o.org, Name: o.name, Created: start(), Updated: start(), Version: 1})
		w.environments = append(w.environments, tenant.Environment{
			ID: o.env, Organization: o.org, OrganizationName: o.name, Name: "prod", Provider: "bedrock", Region: "eu-central-1", RoleARN: "arn:aws:iam::111122223333:role/adit",
			Audiences: []string{"bedrock", "other"}, Session: time.Hour, SessionName: tenant.ByKey, State: tenant.Ready, Created: start(), Updated: start(), Version: 1,
		})
		w.keys = append(w.keys, access.Key{ID: o.key, Organization: o.org, Name: "app", Roles: []access.Role{access.Invoke}, Created: start(), Version: 1, Secrets: []access.Secret{{MAC: []byte("canary-mac"), Created: start()}}})
	}
	w.people = append(w.people, signin.Person{ID: operatorPerson, Login: "root", Name: "Root", Created: start(), Updated: start(), Version: 1, Roles: []signin.Membership{{Role: access.Operator}}})
	w.keys = append(w.keys, access.Key{ID: operatorKey, Name: "operator", Roles: []access.Role{access.Operator}, Created: start(), Version: 1})
	return w
}

// Authenticate takes "ROLE@ORGANIZATION" for a key; "operator" has no organization.
func (w *world) Authenticate(_ context.Context, presented string) (access.Principal, error) {
	role, org, _ := strings.Cut(presented, "@")
	if !slices.Contains(access.Roles(), access.Role(role)) {
		return access.Principal{}, fault.New(fault.Unauthenticated, "the API key is not valid").WithCode("invalid_api_key")
	}
	return access.Principal{Key: access.Key{ID: "key_" + role, Organization: org, Name: role, Roles: []access.Role{access.Role(role)}}}, nil
}

func (w *world) Organization(idOrName string) (tenant.Organization, error) {
	for _, o := range w.organizations {
		if o.ID == idOrName || o.Name == idOrName {
			return o, nil
		}
	}
	return tenant.Organization{}, fault.New(fault.NotFound, "there is no such organization").WithCode("organization_not_found")
}
func (w *world) Organizations() ([]tenant.Organization, error) { return w.organizations, nil }

func (w *world) changed(what string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes = append(w.changes, what)
	if during := w.during; during != nil {
		w.mu.Unlock()
		defer w.mu.Lock()
		during()
	}
	return w.fail
}

func (w *world) CreateOrganization(_ context.Context, by audit.Actor, in tenant.OrganizationInput) (tenant.Organization, error) {
	return tenant.Organization{ID: absentOrganization, Name: in.Name, Description: in.Description, Version: 1}, w.changed("create organization " + in.Name + " by " + by.Key)
}
func (w *world) UpdateOrganization(_ context.Context, _ audit.Actor, id string, p tenant.OrganizationPatch) (tenant.Organization, error) {
	o, err := w.Organization(id)
	if p.Description != nil {
		o.Description = *p.Description
	}
	return o, errors.Join(err, w.changed("update organization "+id))
}
func (w *world) DeleteOrganization(_ context.Context, _ audit.Actor, id string, _ int64, _ bool) error {
	return w.changed("delete organization " + id)
}

func (w *world) Environment(org, idOrName string) (tenant.Environment, error) {
	for _, e := range w.environments {
		if e.Organization == org && (e.ID == idOrName || e.Name == idOrName) {
			return e, nil
		}
	}
	return tenant.Environment{}, fault.New(fault.NotFound, "there is no such environment").WithCode("environment_not_found")
}
func (w *world) Environments(org string) (out []tenant.Environment, _ error) {
	for _, e := range w.environments {
		if e.Organization == org {
			out = append(out, e)
		}
	}
	return out, nil
}
func (w *world) CreateEnvironment(_ context.Context, _ audit.Actor, org string, in tenant.EnvironmentInput) (tenant.Environment, []string, error) {
	region, role := in.Region+in.EndpointURL, in.RoleARN+in.APIKey
	return tenant.Environment{ID: "env_new", Organization: org, Name: in.Name, Region: region, RoleARN: role, Models: in.Models, Session: in.Session, State: tenant.Pending}, []string{"think twice"}, w.changed("create environment " + in.Name)
}
func (w *world) UpdateEnvironment(_ context.Context, _ audit.Actor, _, id string, p tenant.EnvironmentPatch) (tenant.Environment, []string, error) {
	if err := w.changed("update environment " + id); err != nil {
		return tenant.Environment{}, nil, err
	}
	for i := range w.environments {
		if e := &w.environments[i]; e.ID == id {
			if p.Models != nil {
				e.Models = *p.Models
			}
			return *e, nil, nil
		}
	}
	return tenant.Environment{}, nil, fault.New(fault.NotFound, "there is no such environment")
}
func (w *world) DeleteEnvironment(_ context.Context, _ audit.Actor, _, id string, _ int64, _ bool) error {
	return w.changed("delete environment " + id)
}
func (w *world) Activity(context.Context, string, []string) (map[string]tenant.Activity, error) {
	return map[string]tenant.Activity{ourEnv: {Exchanged: start(), Outcome: "ok", Succeeded: start()}}, nil
}
func (w *world) Accept(_ context.Context, _ audit.Actor, id, reason string) (tenant.Environment, error) {
	i := slices.IndexFunc(w.environments, func(e tenant.Environment) bool { return e.ID == id })
	e := w.environments[i]
	e.Accepted = &tenant.Acceptance{Reason: reason}
	return e, w.changed("accept " + id + " because " + reason)
}

func (w *world) Keys(org string) (out []access.Key, _ error) {
	for _, k := range w.keys {
		if k.Organization == org {
			out = append(out, k)
		}
	}
	return out, nil
}
func (w *world) Key(org, idOrName string) (access.Key, error) {
	for _, k := range w.keys {
		if k.Organization == org && (k.ID == idOrName || k.Name == idOrName) {
			return k, nil
		}
	}
	return access.Key{}, fault.New(fault.NotFound, "there is no such API key").WithCode("key_not_found")
}
func (w *world) LastUsed(context.Context, string) (map[string]time.Time, error) {
	return map[string]time.Time{ourKey: start()}, nil
}
func (w *world) Create(_ context.Context, _ access.By, in access.Input) (access.Key, secret.String, error) {
	return access.Key{ID: "key_new", Organization: in.Organization, Name: in.Name, Roles: in.Roles}, secret.New("adit_shown_once"), w.changed("create key " + in.Name)
}
func (w *world) Update(_ context.Context, _ access.By, org, key string, p access.Patch) (access.Key, error) {
	k, err := w.Key(org, key)
	if p.Expires != nil {
		k.Expires = *p.Expires
	}
	return k, errors.Join(err, w.changed("update key "+key))
}
func (w *world) Rotate(_ context.Context, _ access.By, org, key string, overlap time.Duration) (access.Key, secret.String, error) {
	k, err := w.Key(org, key)
	return k, secret.New("adit_shown_once"), errors.Join(err, w.changed("rotate key "+key+" over "+overlap.String()))
}
func (w *world) Revoke(_ context.Context, _ access.By, org, key string, _ int64) error {
	_, err := w.Key(org, key)
	return errors.Join(err, w.changed("revoke key "+key))
}

func (w *world) Exchange(_ context.Context, e tenant.Environment, _ caller.Caller) (federation.Exchange, credential.Credentials, error) {
	x := federation.Exchange{Environment: e.ID, RoleARN: e.RoleARN, Subject: "env:" + e.Organization + ":" + e.ID, Calls: 1, Outcome: "ok", Session: "adit-" + e.ID}
	if w.exchange != nil {
		x.Outcome = "AccessDenied"
		return x, credential.Credentials{}, w.exchange
	}
	return x, credential.Credentials{AccessKeyID: "canary-id", SecretAccessKey: secret.New("canary-secret"), SessionToken: secret.New("canary-token"), Account: "111122223333"}, nil
}
func (w *world) Settle(ctx context.Context, e tenant.Environment, c caller.Caller) (federation.Exchange, credential.Credentials, error) {
	return w.Exchange(ctx, e, c)
}
func (w *world) Probe(context.Context, tenant.Environment) (federation.Probe, error) {
	return federation.Probe{Verdict: w.probe, At: start(), Exchange: federation.Exchange{Calls: 1}}, nil
}
func (w *world) List(context.Context, tenant.Environment, caller.Caller) (bedrock.Listing, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listed++
	var warnings []bedrock.ListWarning
	if !w.whole {
		warnings = []bedrock.ListWarning{{Operation: "ListCustomModels", Message: "custom models are missing"}}
	}
	return bedrock.Listing{Read: start(), Models: []bedrock.ListedModel{
		{ID: "amazon.titan-embed-text-v2:0", Origin: bedrock.Foundation, Family: "titan-text", Access: bedrock.Access{State: bedrock.Granted}},
		{ID: "vendor.big", Origin: bedrock.Foundation, Access: bedrock.Access{State: bedrock.AgreementNeeded, Why: "the account has no agreement for it"}},
	}, Warnings: warnings}, nil
}
func (w *world) Walk(ctx context.Context, _ tenant.Environment, _ caller.Caller, _ bool, report func(wire.Step)) error {
	for _, s := range w.verdicts {
		report(s)
	}
	if w.walk != nil {
		return w.walk(ctx)
	}
	return nil
}
func (w *world) Rows(_ context.Context, q audit.Query) (out []audit.Row, _ error) {
	if w.rows++; w.broken != nil && w.rows > 1 {
		return nil, w.broken
	}
	rows := slices.Clone(w.events)
	if q.Newest {
		slices.Reverse(rows)
	}
	for _, r := range rows {
		past := q.After != 0 && (!q.Newest && r.Seq <= q.After || q.Newest && r.Seq >= q.After)
		if past || q.Organization != nil && r.Organization != *q.Organization || !strings.HasPrefix(r.Action, q.Action) {
			continue
		}
		if out = append(out, r); len(out) == q.Limit {
			break
		}
	}
	return out, nil
}
func (w *world) Prune(_ context.Context, before time.Time) (audit.Checkpoint, error) {
	return audit.Checkpoint{Seq: 3, At: before}, nil
}

func (w *world) Verify(context.Context) (audit.Verification, error) {
	return audit.Verification{Sound: true, Rows: int64(len(w.events))}, nil
}
func (w *world) Record(_ context.Context, e audit.Event) error {
	w.recorded = append(w.recorded, e)
	return w.fail
}
func (w *world) Sums(_ context.Context, q usage.Query, by usage.By, _ int) ([]usage.Record, error) {
	var out []usage.Record
	for _, r := range w.usage {
		if either(q.Organization, r.Organization) && either(q.Key, r.Key) && !r.Hour.Before(q.From) && r.Hour.Before(q.To) {
			out = append(out, r)
		}
	}
	return usage.Rollup(out, by), nil
}
func (w *world) Database() Database {
	return Database{Kind: "sqlite", Revision: 7, Seen: start().Add(-time.Second), Err: w.down}
}

// provider is the issuer, and keys its keys.
type provider struct{}

func (provider) URL() string { return "https://adit.example.com" }
func (provider) Documents() (discovery, jwks []byte, err error) {
	return []byte(`{"issuer":"https://adit.example.com"}`), []byte(`{"keys":[]}`), nil
}
func (provider) LastFetch() map[string]time.Time { return map[string]time.Time{"jwks": start()} }
func (provider) Mint(_ context.Context, c issuer.Claims) (issuer.Token, error) {
	return issuer.Token{Compact: secret.New("header.claims.signature"), Subject: "env:" + c.Organization + ":" + c.Environment, Audience: c.Audience, KID: "kid-1", JTI: "tok_1"}, nil
}

func (provider) IsOwn(token string) bool { return strings.HasPrefix(token, "eyJ") }

type signingKeys struct{ w *world }

func (signingKeys) Keys(string) []signing.Key {
	return []signing.Key{{ID: "kid-1", State: signing.Active, Algorithm: "RS256", Created: start(), Sealed: []byte("canary-sealed")}}
}
func (signingKeys) Ripens(k signing.Key) time.Time              { return k.Created.Add(24 * time.Hour) }
func (signingKeys) Rotates(k signing.Key) time.Time             { return k.Activated.Add(720 * time.Hour) }
func (signingKeys) Leaves(k signing.Key) time.Time              { return k.Demoted.Add(24 * time.Hour) }
func (k signingKeys) Rotate(context.Context, audit.Actor) error { return k.w.changed("rotate issuer") }
func (k signingKeys) Revoke(_ context.Context, _ audit.Actor, kid string, force bool) (signing.Revocation, error) {
	if kid != "kid-1" {
		return signing.Revocation{}, fault.New(fault.NotFound, "no such key")
	}
	what := "revoke " + kid
	if force {
		what += " by force"
	}
	return signing.Revocation{KID: kid, Was: signing.Active, Signed: start()}, k.w.changed(what)
}

// settings of a server over the world, without limits that a test would meet.
func (w *world) settings() Settings {
	return Settings{
		Access: w, Keys: w, Organizations: w, Environments: w, SigningKeys: signingKeys{w}, Issuer: provider{}, Activity: w, Acceptances: w,
		Exchange: w, Models: w, Diagnosis: w, Audit: w, Events: w, Reports: w, Health: w,
		People: people{w}, Trusted: trusted{w}, Budgets: budgets{w}, Prices: price.Builtin(), Callables: w, Replies: &memory{}, StudioURL: func() string { return "https://adit.example.com/studio" },
		Version: "1.2.3", Started: start(), PerKey: -1, PerOrganization: -1, PerAddress: -1, Now: start,
	}
}

// ask sends a request as who; body is JSON or "".
func ask(t testing.TB, h http.Handler, who, method, path, body string, more ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, content)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	for _, f := range more {
		f(r)
	}
	out := httptest.NewRecorder()
	h.ServeHTTP(out, r)
	return out
}

// told reads a problem, and fails the test if the answer is none.
func told(t testing.TB, out *httptest.ResponseRecorder) wire.Problem {
	t.Helper()
	var p wire.Problem
	if ct := out.Header().Get("Content-Type"); ct != "application/problem+json" {
		t.Fatalf("the answer is %s, not a problem: %d %.300s", ct, out.Code, out.Body)
	}
	if err := json.Unmarshal(out.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != out.Code || p.Title == "" || p.ErrorID == "" || p.ErrorID != out.Header().Get("X-Request-Id") || p.Kind == "" {
		t.Fatalf("a problem lacks what every one has: %d %s", out.Code, out.Body)
	}
	return p
}

func read[T any](t testing.TB, out *httptest.ResponseRecorder, status int) (v T) {
	t.Helper()
	if out.Code != status {
		t.Fatalf("status %d, want %d: %.500s", out.Code, status, out.Body)
	}
	if err := json.Unmarshal(out.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %.300s", err, out.Body)
	}
	return v
}

// slow is a database that answers when nobody waits any more.
type slow struct{}

func (slow) Sums(ctx context.Context, _ usage.Query, _ usage.By, _ int) ([]usage.Record, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
