package app

import (
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/signin"
)

func TestASessionDoesNotOutliveTheRuleThatGaveItsRole(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	s, ctx := r.state, t.Context()
	now := time.Now().UTC().Truncate(time.Microsecond)
	p := signin.Person{
		ID: ident.New(ident.Person), Issuer: "https://id.example.com", Subject: "1", Name: "Ada",
		Roles: []signin.Membership{{Organization: s.file, Role: "owner"}}, Created: now, Updated: now, Version: 1,
	}
	if err := s.store.CreatePerson(ctx, p); err != nil {
		t.Fatal(err)
	}
	provider := func(client string, rules ...string) SignIn {
		return SignIn{Issuer: p.Issuer, ClientID: client, Rules: rules}
	}
	for i, step := range []struct {
		now   SignIn
		lives bool
	}{
		{SignIn{}, true}, // as at the start
		{provider("a", "email:a@b.example=owner@default", "group:g=operator"), false},
		{provider("a", "group:g=operator", "email:a@b.example=owner@default"), true}, // the same
		{provider("a", "email:a@b.example=owner@default"), false},
		{provider("b", "email:a@b.example=owner@default"), false},
		{SignIn{}, false},
	} {
		session := signin.Session{
			ID: ident.New(ident.Session), Hash: []byte{byte(i)}, Person: p.ID, Method: "oidc", Created: now, Seen: now, Ends: now.Add(time.Hour),
		}
		if err := s.store.CreateSession(ctx, session, p.Version); err != nil {
			t.Fatal(err)
		}
		s.settings.SignIn = step.now
		if err := s.followRules(ctx); err != nil {
			t.Fatal(err)
		}
		if left, err := s.store.Sessions(ctx, p.ID); err != nil || (len(left) > 0) != step.lives {
			t.Errorf("step %d: %d sessions are left, %v", i, len(left), err)
		}
	}
}

func TestAServerKeepsByWhichRulesItStarted(t *testing.T) {
	want := SignIn{Issuer: "https://id.example.com", ClientID: "adit", Rules: []string{"group:g=operator"}}
	r := startReplica(t, newAWS(t), func(s *Settings) { s.State.SignIn, s.State.StudioURL = want, "https://adit.example.com" })
	if kept, _, err := r.state.store.Setting(t.Context(), signInSetting); err != nil || kept == "" || kept != want.fingerprint() {
		t.Errorf("kept %q, %v", kept, err)
	}
}
