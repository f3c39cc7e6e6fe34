package studio

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestTheEditFormHoldsTheEnvironmentAndSendsWhatWasChanged(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	s.see(s.get(s.org("environments", stageEnv, "edit")), http.StatusOK, `value="prod"`, "team = search", `value="600"`, "1 hour", `name="opened" value="`+fingerprint(prod())+`"`)
	changed := prod()
	changed.State = "pending"
	s.api.answer("PATCH "+environmentPath, changed)
	f := formOf(prod()).values
	f.Set("region", "eu-west-1")
	f.Set("session_tags", "on")
	w := s.post(s.org("environments", stageEnv, "edit"), f)
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != s.org("environments", stageEnv, "setup") {
		t.Errorf("%d to %q: another region has to be checked", w.Code, to)
	}
	if did := s.api.changes(); did[0].Body != `{"region":"eu-west-1","session_tags":true}` {
		t.Errorf("sent %s", did[0].Body)
	}
}

func TestWhoWasOvertakenLosesNothingAndSeesBoth(t *testing.T) {
	now := prod()
	now.Version, now.Description = 4, "somebody else's words"
	s := newStage(t, access.Owner)
	s.api.answer("GET "+environmentPath, now)
	f := formOf(prod()).values
	f.Set("description", "my words")
	w := s.post(s.org("environments", stageEnv, "edit"), f)
	s.see(w, http.StatusUnprocessableEntity, "Someone else changed this environment", "my words", "somebody else&#39;s words", `value="`+fingerprint(now)+`"`)
	if did := s.api.changes(); len(did) > 0 {
		t.Errorf("it was saved: %v", did)
	}
}

func TestASettingThatChangesBetweenReadingAndWritingIsAConflictToo(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	s.api.answers["PATCH "+environmentPath] = func(r *http.Request) (int, any) {
		now := prod()
		now.Version, now.Region = 4, "us-west-2"
		s.api.answer("GET "+environmentPath, now)
		if got := r.Header.Get("If-Match"); got != `"3"` {
			t.Errorf("If-Match: %s", got)
		}
		return http.StatusConflict, wire.Problem{Status: 409, Kind: "invalid", Code: "conflict", Detail: "it was changed", ErrorID: "req_1"}
	}
	f := formOf(prod()).values
	f.Set("name", "production")
	s.see(s.post(s.org("environments", stageEnv, "edit"), f), http.StatusUnprocessableEntity, "Someone else changed", `value="production"`, "us-west-2")
}

func TestWhatTheServerNotesMeanwhileDoesNotStopAnEdit(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	s.api.answers["PATCH "+environmentPath] = func(r *http.Request) (int, any) {
		now := prod()
		now.Version, now.State = 4, "failing"
		s.api.answer("GET "+environmentPath, now)
		if r.Header.Get("If-Match") != `"4"` {
			return http.StatusConflict, wire.Problem{Status: 409, Kind: "invalid", Code: "conflict", Detail: "it was changed", ErrorID: "req_1"}
		}
		return http.StatusOK, now
	}
	f := formOf(prod()).values
	f.Set("name", "production")
	if w := s.post(s.org("environments", stageEnv, "edit"), f); w.Code != http.StatusSeeOther {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	s.api.refuse("PATCH "+environmentPath, wire.Problem{Status: 409, Kind: "invalid", Code: "conflict", Detail: "it was changed"})
	s.see(s.post(s.org("environments", stageEnv, "edit"), f), http.StatusUnprocessableEntity, "It was changed")
}

func TestFaultsOfAnEditStandBesideTheirFields(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	f := formOf(prod()).values
	f.Set("limits.max_concurrent", "many")
	s.api.refuse("PATCH "+environmentPath, wire.Problem{Status: 422, Kind: "invalid", Detail: "the limit of concurrent requests must be 0 to 1000000",
		Errors: []wire.FieldError{{Location: "body.limits.max_concurrent", Message: "the limit of concurrent requests must be 0 to 1000000"}}})
	s.see(s.post(s.org("environments", stageEnv, "edit"), f), http.StatusUnprocessableEntity, `id="field-limits-max_concurrent-fault">Enter a whole number`)
	s.api.refuse("PATCH "+environmentPath, wire.Problem{Status: 422, Kind: "invalid", Detail: "the role ARN is none",
		Errors: []wire.FieldError{{Location: "body.role_arn", Message: "the role ARN is none"}}})
	f = formOf(prod()).values
	f.Set("role_arn", "nonsense")
	s.see(s.post(s.org("environments", stageEnv, "edit"), f), http.StatusUnprocessableEntity, "The role ARN is none", `id="field-role_arn-fault"`)
}

func TestDeletingSaysWhatBreaksAndAsksForTheName(t *testing.T) {
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.InvokeNames = []string{"prod/amazon.titan-embed-text-v2:0"} })
	del := s.org("environments", stageEnv, "delete")
	s.see(s.get(del), http.StatusOK, "Requests for prod/amazon.titan-embed-text-v2:0", "adit aws remove --environment prod --org acme", "Its id is never reused")
	s.see(s.post(del, url.Values{"confirm": {"staging"}}), http.StatusUnprocessableEntity, "not the name")
	if did := s.api.changes(); len(did) > 0 {
		t.Fatalf("deleted: %v", did)
	}

	s.api.refuse("DELETE "+environmentPath, wire.Problem{Status: 409, Kind: "invalid", Code: "in_use",
		Detail: "the environment prod is still in use by: the API key ci (key_1)", Remedy: "Change or remove those first, or force it."})
	s.see(s.post(del, url.Values{"confirm": {"prod"}}), http.StatusUnprocessableEntity, "the API key ci (key_1)", `name="force"`)

	s.api.answer("DELETE "+environmentPath, nil)
	w := s.post(del, url.Values{"confirm": {"prod"}, "force": {"on"}})
	did := s.api.changes()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != s.org("environments") || did[len(did)-1].Query != "force=true" {
		t.Errorf("%d to %q, %v", w.Code, w.Header().Get("Location"), did)
	}
}

