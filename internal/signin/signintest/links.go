package signintest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// CreateLink adds a link in place of the one that is replaced; those that have expired go.
func (s *Store) CreateLink(ctx context.Context, l signin.Link, replaced []byte, events ...audit.Event) error {
	return s.use(func() error {
		s.links = slices.DeleteFunc(s.links, func(o signin.Link) bool { return !l.Created.Before(o.Expires) })
		for _, o := range s.links {
			if o.Login == l.Login && !bytes.Equal(o.Hash, replaced) {
				return conflict()
			}
		}
		i := slices.IndexFunc(s.people, func(p signin.Person) bool { return p.Removed.IsZero() && p.Login == l.Login })
		if i < 0 && l.Version != 0 || i >= 0 && s.people[i].Version != l.Version {
			return conflict()
		}
		s.links = slices.DeleteFunc(s.links, func(o signin.Link) bool { return o.Login == l.Login })
		l.Hash, l.Roles = bytes.Clone(l.Hash), slices.Clone(l.Roles)
		s.links = append(s.links, l)
		return s.write(ctx, events)
	})
}

// Link returns a link.
func (s *Store) Link(_ context.Context, hash []byte) (l signin.Link, err error) {
	err = s.use(func() error {
		i := s.link(hash)
		if i < 0 {
			return noLink()
		}
		l = s.links[i]
		return nil
	})
	return l, err
}

// Links are all there are, by login.
func (s *Store) Links(context.Context) (all []signin.Link, err error) {
	err = s.use(func() error {
		all = slices.Clone(s.links)
		slices.SortFunc(all, func(a, b signin.Link) int { return cmp.Compare(a.Login, b.Login) })
		return nil
	})
	return all, err
}

// TakeLink removes a link and returns it.
func (s *Store) TakeLink(ctx context.Context, hash []byte, events ...audit.Event) (l signin.Link, err error) {
	err = s.use(func() error {
		i := s.link(hash)
		if i < 0 {
			return noLink()
		}
		l = s.links[i]
		s.links = slices.Delete(s.links, i, i+1)
		return s.write(ctx, events)
	})
	return l, err
}

func (s *Store) link(hash []byte) int {
	return slices.IndexFunc(s.links, func(o signin.Link) bool { return bytes.Equal(o.Hash, hash) })
}

// Attempts returns the failed sign-ins of a name.
func (s *Store) Attempts(_ context.Context, name string) (a signin.Attempts, err error) {
	err = s.use(func() error {
		a = s.attempts[name]
		return nil
	})
	return a, err
}

// Fail has the name's attempts changed.
func (s *Store) Fail(ctx context.Context, name string, change func(signin.Attempts) signin.Attempts, events ...audit.Event) (a signin.Attempts, err error) {
	err = s.use(func() error {
		a = change(s.attempts[name])
		s.attempts[name] = a
		return s.write(ctx, events)
	})
	return a, err
}

// Forgive removes the name's attempts.
func (s *Store) Forgive(_ context.Context, name string) error {
	return s.use(func() error {
		delete(s.attempts, name)
		return nil
	})
}

// Everything prints all that is kept, to be searched for what must not be.
func (s *Store) Everything() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%+v %+v %+v %+v %+v", s.people, s.sessions, s.links, maps.Clone(s.attempts), s.Audit.Events())
}

func (s *Store) use(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Before != nil {
		if err := s.Before(); err != nil {
			return err
		}
	}
	return do()
}

func (s *Store) write(ctx context.Context, events []audit.Event) error {
	if len(events) == 0 {
		return nil
	}
	return s.Audit.AppendEvents(ctx, events)
}

func (s *Store) taken(p signin.Person) bool {
	return p.Removed.IsZero() && slices.ContainsFunc(s.people, func(o signin.Person) bool {
		return o.ID != p.ID && o.Removed.IsZero() &&
			(p.Login != "" && o.Login == p.Login || p.Subject != "" && o.Issuer == p.Issuer && o.Subject == p.Subject)
	})
}

func copied(p signin.Person) signin.Person {
	p.Roles = slices.Clone(p.Roles)
	return p
}

func taken() error {
	return fault.New(fault.Invalid, "another person has that login").WithCode("name_taken").WithParam("login")
}

func noSession() error {
	return fault.New(fault.NotFound, "there is no such session").WithCode("session_not_found")
}

func conflict() error {
	return fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
}

func noLink() error {
	return fault.New(fault.NotFound, "there is no such link").WithCode("link_not_found")
}
