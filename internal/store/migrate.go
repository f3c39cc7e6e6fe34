package store

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store/migrations"
)

// Schema returns the number of the schema that the database has (0: none) and
// that of the newest one that this binary knows.
func (s *Store) Schema(ctx context.Context) (has, knows int64, err error) {
	p, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	has, knows, err = p.GetVersions(ctx)
	return has, knows, s.fault(ctx, "reading the schema's number", err)
}

// Migrate brings the schema up to date and returns its numbers before and
// after. One process does; others wait. A database that a newer Adit wrote is
// left alone: that is a fault of kind Config with the code "database_newer".
func (s *Store) Migrate(ctx context.Context) (from, to int64, err error) {
	release, err := s.engine.lock(ctx, s.db)
	if err != nil {
		return 0, 0, s.fault(ctx, "locking the schema", err)
	}
	defer release()
	p, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	from, to, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, s.fault(ctx, "reading the schema's number", err)
	}
	if from > to {
		return from, from, newer(from, to, "Run the newer Adit, or restore a backup of the older one into an empty database with `adit db restore`.")
	}
	if 0 < from && from < to {
		// Said before: a large one keeps a start silent for long, and whoever takes
		// that for a hang and kills it has it all to do again.
		s.log.Info("the database's schema is brought up to date; on a large database that may take minutes and must not be interrupted",
			"from", from, "to", to)
	}
	if _, err := p.Up(ctx); err != nil {
		return from, from, s.fault(ctx, "migrating the schema", err)
	}
	if from != to {
		s.log.Info("the database has a new schema", "from", from, "to", to)
	}
	return from, to, nil
}

func newer(has, knows int64, remedy string) error {
	return fault.New(fault.Config, "the database was written by a newer Adit: its schema is number %d, and this one knows %d", has, knows).
		WithCode("database_newer").WithRemedy("%s", remedy)
}

func (s *Store) migrations() (*goose.Provider, error) {
	all, err := migrations.All()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the migrations cannot be read")
	}
	steps := make([]*goose.Migration, len(all))
	for i, m := range all { // goose would read the files with a buffer of 4 MB a line
		up := &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			for _, statement := range m.Statements {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		}}
		steps[i] = goose.NewGoMigration(m.Number, up, nil)
	}
	p, err := goose.NewProvider(goose.Dialect(s.engine.name()), s.db, nil,
		goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the migrations cannot be read")
	}
	return p, nil
}
