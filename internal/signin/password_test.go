package signin_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

func TestWhoKnowsLoginAndPasswordIsSignedIn(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member("a", access.Owner))
	for _, typed := range []string{"ada", " Ada ", "ADA"} {
		o, err := p.signIn(typed, good)
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		if s := p.signedIn(o); s.Person.Login != "ada" || s.Session.Method != "password" || s.Session.Address != "192.0.2.1" {
			t.Errorf("%+v", s)
		}
	}
}

func TestEverySignInThatFailsIsRefusedAlike(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	p.invite("bob", "", member(orgA, access.Owner))
	gone := p.invite("eve", good, member(orgA, access.Owner))
	if err := p.RemoveRole(t.Context(), server(), gone.Person.ID, orgA, 0); err != nil {
		t.Fatal(err)
	}
	var answers []string
	for _, c := range [][2]string{
		{"ada", "wrong-wrong-wrong"}, {"nobody", good}, {"bob", good}, {"bob", ""}, {"eve", good}, {"ada", ""}, {"", ""},
		{"ada", good + "\x00"}, {"ada", strings.Repeat("a", 1<<20)}, {"../ada", good}, {strings.Repeat("a", 1000), good}, {"ada\x00", good},
	} {
		_, err := p.signIn(c[0], c[1])
		if fault.KindOf(err) != fault.Unauthenticated || code(err) != "sign_in_failed" {
			t.Errorf("%.20q: %v", c[0], err)
		}
		answers = append(answers, fmt.Sprintf("%+v", *fault.From(err)))
	}
	if slices.Sort(answers); answers[0] != answers[len(answers)-1] {
		t.Errorf("the answers tell why: %q", slices.Compact(answers))
	}
}

// The time cannot be measured on a busy machine, but the work can: a hash takes
// its memory, which here is 4 MiB, and everything else next to none.
func TestAnUnknownLoginTakesTheWorkOfAWrongPassword(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	p.invite("bob", "", member(orgA, access.Owner))
	p.Moderate()
	if _, err := p.signIn("ada", good); err != nil { // hashes anew at the cost of now
		t.Fatal(err)
	}
	for name, c := range map[string][2]string{
		"a wrong password": {"ada", wrong}, "none to compare with": {"bob", wrong}, "unknown": {"nobody", wrong}, "no login at all": {"NO LOGIN!", wrong},
		"an endless password": {"ada", strings.Repeat("a", 5000)}, "an empty password": {"nobody", ""},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := p.signIn(c[0], c[1]); code(err) != "sign_in_failed" {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if mib := float64(after.TotalAlloc-before.TotalAlloc) / (1 << 20); mib < 4 || mib > 5 {
			t.Errorf("%s takes %.1f MiB", name, mib)
		}
	}
}

func TestAPasswordThatIsTriedFirstOrTooShortIsNotTaken(t *testing.T) {
	p := newPlace(t)
	for password, taken := range map[string]bool{
		good: true, "correct horse battery": true, "8Gk!20zQpW-x": true, "Größenwahn-Öl": true, "9381-5520-4471-8826": true, "the greatest painter": true,
		strings.Repeat("walnut ", 146): true, // 1,022 bytes
		"":                             true, // none: only links sign in
		"short-walnut":                 true, "short-walnu": false, "ÄÖÜäöüßéèê1": false,
		strings.Repeat("walnut-", 147): false, "password1234": false, "P@ssw0rd123456": false, "123456789012": false, "aaaaaaaaaaaaaaaa": false,
		"abababababab": false, "qwertyuiop12": false, "ada-ada-ada-ada": false, "adalovelace1815": false, "Adalovelace-2026!": false, "Welcome2026!!": false,
		"Adit-Admin-2026": false, "abcdefghijklmnop": false, "bad\xffutf-8 text": false, "Summer2026Summer": false,
	} {
		_, token, err := p.MakeLink(t.Context(), server(), "adalovelace", []signin.Membership{member(orgA, access.Auditor)})
		if err != nil {
			t.Fatal(err)
		}
		o, err := p.UseLink(t.Context(), token.Reveal(), secret.New(password), here())
		if taken != (err == nil) || err != nil && (code(err) != "invalid_input" || fault.From(err).Param != "password") {
			t.Errorf("%.30q: %v", password, err)
		}
		if err != nil && password != "" && strings.Contains(err.Error(), password) {
			t.Error("the password is in the fault")
		}
		if err != nil { // the link was not used up
			if o, err = p.UseLink(t.Context(), token.Reveal(), secret.New(good), here()); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.RemoveRole(t.Context(), server(), o.Person.ID, orgA, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPasswordIsKeptAsArgon2idOfSixtyFourMebibytesAndNowhereElse(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member(orgA, access.Owner))
	if _, err := p.signIn("ada", good+"-not"); err == nil {
		t.Fatal("let in")
	}
	for what, whole := range map[string]string{"password": good, "session token": o.Token.Reveal()} {
		if strings.Contains(p.store.Everything()+fmt.Sprintf("%+v %v", p.recorded, o), whole) {
			t.Errorf("the %s is kept or printed", what)
		}
	}
	if h := signin.Strength(); h != "$argon2id$v=19$m=65536,t=3,p=1$$" {
		t.Errorf("%s", h)
	}
}

func TestAHashOfAnotherCostIsMadeAnewAtTheNextSignIn(t *testing.T) {
	p := newPlace(t)
	first := p.invite("ada", good, member(orgA, access.Owner))
	p.Moderate()
	if _, err := p.signIn("ada", "wrong-wrong-wrong"); err == nil {
		t.Fatal("let in")
	}
	if same, _ := p.Person(t.Context(), first.Person.ID); same.Password != first.Person.Password {
		t.Error("a wrong password changed the hash")
	}
	o, err := p.signIn("ada", good)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := p.Person(t.Context(), o.Person.ID)
	if err != nil || kept.Password == first.Person.Password || !strings.Contains(kept.Password, "m=4096,t=1,p=1") || kept.Version != o.Person.Version {
		t.Errorf("%s (version %d, %d), %v", kept.Password, kept.Version, o.Person.Version, err)
	}
	if _, err := p.signIn("ada", good); err != nil {
		t.Error(err)
	}
}

func TestOnlySoManyPasswordsAreHashedAtOnceAndWaitingEndsWithTheRequest(t *testing.T) {
	p := newPlace(t, func(s *signin.Settings) { s.Hashing = 1 })
	p.invite("ada", good, member(orgA, access.Owner))
	done := p.Occupy()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.SignIn(ctx, "ada", secret.New(good), here()); fault.KindOf(err) != fault.Canceled {
		t.Errorf("%v", err)
	}
	done()
	if _, err := p.signIn("ada", good); err != nil {
		t.Error(err)
	}
}
