package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/adit-hq/adit/internal/fault"
)

// unsettled is the error of a COMMIT that was sent and not answered: whether the
// change is made is known to the database alone.
type unsettled struct{ error }

func (u unsettled) Unwrap() error { return u.error }

// commit ends a transaction. Its error is unsettled unless nothing was sent, or
// the database itself said no. That pgx calls an error safe to retry says nothing
// here: so it calls that of a connection which was cut after the COMMIT, too.
func commit(ctx context.Context, tx *sql.Tx) error {
	err := tx.Commit()
	// Before it sends anything, database/sql returns the context's error as it is.
	if err == nil || errors.Is(err, sql.ErrTxDone) || err == ctx.Err() || refuses(err) { //nolint:errorlint // a wrapped one is the connection's
		return err
	}
	return unsettled{err}
}

// refuses reports whether an error is an answer of the database's, and not one
// of a connection or a server that went away over it (PostgreSQL manual,
// appendix A, classes 08 and 57).
func refuses(err error) bool {
	var file *sqlite.Error
	if errors.As(err, &file) {
		return true
	}
	var server *pgconn.PgError
	return errors.As(err, &server) && !strings.HasPrefix(server.Code, "08") && !strings.HasPrefix(server.Code, "57")
}

func (s *Store) unsettled(doing string, err error) error {
	return fault.Wrap(err, fault.Unavailable, "it is not known whether the change was made: the database did not confirm it").WithCode("outcome_unknown").
		WithRemedy("See whether it was made before you repeat it.").WithDetail("%s, %s", doing, s.engine.where())
}
