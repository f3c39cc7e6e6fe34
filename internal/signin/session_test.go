package signin_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// However a session is used, it ends when it was not used for the idle time,
// known to the minute, or at its absolute end; and nothing brings it back.
func TestASessionEndsUnusedOrAtItsEndWhateverIsDoneWithIt(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	rapid.Check(t, func(r *rapid.T) {
		o, err := p.signIn("ada", good)
		if err != nil {
			r.Fatal(err)
		}
		const idle, absolute = 12 * time.Hour, 7 * 24 * time.Hour
		begun := p.clock()
		used, ended := begun, false
		writes, first := p.store.Touches(), begun
		pauses := rapid.SliceOfN(rapid.OneOf(
			rapid.Int64Range(0, int64(2*time.Minute)), rapid.Int64Range(0, int64(11*time.Hour)), rapid.Int64Range(int64(9*time.Hour), int64(12*time.Hour+time.Minute)),
		), 1, 60).Draw(r, "pauses")
		for _, pause := range pauses {
			p.pass(time.Duration(pause))
			now := p.clock()
			in := p.in(o)
			switch {
			case in && ended:
				r.Fatal("it lives again")
			case in && now.Sub(begun) >= absolute:
				r.Fatalf("it lives %v after it was begun", now.Sub(begun))
			case in && now.Sub(used) >= idle:
				r.Fatalf("it lives %v after it was used", now.Sub(used))
			case !in && !ended && now.Sub(begun) < absolute && now.Sub(used) < idle-time.Minute:
				r.Fatalf("it ended %v after it was begun and %v after it was used", now.Sub(begun), now.Sub(used))
			}
			if ended = !in; in {
				used = now
			}
		}
		if n := p.store.Touches() - writes; n > int(p.clock().Sub(first)/time.Minute) {
			r.Fatalf("%d writes in %v", n, p.clock().Sub(first))
		}
	})
}

func TestASessionThatIsUsedEveryHourEndsAfterSevenDaysAndOneThatIsNotAfterTwelveHours(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	used, _ := p.signIn("ada", good)
	for hour := range 7 * 24 {
		if !p.in(used) {
			t.Fatalf("it ended after %d hours", hour)
		}
		p.pass(time.Hour)
	}
	if p.in(used) {
		t.Error("it lives after seven days")
	}
	unused, _ := p.signIn("ada", good)
	p.pass(12*time.Hour - time.Second)
	if !p.in(unused) {
		t.Error("it ended a second too early")
	}
	p.pass(12 * time.Hour)
	if p.in(unused) {
		t.Error("it lives unused")
	}
}

func TestWhatIsNoTokenOpensNothingAndIsNotLookedUp(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member(orgA, access.Owner))
	whole := o.Token.Reveal()
	_, link, err := p.MakeLink(t.Context(), server(), "ada", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.store.Before = func() error { return errors.New("looked up") }
	for _, token := range []string{
		"", "x", whole[1:], whole + "A", whole + "\n", whole[:len(whole)-1], strings.ToUpper(whole), " " + whole, link.Reveal(),
		strings.Repeat("a", 1<<20), "adit_session_" + strings.Repeat("!", 43), whole[:len(whole)-1] + "\x00", o.Session.ID, string(o.Session.Hash),
	} {
		if _, err := p.Session(t.Context(), token); fault.KindOf(err) != fault.Unauthenticated || code(err) != "session_ended" {
			t.Errorf("%.40q: %v", token, err)
		}
		if token == link.Reveal() {
			continue
		}
		if _, _, err := p.LinkOf(t.Context(), token); code(err) != "link_ended" {
			t.Errorf("%.40q as a link: %v", token, err)
		}
	}
	if _, err := p.Session(t.Context(), whole); fault.KindOf(err) != fault.Internal {
		t.Errorf("a database that is away is no session that ended: %v", err)
	}
}

func TestATokenIsNewAtEverySignIn(t *testing.T) {
	p := newPlace(t)
	first := p.invite("ada", good, member(orgA, access.Owner))
	second, err := p.signIn("ada", good)
	if err != nil || second.Token.Reveal() == first.Token.Reveal() || second.Session.ID == first.Session.ID || !p.in(first) || !p.in(second) {
		t.Errorf("%v", err)
	}
	if len(second.Token.Reveal()) < 43+len("adit_session_") {
		t.Error("too short for 256 bits")
	}
}

