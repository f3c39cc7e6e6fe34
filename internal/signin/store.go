package signin

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// Store keeps people, sessions, links and failed attempts. They are read from
// it each time: pages are few, and a session that was ended must be dead on every
// replica at once. None of it raises the revision. Changes and their audit
// events are one transaction.
type Store interface {
	// CreatePerson refuses a login, or an issuer and subject, that a person who is
	// not removed has: Invalid, "name_taken".
	CreatePerson(ctx context.Context, p Person, events ...audit.Event) error
	// UpdatePerson also removes; another Version than the stored one is Invalid,
	// "conflict". The sessions and links that end with the change end in the same
	// transaction, as do all of a removed person, and the links to them. A local operator stays one while
	// no other has a password and no operator's key never ends: Invalid, "in_use".
	UpdatePerson(ctx context.Context, p Person, ends Ends, events ...audit.Event) error
	// Person returns one who is not removed, or NotFound, "person_not_found".
	Person(ctx context.Context, id string) (Person, error)
	PersonByLogin(ctx context.Context, login string) (Person, error)
	PersonBySubject(ctx context.Context, issuer, subject string) (Person, error)
	// People returns those who are not removed and have a role in the
	// organization ("" the operators; nil everyone), by name and id.
	People(ctx context.Context, organization *string) ([]Person, error)

	// CreateSession also removes the sessions that have ended by then, and sets the
	// person's SignedIn. A person of another version than the one given, who was
	// changed since they proved who they are, is Invalid, "conflict".
	CreateSession(ctx context.Context, s Session, version int64, events ...audit.Event) error
	// Session returns the session with the hash and its person; NotFound, "session_not_found" when
	// there is none, or the person was removed. Whether it has ended is for the caller to see.
	Session(ctx context.Context, hash []byte) (Session, Person, error)
	// Sessions are a person's, newest first.
	Sessions(ctx context.Context, person string) ([]Session, error)
	// TouchSession sets when it was last seen.
	TouchSession(ctx context.Context, id string, at time.Time) error
	// EndSessions removes the person's sessions with the ids; none named, all. It tells how many there were.
	EndSessions(ctx context.Context, person string, ids []string, events ...audit.Event) (int, error)

	// CreateLink also removes those that have expired by then, and the link of the
	// same login, of which replaced is the hash (nil: there is none). Where another
	// waits, or the login's person is not of the link's Version (0: nobody has it)
	// any more, it is Invalid, "conflict".
	CreateLink(ctx context.Context, l Link, replaced []byte, events ...audit.Event) error
	// Link returns a link; NotFound, "link_not_found".
	Link(ctx context.Context, hash []byte) (Link, error)
	// Links are all there are, those that have expired too, by login.
	Links(ctx context.Context) ([]Link, error)
	// TakeLink removes it and returns it: of two who try at once, one gets NotFound.
	TakeLink(ctx context.Context, hash []byte, events ...audit.Event) (Link, error)

	// Attempts returns the zero Attempts for a name without any.
	Attempts(ctx context.Context, name string) (Attempts, error)
	// Fail has the name's attempts changed under a lock, so that no guess is lost
	// between replicas, and returns them. Those whose Last and Until are over an hour ago may be removed.
	Fail(ctx context.Context, name string, change func(Attempts) Attempts, events ...audit.Event) (Attempts, error)
	// Forgive removes the name's attempts.
	Forgive(ctx context.Context, name string) error
}
