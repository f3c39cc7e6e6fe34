package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a real server and returns a client of it that has the key.
func serve(t *testing.T, h http.Handler, key string) *client.Client {
	t.Helper()
	server := httptest.NewServer(h)
	hc := server.Client()
	t.Cleanup(func() { hc.CloseIdleConnections(); server.Close() })
	c, err := client.New(client.Settings{URL: server.URL + "/", Key: secret.New(key), HTTP: hc})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// collected walks a list to its end.
func collected[T any](t *testing.T, items iter.Seq2[T, error]) (all []T) {
	t.Helper()
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, item)
	}
	return all
}

// operations notes the operations that a server's log names.
type operations struct {
	mu   sync.Mutex
	seen map[string]int
}

func (o *operations) Write(line []byte) (int, error) {
	var entry struct {
		Operation string `json:"operation"`
		Status    int    `json:"status"`
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := json.Unmarshal(line, &entry); err == nil && entry.Operation != "" {
		o.seen[entry.Operation] = entry.Status
	}
	return len(line), nil
}

func TestTheClientHasAMethodForEveryRoute(t *testing.T) {
	w := newWorld()
	w.events = events(450)
	w.verdicts = []wire.Step{{Name: "issuer", Verdict: "ok"}}
	log := &operations{seen: map[string]int{}}
	s := w.settings()
	s.Log = slog.New(slog.NewJSONHandler(log, nil))
	c := serve(t, New(s), "operator")
	ctx := t.Context()
	name := "new name"

	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.WhoAmI(ctx))
	must(c.Status(ctx))
	if got := collected(t, c.Organizations(ctx)); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	must(c.CreateOrganization(ctx, wire.OrganizationInput{Name: "new"}))
	must(c.Organization(ctx, "ours"))
	must(c.UpdateOrganization(ctx, "ours", wire.OrganizationPatch{Name: &name}))
	must(nil, c.DeleteOrganization(ctx, "ours", true))
	collected(t, c.Environments(ctx, "ours"))
	must(c.CreateEnvironment(ctx, "ours", wire.EnvironmentInput{Name: "new", Region: "us-east-1"}))
	must(c.Environment(ctx, "ours", "prod"))
	must(c.UpdateEnvironment(ctx, "ours", "prod", wire.EnvironmentPatch{Name: &name, Models: &[]string{}}))
	must(nil, c.DeleteEnvironment(ctx, "ours", "prod", false))
	must(c.Token(ctx, "ours", "prod", wire.TokenInput{}))
	must(c.Exchange(ctx, "ours", "prod", wire.ExchangeInput{Settle: true}))
	must(c.Verify(ctx, "ours", "prod", wire.ExchangeInput{}))
	must(c.Accept(ctx, "ours", "prod", "we share the account"))
	must(c.Models(ctx, "ours", "prod", true))
	must(c.EnableModel(ctx, "ours", "prod", "amazon.titan-embed-text-v2:0"))
	must(c.DisableModel(ctx, "ours", "prod", "amazon.titan-embed-text-v2:0"))
	if got := collected(t, c.Diagnose(ctx, "ours", "prod", wire.DiagnosisInput{})); len(got) != 2 || got[1].Summary == nil {
		t.Errorf("%+v", got)
	}
	must(c.Setup(ctx, "ours", "prod", wire.SetupInput{Format: "cli"}))
	for org, key := range map[string]string{"ours": ourKey, "": operatorKey} {
		collected(t, c.Keys(ctx, org))
		must(c.CreateKey(ctx, org, wire.KeyInput{Name: "new"}))
		must(c.Key(ctx, org, key))
		must(c.UpdateKey(ctx, org, key, wire.KeyPatch{Name: &name}))
		must(c.RotateKey(ctx, org, key, wire.RotationInput{}))
		must(nil, c.RevokeKey(ctx, org, key))
	}
	for org, login := range map[string]string{"ours": ourLink, "": operatorLink} {
		must(c.LinkPage(ctx, org, client.List{}))
		must(nil, c.RevokeLink(ctx, org, login))
	}
	must(c.Member(ctx, "", operatorPerson))
	must(c.SigningKeys(ctx))
	must(c.RotateSigningKeys(ctx))
	must(c.RevokeSigningKey(ctx, "kid-1", true))
	must(c.IssuerDocuments(ctx))
	for org, want := range map[string]int{"ours": 225, "": 450} {
		f := client.AuditFilter{Organization: org, Action: "environment."}
		if got := collected(t, c.Events(ctx, f)); len(got) != want || got[0].Seq < got[1].Seq {
			t.Errorf("%d events of %q, want %d", len(got), org, want)
		}
		if got := collected(t, c.ExportEvents(ctx, f)); len(got) != want || got[0].Seq > got[1].Seq {
			t.Errorf("%d events of %q were exported, want %d", len(got), org, want)
		}
		must(c.Usage(ctx, client.UsageFilter{Organization: org, Group: []string{"day", "key"}, From: start().Add(-time.Hour), To: start()}))
	}
	must(c.Usage(ctx, client.UsageFilter{Organization: "ours", Own: true}))
	theRest(t, c, must)
	must(c.VerifyAudit(ctx))
	must(c.PruneAudit(ctx, wire.AuditPruneInput{Before: time.Unix(0, 0)}))

	log.mu.Lock()
	defer log.mu.Unlock()
	for _, r := range table() {
		if log.seen[r.id]/100 != 2 {
			t.Errorf("no method of the client reaches %s (status %d)", r.id, log.seen[r.id])
		}
	}
}

