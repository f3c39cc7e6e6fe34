package cli

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// keyVariable holds the API key of a client. There is no flag for it: everybody
// on a machine can read the flags of its processes.
const keyVariable = "ADIT_API_KEY"

// stateFlags say where the server's state is kept.
type stateFlags struct {
	DataDir       string `name:"data-dir" placeholder:"DIR" setting:"ADIT_DATA_DIR" help:"Where database and keys are kept (default: adit in this user's data directory)." group:"What the server keeps:"`
	Database      string `placeholder:"URL" setting:"ADIT_DATABASE" help:"postgres://USER:PASSWORD@HOST/NAME in place of a SQLite file; better given as the variable." group:"What the server keeps:"`
	MasterKeyFile string `name:"master-key-file" placeholder:"FILE" setting:"ADIT_MASTER_KEY_FILE" help:"The key that seals all others: 64 hexadecimal digits. Needed with --database." group:"What the server keeps:"`
	IssuerURL     string `name:"issuer-url" placeholder:"URL" setting:"ADIT_ISSUER_URL" help:"Public https URL of this server, which AWS is to trust (default: the one used last)." group:"What the server keeps:"`
}

// masterKeyVariable holds the master key itself.
const masterKeyVariable = "ADIT_MASTER_KEY"

// nothing is a data directory's name that stands for none.
const nothing = "none"

// state returns the settings; a data directory is always named in them, unless it is "none".
func (f stateFlags) state(p *Process) (app.StateSettings, error) {
	s := app.StateSettings{
		DataDir: f.DataDir, Database: f.Database, MasterKeyFile: f.MasterKeyFile, IssuerURL: f.IssuerURL,
		MasterKey: secret.New(p.getenv(masterKeyVariable)),
	}
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

// controlFlags say which server a command speaks with.
type controlFlags struct {
	Server string `placeholder:"URL" setting:"ADIT_SERVER" help:"The server to speak with, with the API key of $ADIT_API_KEY (default: this machine's)." group:"Which server:"`
	stateFlags
	endpointFlags
	logFlags
}

// orgFlag names the organization.
type orgFlag struct {
	Org string `default:"default" placeholder:"NAME" setting:"ADIT_ORG" help:"The organization, by name or id (default ${default})."`
}

// lockWait is how long a command waits for another one that holds the data directory.
const lockWait = 10 * time.Second

// connect returns a client of the server that the flags name: a remote one, the
// one that runs on the data directory, or, with none running, one within this
// process. end must be called.
func (f controlFlags) connect(ctx context.Context, p *Process) (c *client.Client, end func() error, err error) {
	key := secret.New(p.getenv(keyVariable))
	agent := "adit/" + p.version()
	if f.Server != "" {
		if key.Empty() {
			return nil, nil, fault.New(fault.Unauthenticated, "a server is named, and no API key").
				WithRemedy("Put the key into the variable %s.", keyVariable)
		}
		c, err = client.New(client.Settings{URL: f.Server, Key: key, UserAgent: agent})
		return c, func() error { return nil }, err
	}
	state, err := f.state(p)
	if err != nil {
		return nil, nil, err
	}
	if state.DataDir == "" {
		return nil, nil, wrongUsage("--data-dir none keeps nothing that could be asked for. Name a directory, or a server with --server.")
	}
	settings := app.Settings{State: state, Environ: p.Environ, Version: p.version(), Log: f.logger(p.Stderr), Endpoints: f.endpoints()}
	url, httpClient, end, err := f.atHand(ctx, settings)
	if err != nil {
		return nil, nil, err
	}
	if key.Empty() {
		if key, err = operatorKey(state.DataDir); err != nil {
			return nil, nil, errors.Join(err, end())
		}
	}
	c, err = client.New(client.Settings{URL: url, Key: key, HTTP: httpClient, UserAgent: agent})
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return c, end, nil
}

// atHand finds the server that holds the data directory, or becomes it for as
// long as the command takes.
func (f controlFlags) atHand(ctx context.Context, s app.Settings) (url string, c *http.Client, end func() error, err error) {
	deadline := time.Now().Add(lockWait)
	for {
		a, err := app.NewControl(s)
		if err == nil {
			return app.InProcessURL, a.Client(), a.Close, nil
		}
		if fault.From(err).Code != "data_dir_locked" {
			return "", nil, nil, err
		}
		if url := app.RunningServer(s.State.DataDir); url != "" {
			return url, nil, func() error { return nil }, nil
		}
		if time.Now().After(deadline) { // it is not a server, and does not end
			return "", nil, nil, err
		}
		select {
		case <-ctx.Done():
			return "", nil, nil, fault.From(ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// operatorKey is the key of the data directory.
func operatorKey(dataDir string) (secret.String, error) {
	key, err := app.OperatorKey(dataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return key, fault.New(fault.Unauthenticated, "there is no API key: neither %s nor %s", keyVariable, app.OperatorKeyFile(dataDir)).
			WithRemedy("Put an administrator's key into the variable.")
	case err != nil:
		return key, fault.Wrap(err, fault.Forbidden, "the operator's key cannot be read: %v", err).
			WithRemedy("Run the command as the user that the server runs as, or put an administrator's key into the variable %s.", keyVariable)
	}
	return key, nil
}
