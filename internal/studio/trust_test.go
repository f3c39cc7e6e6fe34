package studio

import (
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

const stageTrust = "tru_9b5f0c2d1e9a7b4c3d2e1f0a"

func githubTrust() wire.TrustedIssuer {
	return wire.TrustedIssuer{
		ID: stageTrust, Organization: stageOrg, Name: "deploy", IssuerURL: githubIssuer, Subject: "repo:acme/search:ref:refs/heads/main",
		Audience: "adit:" + stageOrg, Environments: []string{stageEnv}, Limits: wire.Limits{PerMinute: 60}, Created: stageNow(), LastUsed: pointer(stageNow()),
	}
}

func trustStage(t *testing.T, role access.Role, i wire.TrustedIssuer) *visitor {
	t.Helper()
	s := newStage(t, role)
	const org = "/organizations/" + stageOrg
	s.api.answer("GET "+org+"/trusted-issuers", wire.Page[wire.TrustedIssuer]{Items: []wire.TrustedIssuer{i}})
	s.api.answer("GET "+org+"/trusted-issuers/"+i.ID, i)
	s.api.answer("GET "+org+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{{ID: stageEnv, Name: "prod"}}})
	s.api.answer("GET "+org+"/models", wire.Page[wire.CallableModel]{Items: []wire.CallableModel{{Name: titan}}})
	return s
}

func TestTheListOfTrustedIssuersShowsTheAudienceAndWhoseKeysCannotBeRead(t *testing.T) {
	i := githubTrust()
	i.Problem = "it answered 503"
	s := trustStage(t, access.Auditor, i)
	w := s.get(s.org("trusted-issuers"))
	s.see(w, http.StatusOK, "deploy", "repo:acme/search", "prod", "keys unavailable", `id="trust-audience">adit:`+stageOrg)
	if strings.Contains(w.Body.String(), "trusted-issuers/new") {
		t.Error("an auditor is offered to make one")
	}
	s.see(s.get(s.org("trusted-issuers", i.ID)), http.StatusOK, "It answered 503", "tokens of this issuer are refused")
}

func TestTheFormIsPreparedForEachKindOfIssuer(t *testing.T) {
	s := trustStage(t, access.Admin, githubTrust())
	for query, want := range map[string]string{
		"": githubIssuer, "?template=github": "repo:OWNER/REPOSITORY:ref:refs/heads/main", "?template=kubernetes": "system:serviceaccount:NAMESPACE:NAME",
		"?template=other": "cannot stand alone", "?template=%3Cimg%3E": githubIssuer,
	} {
		w := s.get(s.org("trusted-issuers", "new") + query)
		s.see(w, http.StatusOK, want, "adit:"+stageOrg)
		harmless(t, query, w.Body.String())
	}
}

func TestTrustingAnIssuerLeadsToWhatTheJobNeeds(t *testing.T) {
	s := trustStage(t, access.Admin, githubTrust())
	s.api.answer("POST /organizations/"+stageOrg+"/trusted-issuers", githubTrust())
	form := url.Values{"template": {"github"}, "name": {"deploy"}, "issuer_url": {githubIssuer}, "subject": {"repo:OWNER/REPOSITORY:ref:refs/heads/main"}}
	takes := s.api.answers["POST /organizations/"+stageOrg+"/trusted-issuers"]
	s.api.refuse("POST /organizations/"+stageOrg+"/trusted-issuers", wire.Problem{
		Status: 422, Kind: "invalid", Detail: "a subject is needed", Errors: []wire.FieldError{{Location: "body.subject", Message: "a subject is needed"}},
	})
	s.see(s.post(s.org("trusted-issuers"), form), http.StatusUnprocessableEntity, `id="field-subject-fault">Put your repository, such as acme/search`, `name="template" value="github"`)
	if sent := sentAs[wire.TrustedIssuerInput](t, s); sent.Subject != refusedText {
		t.Fatalf("sent: %q", sent.Subject)
	}
	s.forget()
	s.api.answers["POST /organizations/"+stageOrg+"/trusted-issuers"] = takes
	form.Set("subject", "repo:acme/search:ref:refs/heads/main")
	form.Set("limits.requests_per_minute", "60")
	w := s.post(s.org("trusted-issuers"), form)
	s.see(w, http.StatusSeeOther)
	want := wire.TrustedIssuerInput{Name: "deploy", IssuerURL: githubIssuer, Subject: "repo:acme/search:ref:refs/heads/main", Limits: &wire.Limits{PerMinute: 60}}
	if d := cmp.Diff(want, sentAs[wire.TrustedIssuerInput](t, s), emptyTags()); d != "" {
		t.Error(d)
	}
	s.see(s.get(w.Header().Get("Location")), http.StatusOK, "id-token: write", "ACTIONS_ID_TOKEN_REQUEST_URL&amp;audience=adit:"+stageOrg, "::add-mask::")
}

func emptyTags() cmp.Option {
	return cmp.Transformer("tags", sortedPairs)
}

