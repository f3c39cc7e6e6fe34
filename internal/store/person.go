package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

const (
	personFixed   = "id, issuer, subject, created, signed_in, version"
	personFacts   = "login, name, email, password, roles, updated, removed"
	personColumns = personFixed + ", " + personFacts
)

func personFactValues(p signin.Person) []any {
	return []any{p.Login, clean(p.Name), clean(p.Email), p.Password, object(p.Roles), micros(p.Updated), micros(p.Removed)}
}

func personTargets(p *signin.Person) []any {
	return []any{
		&p.ID, &p.Issuer, &p.Subject, timeColumn{&p.Created}, timeColumn{&p.SignedIn}, &p.Version,
		&p.Login, &p.Name, &p.Email, &p.Password, objectColumn{&p.Roles}, timeColumn{&p.Updated}, timeColumn{&p.Removed},
	}
}

func scanPerson(row scanner) (p signin.Person, err error) {
	err = row.Scan(personTargets(&p)...)
	return p, err
}

// checkPerson looks at what names and admits somebody. Name and Email are what
// another provider says, and are cleaned.
func checkPerson(p signin.Person) error {
	var t texts
	t.check("id", p.ID)
	t.check("login", p.Login)
	t.check("issuer", p.Issuer)
	t.check("subject", p.Subject)
	t.check("password", p.Password)
	for _, m := range p.Roles {
		t.check("roles", m.Organization, string(m.Role))
	}
	return t.fault()
}

func loginTaken(err error) error {
	if f := (*fault.Error)(nil); errors.As(err, &f) && f.Code == "name_taken" {
		return fault.New(fault.Invalid, "somebody signs in under this name already").WithCode("name_taken").WithParam("login").
			WithRemedy("Choose another, or change the roles of the person who has it.")
	}
	return err
}

// CreatePerson implements [signin.Store]. The version is stored as it is given;
// a role in an organization that is absent or deleted is a fault of kind NotFound.
func (s *Store) CreatePerson(ctx context.Context, p signin.Person, events ...audit.Event) error {
	if err := checkPerson(p); err != nil {
		return err
	}
	return loginTaken(s.aside(ctx, "adding a person", events, func(ctx context.Context, tx *sql.Tx) error {
		values := append([]any{p.ID, p.Issuer, p.Subject, micros(p.Created), micros(p.SignedIn), p.Version}, personFactValues(p)...)
		if _, err := tx.ExecContext(ctx, into("people", personColumns), values...); err != nil {
			return err
		}
		return setMemberships(ctx, tx, p)
	}))
}

// UpdatePerson implements [signin.Store]. The id, the issuer, the subject, the
// time of creation and that of the last sign-in stay; a removed person is a
// tombstone and cannot be updated. With another login the links of the former end.
func (s *Store) UpdatePerson(ctx context.Context, p signin.Person, ends signin.Ends, events ...audit.Event) error {
	if err := checkPerson(p); err != nil {
		return err
	}
	return loginTaken(s.aside(ctx, "changing a person", events, func(ctx context.Context, tx *sql.Tx) error { return updatePerson(ctx, tx, p, ends) }))
}

func updatePerson(ctx context.Context, tx *sql.Tx, p signin.Person, ends signin.Ends) error {
	var login string
	if err := tx.QueryRowContext(ctx, `SELECT login FROM people WHERE id = $1`, p.ID).Scan(&login); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	done, err := tx.ExecContext(ctx, updatingPerson(), append([]any{p.ID, p.Version}, personFactValues(p)...)...)
	if err := changed(ctx, tx, done, err, personLives(), p.ID); err != nil {
		return err
	}
	if err := setMemberships(ctx, tx, p); err != nil {
		return err
	}
	if !p.Removed.IsZero() || p.Login != login {
		if _, err := tx.ExecContext(ctx, `DELETE FROM links WHERE login = $1 AND login <> ''`, login); err != nil {
			return err
		}
	}
	if err := endLinks(ctx, tx, ends.Links); err != nil {
		return err
	}
	if !p.Removed.IsZero() {
		ends = signin.Ends{All: true}
	}
	if !ends.All {
		return nil
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE person = $1 AND ($2 = '' OR id <> $2)`, p.ID, clean(ends.But))
	return err
}

// updatingPerson is like [updating], for a person is of no single organization.
func updatingPerson() string {
	return `UPDATE people SET version = version + 1, (` + personFacts + `) = (` + slots(3, count(personFacts)) + `)
		WHERE id = $1 AND version = $2 AND removed = 0`
}

// Person implements [signin.Store].
func (s *Store) Person(ctx context.Context, id string) (signin.Person, error) {
	return s.person(ctx, `id = $1`, clean(id))
}

// PersonByLogin implements [signin.Store]; nobody has the login "".
func (s *Store) PersonByLogin(ctx context.Context, login string) (signin.Person, error) {
	return s.person(ctx, `login = $1 AND login <> ''`, clean(login))
}

// PersonBySubject implements [signin.Store]; nobody has the issuer "".
func (s *Store) PersonBySubject(ctx context.Context, issuer, subject string) (signin.Person, error) {
	return s.person(ctx, `issuer = $1 AND subject = $2 AND issuer <> ''`, clean(issuer), clean(subject))
}

func (s *Store) person(ctx context.Context, which string, args ...any) (signin.Person, error) {
	ctx, end := s.patient(ctx)
	defer end()
	p, err := scanPerson(s.reads.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people WHERE removed = 0 AND `+which, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = absent("person")
	}
	return p, s.fault(ctx, "reading a person", err)
}

// People implements [signin.Store].
func (s *Store) People(ctx context.Context, organization *string) ([]signin.Person, error) {
	text, args := `SELECT `+personColumns+` FROM people WHERE removed = 0`, []any(nil)
	if organization != nil {
		text, args = text+` AND id IN (SELECT person FROM memberships WHERE organization = $1)`, []any{clean(*organization)}
	}
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, text, args...)
	people, err := collect(rows, err, scanPerson)
	if err != nil {
		return nil, s.fault(ctx, "reading people", err)
	}
	slices.SortFunc(people, byNameAndID) // PostgreSQL's order of texts depends on its locale
	return people, nil
}

func byNameAndID(a, b signin.Person) int {
	if c := strings.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
