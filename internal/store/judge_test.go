package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/adit-hq/adit/internal/fault"
)

func TestPostgresErrorsAreJudgedByTheirCode(t *testing.T) {
	code := func(c string) error {
		return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: c, ConstraintName: "organizations_pkey"})
	}
	for _, c := range []struct {
		err  error
		want trouble
	}{
		{code("40001"), busy}, {code("40P01"), busy}, {code("55P03"), busy},
		{code("57P01"), down}, {code("57P03"), down}, {code("53300"), down}, {code("28P01"), down}, {code("3D000"), down}, {code("25006"), down},
		{code("XX001"), broken}, {code("23505"), idTaken}, {code("42P01"), unknown}, {code(""), unknown},
		{&pgconn.PgError{Code: "23505", ConstraintName: "environments_live_name"}, nameTaken},
		{driver.ErrBadConn, down}, {io.ErrUnexpectedEOF, down}, {errors.New("something else"), unknown},
	} {
		if got := (postgres{}).judge(c.err); got != c.want {
			t.Errorf("%v is judged %d, want %d", c.err, got, c.want)
		}
	}
}

func TestAFaultAndTheContextsErrorStayWhatTheyAre(t *testing.T) {
	s := openFile(t, Options{})
	own := fault.New(fault.NotFound, "not here")
	if err := s.fault(t.Context(), "looking", own); !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.fault(ctx, "looking", io.EOF); fault.KindOf(err) != fault.Canceled {
		t.Errorf("got %v, want the context's error", err)
	}
	if err := s.fault(t.Context(), "looking", errors.New("oops")); fault.KindOf(err) != fault.Internal {
		t.Errorf("got %v, want an internal fault", err)
	}
}
