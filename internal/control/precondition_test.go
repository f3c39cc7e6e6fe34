package control

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// with sets a header of a request.
func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// shows are the routes that show one thing which has a version.
func shows() (all []route) {
	for _, r := range table() {
		switch r.id {
		case "show-organization", "show-environment", "show-key", "show-operator-key", "show-trusted-issuer", "show-budget", "show-member":
			all = append(all, r)
		}
	}
	return all
}

func TestWhatHasAVersionIsReadWithItsTagAndNotReadAgainForNothing(t *testing.T) {
	h := New(newWorld().settings())
	for _, r := range shows() {
		path := filled(r, ours, ourEnv, ourKey)
		first := ask(t, h, "operator", "GET", path, "")
		tag := first.Header().Get("ETag")
		if id := path[strings.LastIndex(path, "/")+1:]; !strings.HasPrefix(tag, `"`+id+`.1-`) || !strings.HasSuffix(tag, `"`) {
			t.Fatalf("%s: ETag %s", r.id, tag)
		}
		for given, status := range map[string]int{tag: 304, "W/" + tag: 304, `"0", ` + tag: 304, "*": 304, `"1"`: 200, `"2"`: 200, "nonsense": 200} {
			out := ask(t, h, "operator", "GET", path, "", with("If-None-Match", given))
			if out.Code != status || (out.Body.Len() == 0) != (status == 304) || out.Header().Get("ETag") != tag {
				t.Errorf("%s, If-None-Match %s: %d, want %d: %.80s", r.id, given, out.Code, status, out.Body)
			}
		}
	}
}

func TestATagChangesWithWhatIsShownAlsoWhereNobodyChangedIt(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	path := base + "/organizations/ours/budgets/" + ourBudget
	before := ask(t, h, "operator", "GET", path, "").Header().Get("ETag")
	w.spent = map[string]int64{ourBudget: 3e9}
	out := ask(t, h, "operator", "GET", path, "", with("If-None-Match", before))
	if got := read[wire.Budget](t, out, 200); got.SpentUSD != "3" || out.Header().Get("ETag") == before {
		t.Errorf("%s hides what was spent: %+v", before, got)
	}
	if out := ask(t, h, "operator", "PATCH", path, body("update-budget"), with("If-Match", before)); out.Code != 200 {
		t.Errorf("the version is the same, yet: %d %s", out.Code, out.Body)
	}
}

func TestEveryChangeIsMadeOfTheVersionThatItAsksForOnly(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	rows := 0
	for _, r := range table() {
		if !r.handle.versioned {
			continue
		}
		rows++
		for given, status := range map[string]int{
			`"2"`: 412, `"0"`: 412, `"11"`: 412, `"2-1"`: 412, `"7", W/"8-x"`: 412, "\"1\u00e9\"": 412, `"*"`: 412,
			`"1"`: 200, `"1-cafe"`: 200, `W/"1"`: 200, `"7", "1"`: 200, `*`: 200, `"env_other.1"`: 412, `".1-x"`: 200,
			`1`: 422, `"1`: 422, `""`: 422, `"1", nonsense`: 422, ` `: 422, `"` + strings.Repeat("1", 5000): 422,
		} {
			w.changes = nil
			out := ask(t, h, "operator", r.method, filled(r, ours, ourEnv, ourKey), body(r.id), with("If-Match", given))
			if status == 200 {
				if out.Code/100 != 2 || len(w.changes) != 1 {
					t.Errorf("%s, If-Match %s: %d %q %.200s", r.id, given, out.Code, w.changes, out.Body)
				}
				continue
			}
			p := told(t, out)
			if p.Status != status || len(w.changes) > 0 || p.Remedy == "" || status == 412 && p.Code != "conflict" || out.Body.Len() > 1000 {
				t.Errorf("%s, If-Match %.30s: %+v, done: %q", r.id, given, p, w.changes)
			}
		}
	}
	if rows < 13 {
		t.Errorf("only %d routes change something", rows)
	}
}

func TestEveryChangeTakesAVersionUnlessItIsOfALinkWhichHasNone(t *testing.T) {
	for _, r := range table() {
		changes := r.method == http.MethodPatch || r.method == http.MethodDelete
		if link := r.id == "revoke-member-link" || r.id == "revoke-operator-link"; r.handle.versioned != (changes && !link) {
			t.Errorf("%s takes a version: %v", r.id, r.handle.versioned)
		}
	}
}

func TestAVersionThatOnlyAnotherReplicaKnowsYetIsReadBeforeItIsJudged(t *testing.T) {
	w := newWorld()
	s := w.settings()
	s.Refresh = func(context.Context) error {
		for i := range w.organizations {
			w.organizations[i].Version = 2
		}
		return nil
	}
	h := New(s)
	path := base + "/organizations/" + ours
	if out := ask(t, h, "operator", "PATCH", path, body("update-organization"), with("If-Match", `"2"`)); out.Code != 200 {
		t.Errorf("another replica answered with this ETag: %d %s", out.Code, out.Body)
	}
	if out := ask(t, h, "operator", "PATCH", path, body("update-organization"), with("If-Match", `"1"`)); out.Code != 412 {
		t.Errorf("another replica changed it since: %d %s", out.Code, out.Body)
	}
}

