package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/signin"
)

const linkColumns = "hash, login, roles, version, created, expires, made_by"

func scanLink(row scanner) (l signin.Link, err error) {
	err = row.Scan(&l.Hash, &l.Login, objectColumn{&l.Roles}, &l.Version, timeColumn{&l.Created}, timeColumn{&l.Expires}, objectColumn{&l.By})
	return l, err
}

// CreateLink implements [signin.Store].
func (s *Store) CreateLink(ctx context.Context, l signin.Link, replaced []byte, events ...audit.Event) error {
	var t texts
	t.check("login", l.Login)
	for _, m := range l.Roles {
		t.check("roles", m.Organization, string(m.Role))
	}
	if err := t.fault(); err != nil {
		return err
	}
	return s.aside(ctx, "making a link", events, func(ctx context.Context, tx *sql.Tx) error {
		if err := asSeen(ctx, tx, l.Login, l.Version); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM links WHERE expires <= $1 OR login = $2 AND hash = $3`, micros(l.Created), l.Login, replaced); err != nil {
			return err
		}
		var others int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM links WHERE login = $1`, l.Login).Scan(&others); err != nil {
			return err
		}
		if others > 0 { // one that who makes this has not seen
			return conflict("link")
		}
		_, err := tx.ExecContext(ctx, into("links", linkColumns), l.Hash, l.Login, object(l.Roles), l.Version, micros(l.Created), micros(l.Expires), object(l.By))
		return err
	})
}

// asSeen is nil while the person with the login has the version; 0: nobody has it.
func asSeen(ctx context.Context, tx *sql.Tx, login string, seen int64) error {
	var version int64
	err := tx.QueryRowContext(ctx, `SELECT version FROM people WHERE login = $1 AND removed = 0`, login).Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if version != seen {
		return conflict("person")
	}
	return nil
}

// Link implements [signin.Store].
func (s *Store) Link(ctx context.Context, hash []byte) (signin.Link, error) {
	ctx, end := s.patient(ctx)
	defer end()
	l, err := linkOrAbsent(s.reads.QueryRowContext(ctx, `SELECT `+linkColumns+` FROM links WHERE hash = $1`, hash))
	return l, s.fault(ctx, "reading a link", err)
}

// Links implements [signin.Store].
func (s *Store) Links(ctx context.Context) ([]signin.Link, error) {
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, `SELECT `+linkColumns+` FROM links`)
	all, err := collect(rows, err, scanLink)
	if err != nil {
		return nil, s.fault(ctx, "reading links", err)
	}
	slices.SortFunc(all, func(a, b signin.Link) int { return strings.Compare(a.Login, b.Login) })
	return all, nil
}

// TakeLink implements [signin.Store].
func (s *Store) TakeLink(ctx context.Context, hash []byte, events ...audit.Event) (l signin.Link, err error) {
	err = s.write(ctx, "taking a link", func(ctx context.Context, tx *sql.Tx) error {
		// Of two who remove one row, the second finds none.
		if l, err = linkOrAbsent(tx.QueryRowContext(ctx, `DELETE FROM links WHERE hash = $1 RETURNING `+linkColumns, hash)); err != nil {
			return err
		}
		return s.appendEvents(ctx, tx, events)
	})
	if err != nil {
		return signin.Link{}, err
	}
	return l, nil
}

// endLinks removes the links with the hashes; one that is gone is no fault.
func endLinks(ctx context.Context, tx *sql.Tx, hashes [][]byte) error {
	for _, hash := range hashes {
		if _, err := tx.ExecContext(ctx, `DELETE FROM links WHERE hash = $1`, hash); err != nil {
			return err
		}
	}
	return nil
}

func linkOrAbsent(row scanner) (signin.Link, error) {
	l, err := scanLink(row)
	if errors.Is(err, sql.ErrNoRows) {
		err = absent("link")
	}
	if err != nil {
		return signin.Link{}, err
	}
	return l, nil
}
