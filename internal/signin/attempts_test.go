package signin_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

const wrong = "wrong-wrong-wrong"

// from signs in from an address.
func (p *place) from(address, login, password string) (signin.Opened, error) {
	return p.SignIn(p.t.Context(), login, secret.New(password), signin.Origin{Address: address})
}

func TestFiveFailuresLockALoginForAMinuteAndEachMoreTwiceAsLongUpToAnHour(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	guess := 0
	fail := func(login string) {
		t.Helper()
		guess++ // each from another address
		if _, err := p.from(fmt.Sprintf("192.0.2.%d", guess), login, wrong); code(err) != "sign_in_failed" {
			t.Fatalf("%s, guess %d: %v", login, guess, err)
		}
	}
	for _, login := range []string{"ada", "nobody"} { // a lock does not tell who is there
		for range 4 {
			fail(login)
		}
		for _, minutes := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60} {
			fail(login)
			lock := time.Duration(minutes) * time.Minute
			_, err := p.from("198.51.100.1", login, good)
			if fault.KindOf(err) != fault.Throttled || code(err) != "locked" || fault.From(err).RetryAfter != lock {
				t.Errorf("%s: %v, wanted %d minutes", login, err, minutes)
			}
			p.pass(lock - time.Second)
			if _, err := p.from("198.51.100.1", login, good); code(err) != "locked" {
				t.Errorf("a second too early: %v", err)
			}
			p.pass(time.Second)
		}
	}
	if _, err := p.from("198.51.100.1", "ada", good); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestTheRightPasswordForgivesAndAnHourForgets(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	for range 3 {
		for range 4 {
			if _, err := p.signIn("ada", wrong); code(err) != "sign_in_failed" {
				t.Fatal(err)
			}
		}
		if _, err := p.signIn("ada", good); err != nil {
			t.Fatalf("the right one after four wrong ones: %v", err)
		}
		p.pass(2 * time.Hour) // those of the address are not forgiven, but forgotten
	}
	for range 3 {
		for range 4 {
			if _, err := p.signIn("nobody", wrong); code(err) != "sign_in_failed" {
				t.Fatal(err)
			}
		}
		p.pass(time.Hour)
	}
}

func TestALockedLoginDoesNotTellWhetherThePasswordWasRight(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	for range 5 {
		_, _ = p.signIn("ada", wrong)
	}
	_, right := p.signIn("ada", good)
	_, not := p.signIn("ada", wrong)
	if code(right) != "locked" || fmt.Sprintf("%+v", *fault.From(right)) != fmt.Sprintf("%+v", *fault.From(not)) {
		t.Errorf("%v; %v", right, not)
	}
}

func TestTwentyFailuresLockAnAddressAndAnAccountOfOnesOwnDoesNotHelp(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	p.invite("mallory", good, member(orgA, access.Auditor))
	for i := range 20 {
		if _, err := p.from("2001:db8::1", fmt.Sprintf("guess-%d", i), wrong); code(err) != "sign_in_failed" {
			t.Fatalf("guess %d: %v", i+1, err)
		}
		if _, err := p.from("2001:db8::2", "mallory", good); i < 19 && err != nil {
			t.Fatalf("the right one: %v", err)
		}
	}
	for address, locked := range map[string]bool{
		"2001:db8::1": true, "2001:db8::ffff:1": true, "2001:db8:0:1::1": false, "192.0.2.1": false, "::ffff:192.0.2.1": false, "": false,
	} {
		if _, err := p.from(address, "ada", good); locked != (code(err) == "locked") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// gathering has everybody wait in the look-up of a person until so many are there.
type gathering struct {
	signin.Store
	missing atomic.Int32
	all     chan struct{}
}

func (g *gathering) PersonByLogin(ctx context.Context, login string) (signin.Person, error) {
	if g.missing.Add(-1) == 0 {
		close(g.all)
	}
	<-g.all
	return g.Store.PersonByLogin(ctx, login)
}

// Guesses that arrive together, so that none finds the login locked when it
// begins, are no more than those that are free.
func TestGuessesAtOnceAreNoMoreThanTheFreeOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		together := &gathering{all: make(chan struct{})}
		p := newPlace(t, func(s *signin.Settings) {
			s.Hashing, s.Now = 50, nil
			together.Store, s.Store = s.Store, together
		})
		together.missing.Store(1)
		p.invite("ada", good, member(orgA, access.Owner))
		together.all = make(chan struct{})
		together.missing.Store(50)
		var looked atomic.Int32
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				switch _, err := p.from(fmt.Sprintf("192.0.2.%d", i), "ada", wrong); code(err) {
				case "sign_in_failed":
					looked.Add(1)
				case "locked":
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := looked.Load(); n != 5 {
			t.Errorf("%d passwords were looked at", n)
		}
		if _, err := p.from("198.51.100.1", "ada", good); code(err) != "locked" {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute)
		if _, err := p.from("198.51.100.1", "ada", good); err != nil {
			t.Errorf("a minute later: %v", err)
		}
	})
}

func TestWaitingForATurnEndsAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, func(s *signin.Settings) { s.Hashing, s.Now = 1, nil })
		done := p.Occupy()
		begin := time.Now()
		_, err := p.signIn("ada", good)
		if fault.KindOf(err) != fault.Unavailable || code(err) != "busy" || time.Since(begin) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		done()
		if _, err := p.signIn("ada", good); code(err) != "sign_in_failed" {
			t.Errorf("%v", err)
		}
	})
}

func TestWhatWasTypedAsALoginIsKeptOnlyOfWhoIsThere(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member(orgA, access.Owner))
	for _, typed := range []string{"My-Secret Pass!", "my-secret-password", "ada"} {
		if _, err := p.signIn(typed, wrong); code(err) != "sign_in_failed" {
			t.Fatal(err)
		}
	}
	kept := p.store.Everything() + fmt.Sprintf("%+v", p.recorded)
	if strings.Contains(strings.ToLower(kept), "my-secret") || strings.Contains(kept, hex.EncodeToString([]byte("my-secret"))) {
		t.Error("a password typed as a login is kept")
	}
	got := p.events("signin.failed")
	if len(got) != 3 || got[0].Target != "" || got[2].Target != o.Person.ID || got[2].Details["login"] != "ada" || got[2].Organization != orgA || got[0].Actor.Address != "192.0.2.1" {
		t.Errorf("%+v", got)
	}
}

func TestFailuresAreAuditedButAnAddressCannotFillTheAudit(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	for range 100 {
		_, _ = p.from("2001:db8::1", "ada", wrong)
	}
	if n := len(p.events("signin.failed")); n != 5 {
		t.Errorf("%d failures", n)
	}
	if got := p.events("signin.locked"); len(got) != 1 || got[0].Details["locked"] != "login" || got[0].Details["for"] != "1m0s" {
		t.Errorf("%+v", got)
	}
	p.pass(2 * time.Hour)
	for i := range 20 {
		_, _ = p.from(fmt.Sprintf("2001:db8::%d", i), fmt.Sprintf("guess-%d", i), wrong)
	}
	if n := len(p.events("signin.failed")); n != 5+10 {
		t.Errorf("%d failures", n)
	}
	p.pass(time.Minute)
	for i := range 1000 {
		_, _ = p.from(fmt.Sprintf("198.51.%d.%d", 100+i/200, i%200), fmt.Sprintf("guess-%d", i), wrong)
	}
	if n := len(p.events("signin.failed")); n != 15+300 {
		t.Errorf("%d failures", n)
	}
}

func TestASignInThatCannotBeCountedIsNotLookedAt(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	for away := 1; away <= 7; away++ { // whichever use of the database fails
		calls := 0
		p.store.Before = func() error {
			if calls++; calls == away {
				return errors.New("away")
			}
			return nil
		}
		o, err := p.signIn("ada", good)
		if calls >= away && (fault.KindOf(err) != fault.Internal || !o.Token.Empty()) {
			t.Errorf("use %d: %v", away, err)
		}
	}
}
