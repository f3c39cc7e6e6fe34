package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/diagnose"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/usage"
)

const envs = base + "/organizations/ours/environments"

func TestAnEnvironmentShowsWhatAWSMustTrustAndWhatItDidLast(t *testing.T) {
	w := newWorld()
	w.environments[0].Models = []string{"amazon.titan-embed-text-v2:0"}
	got := read[wire.Environment](t, ask(t, New(w.settings()), "developer@"+ours, "GET", envs+"/prod", ""), http.StatusOK)
	at := start()
	want := wire.Environment{
		ID: ourEnv, Organization: ours, Name: "prod", Provider: "bedrock", Region: "eu-central-1", RoleARN: "arn:aws:iam::111122223333:role/adit",
		Audiences: []string{"bedrock", "other"}, SessionSeconds: 3600, Models: []string{"amazon.titan-embed-text-v2:0"},
		InvokeNames: []string{"prod/amazon.titan-embed-text-v2:0"}, SessionName: "key", State: "ready",
		Activity: &wire.Activity{Exchanged: &at, Outcome: "ok", Succeeded: &at},
		Issuer:   "https://adit.example.com", Subject: "env:" + ours + ":" + ourEnv, Audience: "bedrock", Created: at, Updated: at, Version: 1,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRegionAndRoleMayComeUnderTheNamesOfOtherClients(t *testing.T) {
	w := newWorld()
	out := ask(t, New(w.settings()), "admin@"+ours, "POST", envs, `{"name":"x","endpoint_url":"us-east-1","api_key":"arn:aws:iam::111122223333:role/r"}`)
	got := read[wire.Environment](t, out, http.StatusCreated)
	if got.Region != "us-east-1" || got.RoleARN != "arn:aws:iam::111122223333:role/r" || len(got.Advice) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestATokenIsShownOnceForAnAudienceOfTheEnvironmentAndWrittenDownWithoutItself(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	got := read[wire.Token](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/token", `{"audience":"other"}`), http.StatusOK)
	if got.Token != "header.claims.signature" || got.Audience != "other" {
		t.Errorf("%+v", got)
	}
	if len(w.recorded) != 1 || w.recorded[0].Action != "token.show" || w.recorded[0].Target != ourEnv || w.recorded[0].Actor.Key != "key_admin" {
		t.Fatalf("%+v", w.recorded)
	}
	if b, _ := json.Marshal(w.recorded); strings.Contains(string(b), "signature") {
		t.Errorf("the audit has the token: %s", b)
	}
	p := told(t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/token", `{"audience":"sts.example"}`))
	if p.Status != http.StatusUnprocessableEntity || p.Errors[0].Location != "body.audience" {
		t.Errorf("%+v", p)
	}
	w.fail = fault.New(fault.Unavailable, "the audit cannot be written now").WithCode("audit_unavailable")
	out := ask(t, h, "admin@"+ours, "POST", envs+"/prod/token", "")
	if p := told(t, out); p.Status != http.StatusServiceUnavailable || strings.Contains(out.Body.String(), "signature") {
		t.Errorf("a token that was not written down was shown: %s", out.Body)
	}
}

func TestAnExchangeTellsWhatAWSSaidAndNeverTheCredentials(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	out := ask(t, h, "admin@"+ours, "POST", envs+"/prod/exchange", "")
	if got := read[wire.Exchange](t, out, http.StatusOK); got.Outcome != "ok" || got.Account != "111122223333" || got.Problem != nil {
		t.Errorf("%+v", got)
	}
	if strings.Contains(out.Body.String(), "canary") {
		t.Errorf("credentials: %s", out.Body)
	}
	refused := fault.New(fault.Refused, "the AWS role does not accept Adit's token").WithCode("role_refuses").WithDetail("trust policy that would have matched")
	refused.AWS = &fault.AWS{Code: "AccessDenied", RequestID: "r-1"}
	w.exchange = refused
	got := read[wire.Exchange](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/exchange", ""), http.StatusOK)
	if got.Outcome != "AccessDenied" || got.Problem == nil || got.Problem.Kind != "refused" || got.Problem.AWS.RequestID != "r-1" || got.Problem.Explanation == "" {
		t.Errorf("%+v", got)
	}
}

func TestVerifyProbesOnlyARoleThatLetsItsOwnSubjectIn(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	w.probe = federation.Unsafe
	got := read[wire.Verification](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/verify", ""), http.StatusOK)
	if got.Probe.Verdict != "unsafe" || got.Exchange.Outcome != "ok" || got.Environment.ID != ourEnv {
		t.Errorf("%+v", got)
	}
	w.exchange = fault.New(fault.Refused, "no")
	got = read[wire.Verification](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/verify", `{"settle":true}`), http.StatusOK)
	if got.Probe.Verdict != "undecided" || got.Exchange.Problem == nil {
		t.Errorf("%+v", got)
	}
}

func TestOnlyAdministratorsReadTheExplanation(t *testing.T) {
	w := newWorld()
	s := w.settings()
	s.Organizations = stale{w}
	for who, want := range map[string]string{"operator": "the database is away", "developer@" + ours: ""} {
		if p := told(t, ask(t, New(s), who, "GET", base+"/organizations/ours", "")); p.Explanation != want || p.Code != "state_stale" || p.Status != 503 {
			t.Errorf("%s: %+v", who, p)
		}
	}
}

func TestWhereTheDatabaseIsReadOnlyThoseOfTheServer(t *testing.T) {
	w := newWorld()
	w.fail = fault.New(fault.Unavailable, "the database cannot be reached").WithCode("database_down").WithDetail("writing a name, SQLite at /path/adit.db")
	h := New(w.settings())
	for who, want := range map[string]string{"operator": "writing a name, SQLite at /path/adit.db", "owner@" + ours: "", "admin@" + ours: ""} {
		if p := told(t, ask(t, h, who, "PATCH", envs+"/prod", `{"name":"new"}`)); p.Explanation != want || p.Code != "database_down" {
			t.Errorf("%s: %+v", who, p)
		}
	}
}

type stale struct{ *world }

func (stale) Organization(string) (tenant.Organization, error) {
	return tenant.Organization{}, fault.New(fault.Unavailable, "the state is too old").WithCode("state_stale").WithDetail("the database is away")
}

func TestASecretStandsInTheAnswerThatMakesItAndInNoOther(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	keys := base + "/organizations/ours/keys"
	made := read[wire.NewKey](t, ask(t, h, "admin@"+ours, "POST", keys, `{"name":"ci","roles":["invoke"]}`), http.StatusCreated)
	if made.Secret != "adit_shown_once" {
		t.Errorf("%+v", made)
	}
	for _, path := range []string{keys, keys + "/" + ourKey, base + "/issuer/keys", base + "/issuer/documents", base + "/status"} {
		if out := ask(t, h, "operator", "GET", path, ""); out.Code != 200 || strings.Contains(out.Body.String(), "canary") || strings.Contains(out.Body.String(), "shown_once") {
			t.Errorf("%s: %d %s", path, out.Code, out.Body)
		}
	}
}

func TestRotationOverlapsADayUnlessSaidOtherwise(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	ask(t, h, "admin@"+ours, "POST", base+"/organizations/ours/keys/app/rotate", "")
	ask(t, h, "admin@"+ours, "POST", base+"/organizations/ours/keys/app/rotate", `{"overlap_seconds":0}`)
	if d := cmp.Diff([]string{"rotate key app over 24h0m0s", "rotate key app over 0s"}, w.changes); d != "" {
		t.Error(d)
	}
}

func TestModelsAreReadOnceAnHourAndTellTheirAge(t *testing.T) {
	w := newWorld()
	s := w.settings()
	now := start()
	s.Now = func() time.Time { return now }
	h := New(s)
	path := envs + "/prod/models"
	w.whole = true
	first := read[wire.Models](t, ask(t, h, "developer@"+ours, "GET", path, ""), 200)
	if len(first.Items) != 2 || len(first.Warnings) != 0 || first.AgeSeconds != 0 {
		t.Errorf("%+v", first)
	}
	now = now.Add(10 * time.Minute)
	if again := read[wire.Models](t, ask(t, h, "developer@"+ours, "GET", path, ""), 200); again.AgeSeconds != 600 || w.listed != 1 {
		t.Errorf("age %d, AWS asked %d times", again.AgeSeconds, w.listed)
	}
	ask(t, h, "developer@"+ours, "GET", path+"?refresh=true", "")
	w.environments[0].RoleARN = "arn:aws:iam::111122223333:role/other"
	ask(t, h, "developer@"+ours, "GET", path, "")
	if w.listed != 3 {
		t.Errorf("AWS was asked %d times, want 3: at first, when told to, and for the new role", w.listed)
	}
}

func TestModelsThatAWSRefusedAPartOfAreReadAgainSoon(t *testing.T) {
	w := newWorld()
	s := w.settings()
	now := start()
	s.Now = func() time.Time { return now }
	h := New(s)
	get := func() wire.Models {
		return read[wire.Models](t, ask(t, h, "developer@"+ours, "GET", envs+"/prod/models", ""), 200)
	}
	if first, again := get(), get(); len(first.Warnings) != 1 || len(again.Warnings) != 1 || w.listed != 1 {
		t.Errorf("%+v, AWS asked %d times", first.Warnings, w.listed)
	}
	w.whole = true // somebody mended the role
	now = now.Add(time.Minute)
	if got := get(); len(got.Warnings) != 0 || w.listed != 2 {
		t.Errorf("a minute later: %+v, AWS asked %d times", got.Warnings, w.listed)
	}
}

func TestEnablingAModelSaysWhatElseMustBeDone(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	enable := func(id string) wire.ModelChange {
		return read[wire.ModelChange](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/models/enable", `{"model":"`+id+`"}`), 200)
	}
	if got := enable("amazon.titan-embed-text-v2:0"); !got.Changed || got.Advice != "" || len(got.Environment.InvokeNames) != 1 {
		t.Errorf("a model of the catalogue: %+v", got)
	}
	if got := enable("amazon.titan-embed-text-v2:0"); got.Changed || len(got.Environment.Models) != 1 {
		t.Errorf("twice: %+v", got)
	}
	ask(t, h, "admin@"+ours, "GET", envs+"/prod/models", "")
	if got := enable("vendor.big"); !strings.Contains(got.Advice, "`adit aws setup --environment prod --org ours`") || !strings.Contains(got.Advice, "no agreement") {
		t.Errorf("another: %+v", got)
	}
	got := read[wire.ModelChange](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/models/disable", `{"model":"vendor.big"}`), 200)
	if !got.Changed || len(got.Environment.Models) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestSetupGivesFactsAndDocuments(t *testing.T) {
	h := New(newWorld().settings())
	facts := read[wire.Setup](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/setup", ""), 200)
	if facts.Facts.Issuer != "https://adit.example.com" || facts.Facts.OrganizationName != "ours" || facts.Document != "" {
		t.Errorf("%+v", facts)
	}
	if policy := facts.TrustPolicy; !json.Valid([]byte(policy)) || !strings.Contains(policy, "env:"+ours+":"+ourEnv) || !strings.Contains(policy, "111122223333") {
		t.Errorf("the trust policy is %s", policy)
	}
	for _, format := range []string{"cli", "terraform", "cloudformation", "console"} {
		got := read[wire.Setup](t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/setup", `{"format":"`+format+`"}`), 200)
		if !strings.Contains(got.Document, "env:"+ours+":"+ourEnv) {
			t.Errorf("%s does not name the subject: %.200s", format, got.Document)
		}
	}
	p := told(t, ask(t, h, "admin@"+ours, "POST", envs+"/prod/setup", `{"format":"cli","options":{"account":"12"}}`))
	if p.Status != 422 || p.Kind != "invalid" {
		t.Errorf("%+v", p)
	}
}

func TestUsageIsSummedByWhatIsAskedFor(t *testing.T) {
	w := newWorld()
	hour := start().Add(-time.Hour)
	for i := range 48 {
		w.usage = append(w.usage, usage.Record{Hour: hour.Add(-time.Duration(i) * time.Hour), Organization: ours, Environment: ourEnv, Model: "m", Key: "key_developer", Counts: usage.Counts{Requests: 1, Texts: 2, Tokens: 3}})
	}
	w.usage = append(w.usage, usage.Record{Hour: hour, Organization: ours, Environment: ourEnv, Model: "n", Key: "key_x", Counts: usage.Counts{Requests: 10}})
	h := New(w.settings())
	got := read[wire.Usage](t, ask(t, h, "admin@"+ours, "GET", base+"/organizations/ours/usage?group=day", ""), 200)
	if len(got.Items) != 3 || got.Total.Requests != 58 || got.Items[2].Day == nil || got.Items[2].Counts.Requests != 22 {
		t.Errorf("%+v", got)
	}
	own := read[wire.Usage](t, ask(t, h, "developer@"+ours, "GET", base+"/organizations/ours/usage/own", ""), 200)
	if own.Total.Requests != 48 || len(own.Items) != 1 || own.Items[0].Model != "m" {
		t.Errorf("%+v", own)
	}
	for _, query := range []string{"own?key=key_x", "own?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "own?group=colour"} {
		if p := told(t, ask(t, h, "developer@"+ours, "GET", base+"/organizations/ours/usage/"+query, "")); p.Status != 422 || len(p.Errors) == 0 {
			t.Errorf("%s: %+v", query, p)
		}
	}
}

func TestRevokingASigningKeyNamesTheEnvironmentsThatItSignedFor(t *testing.T) {
	w := newWorld()
	for i, kid := range []string{"kid-0", "kid-1", "kid-1", "kid-0"} {
		w.events = append(w.events, audit.Row{Seq: int64(i + 1), Event: audit.Event{
			Action: federation.ActionExchange, Target: []string{theirEnv, ourEnv, ourEnv, theirEnv}[i], Details: map[string]string{"kid": kid},
		}})
	}
	h := New(w.settings())
	got := read[wire.Revocation](t, ask(t, h, "operator", "POST", base+"/issuer/keys/kid-1/revoke", `{"force":true}`), 200)
	if d := cmp.Diff([]string{ourEnv}, got.Environments); d != "" || got.EnvironmentsWhy != "" || !strings.Contains(got.Advice, "kid-1") {
		t.Errorf("%+v\n%s", got, d)
	}
	w.rows, w.broken = 1, errors.New("inner words")
	got = read[wire.Revocation](t, ask(t, h, "operator", "POST", base+"/issuer/keys/kid-1/revoke", ""), 200)
	if got.KID != "kid-1" || got.EnvironmentsWhy == "" || strings.Contains(got.EnvironmentsWhy, "inner words") {
		t.Errorf("%+v", got)
	}
}

func TestStatusCountsEnvironmentsByState(t *testing.T) {
	got := read[wire.Status](t, ask(t, New(newWorld().settings()), "operator", "GET", base+"/status", ""), 200)
	if got.Environments["ready"] != 2 || got.Organizations != 2 || got.Database.AgeSeconds != 1 || got.Database.Revision != 7 || len(got.Issuer.Keys) != 1 || got.Version != "1.2.3" {
		t.Errorf("%+v", got)
	}
}

func events(n int) (rows []audit.Row) {
	for i := range n {
		org := ours
		if i%2 == 1 {
			org = theirs
		}
		rows = append(rows, audit.Row{Event: audit.Event{Time: start(), Organization: org, Action: "environment.create", Outcome: "ok"}, Seq: int64(i + 1), MAC: []byte{1}})
	}
	return rows
}

func TestAnExportIsOneLineAnEventAndIsCutWhenItFails(t *testing.T) {
	w := newWorld()
	w.events = events(1200)
	out := ask(t, New(w.settings()), "auditor@"+ours, "GET", base+"/organizations/ours/audit/export", "")
	if lines := strings.Count(out.Body.String(), "\n"); out.Code != 200 || lines != 600 || out.Header().Get("Content-Type") != jsonLines {
		t.Errorf("%d lines, %d %s", lines, out.Code, out.Header().Get("Content-Type"))
	}
	if len(w.recorded) != 1 || w.recorded[0].Action != "audit.export" {
		t.Errorf("%+v", w.recorded)
	}

	w.rows, w.broken = 0, errors.New("the disk is gone")
	cut := func() (cause any) {
		defer func() { cause = recover() }()
		ask(t, New(w.settings()), "operator", "GET", base+"/audit/export", "")
		return nil
	}()
	if cut != http.ErrAbortHandler { //nolint:errorlint // what net/http looks for
		t.Errorf("a part looks like the whole: %v", cut)
	}
}

func TestADiagnosisStreamsItsStepsAndEndsWithASummary(t *testing.T) {
	w := newWorld()
	w.verdicts = []wire.Step{{Name: "issuer", Verdict: "ok"}, {Name: "clock", Verdict: "warning"}, {Name: "models", Verdict: "skipped"}}
	h := New(w.settings())
	out := ask(t, h, "admin@"+ours, "POST", envs+"/prod/diagnosis", `{"invoke":true}`)
	lines := strings.Split(strings.TrimSpace(out.Body.String()), "\n")
	var last wire.DiagnosisEvent
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != 4 {
		t.Fatal(err, out.Body)
	}
	if d := cmp.Diff(&wire.Summary{Verdict: "warning", OK: 1, Warnings: 1, Skipped: 1}, last.Summary); d != "" {
		t.Error(d)
	}
	out = ask(t, h, "admin@"+ours, "POST", envs+"/prod/diagnosis", "", func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") })
	if body := out.Body.String(); out.Header().Get("Content-Type") != "text/event-stream" || !strings.HasPrefix(body, "event: step\ndata: {") || !strings.Contains(body, "\n\nevent: summary\n") {
		t.Errorf("%s %q", out.Header().Get("Content-Type"), body)
	}
}

func TestAStepIsShownWhole(t *testing.T) {
	got := ShowStep(diagnose.Step{Name: "tls", Verdict: diagnose.Failed, Message: "m", Remedy: "r", Kind: "config", Milliseconds: 7, Facts: []diagnose.Fact{{Name: "version", Value: "TLS 1.3"}}})
	want := wire.Step{Name: "tls", Verdict: "failed", Message: "m", Remedy: "r", Kind: "config", Milliseconds: 7, Facts: []wire.Fact{{Name: "version", Value: "TLS 1.3"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var sum wire.Summary
	count(&sum, got)
	count(&sum, wire.Step{Verdict: "failed", Kind: "refused"})
	if sum.Verdict != "failed" || sum.Kind != "config" || sum.Failed != 2 {
		t.Errorf("%+v", sum)
	}
}

func TestTheDocumentNamesEveryRouteItsPermissionAndItsFaults(t *testing.T) {
	out := ask(t, New(newWorld().settings()), "", "GET", "/api/openapi.json", "")
	doc := read[struct {
		OpenAPI string                               `json:"openapi"`
		Paths   map[string]map[string]map[string]any `json:"paths"`
		Parts   struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}](t, out, 200)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Error(doc.OpenAPI)
	}
	for _, r := range table() {
		op := doc.Paths[base+r.path][strings.ToLower(r.method)]
		if op["operationId"] != r.id || !strings.Contains(op["description"].(string), string(r.permission)) {
			t.Errorf("%s: %v", r.id, op["description"])
		}
		if b, _ := json.Marshal(op["responses"]); !strings.Contains(string(b), "application/problem+json") || !strings.Contains(string(b), "schemas/Problem") {
			t.Errorf("%s: %s", r.id, b)
		}
	}
	for _, gone := range []string{"ErrorModel", "ErrorDetail"} {
		if doc.Parts.Schemas[gone] != nil || strings.Contains(out.Body.String(), "schemas/"+gone) {
			t.Errorf("huma's %s is still named", gone)
		}
	}
}

func TestWhoAmITellsWhatTheKeyMayDoAndNoMore(t *testing.T) {
	h := New(newWorld().settings())
	got := read[wire.WhoAmI](t, ask(t, h, "invoke@"+ours, "GET", base+"/whoami", ""), 200)
	want := wire.WhoAmI{Key: "key_invoke", Name: "invoke", Organization: ours, Roles: []string{"invoke"}, Permissions: []string{"usage.read.own", "invoke"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if all := read[wire.Page[wire.Organization]](t, ask(t, h, "invoke@"+ours, "GET", base+"/organizations", ""), 200); len(all.Items) != 1 || all.Items[0].ID != ours {
		t.Errorf("a key of one organization is told of others: %+v", all)
	}
}
