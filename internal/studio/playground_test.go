package studio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// fakeBench makes vectors of the lengths and the letters of texts.
type fakeBench struct {
	fail error
	got  []string
	who  string
}

func (f *fakeBench) Try(_ context.Context, p access.Principal, organization, address, model string, texts []string) (Trial, error) {
	f.got, f.who = texts, strings.Join([]string{p.Key.ID, organization, address, model}, " ")
	t := Trial{Dimensions: 3, Tokens: 40, Total: 200 * time.Millisecond, AWS: 190 * time.Millisecond, Prices: "2026-09-30"}
	if model == titan {
		t.Priced, t.Cost = true, 960
	}
	for _, text := range texts {
		t.Vectors = append(t.Vectors, []float32{float32(len(text)), float32(strings.Count(text, "e")), 1})
	}
	return t, f.fail
}

const titan = "prod/amazon.titan-embed-text-v2:0"

// bench is a stage with a playground and two models.
func bench(t *testing.T, role access.Role, change ...func(*Settings)) (*visitor, *fakeBench) {
	t.Helper()
	f := &fakeBench{}
	s := newStage(t, role, append([]func(*Settings){func(s *Settings) { s.Playground = f }}, change...)...)
	s.api.answer("GET /organizations/"+stageOrg+"/models", wire.Page[wire.CallableModel]{Items: []wire.CallableModel{
		{Name: titan, ModelID: "eu.amazon.titan-embed-text-v2:0", Region: "eu-central-1"}, {Name: "search"},
	}})
	return s, f
}

func TestThePlaygroundShowsNearnessCostTimeAndTheRequestAsCode(t *testing.T) {
	s, f := bench(t, access.Developer)
	w := s.post(s.org("playground"), url.Values{"model": {titan}, "texts": {"the first text\r\n\r\n  second\r\nthe third one\n"}})
	s.see(w, http.StatusOK, `id="result"`, "3 texts", `class="heat-map"`, `class="point-map"`,
		"40 <small>reported by AWS</small>", "$0.00000096", "price of 2026-09-30", "200 ms <small>10 ms in Adit, 190 ms at AWS</small>",
		"urllib.request", "curl &#39;http://localhost/v1/embeddings&#39;", "await fetch(", "package main", "ADIT_API_KEY", ">\nthe first text")
	if want := []string{"the first text", "  second", "the third one"}; !slices.Equal(f.got, want) {
		t.Errorf("sent %q", f.got)
	}
	if f.who != stageUser+" "+stageOrg+" 127.0.0.1 "+titan {
		t.Errorf("in the name of %q", f.who)
	}
}

func TestAModelWithoutAPriceHasACostThatIsNotKnown(t *testing.T) {
	s, _ := bench(t, access.Developer)
	s.see(s.post(s.org("playground"), url.Values{"model": {"search"}, "texts": {"x"}}), http.StatusOK, "unknown", "One text is a single point.")
}

func TestAllFaultsOfATryStandBesideTheirFieldsAndTheTextsAreKept(t *testing.T) {
	s, f := bench(t, access.Developer)
	long := strings.Repeat("a", playCharacters+1)
	w := s.post(s.org("playground"), url.Values{"model": {"nothing"}, "texts": {"<b>kept</b>\n" + long + "\n" + strings.Repeat("x\n", 40)}})
	s.see(w, http.StatusUnprocessableEntity, "hoose one of the models", "hese are 42 texts; the playground takes at most 32", "ext 2 has 2,001 characters, more than 2,000", "&lt;b&gt;kept&lt;/b&gt;")
	if f.got != nil {
		t.Error("something was sent")
	}
	f.fail = fault.New(fault.Invalid, "the text is too long for the model").WithParam("input[3]")
	w = s.post(s.org("playground"), url.Values{"model": {titan}, "texts": {"kept"}})
	s.see(w, http.StatusUnprocessableEntity, "too long for the model", `id="field-texts-fault"`, ">\nkept</textarea>")
	f.fail = fault.New(fault.Refused, "AWS refused").WithRemedy("Enable the model.")
	w = s.post(s.org("playground"), url.Values{"model": {titan}, "texts": {"kept"}})
	s.see(w, status(f.fail), "AWS refused", "Enable the model.", ">\nkept</textarea>")
}

func TestWhoMayNotUseThePlaygroundIsToldWhatItNeeds(t *testing.T) {
	s, f := bench(t, access.Auditor)
	s.see(s.get(s.org("playground")), http.StatusForbidden, "it needs playground", "Ask an owner")
	s.see(s.post(s.org("playground"), url.Values{"model": {titan}, "texts": {"x"}}), http.StatusForbidden)
	if f.got != nil {
		t.Error("something was sent")
	}
}

func TestTheFirstVisitHasExamplesAndTheModelThatWasAskedFor(t *testing.T) {
	s, _ := bench(t, access.Developer)
	s.see(s.get(s.org("playground")+"?model=search"), http.StatusOK, "I forgot my login", `<option value="search" selected>`)
	s.api.answer("GET /organizations/"+stageOrg+"/models", wire.Page[wire.CallableModel]{})
	s.see(s.get(s.org("playground")), http.StatusOK, "No models yet")
}

func TestHostileTextsAreTextInThePlayground(t *testing.T) {
	s, _ := bench(t, access.Developer)
	evil := "</textarea><img src=x onerror=alert(1)>\x00\u202Edrow " + strings.Repeat("W", 1500)
	w := s.post(s.org("playground"), url.Values{"model": {titan}, "texts": {evil}})
	s.see(w, http.StatusOK, "&lt;/textarea&gt;&lt;img")
	if body := w.Body.String(); strings.Contains(body, "<img") || strings.Contains(body, "\x00") {
		t.Error("it is not only text")
	}
}
