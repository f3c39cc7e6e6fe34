package studio

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// noSuchThing is how the API refuses lists with nothing that there is.
func noSuchThing() wire.Problem {
	return wire.Problem{Status: 422, Kind: "invalid", Detail: "the request has 2 errors", Errors: []wire.FieldError{
		{Location: "body.environments", Message: "the organization has no such environment"}, {Location: "body.models", Message: "a model's name must have 1 to 2048 characters"},
	}}
}

// widening tries to open what is bound to one environment and one model: silently,
// which is refused, and then by the boxes that say so.
func widening(t *testing.T, s *visitor, edit string, typed url.Values) (silent, said string) {
	t.Helper()
	page := s.get(edit)
	s.see(page, http.StatusOK, `name="every_environments" value="on"`, `name="every_models" value="on"`, "All environments, including future ones", "All models, including future ones")
	if strings.Contains(page.Body.String(), "None ticked") || strings.Contains(page.Body.String(), `value="on" checked`) {
		t.Error("the form says that ticking none is all, or offers it ticked")
	}
	s.forget()
	path := "PATCH " + strings.Replace(strings.TrimSuffix(edit, "/edit"), root+"/o", "/organizations", 1)
	takes := s.api.answers[path]
	s.api.refuse(path, noSuchThing())
	s.see(s.post(edit, typed), http.StatusUnprocessableEntity,
		`id="field-environments-fault">Tick at least one, or choose every environment, those to come too`,
		`id="field-models-fault">Tick at least one, or choose every model, those to come too`)
	if c := s.api.changes(); len(c) > 0 {
		silent = c[0].Body
	}
	s.forget()
	s.api.answers[path] = takes
	wide := maps.Clone(typed)
	wide.Set("every_environments", "on")
	wide.Set("models", titan)
	wide.Set("every_models", "on") // which outweighs what is ticked
	s.see(s.post(edit, wide), http.StatusSeeOther)
	if c := s.api.changes(); len(c) == 1 {
		said = c[0].Body
	}
	return silent, said
}

func TestUntickingTheLastOfAKeyDoesNotOpenEverything(t *testing.T) {
	k := stageKeyRow()
	s := keyStage(t, access.Admin, k)
	s.api.answer("PATCH /organizations/"+stageOrg+"/keys/"+k.ID, k)
	silent, said := widening(t, s, s.org("keys", k.ID, "edit"), url.Values{
		"version": {"1"}, "name": {"search"}, "roles": {"invoke"}, "limits.requests_per_minute": {"600"}, "tags": {"team=search"}, "expires": {"2026-11-25"},
	})
	if d := cmp.Diff([]string{`{"environments":[""],"models":[""]}`, `{"environments":["*"],"models":["*"]}`}, []string{silent, said}); d != "" {
		t.Error(d)
	}
}

func TestUntickingTheLastOfATrustedIssuerDoesNotOpenEverything(t *testing.T) {
	i := githubTrust()
	i.Environments, i.Models = []string{stageEnv}, []string{titan}
	s := trustStage(t, access.Admin, i)
	s.api.answer("PATCH /organizations/"+stageOrg+"/trusted-issuers/"+i.ID, i)
	silent, said := widening(t, s, s.org("trusted-issuers", i.ID, "edit"), url.Values{
		"version": {"0"}, "name": {i.Name}, "subject": {i.Subject}, "limits.requests_per_minute": {positive(i.Limits.PerMinute)},
	})
	if d := cmp.Diff([]string{`{"environments":[""],"models":[""]}`, `{"environments":["*"],"models":["*"]}`}, []string{silent, said}); d != "" {
		t.Error(d)
	}
}

func TestLinesThatWereEmptiedDoNotOpenEverythingEither(t *testing.T) {
	k := stageKeyRow()
	s := keyStage(t, access.Admin, k)
	s.api.answer("GET /organizations/"+stageOrg+"/environments", wire.Page[wire.Environment]{Next: "more"}) // too many to be ticked
	s.api.refuse("PATCH /organizations/"+stageOrg+"/keys/"+k.ID, noSuchThing())
	s.see(s.post(s.org("keys", k.ID, "edit"), url.Values{"version": {"1"}, "name": {"search"}, "roles": {"invoke"}, "environments": {" \n"}, "models": {titan}}),
		http.StatusUnprocessableEntity, `id="field-environments-fault">Write at least one, or choose every environment`)
	if p := sentAs[wire.KeyPatch](t, s); p.Environments == nil || (*p.Environments)[0] != "" {
		t.Errorf("sent: %v", p.Environments)
	}
}

func TestWhatHadNoListIsStillOpenToAll(t *testing.T) {
	k := stageKeyRow()
	k.Environments, k.Models = nil, nil
	s := keyStage(t, access.Admin, k)
	s.api.answer("PATCH /organizations/"+stageOrg+"/keys/"+k.ID, k)
	page := s.get(s.org("keys", k.ID, "edit"))
	s.see(page, http.StatusOK, "None selected means all")
	if strings.Contains(page.Body.String(), "every_") {
		t.Error("a box would change nothing")
	}
	s.see(s.post(s.org("keys", k.ID, "edit"), url.Values{"version": {"1"}, "name": {"renamed"}, "roles": {"invoke"}, "limits.requests_per_minute": {"600"}, "tags": {"team=search"}, "expires": {"2026-11-25"}}), http.StatusSeeOther)
	if d := cmp.Diff(wire.KeyPatch{Name: pointer("renamed")}, sentAs[wire.KeyPatch](t, s)); d != "" {
		t.Error(d)
	}
}
