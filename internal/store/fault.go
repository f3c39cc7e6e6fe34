package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// trouble is what an engine's error means.
type trouble int

const (
	unknown   trouble = iota
	down              // it cannot be reached, or cannot write
	busy              // somebody else was first; the transaction may be tried again
	broken            // what is stored cannot be read
	nameTaken         // a live row has the name
	idTaken           // a row, live or not, has the id
)

// fault turns an engine's error into one for people. It never holds the
// database's URL. An error that is a fault already stays as it is, and so does
// the context's own.
func (s *Store) fault(ctx context.Context, doing string, err error) error {
	var known *fault.Error
	var lost unsettled
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.As(err, &lost):
		return s.unsettled(doing, lost.error)
	case errors.Is(context.Cause(ctx), errSilent):
		return fault.Wrap(errSilent, fault.Unavailable, "the database does not answer").WithCode("database_down").
			WithRemedy("%s", s.engine.remedy()).WithDetail("%s, %s", doing, s.engine.where())
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	switch s.engine.judge(err) {
	case down:
		return fault.Wrap(err, fault.Unavailable, "the database cannot be reached").WithCode("database_down").
			WithRemedy("%s", s.engine.remedy()).WithDetail("%s, %s", doing, s.engine.where())
	case busy:
		return fault.Wrap(err, fault.Unavailable, "the database is busy with other changes").WithCode("database_busy").
			WithRemedy("Try again.").WithDetail("%s, %s", doing, s.engine.where())
	case broken:
		return fault.Wrap(err, fault.Unavailable, "the database is damaged, or is none").WithCode("database_broken").
			WithRemedy("Restore a backup with `adit db restore`.").WithDetail("%s, %s", doing, s.engine.where())
	case nameTaken:
		return fault.New(fault.Invalid, "the name is taken").WithCode("name_taken").WithParam("name").
			WithRemedy("Choose another name, or change what has this one.")
	case idTaken:
		return fault.New(fault.Internal, "the id was used before, and ids are never used again").WithCode("id_taken").
			WithDetail("%s", doing)
	default:
		return fault.Wrap(err, fault.Internal, "internal error").WithDetail("%s", doing)
	}
}

func conflict(what string) error {
	return fault.New(fault.Invalid, "the %s was changed meanwhile", what).WithCode("conflict").
		WithRemedy("Read it again and repeat the change.")
}

func absent(what string) error {
	return fault.New(fault.NotFound, "the %s does not exist", what).WithCode(strings.ReplaceAll(what, " ", "_") + "_not_found")
}
