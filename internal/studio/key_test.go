package studio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

const (
	stageKey = "key_9a7b4c3d2e1f0a9b5f0c2d1e"
	evilText = `<img src=x onerror=alert(1)>"'` + "\u202E"
)

func pointer[T any](x T) *T { return &x }

func stageKeyRow() wire.Key {
	return wire.Key{
		ID: stageKey, Organization: stageOrg, Name: "search", Roles: []string{"invoke"}, Environments: []string{stageEnv}, Models: []string{titan},
		Limits: wire.Limits{PerMinute: 600}, Tags: map[string]string{"team": "search"}, Secrets: []wire.KeySecret{{Created: stageNow().Add(-time.Hour)}},
		Created: stageNow().Add(-48 * time.Hour), Updated: stageNow(), Expires: pointer(stageNow().Add(72 * time.Hour)),
		LastUsed: pointer(stageNow().Add(-3 * time.Minute)), Version: 1,
	}
}

// keyStage is a stage with one key, one environment and one model.
func keyStage(t *testing.T, role access.Role, k wire.Key) *visitor {
	t.Helper()
	s := newStage(t, role)
	const org = "/organizations/" + stageOrg
	s.api.answer("GET "+org+"/keys", wire.Page[wire.Key]{Items: []wire.Key{k}, Next: "more"})
	s.api.answer("GET "+org+"/keys/"+k.ID, k)
	s.api.answer("GET "+org+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{{ID: stageEnv, Name: "prod", Region: "eu-central-1"}}})
	s.api.answer("GET "+org+"/models", wire.Page[wire.CallableModel]{Items: []wire.CallableModel{{Name: titan}, {Name: "other"}}})
	return s
}

