package cli

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/app"
)

type dbCmd struct {
	Migrate dbMigrateCmd `cmd:"" help:"Bring the database's schema up to date, as every start of a server does."`
	Backup  dbBackupCmd  `cmd:"" help:"Write everything in the database into a file, while servers run."`
	Restore dbRestoreCmd `cmd:"" help:"Read a backup into an empty database."`
}

type dbMigrateCmd struct {
	stateFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (dbMigrateCmd) Help() string {
	return `Makes the schema if there is none. A database that a newer Adit wrote is left alone. No server may run on the data directory; on PostgreSQL one process does it and others wait.

Example:

    ADIT_DATABASE=postgres://adit@db/adit adit db migrate`
}

// Run migrates.
func (c *dbMigrateCmd) Run(ctx context.Context, p *Process) error {
	state, err := c.somewhere(p)
	if err != nil {
		return err
	}
	from, to, err := app.MigrateDatabase(ctx, state, logFlags(c.quietLogFlags).logger(p.Stderr))
	switch {
	case err != nil:
		return err
	case from == to:
		fmt.Fprintf(p.Stdout, "The schema is up to date: number %d.\n", to)
	case from == 0:
		fmt.Fprintf(p.Stdout, "The schema is made: number %d.\n", to)
	default:
		fmt.Fprintf(p.Stdout, "The schema is brought up to date: from number %d to %d.\n", from, to)
	}
	return nil
}

type dbBackupCmd struct {
	File string `arg:"" help:"A new file; one that is there is not replaced."`
	stateFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (dbBackupCmd) Help() string {
	return `Writes organizations, environments, API keys, signing keys, audit and usage as they are at one moment into a SQLite file, whichever the database is. Servers go on meanwhile. Secrets in it are sealed: the master key, without which it is of no use, is not in it, and neither is the operator's key. Keep the master key elsewhere.

Example:

    adit db backup /backup/adit-$(date +%F).db`
}

// Run writes the backup.
func (c *dbBackupCmd) Run(ctx context.Context, p *Process) error {
	state, err := c.somewhere(p)
	if err != nil {
		return err
	}
	if err := app.BackupDatabase(ctx, state, c.File, logFlags(c.quietLogFlags).logger(p.Stderr)); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "%s holds everything in the database.\n", c.File)
	fmt.Fprintln(p.Stdout, "The master key is NOT in it, and without it the backup is of no use: keep a copy elsewhere. The operator's key is not in it either.")
	return nil
}

type dbRestoreCmd struct {
	File string `arg:"" help:"A file that adit db backup wrote."`
	stateFlags
	quietLogFlags
}

// Help is the text under the usage line.
func (dbRestoreCmd) Help() string {
	return `Reads a backup, of SQLite or PostgreSQL, into a database that is empty or absent; all of it or, when something is wrong, nothing. The server then needs the master key that the backup was made under. The first start makes a new operator's key, as it does wherever that file is missing.

Example:

    adit db restore /backup/adit-2027-01-31.db --data-dir /var/lib/adit`
}

// Run restores.
func (c *dbRestoreCmd) Run(ctx context.Context, p *Process) error {
	state, err := c.somewhere(p)
	if err != nil {
		return err
	}
	if err := app.RestoreDatabase(ctx, state, c.File, logFlags(c.quietLogFlags).logger(p.Stderr)); err != nil {
		return err
	}
	where := "in " + state.DataDir
	if state.Database != "" {
		where = "in the database"
	}
	fmt.Fprintf(p.Stdout, "%s is restored, %s.\n", c.File, where)
	if state.Database == "" && state.MasterKeyFile == "" && state.MasterKey.Empty() {
		fmt.Fprintf(p.Stdout, "Before the server starts, put the backup's master key into %s (mode 0400), or give it with --master-key-file.\n", app.MasterKeyFile(state.DataDir))
	}
	return nil
}