// theRest calls what the pages of people, money and models need.
func theRest(t *testing.T, c *client.Client, must func(any, error)) {
	t.Helper()
	ctx := t.Context()
	if page, err := c.MemberPage(ctx, "ours", client.List{Search: "ada", Filter: map[string]string{"role": "developer"}}); err != nil || len(page.Items) != 1 {
		t.Errorf("%+v %v", page, err)
	}
	must(c.Member(ctx, "ours", ourPerson))
	must(c.UpdateMember(ctx, "ours", ourPerson, wire.MemberPatch{Role: "admin"}))
	must(nil, c.SignOutMember(ctx, "ours", ourPerson))
	must(nil, c.RemoveMember(ctx, "ours", ourPerson))
	if page, err := c.MemberPage(ctx, "", client.List{Search: "root"}); err != nil || len(page.Items) != 1 || page.Items[0].ID != operatorPerson {
		t.Errorf("operators: %v %+v", err, page.Items)
	}
	must(nil, c.SignOutMember(ctx, "", operatorPerson))
	must(nil, c.RemoveMember(ctx, "", operatorPerson))
	must(c.InviteMember(ctx, "ours", wire.LinkInput{Login: "grace"}))
	must(c.InviteMember(ctx, "", wire.LinkInput{Login: "grace"}))
	must(c.TrustIssuer(ctx, "ours", wire.TrustedIssuerInput{Name: "new", IssuerURL: "https://issuer.example.com", Subject: "system:serviceaccount:search:*"}))
	must(c.TrustedIssuer(ctx, "ours", "ci"))
	must(c.TrustedIssuerPage(ctx, "ours", client.List{Search: "github"}))
	must(c.UpdateTrustedIssuer(ctx, "ours", "ci", wire.TrustedIssuerPatch{Limits: &wire.Limits{PerMinute: 5}}))
	must(nil, c.DistrustIssuer(ctx, "ours", "ci"))
	half := "0.5"
	must(c.CreateBudget(ctx, "ours", wire.BudgetInput{Target: "prod", Period: "day", HardUSD: half}))
	must(c.Budget(ctx, "ours", ourBudget))
	must(c.BudgetPage(ctx, "ours", client.List{Filter: map[string]string{"state": "within"}}))
	must(c.UpdateBudget(ctx, "ours", ourBudget, wire.BudgetPatch{SoftUSD: &half}))
	must(nil, c.DeleteBudget(ctx, "ours", ourBudget))
	must(c.Overview(ctx, "ours"))
	must(c.Prices(ctx))
	must(c.CallableModelPage(ctx, "ours", client.List{Limit: 3}))
	must(c.EnvironmentPage(ctx, "ours", client.List{Search: "prod", Filter: map[string]string{"state": "ready", "region": "eu-central-1"}}))
	must(c.OrganizationPage(ctx, client.List{Search: "ours"}))
	must(c.KeyPage(ctx, "ours", client.List{Filter: map[string]string{"role": "invoke"}}))
	must(c.KeyPage(ctx, "", client.List{Search: "oper"}))
}

