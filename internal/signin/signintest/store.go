package signintest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// Store is a [signin.Store] in memory.
type Store struct {
	// Audit gets the events of changes.
	Audit *audittest.Store
	// Before, when set, is asked before every use; its error is the answer.
	Before func() error
	// OperatorKey says that an operator's key is left: without one the last
	// operator with a password stays.
	OperatorKey bool

	mu       sync.Mutex
	people   []signin.Person
	sessions []signin.Session
	links    []signin.Link
	attempts map[string]signin.Attempts
	touches  int
}

// New returns an empty store.
func New() *Store { return &Store{Audit: audittest.New(), attempts: map[string]signin.Attempts{}} }

// CreatePerson adds a person.
func (s *Store) CreatePerson(ctx context.Context, p signin.Person, events ...audit.Event) error {
	return s.use(func() error {
		if s.taken(p) {
			return taken()
		}
		s.people = append(s.people, copied(p))
		return s.write(ctx, events)
	})
}

// UpdatePerson replaces a person of the same version, and counts it up; sessions end with it.
func (s *Store) UpdatePerson(ctx context.Context, p signin.Person, ends signin.Ends, events ...audit.Event) error {
	return s.use(func() error {
		i := slices.IndexFunc(s.people, func(o signin.Person) bool { return o.ID == p.ID && o.Removed.IsZero() })
		if i < 0 || s.people[i].Version != p.Version {
			return fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
		}
		if s.taken(p) {
			return taken()
		}
		if p.Login != "" && operates(s.people[i]) && !operates(p) && !s.operated(p.ID) {
			return fault.New(fault.Invalid, "the last operator cannot be removed").WithCode("in_use")
		}
		p = copied(p)
		p.Version++
		s.people[i] = p
		s.sessions = slices.DeleteFunc(s.sessions, func(o signin.Session) bool {
			return o.Person == p.ID && (!p.Removed.IsZero() || ends.Of(o.ID))
		})
		s.links = slices.DeleteFunc(s.links, func(o signin.Link) bool {
			return slices.ContainsFunc(ends.Links, func(hash []byte) bool { return bytes.Equal(o.Hash, hash) })
		})
		if !p.Removed.IsZero() {
			s.links = slices.DeleteFunc(s.links, func(o signin.Link) bool { return p.Login != "" && o.Login == p.Login })
		}
		return s.write(ctx, events)
	})
}

// operated reports whether anybody but the person with that id can administer.
func (s *Store) operated(but string) bool {
	return s.OperatorKey || slices.ContainsFunc(s.people, func(p signin.Person) bool {
		return p.ID != but && p.Password != "" && operates(p)
	})
}

func operates(p signin.Person) bool {
	return p.Removed.IsZero() && slices.ContainsFunc(p.Roles, func(m signin.Membership) bool { return m.Organization == "" })
}

// Person returns one by id.
func (s *Store) Person(_ context.Context, id string) (signin.Person, error) {
	return s.person(func(p signin.Person) bool { return p.ID == id })
}

// PersonByLogin returns one by login.
func (s *Store) PersonByLogin(_ context.Context, login string) (signin.Person, error) {
	return s.person(func(p signin.Person) bool { return login != "" && p.Login == login })
}

// PersonBySubject returns one of the OIDC provider's.
func (s *Store) PersonBySubject(_ context.Context, issuer, subject string) (signin.Person, error) {
	return s.person(func(p signin.Person) bool { return subject != "" && p.Issuer == issuer && p.Subject == subject })
}

func (s *Store) person(is func(signin.Person) bool) (p signin.Person, err error) {
	err = s.use(func() error {
		i := slices.IndexFunc(s.people, func(p signin.Person) bool { return p.Removed.IsZero() && is(p) })
		if i < 0 {
			return fault.New(fault.NotFound, "there is no such person").WithCode("person_not_found")
		}
		p = copied(s.people[i])
		return nil
	})
	return p, err
}

// People returns those with a role in the organization, by name and id.
func (s *Store) People(_ context.Context, organization *string) (list []signin.Person, err error) {
	err = s.use(func() error {
		for _, p := range s.people {
			in := slices.ContainsFunc(p.Roles, func(m signin.Membership) bool { return organization != nil && m.Organization == *organization })
			if p.Removed.IsZero() && (organization == nil || in) {
				list = append(list, copied(p))
			}
		}
		slices.SortFunc(list, func(a, b signin.Person) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		})
		return nil
	})
	return list, err
}

// CreateSession adds a session, and removes those that have ended by then.
func (s *Store) CreateSession(ctx context.Context, n signin.Session, version int64, events ...audit.Event) error {
	return s.use(func() error {
		if slices.ContainsFunc(s.people, func(p signin.Person) bool { return p.ID == n.Person && p.Version != version }) {
			return fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
		}
		s.sessions = slices.DeleteFunc(s.sessions, func(o signin.Session) bool { return !n.Created.Before(o.Ends) })
		n.Hash = bytes.Clone(n.Hash)
		s.sessions = append(s.sessions, n)
		for i := range s.people {
			if s.people[i].ID == n.Person {
				s.people[i].SignedIn = n.Created
			}
		}
		return s.write(ctx, events)
	})
}

// Session returns the session with the hash and its person.
func (s *Store) Session(_ context.Context, hash []byte) (found signin.Session, p signin.Person, err error) {
	err = s.use(func() error {
		i := slices.IndexFunc(s.sessions, func(o signin.Session) bool { return bytes.Equal(o.Hash, hash) })
		if i < 0 {
			return noSession()
		}
		found = s.sessions[i]
		j := slices.IndexFunc(s.people, func(p signin.Person) bool { return p.ID == found.Person && p.Removed.IsZero() })
		if j < 0 {
			return noSession()
		}
		p = copied(s.people[j])
		return nil
	})
	return found, p, err
}

// Sessions are a person's, newest first.
func (s *Store) Sessions(_ context.Context, person string) (list []signin.Session, err error) {
	err = s.use(func() error {
		for _, o := range s.sessions {
			if o.Person == person {
				list = append(list, o)
			}
		}
		slices.SortFunc(list, func(a, b signin.Session) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
		return nil
	})
	return list, err
}

// TouchSession sets when it was last seen.
func (s *Store) TouchSession(_ context.Context, id string, at time.Time) error {
	return s.use(func() error {
		s.touches++
		for i := range s.sessions {
			if s.sessions[i].ID == id {
				s.sessions[i].Seen = at
			}
		}
		return nil
	})
}

// Touches tells how often a session's last use was written.
func (s *Store) Touches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.touches
}

// EndSessions removes the person's sessions with the ids; none named, all.
func (s *Store) EndSessions(ctx context.Context, person string, ids []string, events ...audit.Event) (n int, err error) {
	err = s.use(func() error {
		before := len(s.sessions)
		s.sessions = slices.DeleteFunc(s.sessions, func(o signin.Session) bool {
			return o.Person == person && (len(ids) == 0 || slices.Contains(ids, o.ID))
		})
		n = before - len(s.sessions)
		return s.write(ctx, events)
	})
	return n, err
}