func TestAChangeThatAnotherOneOvertakesIsAConflictOfItsKind(t *testing.T) {
	w := newWorld()
	w.fail = fault.New(fault.Invalid, "another replica was faster").WithCode("conflict").WithRemedy("Read it again.")
	h := New(w.settings())
	for tag, status := range map[string]int{`"1"`: 412, "": 409} {
		more := []func(*http.Request){}
		if tag != "" {
			more = append(more, with("If-Match", tag))
		}
		if p := told(t, ask(t, h, "admin@"+ours, "PATCH", envs+"/"+ourEnv, `{"name":"new"}`, more...)); p.Status != status || p.Code != "conflict" {
			t.Errorf("with %q: %+v", tag, p)
		}
	}
}

func TestIfMatchIsRefusedWhereItCouldNotBeKeptAndTellsNobodyAnything(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	for _, r := range table() {
		if r.handle.versioned {
			if out := ask(t, h, "owner@"+theirs, r.method, filled(r, ours, ourEnv, ourKey), body(r.id), with("If-Match", `"9"`)); out.Code != 404 && out.Code != 403 {
				t.Errorf("%s: a stranger is told about versions: %d", r.id, out.Code)
			}
			continue
		}
		if p := told(t, ask(t, h, "operator", r.method, filled(r, ours, ourEnv, ourKey), body(r.id), with("If-Match", `"1"`))); p.Status != 422 || p.Errors[0].Location != "header.If-Match" {
			t.Errorf("%s: %+v", r.id, p)
		}
	}
	w.people[1].Roles[0].Organization = theirs
	out := ask(t, h, "owner@"+ours, "DELETE", members+"/"+theirPerson, "", with("If-Match", `"9"`))
	if p := told(t, out); p.Status != 404 {
		t.Errorf("the version of another organization's member is told: %+v", p)
	}
	if len(w.changes) > 0 {
		t.Errorf("%q", w.changes)
	}
}

func TestTheClientChangesWhatItReadOnly(t *testing.T) {
	w := newWorld()
	c := serve(t, New(w.settings()), "admin@"+ours)
	name := "new"
	e, err := c.Environment(client.IfMatch(t.Context(), 9), "ours", "prod")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.UpdateEnvironment(client.IfMatch(t.Context(), e.Version), "ours", e.ID, wire.EnvironmentPatch{Name: &name}); err != nil {
		t.Error(err)
	}
	w.environments[0].Version = 2
	for version, code := range map[int64]string{e.Version: "conflict", 0: ""} {
		ctx := client.IfMatch(t.Context(), version)
		_, patched := c.UpdateEnvironment(ctx, "ours", e.ID, wire.EnvironmentPatch{Name: &name})
		for what, err := range map[string]error{"patch": patched, "delete": c.DeleteEnvironment(ctx, "ours", e.ID, false)} {
			if f := fault.From(err); (f == nil) != (code == "") || f != nil && (f.Code != code || f.Kind != fault.Invalid) {
				t.Errorf("%s of version %d: %v", what, version, err)
			}
		}
	}
	if _, err := c.CreateKey(client.IfMatch(t.Context(), 9), "ours", wire.KeyInput{Name: "x", Roles: []string{string(access.Invoke)}}); err != nil {
		t.Errorf("what is made has no version yet: %v", err)
	}
}