func TestEditingATrustedIssuerSendsOnlyWhatWasChangedAndNeverTheIssuer(t *testing.T) {
	s := trustStage(t, access.Admin, githubTrust())
	s.api.answer("PATCH /organizations/"+stageOrg+"/trusted-issuers/"+stageTrust, githubTrust())
	s.see(s.get(s.org("trusted-issuers", stageTrust, "edit")), http.StatusOK, "Cannot be changed. For another issuer", `value="`+stageEnv+`" checked`)
	s.see(s.post(s.org("trusted-issuers", stageTrust, "edit"), url.Values{
		"version": {"0"}, "name": {"deploy"}, "issuer_url": {"https://evil.example"}, "subject": {"repo:acme/*:ref:refs/heads/main"}, "environments": {stageEnv}, "limits.requests_per_minute": {"60"},
	}), http.StatusSeeOther)
	if d := cmp.Diff(wire.TrustedIssuerPatch{Subject: pointer("repo:acme/*:ref:refs/heads/main")}, sentAs[wire.TrustedIssuerPatch](t, s)); d != "" {
		t.Error(d)
	}
}

func TestTheJobAsksForAModelOfAnEnvironmentThatItMayUse(t *testing.T) {
	s := trustStage(t, access.Admin, githubTrust())
	s.api.answer("GET /organizations/"+stageOrg+"/models", wire.Page[wire.CallableModel]{Items: []wire.CallableModel{
		{Name: "another/model", Environment: "env_another"}, {Name: titan, Environment: stageEnv},
	}})
	w := s.get(s.org("trusted-issuers", stageTrust))
	s.see(w, http.StatusOK, titan)
	if strings.Contains(w.Body.String(), "another/") {
		t.Error("the job asks for what it may not use")
	}
}

func TestTrustEndsOnlyWithTheNameTyped(t *testing.T) {
	s := trustStage(t, access.Admin, githubTrust())
	s.api.answer("DELETE /organizations/"+stageOrg+"/trusted-issuers/"+stageTrust, nil)
	s.see(s.get(s.org("trusted-issuers", stageTrust, "revoke")), http.StatusOK, "Every job that relies on it")
	s.see(s.post(s.org("trusted-issuers", stageTrust, "revoke"), url.Values{"confirm": {"x"}}), http.StatusUnprocessableEntity)
	if len(s.api.changes()) > 0 {
		t.Fatal("it was revoked")
	}
	s.see(s.post(s.org("trusted-issuers", stageTrust, "revoke"), url.Values{"confirm": {"deploy"}}), http.StatusSeeOther)
}

// find walks into a parsed document.
func find(t *testing.T, at any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := at.(map[string]any)
			at = m[step]
		case int:
			l, _ := at.([]any)
			if step >= len(l) {
				t.Fatalf("nothing at %v of %v", step, at)
			}
			at = l[step]
		}
	}
	return at
}

func parsed(t *testing.T, text string) (out any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return out
}

func TestTheJobsAreYAMLWithTheAudienceAndAScriptThatAShellReads(t *testing.T) {
	const audience = "adit:" + stageOrg
	model := `it's a "model" $(id) ${{ secrets.X }}`
	workflow := parsed(t, githubJob("https://adit.example.com/v1/embeddings", model, audience))
	if got := find(t, workflow, "permissions", "id-token"); got != "write" {
		t.Errorf("id-token: %v", got)
	}
	pod := parsed(t, kubernetesJob("https://adit.example.com/v1/embeddings", model, audience, "system:serviceaccount:search:indexer"))
	for want, path := range map[string][]any{
		audience:  {"spec", "volumes", 0, "projected", "sources", 0, "serviceAccountToken", "audience"},
		"search":  {"metadata", "namespace"},
		"indexer": {"spec", "serviceAccountName"},
	} {
		if got := find(t, pod, path...); got != want {
			t.Errorf("%v is %v, want %s", path, got, want)
		}
	}
	for _, script := range []any{find(t, workflow, "jobs", "embed", "steps", 0, "run"), find(t, pod, "spec", "containers", 0, "args", 0)} {
		text, _ := script.(string)
		if out, err := exec.CommandContext(t.Context(), "sh", "-n", "-c", text).CombinedOutput(); err != nil || !strings.Contains(text, "/v1/embeddings") || strings.Contains(text, "${{") {
			t.Errorf("%v: %s in\n%s", err, out, text)
		}
	}
}

func TestWhatSubjectsHoldNeverBreaksOutOfTheJob(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		subject := "system:serviceaccount:" + rapid.String().Draw(r, "namespace") + ":" + rapid.String().Draw(r, "name")
		namespace, account := serviceAccount(subject)
		for _, name := range []string{namespace, account} {
			if strings.Trim(name, `"abcdefghijklmnopqrstuvwxyz0123456789-`) != "" {
				r.Fatalf("%s", name)
			}
		}
	})
}

func TestHostileTextIsTextOnThePagesOfTrustedIssuers(t *testing.T) {
	i := githubTrust()
	i.Name, i.IssuerURL, i.Subject, i.Problem = evilText, evilText, evilText+strings.Repeat("W", 10_000), evilText+"\x00"
	i.Environments, i.Models, i.Tags, i.Audience = []string{evilText}, []string{evilText}, map[string]string{evilText: evilText}, evilText
	s := trustStage(t, access.Owner, i)
	for _, path := range []string{s.org("trusted-issuers"), s.org("trusted-issuers", i.ID), s.org("trusted-issuers", i.ID, "edit"), s.org("trusted-issuers", i.ID, "revoke")} {
		w := s.get(path)
		s.see(w, http.StatusOK, "&lt;img src=x onerror=alert(1)&gt;")
		harmless(t, path, w.Body.String())
	}
}
