package roster_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
)

// shelf is a database with one thing in it, and what a replica has read of it.
type shelf struct {
	stored, read thing
	refreshes    int
	failing      error
	log          strings.Builder
}

func (s *shelf) desk() roster.Desk {
	return roster.Desk{
		Refresh: func(context.Context) error {
			s.refreshes++
			if s.failing == nil {
				s.read = s.stored
			}
			return s.failing
		},
		Log: slog.New(slog.NewTextHandler(&s.log, nil)),
	}
}

func (s *shelf) reads() (thing, int64, error) { return s.read, s.read.version, nil }

// rename writes if what was read is what is stored.
func (s *shelf) rename(to string) roster.Attempt[thing] {
	return func(was thing) (thing, bool, error) {
		if was.Name == to {
			return was, false, nil
		}
		if was.version != s.stored.version {
			return was, true, fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
		}
		was.Name = to
		was.version++
		s.stored = was
		return was, true, nil
	}
}

func TestAChangeIsMadeAnewWhenAnotherReplicaWasFaster(t *testing.T) {
	s := &shelf{stored: thing{roster.Entry{Name: "theirs"}, 8}, read: thing{roster.Entry{Name: "old"}, 7}}
	got, err := roster.Change(t.Context(), s.desk(), "thing", 0, s.reads, s.rename("ours"))
	if err != nil || got.Name != "ours" || s.stored.version != 9 || s.read != s.stored {
		t.Errorf("%v, %v; stored %v, read back %v", got, err, s.stored, s.read)
	}
}

func TestAVersionThatIsAskedForIsHeldUntilTheWrite(t *testing.T) {
	for name, version := range map[string]int64{"as it was read": 7, "as it is stored": 8, "one there never was": 6} {
		s := &shelf{stored: thing{roster.Entry{Name: "theirs"}, 8}, read: thing{roster.Entry{Name: "old"}, 7}}
		if version == 8 {
			s.read = s.stored
		}
		_, err := roster.Change(t.Context(), s.desk(), "thing", version, s.reads, s.rename("ours"))
		if through := s.stored.Name == "ours"; through != (version == 8) || !through && fault.From(err).Code != "conflict" {
			t.Errorf("%s: %v; stored %v", name, err, s.stored)
		}
	}
}

func TestWhoIsAlwaysTooLateIsToldSo(t *testing.T) {
	s := &shelf{read: thing{version: 1}}
	tries := 0
	_, err := roster.Change(t.Context(), s.desk(), "thing", 0, s.reads, func(was thing) (thing, bool, error) {
		tries++
		return was, true, fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
	})
	if err == nil || fault.From(err).Code != "conflict" || tries != 3 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

func TestWhatChangesNothingIsNotReadBack(t *testing.T) {
	s := &shelf{stored: thing{roster.Entry{Name: "same"}, 1}, read: thing{roster.Entry{Name: "same"}, 1}}
	if _, err := roster.Change(t.Context(), s.desk(), "thing", 0, s.reads, s.rename("same")); err != nil || s.refreshes != 0 {
		t.Errorf("%v, read back %d times", err, s.refreshes)
	}
}

func TestAChangeIsMadeThoughItCannotBeReadBack(t *testing.T) {
	s := &shelf{failing: errors.New("the database is gone")}
	if _, err := roster.Change(t.Context(), s.desk(), "thing", 0, s.reads, s.rename("new")); err != nil || s.stored.Name != "new" {
		t.Errorf("%v; stored %v", err, s.stored)
	}
	if !strings.Contains(s.log.String(), "the database is gone") {
		t.Errorf("the log says %q", s.log.String())
	}
}
