package signin_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

func TestAnotherRoleEndsTheSessionsAndIsAuditedWithBothRoles(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	bob := p.invite("bob", good, member(orgA, access.Developer), member(orgB, access.Auditor))
	got, err := p.SetRole(t.Context(), as(owner, orgA), bob.Person.ID, "a", access.Admin, 0)
	if err != nil || !slices.Contains(got.Roles, member(orgA, access.Admin)) || !slices.Contains(got.Roles, member(orgB, access.Auditor)) || len(got.Roles) != 2 {
		t.Fatalf("%+v, %v", got.Roles, err)
	}
	if p.in(bob) {
		t.Error("who was signed in as a developer is silently an admin")
	}
	stored, err := p.Person(t.Context(), bob.Person.ID)
	if d := cmp.Diff(got, stored); d != "" || err != nil {
		t.Error(d, err)
	}
	want := map[string]string{"changed": "role", "old.role": "developer", "new.role": "admin", "name": "bob"}
	events := p.events("member.update")
	if len(events) != 1 || events[0].Organization != orgA || events[0].Actor.Key != owner.Person.ID || events[0].Actor.Address != "192.0.2.1" || cmp.Diff(want, events[0].Details) != "" {
		t.Errorf("%+v", events)
	}
	again, err := p.SetRole(t.Context(), as(owner, orgA), bob.Person.ID, "a", access.Admin, 0)
	if err != nil || again.Version != got.Version || len(p.events("member.update")) != 1 {
		t.Errorf("no change is a change: %v", err)
	}
}

func TestAnOperatorAddsWhoIsNoMemberAndNobodyElseDoes(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	bob := p.invite("bob", good, member(orgB, access.Auditor))
	if _, err := p.SetRole(t.Context(), as(owner, orgA), bob.Person.ID, orgA, access.Developer, 0); fault.KindOf(err) != fault.NotFound || code(err) != "person_not_found" {
		t.Errorf("an owner sees somebody of another organization: %v", err)
	}
	got, err := p.SetRole(t.Context(), server(), bob.Person.ID, orgA, access.Developer, 0)
	if err != nil || len(got.Roles) != 2 || len(p.events("member.add")) != 3 {
		t.Errorf("%+v, %v", got.Roles, err)
	}
	org := orgA
	people, err := p.People(t.Context(), &org)
	if err != nil || len(people) != 2 || people[0].Name != "bob" {
		t.Errorf("%+v, %v", people, err)
	}
}