func TestAProblemBecomesAFaultOfItsKind(t *testing.T) {
	w := newWorld()
	refused := fault.New(fault.Refused, "AWS said no").WithCode("role_refuses").WithRemedy("Mend it.").WithDetail("a policy")
	refused.AWS = &fault.AWS{Code: "AccessDenied", RequestID: "r-1", Status: 403}
	h := New(w.settings())
	for _, c := range []struct {
		key  string
		fail error
		call func(context.Context, *client.Client) error
		kind fault.Kind
		code string
	}{
		{"nobody", nil, func(ctx context.Context, c *client.Client) error { _, err := c.WhoAmI(ctx); return err }, fault.Unauthenticated, "invalid_api_key"},
		{"invoke@" + ours, nil, func(ctx context.Context, c *client.Client) error { _, err := c.Status(ctx); return err }, fault.Forbidden, "not_permitted"},
		{"operator", nil, func(ctx context.Context, c *client.Client) error {
			_, err := c.Organization(ctx, "a b?c/d")
			return err
		}, fault.NotFound, "organization_not_found"},
		{"operator", nil, func(ctx context.Context, c *client.Client) error {
			_, err := c.CreateEnvironment(ctx, "ours", wire.EnvironmentInput{SessionName: "planet"})
			return err
		}, fault.Invalid, "invalid_input"},
		{"operator", fault.New(fault.Invalid, "the name is taken").WithCode("name_taken").WithParam("name"), func(ctx context.Context, c *client.Client) error {
			_, err := c.CreateOrganization(ctx, wire.OrganizationInput{Name: "ours"})
			return err
		}, fault.Invalid, "name_taken"},
		{"operator", refused, func(ctx context.Context, c *client.Client) error { _, err := c.RotateSigningKeys(ctx); return err }, fault.Refused, "role_refuses"},
		{"operator", errors.New("a disk with inner words"), func(ctx context.Context, c *client.Client) error {
			return c.DeleteOrganization(ctx, "ours", false)
		}, fault.Internal, ""},
	} {
		w.fail = c.fail
		f := fault.From(c.call(t.Context(), serve(t, h, c.key)))
		if f == nil || f.Kind != c.kind || f.Code != c.code || strings.Contains(f.Error(), "inner words") {
			t.Errorf("%s %s: %v", c.kind, c.code, f)
		}
		if c.code == "role_refuses" && (f.AWS == nil || f.AWS.RequestID != "r-1" || f.Detail != "a policy" || f.Remedy != "Mend it.") {
			t.Errorf("what AWS said and the explanation are lost: %v", f)
		}
	}
}

func TestWhatIsNotAditIsToldFromWhatIs(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"a proxy's page": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<h1>Bad Gateway</h1>", http.StatusBadGateway)
		},
		"another JSON API": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[1]") },
		"a redirect":       func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) },
		"a strange problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, `{"title":"I'm a teapot"}`)
		},
	} {
		_, err := serve(t, http.HandlerFunc(answer), "operator").Status(t.Context())
		if f := fault.From(err); f == nil || f.Code != "not_adit" || f.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAServerThatIsAwayIsAFaultThatNamesTheSetting(t *testing.T) {
	away := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }}
	c, err := client.New(client.Settings{URL: "http://127.0.0.1:4711", Key: secret.New("canary-key"), HTTP: &http.Client{Transport: away}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Status(t.Context())
	if f := fault.From(err); f == nil || f.Kind != fault.Unavailable || !strings.Contains(f.Remedy, "ADIT_SERVER") || strings.Contains(f.Error(), "canary") {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "adit.example.com", "ftp://x", "https://user:secret@x", "https://x?y=1", "http://", "://"} {
		if _, err := client.New(client.Settings{URL: bad}); fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestAStreamThatBreaksOffIsAnError(t *testing.T) {
	w := newWorld()
	w.events = events(1200)
	w.broken = errors.New("the disk is gone")
	var seen int
	var last error
	for _, err := range serve(t, New(w.settings()), "operator").ExportEvents(t.Context(), client.AuditFilter{}) {
		if last = err; err == nil {
			seen++
		}
	}
	if f := fault.From(last); f == nil || f.Kind != fault.Unavailable || f.Code != "broken_off" {
		t.Errorf("%d events and then %v", seen, last)
	}

	w.walk = func(context.Context) error {
		return fault.New(fault.Unavailable, "AWS is away").WithCode("sts_unreachable")
	}
	for _, err := range serve(t, New(w.settings()), "operator").Diagnose(t.Context(), "ours", "prod", wire.DiagnosisInput{}) {
		last = err
	}
	if f := fault.From(last); f == nil || f.Code != "sts_unreachable" {
		t.Errorf("%v", last)
	}
}

func TestAClientThatLeavesEndsTheDiagnosis(t *testing.T) {
	w := newWorld()
	w.verdicts = []wire.Step{{Name: "issuer", Verdict: "ok"}}
	ended := make(chan error, 1)
	w.walk = func(ctx context.Context) error {
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
	for e, err := range serve(t, New(w.settings()), "operator").Diagnose(t.Context(), "ours", "prod", wire.DiagnosisInput{}) {
		if err != nil || e.Step == nil {
			t.Fatal(e, err)
		}
		break // the first step arrives while the walk goes on
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestARequestThatTakesTooLongIsAnswered(t *testing.T) {
	w := newWorld()
	s := w.settings()
	s.Timeout = time.Millisecond
	s.Reports = slow{}
	_, err := serve(t, New(s), "operator").Usage(t.Context(), client.UsageFilter{})
	if f := fault.From(err); f == nil || f.Kind != fault.Deadline {
		t.Errorf("%v", err)
	}
}
