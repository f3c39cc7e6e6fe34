package signin_test

import (
	"errors"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/signin"
)

func TestWhenTheRulesChangeOnlySessionsOfTheProvidersPeopleEnd(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	local := f.invite("ada", good, member(orgA, access.Owner))
	before, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	next := f.again(f.with(t, "group:platform=auditor@a"))
	if n, err := next.RulesChanged(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d ended, %v", n, err)
	}
	if _, err := next.Session(t.Context(), before.Token.Reveal()); code(err) != "session_ended" {
		t.Errorf("the roles of the former rules go on: %v", err)
	}
	if _, err := next.Session(t.Context(), local.Token.Reveal()); err != nil {
		t.Errorf("a local person was signed out: %v", err)
	}
	got := next.events("signin.out")
	if len(got) != 1 || got[0].Organization != orgA || got[0].Target != before.Person.ID || got[0].Details["reason"] != "rules_changed" {
		t.Errorf("%+v", got)
	}
	after, err := next.come(ada())
	if err != nil || after.Person.ID != before.Person.ID || after.Person.Roles[0].Role != access.Auditor {
		t.Errorf("signed in again: %+v, %v", after.Person, err)
	}
}

func TestSessionsThatCouldNotBeEndedAreTold(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	if _, err := f.come(ada()); err != nil {
		t.Fatal(err)
	}
	for away := 1; away <= 2; away++ {
		calls := 0
		f.store.Before = func() error {
			if calls++; calls == away {
				return errors.New("away")
			}
			return nil
		}
		if n, err := f.RulesChanged(t.Context()); err == nil || n != 0 {
			t.Errorf("use %d: %d, %v", away, n, err)
		}
	}
}

func TestLinksOfWhoseRulesChangedAreTakenBack(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	o, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := f.MakeLink(t.Context(), as(o, orgA), "bob", []signin.Membership{member(orgA, access.Developer)})
	if err != nil {
		t.Fatal(err)
	}
	servers := f.link("carol", member(orgA, access.Developer))
	next := f.again(f.with(t, "group:platform=auditor@a"))
	if _, err := next.RulesChanged(t.Context()); err != nil {
		t.Fatal(err)
	}
	if next.works(token.Reveal()) {
		t.Error("what a rule gave is given on by a link, after the rule is gone")
	}
	if !next.works(servers) {
		t.Error("the server's own link is gone too")
	}
	if got := next.events("signin.link.revoke"); len(got) != 1 || got[0].Details["login"] != "bob" || got[0].Details["reason"] != "rules_changed" {
		t.Errorf("%+v", got)
	}
}

func TestOneLinkOfWhomNobodyCanReadKeepsNoOtherAlive(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	o, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	f.invite("bob", good, member(orgA, access.Developer))
	for login, roles := range map[string][]signin.Membership{"bob": nil, "carol": {member(orgA, access.Developer)}} {
		if _, _, err := f.MakeLink(t.Context(), as(o, orgA), login, roles); err != nil {
			t.Fatal(err)
		}
	}
	next := f.again(f.with(t, "group:platform=auditor@a"))
	asked := 0
	f.store.Before = func() error {
		if asked++; asked == 4 { // the people, the sessions' end, the links, and then bob
			return errors.New("unreadable")
		}
		return nil
	}
	if _, err := next.RulesChanged(t.Context()); err != nil {
		t.Error(err)
	}
	if left, err := f.store.Links(t.Context()); len(left) != 0 || err != nil {
		t.Errorf("%d links are left, %v", len(left), err)
	}
	if got := next.events("signin.link.revoke"); len(got) != 2 || got[0].Details["login"] != "bob" || got[0].Organization != "" {
		t.Errorf("%+v", got)
	}
}
