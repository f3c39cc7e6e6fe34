package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/signin"
)

const sessionColumns = "id, hash, person, method, address, agent, created, seen, ends"

func sessionTargets(s *signin.Session) []any {
	return []any{
		&s.ID, &s.Hash, &s.Person, &s.Method, &s.Address, &s.Agent,
		timeColumn{&s.Created}, timeColumn{&s.Seen}, timeColumn{&s.Ends},
	}
}

// CreateSession implements [signin.Store]. A person who is removed, or was never
// there, is a fault of kind NotFound with the code "person_not_found".
func (s *Store) CreateSession(ctx context.Context, n signin.Session, version int64, events ...audit.Event) error {
	return s.write(ctx, "beginning a session", func(ctx context.Context, tx *sql.Tx) error {
		// The person's row is locked by it: nobody is changed or removed between here and the end.
		done, err := tx.ExecContext(ctx, `UPDATE people SET signed_in = CASE WHEN signed_in > $2 THEN signed_in ELSE $2 END
			WHERE id = $1 AND version = $3 AND removed = 0`, n.Person, micros(n.Created), version)
		if err := changed(ctx, tx, done, err, personLives(), n.Person); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE ends <= $1`, micros(n.Created)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, into("sessions", sessionColumns), n.ID, n.Hash, n.Person, clean(n.Method), clean(n.Address), clean(n.Agent),
			micros(n.Created), micros(n.Seen), micros(n.Ends)); err != nil {
			return err
		}
		return s.appendEvents(ctx, tx, events)
	})
}

// Session implements [signin.Store].
func (s *Store) Session(ctx context.Context, hash []byte) (n signin.Session, p signin.Person, err error) {
	ctx, end := s.patient(ctx)
	defer end()
	err = s.reads.QueryRowContext(ctx, `SELECT `+of("s", sessionColumns)+`, `+of("p", personColumns)+`
		FROM sessions s JOIN people p ON p.id = s.person WHERE s.hash = $1 AND p.removed = 0`, hash).
		Scan(append(sessionTargets(&n), personTargets(&p)...)...)
	if errors.Is(err, sql.ErrNoRows) {
		err = absent("session")
	}
	if err != nil {
		return signin.Session{}, signin.Person{}, s.fault(ctx, "reading a session", err)
	}
	return n, p, nil
}

// Sessions implements [signin.Store].
func (s *Store) Sessions(ctx context.Context, person string) ([]signin.Session, error) {
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE person = $1 ORDER BY created DESC, id`, clean(person))
	all, err := collect(rows, err, func(row scanner) (n signin.Session, err error) {
		err = row.Scan(sessionTargets(&n)...)
		return n, err
	})
	if err != nil {
		return nil, s.fault(ctx, "reading sessions", err)
	}
	return all, nil
}

// TouchSession implements [signin.Store]. An earlier time changes nothing, and
// neither does a session that is not there.
func (s *Store) TouchSession(ctx context.Context, id string, at time.Time) error {
	return s.write(ctx, "noting the use of a session", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET seen = $2 WHERE id = $1 AND seen < $2`, clean(id), micros(at))
		return err
	})
}

// EndSessions implements [signin.Store]. Where none ended the events are not written either.
func (s *Store) EndSessions(ctx context.Context, person string, ids []string, events ...audit.Event) (ended int, err error) {
	err = s.write(ctx, "ending sessions", func(ctx context.Context, tx *sql.Tx) error {
		ended = 0 // of a try before
		if len(ids) == 0 {
			if ended, err = removed(tx.ExecContext(ctx, `DELETE FROM sessions WHERE person = $1`, clean(person))); err != nil {
				return err
			}
		}
		for _, id := range ids {
			n, err := removed(tx.ExecContext(ctx, `DELETE FROM sessions WHERE person = $1 AND id = $2`, clean(person), clean(id)))
			if err != nil {
				return err
			}
			ended += n
		}
		if ended == 0 {
			return nil
		}
		return s.appendEvents(ctx, tx, events)
	})
	if err != nil {
		return 0, err
	}
	return ended, nil
}

// removed is how many rows a statement removed.
func removed(done sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}
