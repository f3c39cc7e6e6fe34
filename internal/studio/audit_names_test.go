package studio

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

const annID = "usr_aaaaaaaaaaaaaaaaaaaaaaaa"

// namedStage is an audit of an organization with people, keys and an environment.
func namedStage(t *testing.T) *visitor {
	t.Helper()
	s := auditStage(t, access.Auditor, auditRowAt(7, "member.update", "ok"))
	const org = "GET /organizations/" + stageOrg
	s.api.answer(org+"/members", wire.Page[wire.Person]{Items: []wire.Person{{ID: annID, Login: "ann", Name: "Ann Other"}, {ID: stageUser, Name: "Hannah"}}})
	s.api.answer(org+"/keys", wire.Page[wire.Key]{Items: []wire.Key{{ID: stageKey, Name: "search"}, {ID: "key_bbbbbbbbbbbbbbbbbbbbbbbb", Name: "prod"}}})
	return s
}

// askedOf are the filters that the audit was last asked with; nil when it was not.
func askedOf(s *visitor) (got url.Values) {
	for _, q := range s.api.asked {
		if strings.HasSuffix(q.Path, "/audit") {
			got, _ = url.ParseQuery(q.Query)
		}
	}
	return got
}

func TestTheAuditIsSearchedByTheNamesThatItShows(t *testing.T) {
	for query, want := range map[string][2]string{
		"actor=ann": {annID, ""}, "actor=SEARCH": {stageKey, ""}, "actor=Hannah&target=ann+other": {stageUser, annID}, "target=acme": {"", stageOrg},
		"actor=system": {"system", ""}, "target=" + stageEnv: {"", stageEnv}, "target=nobody": {"", "nobody"},
	} {
		s := namedStage(t)
		w := s.get(s.org("audit") + "?" + query)
		s.see(w, http.StatusOK, "member.update", "audit.jsonl?")
		if got := askedOf(s); got.Get("actor") != want[0] || got.Get("target") != want[1] {
			t.Errorf("%s asked for %v, want %v", query, got, want)
		}
	}
}

func TestANameOfSeveralIsAskedBack(t *testing.T) {
	for query, want := range map[string][]string{
		"target=prod&action=x.": {"target=" + stageEnv, "target=key_bbbbbbbbbbbbbbbbbbbbbbbb", "action=x."}, // of both
		"actor=hann":            {"actor=" + stageUser},                                                     // a part of one
	} {
		s := namedStage(t)
		w := s.get(s.org("audit") + "?" + query)
		s.see(w, http.StatusOK, append(want, "Which one?")...)
		s.see(s.get(s.org("audit.jsonl")+"?"+query), http.StatusUnprocessableEntity, "Choose one on the audit")
		if got := askedOf(s); got != nil || strings.Contains(w.Body.String(), "No events") {
			t.Errorf("%s: asked %v", query, got)
		}
	}
}

func TestAnInvitationNamesWhomItIsFor(t *testing.T) {
	r := auditRowAt(7, "signin.link", "ok")
	r.Target, r.Details = "", map[string]string{"login": "bob", "roles": "admin"}
	s := auditStage(t, access.Auditor, r)
	s.see(s.get(s.org("audit")), http.StatusOK, `audit-target"><bdi>bob</bdi></td>`)
}

func TestADateThatIsNoneIsNotFollowedByAnEmptyList(t *testing.T) {
	s := auditStage(t, access.Auditor)
	w := s.get(s.org("audit") + "?from=garbage")
	s.see(w, http.StatusUnprocessableEntity, "nter a date")
	if body := w.Body.String(); strings.Contains(body, "No events yet") || strings.Contains(body, "No matching") {
		t.Error("the fault is followed by an empty list")
	}
}
