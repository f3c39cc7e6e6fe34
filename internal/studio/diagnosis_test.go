package studio

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

const walkAnswer = `{"step":{"name":"public_url","verdict":"ok","message":"the host is known","facts":[{"name":"addresses","value":"192.0.2.1"}],"milliseconds":12}}
{"step":{"name":"exchange","verdict":"failed","message":"AWS STS did not answer","facts":[{"name":"aws_code","value":"<img onerror=x>"},{"name":"detail","value":"{\"Version\": \"2012-10-17\"}"}],"remedy":"Try again.","kind":"unavailable","milliseconds":5003}}
{"summary":{"verdict":"failed","ok":1,"warnings":0,"failed":1,"skipped":3,"kind":"unavailable"}}
`

func TestADiagnosisIsDrawnStepByStepWithFactsAndRemedies(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	s.see(s.get(s.org("environments", stageEnv, "diagnosis")), http.StatusOK, "Run diagnosis", "Negative probe", `data-stream="#walk"`)
	s.api.answer("POST "+environmentPath+"/diagnosis", walkAnswer)
	for name, header := range map[string][]string{"without script": nil, "with it": {fragmentHeader, "1"}} {
		t.Run(name, func(t *testing.T) {
			w := s.post(s.org("environments", stageEnv, "diagnosis"), url.Values{"invoke": {"on"}}, header...)
			s.see(w, http.StatusOK, "Public URL", "192.0.2.1", "AWS STS did not answer", "Try again.", "5,003 ms", "&lt;img onerror=x&gt;",
				"1 passed, 1 failed, 3 skipped.", "start with the first failed step", "2012-10-17")
			if whole := strings.Contains(w.Body.String(), "<!doctype"); whole != (header == nil) {
				t.Errorf("a whole page: %v", whole)
			}
		})
	}
	did := s.api.changes()
	if want := `{"invoke":true}`; did[0].Body != want {
		t.Errorf("asked for %s, want %s", did[0].Body, want)
	}
}

func TestADiagnosisThatBreaksOffSaysSo(t *testing.T) {
	s := withEnvironment(t, access.Owner, nil)
	first, _, _ := strings.Cut(walkAnswer, "\n")
	s.api.answer("POST "+environmentPath+"/diagnosis", first+"\n")
	s.see(s.post(s.org("environments", stageEnv, "diagnosis"), nil), http.StatusOK, "Public URL", "was cut off")
	s.api.refuse("POST "+environmentPath+"/diagnosis", wire.Problem{Status: 503, Kind: "unavailable", Detail: "the database cannot be read"})
	s.see(s.post(s.org("environments", stageEnv, "diagnosis"), nil), http.StatusOK, "database cannot be read")
}

func TestEveryStepOfAWalkHasWords(t *testing.T) {
	for _, name := range walkAhead() {
		if w := wordsOfStep(name); w.Title == "" || w.Asks == "" {
			t.Errorf("%s has none: %+v", name, w)
		}
	}
	if w := wordsOfStep("a_later_step"); w.Title != "a later step" {
		t.Errorf("a step of a later server is called %q", w.Title)
	}
}
