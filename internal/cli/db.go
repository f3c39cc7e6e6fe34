package cli

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/app"
)

type dbCmd struct {
	Migrate dbMigrateCmd `cmd:"" help:"Migrate the database schema, as every start of a server does."`
	Backup  dbBackupCmd  `cmd:"" help:"Back up the database to a file, while servers run."`
	Restore dbRestoreCmd `cmd:"" help:"Restore a backup into an empty database."`
}

type dbMigrateCmd struct {
	databaseFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (dbMigrateCmd) Help() string {
	return `Creates the schema if there is none, and does not touch the database of a newer Adit. No server may be running on the data directory; on PostgreSQL one process migrates and others wait.

Example:

    ADIT_DATABASE=postgres://adit@db/adit adit db migrate`
}

// Run migrates.
func (c *dbMigrateCmd) Run(ctx context.Context, p *Process) error {
	state, err := somewhere(c.state(p))
	if err != nil {
		return err
	}
	from, to, err := app.MigrateDatabase(ctx, state, logFlags(c.quietLogFlags).logger(p.Stderr))
	switch {
	case err != nil:
		return err
	case from == to:
		fmt.Fprintf(p.Stdout, "The schema is up to date: version %d.\n", to)
	case from == 0:
		fmt.Fprintf(p.Stdout, "Created the schema: version %d.\n", to)
	default:
		fmt.Fprintf(p.Stdout, "Migrated the schema from version %d to %d.\n", from, to)
	}
	return nil
}

type dbBackupCmd struct {
	File string `arg:"" help:"New file to write; an existing one is not overwritten."`
	databaseFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (dbBackupCmd) Help() string {
	return `Writes a consistent snapshot of the whole database to a SQLite file, from SQLite or PostgreSQL, without stopping servers. Secrets in it are encrypted with the master key. The backup contains neither the master key, without which it is useless, nor the operator's key: keep a copy of the master key elsewhere.

Example:

    adit db backup /backup/adit-$(date +%F).db`
}

// Run writes the backup.
func (c *dbBackupCmd) Run(ctx context.Context, p *Process) error {
	state, err := somewhere(c.state(p))
	if err != nil {
		return err
	}
	if err := app.BackupDatabase(ctx, state, c.File, logFlags(c.quietLogFlags).logger(p.Stderr)); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "Wrote the whole database to %s.\n", c.File)
	fmt.Fprintln(p.Stdout, "The backup does NOT contain the master key, and is useless without it: keep a copy elsewhere. Nor does it contain the operator's key.")
	return nil
}

type dbRestoreCmd struct {
	File string `arg:"" help:"Backup file that adit db backup wrote."`
	databaseFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (dbRestoreCmd) Help() string {
	return `Restores a backup into a SQLite or PostgreSQL database that is empty or absent, completely or not at all. The server then needs the master key that was in use at the time of the backup. The first start creates a new operator's key if its file is missing.

Example:

    adit db restore /backup/adit-2027-01-31.db --data-dir /var/lib/adit`
}

// Run restores.
func (c *dbRestoreCmd) Run(ctx context.Context, p *Process) error {
	state, err := somewhere(c.state(p))
	if err != nil {
		return err
	}
	if err := app.RestoreDatabase(ctx, state, c.File, logFlags(c.quietLogFlags).logger(p.Stderr)); err != nil {
		return err
	}
	where := "into " + state.DataDir
	if state.Database != "" {
		where = "into the database"
	}
	fmt.Fprintf(p.Stdout, "Restored %s %s.\n", c.File, where)
	if state.Database == "" && p.getenv(masterKeyFileVariable) == "" && p.getenv(masterKeyVariable) == "" {
		fmt.Fprintf(p.Stdout, "Before the server starts, put the backup's master key into %s (mode 0400), or give it with --master-key-file.\n", app.MasterKeyFile(state.DataDir))
	}
	return nil
}