// sentAs reads what the one change of a test sent.
func sentAs[T any](t *testing.T, s *visitor) (out T) {
	t.Helper()
	changes := s.api.changes()
	if len(changes) != 1 {
		t.Fatalf("%d changes: %v", len(changes), changes)
	}
	if err := json.Unmarshal([]byte(changes[0].Body), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheListOfKeysTellsScopeLastUseAndWhatEndsSoon(t *testing.T) {
	s := keyStage(t, access.Admin, stageKeyRow())
	w := s.get(s.org("keys") + "?search=sea&role=invoke&sort=-last_used&cursor=abc")
	s.see(w, http.StatusOK, ">search</bdi>", ">prod</bdi>", "1 model", "3 minutes ago", "expires soon", "in 3 days", "cursor=more", "First page",
		`<option value="invoke" selected>`, `<option value="-last_used" selected>`, `value="sea"`)
	for _, q := range s.api.asked {
		if strings.HasSuffix(q.Path, "/keys") {
			got, _ := url.ParseQuery(q.Query)
			want := url.Values{"search": {"sea"}, "role": {"invoke"}, "sort": {"-last_used"}, "cursor": {"abc"}, "limit": {"50"}}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		}
	}
}

func TestAListWithoutKeysTeachesWhatTheyAreFor(t *testing.T) {
	s := newStage(t, access.Admin)
	s.api.answer("GET /organizations/"+stageOrg+"/keys", wire.Page[wire.Key]{})
	s.see(s.get(s.org("keys")), http.StatusOK, "No API keys yet", s.org("keys", "new"))
	s.see(s.get(s.org("keys")+"?search=x"), http.StatusOK, "No matching keys")
}

func TestANewKeyIsShownOnceWithARequestThatDoesNotHoldIt(t *testing.T) {
	s := keyStage(t, access.Admin, stageKeyRow())
	s.see(s.get(s.org("keys", "new")), http.StatusOK, `value="invoke" checked`, "prod", titan)
	s.api.answer("POST /organizations/"+stageOrg+"/keys", wire.NewKey{Key: stageKeyRow(), Secret: "adit_x_SECRET_y"})
	w := s.post(s.org("keys"), url.Values{
		"name": {" search "}, "roles": {"invoke"}, "environments": {stageEnv}, "models": {titan}, "limits.requests_per_minute": {"600"},
		"tags": {"team = search\n\ncost-center=7\n"}, "expires": {"2026-12-31"},
	})
	s.see(w, http.StatusOK, "shown only once", "adit_x_SECRET_y", `data-copy="#key-secret"`, "read -rs ADIT_API_KEY", "/v1/embeddings", titan)
	if body := w.Body.String(); strings.Count(body, "SECRET") != 1 {
		t.Error("the key stands on the page more than once")
	}
	if c := w.Result().Cookies(); strings.Contains(w.Header().Get("Location"), "SECRET") || len(c) > 0 && strings.Contains(c[0].Value, "SECRET") {
		t.Error("the key left the page")
	}
	want := wire.KeyInput{
		Name: "search", Roles: []string{"invoke"}, Environments: []string{stageEnv}, Models: []string{titan}, Limits: &wire.Limits{PerMinute: 600},
		Tags: map[string]string{"team": "search", "cost-center": "7"}, Expires: pointer(time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)),
	}
	if d := cmp.Diff(want, sentAs[wire.KeyInput](t, s)); d != "" {
		t.Error(d)
	}
}

func TestFaultsOfAKeyStandBesideTheirFieldsAndWhatWasTypedStays(t *testing.T) {
	s := keyStage(t, access.Admin, stageKeyRow())
	typed := url.Values{
		"name": {evilText}, "environments": {stageEnv}, "limits.requests_per_minute": {"many"}, "limits.max_concurrent": {"-1"}, "tags": {"no"}, "expires": {"soon"},
	}
	s.api.refuse("POST /organizations/"+stageOrg+"/keys", wire.Problem{Status: 422, Kind: "invalid", Detail: "the request has 2 errors", Errors: []wire.FieldError{
		{Location: "body.name", Message: "the name is too long"}, {Location: "body.tags", Message: "a tag's name must have 1 to 128 letters"},
	}})
	w := s.post(s.org("keys"), typed)
	s.see(w, http.StatusUnprocessableEntity, "field-roles-fault", "field-limits-requests_per_minute-fault", "field-limits-max_concurrent-fault",
		`id="field-tags-fault">Enter each tag on its own line`, "field-expires-fault", `id="field-name-fault">The name is too long`, `value="`+stageEnv+`" checked`, "&lt;img src=x")
	want := wire.KeyInput{
		Name: evilText, Roles: refusedRoles(), Environments: []string{stageEnv}, Tags: refusedTags(), Expires: pointer(refusedEnd()),
		Limits: &wire.Limits{PerMinute: refusedNumber, Concurrent: refusedNumber},
	}
	if d := cmp.Diff(want, sentAs[wire.KeyInput](t, s)); d != "" {
		t.Errorf("what cannot be read is not sent so that it is refused: %s", d)
	}
	s.api.refuse("POST /organizations/"+stageOrg+"/keys", wire.Problem{
		Status: 422, Kind: "invalid", Detail: "the name is taken", Code: "name_taken", Errors: []wire.FieldError{{Location: "body.name", Message: "the name is taken"}},
	})
	w = s.post(s.org("keys"), url.Values{"name": {"kept"}, "roles": {"invoke"}})
	s.see(w, http.StatusUnprocessableEntity, "field-name-fault", `value="kept"`)
}

func TestEditingAKeySendsOnlyWhatWasChanged(t *testing.T) {
	k := stageKeyRow()
	k.Environments = []string{"env_gone", stageEnv}
	s := keyStage(t, access.Admin, k)
	s.api.answer("PATCH /organizations/"+stageOrg+"/keys/"+k.ID, k)
	s.see(s.get(s.org("keys", k.ID, "edit")), http.StatusOK, `value="env_gone" checked`, "deleted", "team = search", `value="2026-11-25"`, `value="600"`)
	same := url.Values{
		"version": {"1"}, "name": {"search"}, "roles": {"invoke"}, "environments": {"env_gone", stageEnv}, "models": {titan}, "limits.requests_per_minute": {"600"},
		"tags": {"team=search"}, "expires": {"2026-11-25"},
	}
	w := s.post(s.org("keys", k.ID, "edit"), same)
	s.see(w, http.StatusSeeOther)
	if d := cmp.Diff(wire.KeyPatch{}, sentAs[wire.KeyPatch](t, s)); d != "" {
		t.Error(d)
	}
	s.api.asked = nil
	s.post(s.org("keys", k.ID, "edit"), url.Values{"version": {"1"}, "name": {"search"}, "roles": {"invoke", "credentials"}, "limits.requests_per_minute": {"600"}, "tags": {""}, "every_environments": {"on"}, "every_models": {"on"}})
	want := wire.KeyPatch{
		Roles: &[]string{"invoke", "credentials"}, Environments: &[]string{"*"}, Models: &[]string{"*"}, Tags: &map[string]string{}, NeverExpires: true,
	}
	if d := cmp.Diff(want, sentAs[wire.KeyPatch](t, s)); d != "" {
		t.Error(d)
	}
}

func TestAFormThatSomebodyElseWasFasterThanSavesNothingAndLosesNothing(t *testing.T) {
	k := stageKeyRow()
	k.Version = 2
	s := keyStage(t, access.Admin, k)
	form := url.Values{"version": {"1"}, "name": {"mine"}, "roles": {"invoke"}, "environments": {stageEnv}, "models": {titan}}
	s.see(s.post(s.org("keys", k.ID, "edit"), form), http.StatusUnprocessableEntity, "omeone else changed this", `value="mine"`, `name="version" value="2"`)
	if len(s.api.changes()) > 0 {
		t.Fatal("it was saved")
	}
	s.api.refuse("PATCH /organizations/"+stageOrg+"/keys/"+k.ID, wire.Problem{Status: http.StatusPreconditionFailed, Kind: "invalid", Code: "conflict", Detail: "it is of another version"})
	form.Set("version", "2")
	s.see(s.post(s.org("keys", k.ID, "edit"), form), http.StatusUnprocessableEntity, "omeone else changed this", `value="mine"`, `name="version" value="2"`)

	i := githubTrust()
	i.Version = 2
	s = trustStage(t, access.Admin, i)
	s.see(s.post(s.org("trusted-issuers", i.ID, "edit"), url.Values{"version": {"1"}, "name": {"mine"}, "subject": {"a:b"}}), http.StatusUnprocessableEntity,
		"omeone else changed this", `value="mine"`, `name="version" value="2"`)
	b := budgetOf("within", "1")
	b.Version = 2
	s = budgetStage(t, access.Admin, b)
	s.see(s.post(s.org("budgets", b.ID, "edit"), url.Values{"version": {"1"}, "soft_usd": {"7"}}), http.StatusUnprocessableEntity,
		"omeone else changed this", `value="7"`, `name="version" value="2"`)
}

func TestARotationShowsTheNewSecretAndHowLongTheFormerWorks(t *testing.T) {
	k := stageKeyRow()
	s := keyStage(t, access.Admin, k)
	s.see(s.get(s.org("keys", k.ID, "rotate")), http.StatusOK, `<option value="86400" selected>`)
	k.Secrets = []wire.KeySecret{{Created: stageNow()}, {Created: stageNow().Add(-time.Hour), Expires: pointer(stageNow().Add(time.Hour))}}
	s.api.answer("POST /organizations/"+stageOrg+"/keys/"+k.ID+"/rotate", wire.NewKey{Key: k, Secret: "adit_x_SECRET_z"})
	s.see(s.post(s.org("keys", k.ID, "rotate"), url.Values{"overlap_seconds": {"3600"}}), http.StatusOK, "adit_x_SECRET_z", "works until 22 November 2026, 13:00 UTC")
	if d := cmp.Diff(wire.RotationInput{OverlapSeconds: pointer(3600)}, sentAs[wire.RotationInput](t, s)); d != "" {
		t.Error(d)
	}
	s.see(s.post(s.org("keys", k.ID, "rotate"), url.Values{}), http.StatusUnprocessableEntity, "field-overlap_seconds-fault")
}

func TestAKeyIsRevokedOnlyWithItsNameTyped(t *testing.T) {
	k := stageKeyRow()
	s := keyStage(t, access.Admin, k)
	s.see(s.get(s.org("keys", k.ID, "revoke")), http.StatusOK, "refused from now on", "It was last used 3 minutes ago")
	s.see(s.post(s.org("keys", k.ID, "revoke"), url.Values{"confirm": {"other"}}), http.StatusUnprocessableEntity)
	if len(s.api.changes()) > 0 {
		t.Fatal("it was revoked")
	}
	s.api.answer("DELETE /organizations/"+stageOrg+"/keys/"+k.ID, nil)
	s.see(s.post(s.org("keys", k.ID, "revoke"), url.Values{"confirm": {"search"}}), http.StatusSeeOther)
}

func TestWhoMayOnlyReadKeysSeesNoWayToChangeThem(t *testing.T) {
	s := keyStage(t, access.Auditor, stageKeyRow())
	for _, path := range []string{s.org("keys"), s.org("keys", stageKey)} {
		w := s.get(path)
		s.see(w, http.StatusOK)
		for _, word := range []string{"/keys/new", "/edit", "/rotate", "/revoke"} {
			if strings.Contains(w.Body.String(), word) {
				t.Errorf("%s offers %s", path, word)
			}
		}
	}
	s.see(s.get(s.org("keys", "new")), http.StatusForbidden)
	s.see(s.post(s.org("keys"), url.Values{"name": {"x"}}), http.StatusForbidden)
	s.see(newStage(t, access.Developer).get(s.org("keys")), http.StatusForbidden)
}

func TestAnAdminIsNotOfferedRolesThatTheyMayNotGive(t *testing.T) {
	s := keyStage(t, access.Admin, stageKeyRow())
	w := s.get(s.org("keys", "new"))
	if body := w.Body.String(); strings.Contains(body, `value="owner"`) || strings.Contains(body, `value="admin"`) || !strings.Contains(body, `value="auditor"`) {
		t.Error("the wrong roles")
	}
	s.see(keyStage(t, access.Owner, stageKeyRow()).get(s.org("keys", "new")), http.StatusOK, `value="owner"`)
}

func TestHostileTextIsTextOnThePagesOfKeys(t *testing.T) {
	k := stageKeyRow()
	long := strings.Repeat("W", 10_000)
	k.Name, k.Roles, k.Environments, k.Models, k.Tags = evilText+"\x00"+long, []string{evilText}, []string{evilText}, []string{evilText + long}, map[string]string{evilText: evilText}
	s := keyStage(t, access.Owner, k)
	for _, path := range []string{s.org("keys"), s.org("keys", k.ID), s.org("keys", k.ID, "edit"), s.org("keys", k.ID, "rotate"), s.org("keys", k.ID, "revoke")} {
		w := s.get(path)
		s.see(w, http.StatusOK, "&lt;img src=x onerror=alert(1)&gt;")
		harmless(t, path, w.Body.String())
	}
}

// harmless fails the test if text of others became more than text.
func harmless(t *testing.T, where, body string) {
	t.Helper()
	for _, bad := range []string{"<img", "\x00"} {
		if strings.Contains(body, bad) {
			t.Errorf("%s has %q", where, bad)
		}
	}
}