func TestNobodyGivesOrTakesMoreThanTheyHave(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	admin := p.invite("admin-a", good, member(orgA, access.Admin))
	dev := p.invite("dev", good, member(orgA, access.Developer))
	oper := p.invite("oper", good, member("", access.Operator), member(orgA, access.Auditor))
	foreign := as(p.invite("foreign", good, member(orgB, access.Owner)), orgB)
	set := func(by signin.By, o signin.Opened, organization string, role access.Role) error {
		_, err := p.SetRole(t.Context(), by, o.Person.ID, organization, role, 0)
		return err
	}
	for what, err := range map[string]error{
		"an admin makes an owner":          set(as(admin, orgA), dev, orgA, access.Owner),
		"an admin makes themself owner":    set(as(admin, orgA), admin, orgA, access.Owner),
		"an admin demotes an owner":        set(as(admin, orgA), owner, orgA, access.Developer),
		"a developer makes themself more":  set(as(dev, orgA), dev, orgA, access.Admin),
		"an admin removes an owner":        p.RemoveRole(t.Context(), as(admin, orgA), owner.Person.ID, orgA, 0),
		"a developer removes an admin":     p.RemoveRole(t.Context(), as(dev, orgA), admin.Person.ID, orgA, 0),
		"an admin signs an owner out":      second(p.EndSessions(t.Context(), as(admin, orgA), owner.Person.ID, nil)),
		"an owner signs an operator out":   second(p.EndSessions(t.Context(), as(owner, orgA), oper.Person.ID, nil)),
		"an owner signs one out by a role": set(as(owner, orgA), oper, orgA, access.Developer),
	} {
		if fault.KindOf(err) != fault.Forbidden || code(err) != "role_not_yours" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"an owner makes an operator":       set(as(owner, orgA), dev, "", access.Operator),
		"an owner removes an operator":     p.RemoveRole(t.Context(), as(owner, orgA), oper.Person.ID, "", 0),
		"a foreign owner removes":          p.RemoveRole(t.Context(), foreign, dev.Person.ID, orgA, 0),
		"a foreign owner gives":            set(foreign, dev, orgA, access.Developer),
		"a foreign owner signs out":        second(p.EndSessions(t.Context(), foreign, dev.Person.ID, nil)),
		"nobody signs out":                 second(p.EndSessions(t.Context(), signin.By{}, dev.Person.ID, nil)),
		"a role where they have none":      p.RemoveRole(t.Context(), server(), dev.Person.ID, orgB, 0),
		"somebody who is not there":        p.RemoveRole(t.Context(), server(), "usr_000000000000000000000000", orgA, 0),
		"somebody who is not there, given": second(p.SetRole(t.Context(), server(), "usr_000000000000000000000000", orgA, access.Owner, 0)),
	} {
		if fault.KindOf(err) != fault.NotFound || code(err) != "person_not_found" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, m := range []signin.Membership{member(orgA, access.Operator), member("", access.Owner), member(orgA, access.Invoke), member(orgA, "god")} {
		if err := set(server(), dev, m.Organization, m.Role); code(err) != "invalid_input" {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if !p.in(owner) || !p.in(oper) || !p.in(dev) {
		t.Error("somebody was signed out")
	}
}

func second[A any](_ A, err error) error { return err }

func TestWithTheLastRoleThePersonIsGoneAndTheLoginIsFree(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member(orgA, access.Developer))
	if err := p.RemoveRole(t.Context(), as(o, orgA), o.Person.ID, orgA, 0); err != nil { // everybody may leave
		t.Fatal(err)
	}
	if p.in(o) {
		t.Error("the session is left")
	}
	if _, err := p.Person(t.Context(), o.Person.ID); code(err) != "person_not_found" {
		t.Errorf("%v", err)
	}
	if next := p.invite("ada", good, member(orgB, access.Developer)); next.Person.ID == o.Person.ID {
		t.Error("the id came again")
	}
}

func TestTheLastOperatorStaysWhileNoOperatorsKeyIsLeft(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member("", access.Operator), member(orgA, access.Owner))
	if err := p.RemoveRole(t.Context(), as(o, ""), o.Person.ID, "", 0); code(err) != "in_use" {
		t.Errorf("%v", err)
	}
	if err := p.RemoveRole(t.Context(), as(o, ""), o.Person.ID, orgA, 0); err != nil {
		t.Errorf("another role: %v", err)
	}
	linked := p.invite("eve", "", member("", access.Operator))
	if err := p.RemoveRole(t.Context(), as(linked, ""), o.Person.ID, "", 0); code(err) != "in_use" {
		t.Errorf("with one who came by a link and has no password: %v", err)
	}
	second := p.invite("bob", good, member("", access.Operator))
	if err := p.RemoveRole(t.Context(), as(second, ""), o.Person.ID, "", 0); err != nil {
		t.Errorf("with another operator: %v", err)
	}
	p.store.OperatorKey = true
	if err := p.RemoveRole(t.Context(), as(second, ""), second.Person.ID, "", 0); err != nil {
		t.Errorf("with an operator's key: %v", err)
	}
}

func TestSessionsAreEndedByWhoMayAndCounted(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	first := p.invite("bob", good, member(orgA, access.Developer))
	second, _ := p.signIn("bob", good)
	third, _ := p.signIn("bob", good)
	if n, err := p.EndSessions(t.Context(), as(first, orgA), first.Person.ID, []string{second.Session.ID, owner.Session.ID}); n != 1 || err != nil {
		t.Errorf("their own: %d, %v", n, err)
	}
	if !p.in(first) || p.in(second) || !p.in(third) || !p.in(owner) {
		t.Error("the wrong ones ended")
	}
	if n, err := p.EndSessions(t.Context(), as(owner, orgA), first.Person.ID, nil); n != 2 || err != nil || p.in(first) || p.in(third) {
		t.Errorf("all, by the owner: %d, %v", n, err)
	}
	got := p.events("signin.out")
	if len(got) != 2 || got[1].Actor.Key != owner.Person.ID || got[1].Target != first.Person.ID || got[1].Details["sessions"] != "all" {
		t.Errorf("%+v", got)
	}
}

func TestANewPasswordNeedsTheOldOneAndEndsTheOtherSessions(t *testing.T) {
	p := newPlace(t)
	first := p.invite("ada", good, member(orgA, access.Owner))
	other, _ := p.signIn("ada", good)
	set := func(o signin.Opened, old, next string) error {
		return p.SetPassword(t.Context(), p.signedIn(o), secret.New(old), secret.New(next), here())
	}
	if err := set(first, wrong, "another-walnut-orbit"); fault.KindOf(err) != fault.Invalid || code(err) != "wrong_password" || fault.From(err).Param != "old_password" {
		t.Errorf("%v", err)
	}
	if err := set(first, good, "short"); code(err) != "invalid_input" || fault.From(err).Param != "new_password" {
		t.Errorf("%v", err)
	}
	if err := set(first, good, "another-walnut-orbit"); err != nil || !p.in(first) || p.in(other) {
		t.Errorf("%v", err)
	}
	if _, err := p.signIn("ada", good); code(err) != "sign_in_failed" {
		t.Errorf("the old one: %v", err)
	}
	if got := p.events("signin.password"); len(got) != 1 || got[0].Actor.Key != first.Person.ID {
		t.Errorf("%+v", got)
	}
	for range 4 { // a session that was stolen is no way to guess without end
		_ = set(first, wrong, "third-walnut-orbit")
	}
	if err := set(first, "another-walnut-orbit", "third-walnut-orbit"); code(err) != "locked" {
		t.Errorf("%v", err)
	}
	bob := p.invite("bob", "", member(orgA, access.Owner))
	if err := set(bob, "", good); err != nil {
		t.Errorf("who has none: %v", err)
	}
}

func TestAChangeOfPasswordIsNotedAndCountedWhereItIsAskedFor(t *testing.T) {
	p := newPlace(t)
	in := p.signedIn(p.invite("ada", "", member(orgA, access.Owner))) // begun elsewhere
	there := signin.Origin{Address: "203.0.113.66", Agent: "curl"}
	if err := p.SetPassword(t.Context(), in, secret.String{}, secret.New(good), there); err != nil {
		t.Fatal(err)
	}
	if got := p.events("signin.password"); len(got) != 1 || got[0].Actor.Address != there.Address {
		t.Errorf("%+v", got)
	}
	if err := p.SetPassword(t.Context(), in, secret.New(wrong), secret.New("another-walnut-orbit"), there); code(err) != "wrong_password" {
		t.Errorf("%v", err)
	}
	for address, want := range map[string]int{there.Address: 1, here().Address: 0} {
		if a, err := p.store.Attempts(t.Context(), "address:"+address); err != nil || a.Failures != want {
			t.Errorf("%s: %+v, %v", address, a, err)
		}
	}
}

func TestAPersonOfTheProviderHasNoPasswordHereAndRolesByRuleOnly(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	o, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetPassword(t.Context(), f.signedIn(o), secret.String{}, secret.New(good), here()); code(err) != "no_password" {
		t.Errorf("%v", err)
	}
	if _, err := f.SetRole(t.Context(), server(), o.Person.ID, orgA, access.Auditor, 0); code(err) != "role_by_rule" {
		t.Errorf("%v", err)
	}
	if err := f.RemoveRole(t.Context(), server(), o.Person.ID, orgA, 0); err != nil || f.in(o) {
		t.Errorf("%v", err)
	}
	if _, err := f.come(ada()); err != nil {
		t.Errorf("the rule still fits: %v", err)
	}
}

// racing changes the person under a change once.
type racing struct {
	signin.Store
	once func()
}

func (s *racing) UpdatePerson(ctx context.Context, p signin.Person, ends signin.Ends, events ...audit.Event) error {
	if f := s.once; f != nil {
		s.once = nil
		f()
	}
	return s.Store.UpdatePerson(ctx, p, ends, events...)
}

func TestAChangeThatLostARaceIsMadeAgain(t *testing.T) {
	race := &racing{}
	p := newPlace(t, func(s *signin.Settings) { race.Store, s.Store = s.Store, race })
	o := p.invite("ada", good, member(orgA, access.Developer))
	race.once = func() {
		if _, err := p.SetRole(t.Context(), server(), o.Person.ID, orgB, access.Auditor, 0); err != nil {
			t.Error(err)
		}
	}
	got, err := p.SetRole(t.Context(), server(), o.Person.ID, orgA, access.Admin, 0)
	if err != nil || len(got.Roles) != 2 {
		t.Errorf("%+v, %v", got.Roles, err)
	}
}

func TestAChangeOfAVersionIsNotMadeOfAnother(t *testing.T) {
	race := &racing{}
	p := newPlace(t, func(s *signin.Settings) { race.Store, s.Store = s.Store, race })
	o := p.invite("ada", good, member(orgA, access.Developer), member(orgB, access.Auditor))
	read := p.person(o)
	changes := map[string]func(version int64) error{
		"another role": func(v int64) error {
			return second(p.SetRole(t.Context(), server(), read.ID, orgA, access.Admin, v))
		},
		"a role less": func(v int64) error { return p.RemoveRole(t.Context(), server(), read.ID, orgA, v) },
	}
	roles := []access.Role{access.Developer, access.Auditor, access.Developer, access.Auditor}
	for what, change := range changes {
		read = p.person(o)
		race.once = func() { // after the change has looked at the person
			if _, err := p.SetRole(t.Context(), server(), read.ID, orgB, roles[0], 0); err != nil {
				t.Error(err)
			}
			roles = roles[1:]
		}
		if err := change(read.Version); fault.KindOf(err) != fault.Invalid || code(err) != "conflict" {
			t.Errorf("%s, overtaken: %v", what, err)
		}
		if err := change(read.Version); code(err) != "conflict" { // before it looks
			t.Errorf("%s of an old version: %v", what, err)
		}
		if now := p.person(o); now.Version != read.Version+1 || p.roleIn(o, orgA) != access.Developer {
			t.Errorf("%s was done: %+v", what, now)
		}
	}
	if _, err := p.SetRole(t.Context(), server(), read.ID, orgA, access.Admin, p.person(o).Version); err != nil {
		t.Errorf("of the version that is there: %v", err)
	}
	foreign := as(p.invite("foreign", good, member(orgB, access.Owner)), orgB)
	if err := p.RemoveRole(t.Context(), foreign, read.ID, orgA, 1); code(err) != "person_not_found" {
		t.Errorf("an old version tells who is there: %v", err)
	}
}
