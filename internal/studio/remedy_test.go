package studio

import (
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// troubledHome answers an overview with one of each trouble.
func troubledHome(t *testing.T, role access.Role) *visitor {
	t.Helper()
	s := newStage(t, role)
	found := []wire.Attention{
		{Severity: "warning", What: "The API key batch has expired.", Remedy: "Revoke it, or set a later expiry.", Target: "key_1", Name: "batch"},
		{Severity: "warning", What: "The budget of acme has reached its soft limit.", Remedy: "Raise the limit, or spend less.", Target: "bud_1", Name: "acme"},
		{Severity: "warning", What: "The server has no public URL.", Remedy: "Start it with --issuer-url."},
	}
	for _, state := range []string{"failing", "unsafe", "pending"} {
		found = append(found, wire.Attention{
			Severity: "failed", What: "The environment " + state + ": is in trouble", Remedy: "Run `adit doctor --environment " + state + "`.",
			Target: "env_" + state, Name: state, State: state,
		})
	}
	s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{Attention: found})
	return s
}

func TestWhatNeedsAttentionLeadsToThePageThatMendsIt(t *testing.T) {
	s := troubledHome(t, access.Admin)
	w := s.get(s.org())
	s.see(w, http.StatusOK,
		`<a href="`+s.org("environments", "env_failing", "diagnosis")+`">Diagnose</a>`,
		`<a href="`+s.org("environments", "env_unsafe")+`">Restrict the role</a>`,
		`<a href="`+s.org("environments", "env_pending", "setup")+`">Continue setup</a>`,
		"Revoke it, or set a later expiry.", "Raise the limit, or spend less.", "Start it with --issuer-url.")
	if body := w.Body.String(); strings.Contains(body, "adit doctor") || strings.Contains(body, "Ask an admin") {
		t.Errorf("an admin is sent out of Studio:\n%s", body)
	}
}

func TestWhoMayNotMendWhatNeedsAttentionIsToldWhoMay(t *testing.T) {
	for _, role := range []access.Role{access.Developer, access.Auditor} {
		s := troubledHome(t, role)
		w := s.get(s.org())
		s.see(w, http.StatusOK, "Start it with --issuer-url.")
		body := w.Body.String()
		if n := strings.Count(body, "Ask an admin of this organization."); n != 5 {
			t.Errorf("%s is told %d times whom to ask, not of each of 5", role, n)
		}
		for _, beyond := range []string{"/diagnosis", "/setup", "adit doctor", "Raise the limit", "Revoke it"} {
			if strings.Contains(body, beyond) {
				t.Errorf("%s is told %q", role, beyond)
			}
		}
	}
}

func TestWhoMayNotSetAWSUpIsNotLedToIt(t *testing.T) {
	e := prod()
	waiting(&e)
	for role, offered := range map[access.Role]bool{access.Admin: true, access.Developer: false, access.Auditor: false} {
		s := withEnvironment(t, role, waiting)
		s.api.answer("GET "+environmentsPath, wire.Page[wire.Environment]{Items: []wire.Environment{e}})
		for _, page := range []string{s.org("environments"), s.org("environments", stageEnv)} {
			w := s.get(page)
			s.see(w, http.StatusOK)
			if strings.Contains(w.Body.String(), s.org("environments", stageEnv, "setup")) != offered {
				t.Errorf("%s, %s: the setup is offered: %v", role, page, !offered)
			}
		}
		s = withEnvironment(t, role, func(e *wire.Environment) { e.State = "failing" })
		w := s.get(s.org("environments", stageEnv, "setup"))
		s.see(w, http.StatusOK, map[bool]string{true: "Check the role", false: "An admin of this organization checks the role."}[offered])
		if strings.Contains(w.Body.String(), "Check role</button>") != offered {
			t.Errorf("%s: the check is offered: %v", role, !offered)
		}
	}
}
