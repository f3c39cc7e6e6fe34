package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/store"
)

func sessionStories() []story {
	return []story{
		{"a session is found by its hash until it is ended", sessionLife},
		{"a new session removes those that are over", sessionsOver},
		{"a session that begins while its person is removed is not left", sessionWhileRemoved},
		{"no failed sign-in is lost, and old ones are forgotten", failures},
		{"what was typed as a login is not kept", typedNames},
	}
}

func sessionLife(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	p, other := Person("ada"), Person("bob")
	must(t, errors.Join(s.CreatePerson(t.Context(), p), s.CreatePerson(t.Context(), other)))
	first, second, third := Session(p.ID), Session(p.ID), Session(p.ID)
	second.Created, third.Created = Now().Add(time.Minute), Now().Add(-time.Minute)
	for _, n := range []signin.Session{first, second, third} {
		must(t, s.CreateSession(t.Context(), n, 1))
	}
	p.SignedIn = second.Created // the latest, whatever came last; the version stays
	got, whose, err := s.Session(t.Context(), first.Hash)
	must(t, err)
	if diff := cmp.Diff([]any{first, p}, []any{got, whose}); diff != "" {
		t.Errorf("the session and its person (-want +got):\n%s", diff)
	}
	first.Seen = Now().Add(2 * time.Minute)
	must(t, s.TouchSession(t.Context(), first.ID, first.Seen))
	must(t, s.TouchSession(t.Context(), first.ID, Now())) // a replica that was slow
	must(t, s.TouchSession(t.Context(), "ses_never", Now()))
	wantSessions(t, s, p.ID, second, first, third)

	for _, ids := range [][]string{{first.ID}, nil} { // another's
		if n, err := s.EndSessions(t.Context(), other.ID, ids); n != 0 || err != nil {
			t.Errorf("another ended %d sessions (%v)", n, err)
		}
	}
	if n, err := s.EndSessions(t.Context(), p.ID, []string{second.ID, "ses_never", second.ID}); n != 1 || err != nil {
		t.Errorf("%d sessions ended (%v), want 1", n, err)
	}
	wantSessions(t, s, p.ID, first, third)
	if n, err := s.EndSessions(t.Context(), p.ID, nil); n != 2 || err != nil {
		t.Errorf("%d sessions ended (%v), want 2", n, err)
	}
	_, _, err = s.Session(t.Context(), first.Hash)
	wantFault(t, err, fault.NotFound, "session_not_found")
	_, _, err = s.Session(t.Context(), nil)
	wantFault(t, err, fault.NotFound, "session_not_found")
}

func wantSessions(t *testing.T, s *store.Store, person string, want ...signin.Session) {
	t.Helper()
	got, err := s.Sessions(t.Context(), person)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the sessions (-want +got):\n%s", diff)
	}
}

func sessionsOver(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	p := Person("ada")
	must(t, s.CreatePerson(t.Context(), p))
	over, going, last := Session(p.ID), Session(p.ID), Session(p.ID)
	last.Created = Now().Add(time.Hour)
	over.Ends, going.Ends = last.Created, last.Created.Add(time.Microsecond)
	for _, n := range []signin.Session{over, going, last} {
		must(t, s.CreateSession(t.Context(), n, 1))
	}
	wantSessions(t, s, p.ID, last, going)
}

func sessionWhileRemoved(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	must(t, stores[0].CreatePerson(t.Context(), Person("stays")))
	for i := range 8 {
		p := Person(fmt.Sprintf("p-%d", i))
		must(t, stores[0].CreatePerson(t.Context(), p))
		var work sync.WaitGroup
		for j := range 4 {
			work.Go(func() {
				err := stores[j%2].CreateSession(t.Context(), Session(p.ID), 1)
				if f := fault.From(err); err != nil && f.Code != "person_not_found" {
					t.Error(err)
				}
			})
		}
		p.Removed = Now()
		must(t, stores[0].UpdatePerson(t.Context(), p, signin.Ends{}))
		work.Wait()
		wantSessions(t, stores[0], p.ID)
	}
}

// failed is what a failure at that time does: the third locks for a minute.
func failed(at time.Time) func(signin.Attempts) signin.Attempts {
	return func(a signin.Attempts) signin.Attempts {
		a.Failures, a.Last = a.Failures+1, at
		if a.Failures >= 3 {
			a.Until = at.Add(time.Minute)
		}
		return a
	}
}

func failures(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	names := []string{"login:ada", "address:192.0.2.7"}
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for range 5 {
				if _, err := stores[i%2].Fail(t.Context(), names[i/2%2], failed(Now()), Event("", "signin.failed")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	want := signin.Attempts{Failures: 20, Last: Now(), Until: Now().Add(time.Minute)}
	for _, name := range names {
		wantAttempts(t, stores[0], name, want)
	}
	wantSound(t, stores[0], 40)

	must(t, stores[1].Forgive(t.Context(), names[0]))
	must(t, stores[1].Forgive(t.Context(), "login:never"))
	wantAttempts(t, stores[0], names[0], signin.Attempts{})
	wantAttempts(t, stores[0], names[1], want)
	got, err := stores[0].Fail(t.Context(), names[0], failed(Now().Add(time.Hour+59*time.Second)))
	must(t, err)
	if got.Failures != 1 {
		t.Errorf("after they were forgiven: %+v", got)
	}
	wantAttempts(t, stores[0], names[1], want) // locked less than an hour ago
	_, err = stores[0].Fail(t.Context(), names[0], failed(Now().Add(time.Hour+61*time.Second)))
	must(t, err)
	wantAttempts(t, stores[0], names[1], signin.Attempts{})
}

func wantAttempts(t *testing.T, s *store.Store, name string, want signin.Attempts) {
	t.Helper()
	got, err := s.Attempts(t.Context(), name)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the attempts of %s (-want +got):\n%s", name, diff)
	}
}

func typedNames(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	for _, name := range []string{"login:correct horse battery", "login:" + strings.Repeat("x", 10_000), "login:a\x00\xff"} {
		_, err := s.Fail(t.Context(), name, failed(Now()))
		must(t, err)
		wantAttempts(t, s, name, signin.Attempts{Failures: 1, Last: Now()})
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, s.Backup(t.Context(), path))
	content, err := os.ReadFile(path)
	must(t, err)
	if bytes.Contains(content, []byte("battery")) {
		t.Error("what somebody typed as a login is in the database")
	}
}
