package studio

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func waiting(e *wire.Environment) { e.State, e.RoleARN, e.Models = "pending", "", nil }

func TestANewEnvironmentIsThereAtOnceAndLeadsToItsSetup(t *testing.T) {
	s := newStage(t, access.Owner)
	s.see(s.get(s.org("environments", "new")), http.StatusOK, "Name and region", `list="regions"`, "Europe, Frankfurt")
	s.api.answer("POST "+environmentsPath, prod())
	w := s.post(s.org("environments", "new"), url.Values{"name": {" prod "}, "region": {"eu-central-1"}, "session_tags": {"on"}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != s.org("environments", stageEnv, "setup") {
		t.Errorf("%d to %q", w.Code, to)
	}
	if did := s.api.changes(); did[0].Body != `{"name":"prod","region":"eu-central-1","session_tags":true}` {
		t.Errorf("sent %s", did[0].Body)
	}
}

func TestARefusedNewEnvironmentKeepsWhatWasTypedAndSaysWhatIsWrong(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.refuse("POST "+environmentsPath, wire.Problem{Status: 422, Kind: "invalid", Code: "invalid_input", Detail: "the region is none of AWS's",
		Errors: []wire.FieldError{{Location: "body.region", Message: "the region is none of AWS's"}}})
	s.see(s.post(s.org("environments", "new"), url.Values{"name": {"prod"}, "region": {"<b>mars</b>"}}), http.StatusUnprocessableEntity,
		`value="prod"`, "&lt;b&gt;mars&lt;/b&gt;", `aria-invalid="true"`, "none of AWS")
}

func TestTheSetupShowsTheOneCommandAndEveryFormat(t *testing.T) {
	s := withEnvironment(t, access.Owner, waiting)
	s.api.answers["POST "+environmentPath+"/setup"] = func(*http.Request) (int, any) {
		return http.StatusOK, wire.Setup{Document: "# <script>\nadit env update prod --role-arn arn:aws:iam::111122223333:role/adit-prod-0a9b5f0c"}
	}
	for _, format := range []string{"cli", "terraform", "cloudformation", "console"} {
		w := s.get(s.org("environments", stageEnv, "setup") + "?format=" + format + "&account=111122223333")
		s.see(w, http.StatusOK, "adit aws setup --environment prod --org acme", "# &lt;script&gt;", `data-every="3s"`, stageEnv,
			`value="arn:aws:iam::111122223333:role/adit-prod-0a9b5f0c"`, "format="+format+"&amp;account=111122223333")
		did := s.api.changes()
		if want := `{"format":"` + format + `","options":{"account":"111122223333"}}`; did[len(did)-1].Body != want {
			t.Errorf("asked for %s, want %s", did[len(did)-1].Body, want)
		}
	}
	w := s.get(s.org("environments", stageEnv, "setup", "document") + "?format=terraform")
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="adit-prod.tf"` || !strings.HasPrefix(w.Body.String(), "# <script>") {
		t.Errorf("%s: %s", got, w.Body)
	}
}

func TestAServerWithoutAPublicURLSaysSoInPlaceOfADocument(t *testing.T) {
	s := withEnvironment(t, access.Owner, waiting)
	s.api.refuse("POST "+environmentPath+"/setup", wire.Problem{Status: 409, Kind: "config", Code: "no_issuer",
		Detail: "this server has no public URL that AWS could trust", Remedy: "Start it with --issuer-url https://HOST."})
	s.see(s.get(s.org("environments", stageEnv, "setup")), http.StatusOK, "no public URL", "--issuer-url", "Created it another way?")
}

func TestWithoutAnIssuerTheSetupSaysWhatComesFirstAndShowsNothingThatCannotWork(t *testing.T) {
	noIssuer := func(role string) func(*wire.Environment) {
		return func(e *wire.Environment) { e.State, e.Issuer, e.RoleARN = "pending", "", role }
	}
	for _, role := range []string{"", "arn:aws:iam::111122223333:role/adit-prod"} {
		s := withEnvironment(t, access.Owner, noIssuer(role))
		w := s.get(s.org("environments", stageEnv, "setup"))
		s.see(w, http.StatusOK, "no public URL that AWS could trust", "--issuer-url https://HOST", "ADIT_ISSUER_URL")
		for _, useless := range []string{"adit aws setup", "Other ways", "Waiting for the role", `data-stream="#check"`} {
			if strings.Contains(w.Body.String(), useless) {
				t.Errorf("with the role %q it shows %q", role, useless)
			}
		}
		if did := s.api.changes(); len(did) > 0 {
			t.Errorf("asked %v", did)
		}
	}
	for _, issuer := range []string{"", "https://adit.example.com"} {
		e := prod()
		e.Issuer = issuer
		owner, operator := newStage(t, access.Owner), newStage(t, access.Operator)
		owner.api.answer("GET "+environmentsPath, wire.Page[wire.Environment]{Items: []wire.Environment{e}})
		operator.api.answer("GET /issuer/keys", wire.SigningKeys{Issuer: issuer})
		for _, s := range []*visitor{owner, operator} {
			w := s.get(s.org("environments", "new"))
			s.see(w, http.StatusOK, "Create environment")
			if strings.Contains(w.Body.String(), "no public URL that AWS could trust") != (issuer == "") {
				t.Errorf("the first step with the issuer %q", issuer)
			}
		}
	}
}

func TestTheCheckBeginsByItselfWhenTheRoleWasNeverTried(t *testing.T) {
	for state, want := range map[string]bool{"pending": true, "failing": false, "unsafe": false} {
		s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.State = state })
		w := s.get(s.org("environments", stageEnv, "setup"))
		s.see(w, http.StatusOK, "Check role", `data-then="#setup-now"`)
		if strings.Contains(w.Body.String(), "data-start") != want {
			t.Errorf("%s: it begins by itself: %v", state, !want)
		}
	}
	s := withEnvironment(t, access.Auditor, func(e *wire.Environment) { e.State = "pending" })
	if w := s.get(s.org("environments", stageEnv, "setup")); strings.Contains(w.Body.String(), "data-start") {
		t.Error("who may not check it sends the check")
	}
}

func TestThePageAndItsProgressSayTheSameOfTheRole(t *testing.T) {
	at := stageNow().Add(-time.Minute)
	for state, c := range map[string]struct {
		said    string
		trusted bool
		tells   bool // the last exchange
	}{"pending": {"Role not checked", true, false}, "failing": {"Failing", false, true}, "unsafe": {"Unsafe", true, true}} {
		s := withEnvironment(t, access.Owner, func(e *wire.Environment) {
			e.State, e.Activity = state, &wire.Activity{Exchanged: &at, Outcome: "AccessDenied"}
		})
		for path, header := range map[string]string{"": "0", "/progress?was=check": "1"} {
			w := s.get(s.org("environments", stageEnv, "setup")+path, fragmentHeader, header)
			s.see(w, http.StatusOK, `<p class="said">`+c.said, "AWS trust")
			body := w.Body.String()
			if n := strings.Count(body, `standing"`); n != 1 {
				t.Errorf("%s: %d boxes say where the role stands", state, n)
			}
			if strings.Contains(body, "Last exchange") != c.tells {
				t.Errorf("%s%s: tells an exchange of a former role, or not the last one", state, path)
			}
			if strings.Contains(body, "<b>AWS trust</b><span class=\"visually-hidden\"> (done)") != c.trusted {
				t.Errorf("%s%s: AWS trust is ticked: %v", state, path, !c.trusted)
			}
		}
	}
}

