package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// keyVariable holds the API key of a client. There is no flag for it: everybody
// on a machine can read the flags of its processes.
const keyVariable = "ADIT_API_KEY"

// controlFlags say which server a command speaks with.
type controlFlags struct {
	Server string `placeholder:"URL" setting:"ADIT_SERVER" help:"URL of the server; takes the API key from $$ADIT_API_KEY (default: the server on this machine)." group:"Server:"`
	stateFlags
	endpointFlags
	quietLogFlags
}

// quietLogFlags are logFlags of a command whose log is no news unless something is wrong.
type quietLogFlags struct {
	LogLevel  string `enum:"debug,info,warn,error" default:"warn" placeholder:"LEVEL" setting:"ADIT_LOG_LEVEL" help:"Lowest level to log: debug, info, warn or error (default ${default})."`
	LogFormat string `enum:"auto,json,text" default:"auto" placeholder:"FORMAT" setting:"ADIT_LOG_FORMAT" help:"json or text (default: text on a terminal, json elsewhere)."`
}

// orgFlag names the organization.
type orgFlag struct {
	Org string `placeholder:"NAME" setting:"ADIT_ORG" help:"Organization, by name or id (default: the API key's; for an operator, that of spicepod.yaml, \"default\" unless changed)." group:"Server:"`
}

// in returns the organization that is meant.
func (f orgFlag) in(ctx context.Context, c *client.Client) (string, error) {
	if f.Org != "" {
		return f.Org, nil
	}
	who, err := c.WhoAmI(ctx)
	if err != nil || who.Organization != "" {
		return who.Organization, err
	}
	return fileOrganization(ctx, c)
}

// fileOrganization is what an operator means who names none: by its id, since
// the name that it was made with may be another's by now.
func fileOrganization(ctx context.Context, c *client.Client) (string, error) {
	page, err := c.OrganizationPage(ctx, client.List{Filter: map[string]string{"file": "true"}, Limit: 1})
	if err != nil {
		return "", err
	}
	for _, o := range page.Items {
		if o.File {
			return o.ID, nil
		}
	}
	return "", fault.New(fault.Invalid, "no organization is named, and there is none that the server takes for the default one").
		WithRemedy("Name one with --org NAME or the variable ADIT_ORG. `adit org list` shows them.")
}

// scope is in for what the whole server has too: "" for the operator who named none.
func (f orgFlag) scope(ctx context.Context, c *client.Client) (org string, may func(permission string) bool, err error) {
	who, err := c.WhoAmI(ctx)
	return cmp.Or(f.Org, who.Organization), func(permission string) bool { return slices.Contains(who.Permissions, permission) }, err
}

// lockWait is how long a command waits for another one that holds the data directory.
const lockWait = 10 * time.Second

// with connects, does the work, and lets go of the server.
func (f controlFlags) with(ctx context.Context, p *Process, work func(*client.Client) error) error {
	return f.withOrAlone(ctx, p, func(c *client.Client, _ string) error { return work(c) })
}

// withOrAlone is with for a command that says whether a server runs: where none
// does, alone is the data directory that the command opened itself.
func (f controlFlags) withOrAlone(ctx context.Context, p *Process, work func(c *client.Client, alone string) error) error {
	c, where, err := f.connect(ctx, p)
	if err != nil {
		return err
	}
	alone := ""
	if where.url == app.InProcessURL {
		alone = where.dataDir
	}
	return errors.Join(work(c, alone), where.end())
}

// connect returns a client of the server that the flags name: a remote one, the
// one that runs on the data directory, or, with none running, one within this
// process. The end of what was reached must be called.
func (f controlFlags) connect(ctx context.Context, p *Process) (*client.Client, reached, error) {
	key := secret.New(p.getenv(keyVariable))
	where, err := f.reach(ctx, p, key)
	if err != nil {
		return nil, reached{}, err
	}
	if key.Empty() {
		if key, err = operatorKey(where.dataDir); err != nil {
			return nil, reached{}, errors.Join(err, where.end())
		}
	}
	c, err := client.New(client.Settings{URL: where.url, Key: key, HTTP: where.http, UserAgent: "adit/" + p.version()})
	if err != nil {
		return nil, reached{}, errors.Join(err, where.end())
	}
	return c, where, nil
}

// reached is a server that was found.
type reached struct {
	url     string
	http    *http.Client // nil: the network
	dataDir string       // "" for a remote server
	end     func() error
}

// reach finds the server that the flags name, or becomes it.
func (f controlFlags) reach(ctx context.Context, p *Process, key secret.String) (reached, error) {
	if f.Server != "" {
		if key.Empty() {
			return reached{}, fault.New(fault.Unauthenticated, "--server needs an API key").
				WithRemedy("Set the environment variable %s.", keyVariable)
		}
		return reached{url: f.Server, end: func() error { return nil }}, nil
	}
	state, err := f.state(p)
	if err != nil {
		return reached{}, err
	}
	if state.DataDir == "" {
		return reached{}, wrongUsage("--data-dir none leaves this command nothing to work on. Name a directory, or a server with --server.")
	}
	if !p.creates && state.Database == "" {
		if err := begun(state.DataDir); err != nil {
			return reached{}, err
		}
	}
	r := reached{dataDir: state.DataDir}
	log := logFlags(f.quietLogFlags).logger(p.Stderr)
	settings := app.Settings{State: state, Environ: p.Environ, Version: p.version(), Log: log, Endpoints: f.endpoints()}
	r.url, r.http, r.end, err = atHand(ctx, settings)
	return r, err
}

// atHand finds the server that holds the data directory, or becomes it for as
// long as the command takes.
func atHand(ctx context.Context, s app.Settings) (url string, c *http.Client, end func() error, err error) {
	deadline := time.Now().Add(lockWait)
	for {
		a, err := app.NewControl(s)
		if err == nil {
			return app.InProcessURL, a.StreamingClient(), a.Close, nil
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
			WithRemedy("Put an administrator's key into the variable. The operator's key is in the data directory of the server that was started first.")
	case err != nil:
		return key, fault.Wrap(err, fault.Forbidden, "the operator's key cannot be read: %v", err).
			WithRemedy("Run the command as the user that the server runs as, or put an administrator's key into the variable %s.", keyVariable)
	}
	return key, nil
}
