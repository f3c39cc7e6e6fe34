package studio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestTheModelsOfAnAccountAreOfferedThoseThatMakeVectorsFirst(t *testing.T) {
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.Models = append(e.Models, "gone.model-v1") })
	s.api.answer("GET "+environmentPath+"/models", wire.Models{
		Items: []wire.Model{
			{ID: "anthropic.claude", Kind: "foundation", Access: "granted"},
			{ID: "cohere.embed-english-v3", Kind: "foundation", Access: "agreement-needed", AccessWhy: "nobody agreed to the terms", Embeds: true},
			{ID: "amazon.titan-embed-text-v2:0", Kind: "foundation", Access: "granted", Embeds: true, Enabled: true, InvokeName: "prod/amazon.titan-embed-text-v2:0"},
		},
		Warnings: []wire.ModelWarning{{Operation: "ListCustomModels", Message: "custom models are missing", Code: "AccessDeniedException", Said: "<b>no</b>"}},
		Read:     stageNow(),
	})
	w := s.get(s.org("environments", stageEnv, "models")+"?back=setup", fragmentHeader, "1")
	s.see(w, http.StatusOK, "prod/amazon.titan-embed-text-v2:0", "Agreement needed", "Nobody agreed to the terms", "1 other model",
		"not listed by AWS", "gone.model-v1", "custom models are missing", "&lt;b&gt;no&lt;/b&gt;", `name="back" value="setup"`)
	titan, cohere := strings.Index(w.Body.String(), "amazon.titan"), strings.Index(w.Body.String(), "cohere.embed")
	if titan > cohere {
		t.Error("the model that is enabled does not come first")
	}
}

func TestAListThatAWSRefusesNamesTheCauseAndStillShowsWhatIsEnabled(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	s.api.refuse("GET "+environmentPath+"/models", wire.Problem{Status: 502, Kind: "refused", Detail: "AWS does not let the environment in",
		Remedy: "Run `adit aws setup`.", AWS: &wire.AWSError{Code: "AccessDenied", RequestID: "r-7"}})
	s.see(s.get(s.org("environments", stageEnv, "models")), http.StatusOK, "does not let the environment in", "Run <code>adit aws setup</code>", "r-7",
		"amazon.titan-embed-text-v2:0", "Disable", "/diagnosis")
}

func TestAnEnvironmentWithoutARoleAsksAWSForNothing(t *testing.T) {
	s := withEnvironment(t, access.Owner, waiting)
	s.see(s.get(s.org("environments", stageEnv, "models")), http.StatusOK, "once AWS is set up")
	enabled := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.State, e.RoleARN = "pending", "" })
	w := enabled.get(enabled.org("environments", stageEnv, "models"))
	enabled.see(w, http.StatusOK, "Enabled here; listed once AWS is set up", "amazon.titan-embed-text-v2:0")
	if strings.Contains(w.Body.String(), "not listed by AWS") {
		t.Error("AWS was never asked, and is said not to list it")
	}
	if slices.ContainsFunc(s.api.asked, func(q asked) bool { return strings.HasSuffix(q.Path, "/models") }) {
		t.Error("it was asked all the same")
	}
}

func TestEnablingLeadsBackToWhereTheButtonStoodAndSaysTheName(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	e := prod()
	e.InvokeNames = []string{"prod/cohere.embed-english-v3"}
	s.api.answer("POST "+environmentPath+"/models/enable", wire.ModelChange{Environment: e, Changed: true, Advice: "Run setup again."})
	s.api.answer("POST "+environmentPath+"/models/disable", wire.ModelChange{Environment: e, Changed: true})
	for back, want := range map[string]string{
		"environment": s.org("environments", stageEnv), "setup": s.org("environments", stageEnv, "setup"), "//evil.example": s.org("environments", stageEnv, "models"),
	} {
		for _, do := range []string{"enable", "disable"} {
			w := s.post(s.org("environments", stageEnv, "models", do), url.Values{"model": {"cohere.embed-english-v3"}, "back": {back}})
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
				t.Errorf("%s from %q: %d to %q, want %q", do, back, w.Code, w.Header().Get("Location"), want)
			}
		}
	}
	if did := s.api.changes(); did[0].Body != `{"model":"cohere.embed-english-v3"}` {
		t.Errorf("sent %v", did[0])
	}
}

func TestAModelThatCannotBeEnabledIsRefusedBesideItsField(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	s.api.answer("GET "+environmentPath+"/models", wire.Models{Items: []wire.Model{}})
	s.api.refuse("POST "+environmentPath+"/models/enable", wire.Problem{Status: 422, Kind: "invalid", Detail: "no model id",
		Errors: []wire.FieldError{{Location: "body.models", Message: "that is no model id"}}})
	s.see(s.post(s.org("environments", stageEnv, "models", "enable"), url.Values{"model": {"<i>"}}), http.StatusUnprocessableEntity,
		"no model id", "&lt;i&gt;", "AWS lists no embedding models here")
}