func TestTheProgressGoesOnByItselfAsSoonAsTheEnvironmentGotFurther(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*wire.Environment)
		was, see string
	}{
		"no role yet":      {waiting, "?was=aws", "Waiting for the role"},
		"a role came":      {func(e *wire.Environment) { e.State = "pending" }, "?was=aws", "data-go="},
		"ready at once":    {nil, "?was=aws", "data-go="},
		"not checked yet":  {func(e *wire.Environment) { e.State = "pending" }, "?was=check", "Role not checked"},
		"it began to fail": {func(e *wire.Environment) { e.State = "failing" }, "?was=check", "Failing"},
		"checked":          {nil, "?was=check", "data-go="},
		"the same role":    {func(e *wire.Environment) { e.State = "pending" }, "?was=check&role=" + prod().RoleARN, "Role not checked"},
		"another role":     {func(e *wire.Environment) { e.State = "pending" }, "?was=check&role=arn:aws:iam::111122223333:role/former", "data-go="},
		"looked at alone":  {nil, "", "data-done"},
	} {
		t.Run(name, func(t *testing.T) {
			s := withEnvironment(t, access.Owner, c.change)
			w := s.get(s.org("environments", stageEnv, "setup", "progress")+c.was, fragmentHeader, "1")
			s.see(w, http.StatusOK, c.see)
			if goes := strings.Contains(w.Body.String(), "data-go="); goes != (c.see == "data-go=") {
				t.Errorf("goes on: %v", goes)
			}
			for _, q := range s.api.changes() {
				t.Errorf("looking at it changed something: %v", q)
			}
		})
	}
}

func TestEachStateIsAtItsStepOfThePath(t *testing.T) {
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.State = "pending" })
	s.see(s.get(s.org("environments", stageEnv, "setup")), http.StatusOK, "Check the role", `data-stream="#check"`)
	s = withEnvironment(t, access.Owner, nil)
	s.see(s.get(s.org("environments", stageEnv, "setup")), http.StatusOK, "Choose models", "?back=setup", "Create an API key")
}