func TestTheDeletePageNamesBeforehandWhatUsesTheEnvironment(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	const org = "GET /organizations/" + stageOrg
	del := s.org("environments", stageEnv, "delete")
	if w := s.get(del); strings.Contains(w.Body.String(), "It is in use") || strings.Contains(w.Body.String(), `name="force"`) {
		t.Error("nothing uses it, and it is said to be in use")
	}
	s.api.answer(org+"/keys", wire.Page[wire.Key]{Items: []wire.Key{
		{ID: "key_1", Name: "ci", Environments: []string{stageEnv}}, {ID: "key_2", Name: "other", Environments: []string{"env_x"}}, {ID: "key_3", Name: "everywhere"},
	}})
	s.api.answer(org+"/models", wire.Page[wire.CallableModel]{Items: []wire.CallableModel{{Name: "titan", Source: "file"}, {Name: "prod/cohere", Source: "environment"}}})
	s.api.answer(org+"/trusted-issuers", wire.Page[wire.TrustedIssuer]{Items: []wire.TrustedIssuer{{ID: "tru_1", Name: "github", Environments: []string{stageEnv, "env_x"}}}})
	s.api.answer(org+"/budgets", wire.Page[wire.Budget]{Items: []wire.Budget{{ID: "bud_1", Target: stageEnv, Period: "day"}, {ID: "bud_2", Period: "month"}}})
	w := s.get(del)
	s.see(w, http.StatusOK, `name="force"`, s.org("keys", "key_1")+`"><bdi>ci</bdi></a> may use this environment only`, "models?search=titan", "<bdi>github</bdi></a> may use its other", "<bdi>per day</bdi>")
	for _, not := range []string{"key_2", "key_3", "search=prod", "per month"} {
		if strings.Contains(w.Body.String(), not) {
			t.Errorf("%s does not use it", not)
		}
	}
	for _, q := range s.api.asked {
		if strings.HasSuffix(q.Path, "/models") && !strings.Contains(q.Query, "environment="+stageEnv) {
			t.Errorf("asked for the models of all: %v", q)
		}
	}
}

func TestHostileTextIsTextOnEveryPageOfAnEnvironment(t *testing.T) {
	hostile := `"><img src=x onerror=alert(1)><script>alert(2)</script>` + "\x00\u202e" + strings.Repeat("ü", 5000)
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) {
		at := stageNow()
		e.Name, e.Description, e.Region, e.RoleARN, e.Why, e.State = hostile, hostile, hostile, hostile, hostile, "unsafe"
		e.Issuer, e.Subject, e.Audience, e.Audiences, e.Models = hostile, hostile, hostile, []string{hostile, hostile}, []string{hostile}
		e.InvokeNames, e.Tags = []string{hostile}, map[string]string{hostile: hostile}
		e.Activity = &wire.Activity{Exchanged: &at, Outcome: hostile, Why: hostile, RequestID: hostile}
		e.Accepted = &wire.Acceptance{By: hostile, Reason: hostile, At: at, RoleARN: hostile}
	})
	e, one := prod(), environmentPath
	s.api.answers["GET "+environmentsPath] = func(r *http.Request) (int, any) {
		_, shown := s.api.answers["GET "+one](r)
		return http.StatusOK, wire.Page[wire.Environment]{Items: []wire.Environment{shown.(wire.Environment), e}}
	}
	m := wire.Model{ID: hostile, Name: hostile, Provider: hostile, Kind: hostile, Access: hostile, AccessWhy: hostile, Why: hostile, Lifecycle: hostile,
		Destinations: []string{hostile}, Embeds: true, Enabled: true, InvokeName: hostile}
	s.api.answer("GET "+one+"/models", wire.Models{Items: []wire.Model{m, {ID: hostile}},
		Warnings: []wire.ModelWarning{{Operation: hostile, Message: hostile, Code: hostile, Said: hostile, RequestID: hostile}}})
	s.api.answer("GET /organizations/"+stageOrg+"/models", wire.Page[wire.CallableModel]{Items: []wire.CallableModel{
		{Name: hostile, ModelID: hostile, Family: hostile, Source: hostile, Environment: hostile, Region: hostile}, {Name: "a", Source: hostile}}})
	s.api.answer("POST "+one+"/setup", wire.Setup{Document: hostile})
	for _, path := range []string{
		"", "/" + stageEnv, "/" + stageEnv + "/edit", "/" + stageEnv + "/delete", "/" + stageEnv + "/setup", "/" + stageEnv + "/setup/progress",
		"/" + stageEnv + "/diagnosis", "/" + stageEnv + "/models", "?search=" + url.QueryEscape(hostile), "/../models",
	} {
		to := s.org("environments") + path
		if path == "/../models" {
			to = s.org("models")
		}
		t.Run(path, func(t *testing.T) {
			w := s.get(to)
			s.see(w, http.StatusOK)
			// What stands in a field is kept as it is: it is sent back from there.
			body := regexp.MustCompile(`(?s)value="[^"]*"|<textarea.*?</textarea>`).ReplaceAllString(w.Body.String(), "")
			for _, not := range []string{"<img", "<script>", "\x00", "\u202e"} {
				if i := strings.Index(body, not); i >= 0 {
					t.Errorf("%q stands on the page: %.200s", not, body[max(0, i-100):])
				}
			}
		})
	}
}