func TestWhoSignsOutIsOutAtOnceAndOnlyThere(t *testing.T) {
	p := newPlace(t)
	first := p.invite("ada", good, member(orgA, access.Owner))
	second, _ := p.signIn("ada", good)
	if err := p.SignOut(t.Context(), p.signedIn(first), here()); err != nil {
		t.Fatal(err)
	}
	if p.in(first) || !p.in(second) {
		t.Error("the wrong one ended")
	}
	if got := p.events("signin.out"); len(got) != 1 || got[0].Actor.Key != first.Person.ID || got[0].Details["session"] != first.Session.ID {
		t.Errorf("%+v", got)
	}
}

func TestARoleThatIsTakenAwayIsGoneWithTheNextRequest(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member(orgA, access.Owner), member(orgB, access.Auditor))
	s := p.signedIn(o)
	if !slices.Equal(s.Organizations(), []string{orgA, orgB}) || s.Operator() {
		t.Errorf("%v", s.Organizations())
	}
	if err := p.RemoveRole(t.Context(), server(), o.Person.ID, "a", 0); err != nil {
		t.Fatal(err)
	}
	s = p.signedIn(o)
	if _, ok := s.Principal(orgA); ok {
		t.Error("the role is left")
	}
	if err := p.RemoveRole(t.Context(), server(), o.Person.ID, orgB, 0); err != nil {
		t.Fatal(err)
	}
	if p.in(o) {
		t.Error("a session without any role")
	}
}

func TestAPersonActsWithTheRoleThatTheyHaveThere(t *testing.T) {
	both := signin.SignedIn{Person: signin.Person{ID: "usr_1", Login: "ada", Roles: []signin.Membership{member(orgA, access.Owner), member(orgB, access.Auditor)}}}
	for organization, role := range map[string]access.Role{orgA: access.Owner, orgB: access.Auditor} {
		p, ok := both.Principal(organization)
		if !ok || p.Key.Organization != organization || !slices.Equal(p.Key.Roles, []access.Role{role}) || p.Key.ID != "usr_1" || p.Key.Name != "ada" {
			t.Errorf("%+v", p)
		}
		if p.May(access.WriteKey, orgB) || p.May(access.CreateOrganization, "") {
			t.Errorf("as %s the person may do too much", role)
		}
	}
	for _, organization := range []string{"", "org_cccccccccccccccccccccccc", "a"} {
		if _, ok := both.Principal(organization); ok {
			t.Errorf("the person acts in %q", organization)
		}
	}
	operator := signin.SignedIn{Person: signin.Person{ID: "usr_2", Roles: []signin.Membership{member(orgA, access.Auditor), member("", access.Operator)}}}
	for _, organization := range []string{"", orgA, orgB} {
		if p, ok := operator.Principal(organization); !ok || p.Key.Organization != "" || !p.May(access.WriteOrganization, orgB) || !p.May(access.CreateOrganization, "") {
			t.Errorf("%q: %+v", organization, p)
		}
	}
	// A row that nobody writes like this opens nothing.
	odd := signin.SignedIn{Person: signin.Person{Roles: []signin.Membership{member(orgA, access.Operator), member("", access.Owner)}}}
	if _, ok := odd.Principal(orgA); ok || odd.Operator() {
		t.Error("an operator of an organization, or an owner of the server")
	}
}

func TestTheListOfSessionsHasTheLivingOnes(t *testing.T) {
	p := newPlace(t)
	first := p.invite("ada", good, member(orgA, access.Owner))
	p.pass(11 * time.Hour)
	second, _ := p.signIn("ada", good)
	p.pass(2 * time.Hour)
	list, err := p.Sessions(t.Context(), first.Person.ID)
	if err != nil || len(list) != 1 || list[0].ID != second.Session.ID {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestWhereASessionWasBegunIsKeptPrintableAndShort(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	o, err := p.SignIn(t.Context(), "ada", secret.New(good), signin.Origin{
		Address: "192.0.2.1", Agent: "Fire\x00fox\u202e\r\n\x1b[31m\xff" + strings.Repeat("x", 10_000),
	})
	if err != nil || !strings.HasPrefix(o.Session.Agent, "Firefox  [31m\uFFFDxxx") || len([]rune(o.Session.Agent)) != 200 {
		t.Errorf("%.60q, %v", o.Session.Agent, err)
	}
}

func TestASessionGoesOnWhenItsLastUseCannotBeWritten(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member(orgA, access.Owner))
	p.pass(time.Hour)
	calls := 0
	p.store.Before = func() error {
		if calls++; calls == 2 {
			return errors.New("read only")
		}
		return nil
	}
	if !p.in(o) {
		t.Error("it ended")
	}
}