func FuzzIfMatch(f *testing.F) {
	for _, seed := range []string{`"1"`, `W/"1-cafe"`, `*`, `"7", "1"`, `""`, `"`, `""1""`, `W/`, `"*"`, "\x00", `"1,2"`, `"id.7-x"`, `"other.7"`, `".7"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		c := call{}
		var err error
		c.conditions, err = conditionsOf(&route{handle: handler{versioned: true}}, http.Header{"If-Match": {header}})
		if err != nil {
			return
		}
		whatever := slices.Contains(c.ifMatch, "*")
		for _, named := range []string{"id", "name"} {
			thing, version, err := c.pin(named, func() (string, int64, error) { return "id", 7, nil })
			passes := strings.Contains(header, `id.7`) || named == "id" && (strings.Contains(header, `"7`) || strings.Contains(header, `".7`))
			if version != 0 && (version != 7 || thing != "id") || err == nil && version == 0 && !whatever || version == 7 && !passes {
				t.Errorf("%q lets a change of version %d of %q, named %q, through: %v", header, version, thing, named, err)
			}
		}
	})
}

func TestOfTwoEditorsTheSecondIsToldAndNothingIsLost(t *testing.T) {
	h, operator, _ := realServer(t, t.TempDir()+"/adit.db")
	c, ctx := serve(t, h, operator), t.Context()
	if _, err := c.CreateOrganization(ctx, wire.OrganizationInput{Name: "research"}); err != nil {
		t.Fatal(err)
	}
	read, err := c.CreateEnvironment(ctx, "research", wire.EnvironmentInput{Name: "prod", Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	first, second := "of the first", "of the second"
	if _, err := c.UpdateEnvironment(client.IfMatch(ctx, read.Version), "research", read.ID, wire.EnvironmentPatch{Description: &first}); err != nil {
		t.Fatal(err)
	}
	_, err = c.UpdateEnvironment(client.IfMatch(ctx, read.Version), "research", read.ID, wire.EnvironmentPatch{Description: &second})
	if f := fault.From(err); f == nil || f.Code != "conflict" || f.Remedy == "" {
		t.Errorf("%v", err)
	}
	now, err := c.Environment(ctx, "research", "prod")
	if err != nil || now.Description != first || now.Version != read.Version+1 {
		t.Errorf("%+v %v", now, err)
	}
	if err := c.DeleteEnvironment(client.IfMatch(ctx, read.Version), "research", read.ID, false); fault.From(err) == nil {
		t.Error("it was deleted as nobody has read it")
	}
	if err := c.DeleteEnvironment(client.IfMatch(ctx, now.Version), "research", read.ID, false); err != nil {
		t.Error(err)
	}
}

// TestWhatWasReadOfANameChangesNothingOfTheNextThingWithThatName: every new thing
// begins at version 1, so that the number alone would not tell.
func TestWhatWasReadOfANameChangesNothingOfTheNextThingWithThatName(t *testing.T) {
	h, operator, _ := realServer(t, t.TempDir()+"/adit.db")
	do := func(method, path, body string, more ...func(*http.Request)) *httptest.ResponseRecorder {
		t.Helper()
		return ask(t, h, operator, method, base+path, body, more...)
	}
	const research = "/organizations/research"
	furnish := func() {
		read[wire.Organization](t, do("POST", "/organizations", `{"name":"research"}`), 201)
		read[wire.Environment](t, do("POST", research+"/environments", `{"name":"prod","region":"eu-central-1"}`), 201)
		read[wire.NewKey](t, do("POST", research+"/keys", `{"name":"ci"}`), 201)
		read[wire.TrustedIssuer](t, do("POST", research+"/trusted-issuers", body("create-trusted-issuer")), 201)
	}
	paths := map[string]string{ // by what is sent as a PATCH
		research + "/environments/prod": `{"description":"x"}`, research + "/keys/ci": `{"tags":{"a":"b"}}`,
		research + "/trusted-issuers/new": `{"tags":{"a":"b"}}`, research: `{"description":"x"}`,
	}
	furnish()
	former := map[string]string{}
	for path := range paths {
		former[path] = do("GET", path, "").Header().Get("ETag")
	}
	if out := do("DELETE", research+"?force=true", ""); out.Code != 204 {
		t.Fatalf("%d %s", out.Code, out.Body)
	}
	furnish()
	for path, patch := range paths {
		for _, method := range []string{"PATCH", "DELETE"} {
			if p := told(t, do(method, path, patch, with("If-Match", former[path]))); p.Status != 412 || p.Code != "conflict" {
				t.Errorf("%s %s, as the former one was read: %+v", method, path, p)
			}
			if p := told(t, do(method, path, patch, with("If-Match", `"1"`))); p.Status != 422 || !strings.Contains(p.Remedy, "id") {
				t.Errorf("%s %s, of version 1 of whatever it is: %+v", method, path, p)
			}
		}
		if out := do("PATCH", path, patch, with("If-Match", do("GET", path, "").Header().Get("ETag"))); out.Code != 200 {
			t.Errorf("%s, as it was read: %d %s", path, out.Code, out.Body)
		}
	}
}

func TestARepetitionIsAnsweredFromTheDatabase(t *testing.T) {
	h, operator, _ := realServer(t, t.TempDir()+"/adit.db")
	send := func(path, body string) *httptest.ResponseRecorder {
		return ask(t, h, operator, "POST", base+path, body, with("Idempotency-Key", "one"))
	}
	first := read[wire.Organization](t, send("/organizations", `{"name":"research"}`), 201)
	again := read[wire.Organization](t, send("/organizations", `{"name":"research"}`), 201)
	if d := cmp.Diff(first, again); d != "" {
		t.Error(d)
	}
	if p := told(t, send("/organizations", `{"name":"other"}`)); p.Code != "idempotency_mismatch" {
		t.Errorf("%+v", p)
	}
	key := read[wire.NewKey](t, send("/organizations/research/keys", `{"name":"ci"}`), 201)
	if p := told(t, send("/organizations/research/keys", `{"name":"ci"}`)); p.Code != "already_done" || !strings.Contains(p.Detail, key.Key.ID) {
		t.Errorf("%+v", p)
	}
}