func TestARoleThatIsStoredIsCheckedAtOnceStepByStep(t *testing.T) {
	s := withEnvironment(t, access.Owner, waiting)
	ready, stored := prod(), prod()
	stored.State = "pending"
	s.api.answer("PATCH "+environmentPath, stored)
	s.api.answer("POST "+environmentPath+"/verify", wire.Verification{
		Exchange: wire.Exchange{Outcome: "ok", Account: "111122223333", SessionName: "adit-x", RequestID: "r-1"}, Probe: wire.Probe{Verdict: "refuses"}, Environment: ready,
	})
	w := s.post(s.org("environments", stageEnv, "setup", "role"), url.Values{"role_arn": {" arn:aws:iam::111122223333:role/adit-prod\n"}})
	s.see(w, http.StatusOK, "Role saved", "Asking AWS", "AWS issued credentials", "refuses all other tokens", "Choose models")
	if did := s.api.changes(); did[0].Body != `{"role_arn":"arn:aws:iam::111122223333:role/adit-prod"}` || did[1].Body != `{"settle":true}` {
		t.Errorf("sent %v", did)
	}
}

func TestARoleThatAWSRefusesIsToldWithItsWordsAndTheWayOut(t *testing.T) {
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.State = "pending" })
	failing := prod()
	failing.State = "failing"
	s.api.answer("POST "+environmentPath+"/verify", wire.Verification{
		Exchange: wire.Exchange{Outcome: "AccessDenied", Problem: &wire.Problem{
			Kind: "refused", Detail: "AWS did not let the environment in", Remedy: "Run `adit aws setup`.", Explanation: "the policy that would match",
			AWS: &wire.AWSError{Code: "AccessDenied", Message: "<img src=x onerror=alert(1)>\x00", RequestID: "r-9"},
		}}, Probe: wire.Probe{Verdict: "undecided"}, Environment: failing,
	})
	w := s.post(s.org("environments", stageEnv, "check"), nil, fragmentHeader, "1")
	s.see(w, http.StatusOK, "did not let the environment in", "AccessDenied", "r-9", "AWS code", "Run <code>adit aws setup</code>", "the policy that would match", "&lt;img", "Back to setup")
	if strings.Contains(w.Body.String(), "<img") || strings.Contains(w.Body.String(), "<!doctype") {
		t.Errorf("%s", w.Body)
	}
}

func TestASecretThatWasPastedForARoleIsNotRepeated(t *testing.T) {
	now := prod()
	waiting(&now)
	s := withEnvironment(t, access.Owner, waiting)
	s.api.answer("POST "+environmentPath+"/setup", wire.Setup{})
	refusal := wire.Problem{Status: 422, Kind: "invalid", Detail: "the role ARN is none", Errors: []wire.FieldError{{Location: "body.role_arn", Message: "the role ARN is none"}}}
	s.api.refuse("PATCH "+environmentPath, refusal)
	for typed, repeated := range map[string]bool{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": false, "arn:aws:iam::1:role/x": true} {
		edit, stale := formOf(now).values, formOf(prod()).values
		edit.Set("role_arn", typed)
		stale.Set("role_arn", typed)
		for _, w := range []*httptest.ResponseRecorder{
			s.post(s.org("environments", stageEnv, "setup", "role"), url.Values{"role_arn": {typed}}),
			s.post(s.org("environments", stageEnv, "edit"), edit),
			s.post(s.org("environments", stageEnv, "edit"), stale),
		} {
			s.see(w, http.StatusUnprocessableEntity)
			if strings.Contains(w.Body.String(), typed) != repeated {
				t.Errorf("%s is repeated: %v", typed, !repeated)
			}
		}
	}
}

func TestOnlyARoleThatNeverAnsweredIsWaitedFor(t *testing.T) {
	for state, want := range map[string]string{"pending": `{"settle":true}`, "failing": `{}`, "unsafe": `{}`} {
		s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.State = state })
		s.api.answer("POST "+environmentPath+"/verify", wire.Verification{Exchange: wire.Exchange{Outcome: "ok"}, Probe: wire.Probe{Verdict: "unsafe", Why: "it let others in"}, Environment: prod()})
		s.api.answer("POST "+environmentPath+"/setup", wire.Setup{TrustPolicy: "{the policy}"})
		s.see(s.post(s.org("environments", stageEnv, "check"), nil), http.StatusOK, "It let others in", "{the policy}")
		if did := s.api.changes(); did[0].Body != want {
			t.Errorf("%s: sent %s, want %s", state, did[0].Body, want)
		}
	}
}

func TestAnEmptyRoleIsRefusedBesideItsField(t *testing.T) {
	s := withEnvironment(t, access.Owner, waiting)
	s.api.answer("POST "+environmentPath+"/setup", wire.Setup{})
	s.see(s.post(s.org("environments", stageEnv, "setup", "role"), url.Values{}), http.StatusUnprocessableEntity, "Enter the role", `aria-invalid="true"`)
}
