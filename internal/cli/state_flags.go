package cli

import (
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/secret"
)

// databaseFlags say where the database is.
type databaseFlags struct {
	DataDir  string `name:"data-dir" placeholder:"DIR" setting:"ADIT_DATA_DIR" help:"Directory of the database and keys (default: adit in this user's data directory)." group:"Data:"`
	Database string `placeholder:"URL" setting:"ADIT_DATABASE" help:"postgres://USER:PASSWORD@HOST/NAME to use PostgreSQL instead of SQLite; prefer the variable, since flags are visible to every process." group:"Data:"`
}

// sealedFlags open what is encrypted in the database too.
type sealedFlags struct {
	databaseFlags
	MasterKeyFile string `name:"master-key-file" placeholder:"FILE" setting:"ADIT_MASTER_KEY_FILE" help:"Master key, which encrypts all other keys: 64 hexadecimal digits. Required with --database." group:"Data:"`
}

// stateFlags are what a server needs to work on its state.
type stateFlags struct {
	sealedFlags
	IssuerURL string `name:"issuer-url" placeholder:"URL" setting:"ADIT_ISSUER_URL" help:"Public https URL of this server, as AWS reaches it (default: the one used last)." group:"Data:"`
}

// The variables of the master key itself, which has no flag, and of its file.
const (
	masterKeyVariable     = "ADIT_MASTER_KEY"
	masterKeyFileVariable = "ADIT_MASTER_KEY_FILE"
)

// nothing is a data directory's name that stands for none.
const nothing = "none"

// state returns the settings; a data directory is always named in them, unless it is "none".
func (f databaseFlags) state(p *Process) (app.StateSettings, error) {
	s := app.StateSettings{DataDir: f.DataDir, Database: f.Database}
	switch f.DataDir {
	case nothing:
		return app.StateSettings{}, nil
	case "":
		dir, err := app.DefaultDataDir(p.getenv)
		s.DataDir = dir
		return s, err
	}
	return s, nil
}

// state adds the master key.
func (f sealedFlags) state(p *Process) (app.StateSettings, error) {
	s, err := f.databaseFlags.state(p)
	if err == nil && s.DataDir != "" {
		s.MasterKeyFile, s.MasterKey = f.MasterKeyFile, secret.New(p.getenv(masterKeyVariable))
	}
	return s, err
}

// state adds the public URL.
func (f stateFlags) state(p *Process) (app.StateSettings, error) {
	s, err := f.sealedFlags.state(p)
	if err == nil && s.DataDir != "" {
		s.IssuerURL = f.IssuerURL
	}
	return s, err
}

// somewhere takes what state returns for a command that needs what is kept.
func somewhere(s app.StateSettings, err error) (app.StateSettings, error) {
	if err == nil && s.DataDir == "" {
		err = wrongUsage("--data-dir none leaves this command nothing to work on. Name a directory.")
	}
	return s, err
}
