package cli

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"github.com/adit-hq/adit/internal/app"
)

type serveCmd struct {
	configFlag
	Listen           string        `default:"127.0.0.1:8090" placeholder:"ADDRESS" setting:"ADIT_LISTEN" help:"Where the API listens (default ${default}; port 0 takes a free one)."`
	MetricsListen    string        `default:"127.0.0.1:9464" placeholder:"ADDRESS" setting:"ADIT_METRICS_LISTEN" help:"Where Prometheus finds /metrics (default ${default}; none for nowhere)."`
	TLSCert          string        `name:"tls-cert" placeholder:"FILE" setting:"ADIT_TLS_CERT" help:"PEM file with the certificate and its chain."`
	TLSKey           string        `name:"tls-key" placeholder:"FILE" setting:"ADIT_TLS_KEY" help:"PEM file with the certificate's key."`
	APIKeysFile      string        `name:"api-keys-file" placeholder:"FILE" setting:"ADIT_API_KEYS_FILE" help:"File with API keys, one a line, # for comments."`
	RequestTimeout   time.Duration `default:"10m" placeholder:"DURATION" setting:"ADIT_REQUEST_TIMEOUT" help:"Deadline of a request (default ${default})."`
	MaxBody          byteSize      `default:"32MiB" placeholder:"SIZE" setting:"ADIT_MAX_BODY" help:"Largest request body (default ${default})."`
	ShutdownGrace    time.Duration `default:"30s" placeholder:"DURATION" setting:"ADIT_SHUTDOWN_GRACE" help:"How long requests under way may take once Adit is told to stop (default ${default})."`
	FileOrganization string        `name:"file-organization" default:"default" placeholder:"NAME" setting:"ADIT_FILE_ORGANIZATION" help:"Whose the models of spicepod.yaml and the keys of ADIT_API_KEYS are (default ${default})." group:"What the server keeps:"`
	Stale            time.Duration `default:"5m" placeholder:"DURATION" setting:"ADIT_STALE" help:"How long known keys and environments serve while the database is down (default ${default})." group:"What the server keeps:"`
	TrustedProxies   []string      `name:"trusted-proxy" placeholder:"CIDR" setting:"ADIT_TRUSTED_PROXY" help:"Proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8; may be repeated." group:"What the server keeps:"`
	KeepUsage        time.Duration `name:"keep-usage" default:"19200h" placeholder:"DURATION" setting:"ADIT_KEEP_USAGE" help:"How long usage by day is kept (default ${default}); by hour an eighth of it." group:"What the server keeps:"`
	Prices           string        `placeholder:"FILE" setting:"ADIT_PRICES" help:"Prices that override those that Adit knows; \"adit prices\" shows how they are written." group:"What the server keeps:"`
	IssuerNetworks   []string      `name:"issuer-network" placeholder:"CIDR" setting:"ADIT_ISSUER_NETWORK" help:"Private network that a trusted issuer may be in, such as 10.20.0.0/16; may be repeated (default: none)." group:"What the server keeps:"`
	stateFlags
	studioFlags
	signingFlags
	logFlags
	endpointFlags
}

// signingFlags say how the issuer's keys live.
type signingFlags struct {
	Algorithm  string        `name:"signing-algorithm" enum:"RS256,ES256" default:"RS256" placeholder:"NAME" setting:"ADIT_SIGNING_ALGORITHM" help:"RS256 or ES256, for keys made from now on (default ${default})." group:"Signing keys:"`
	TokenTTL   time.Duration `name:"token-ttl" default:"5m" placeholder:"DURATION" setting:"ADIT_TOKEN_TTL" help:"How long a token lives (default ${default})." group:"Signing keys:"`
	JWKSMaxAge time.Duration `name:"jwks-max-age" default:"5m" placeholder:"DURATION" setting:"ADIT_JWKS_MAX_AGE" help:"How long verifiers may keep the public keys (default ${default})." group:"Signing keys:"`
	Prepublish time.Duration `name:"key-prepublish" default:"24h" placeholder:"DURATION" setting:"ADIT_KEY_PREPUBLISH" help:"How long a key is published before it signs (default ${default})." group:"Signing keys:"`
	ActiveLife time.Duration `name:"key-life" default:"720h" placeholder:"DURATION" setting:"ADIT_KEY_LIFE" help:"How long a key signs (default ${default})." group:"Signing keys:"`
	Retire     time.Duration `name:"key-retire" default:"24h" placeholder:"DURATION" setting:"ADIT_KEY_RETIRE" help:"How long a key stays published after it signed last (default ${default})." group:"Signing keys:"`
}

// Help is the text under the usage line.
func (serveCmd) Help() string {
	return `Serves models until it is told to stop: those of spicepod.yaml by their names, and those of environments as ENVIRONMENT/MODEL_ID. Programs ask for embeddings at /v1/embeddings, with any OpenAI client.

With --issuer-url it is also an identity provider that AWS trusts, so that no AWS key exists: make an environment with ` + "`adit env create`" + `, then run ` + "`adit aws setup`" + ` once. AWS fetches the public keys from that URL, so it must lead here, over https on port 443.

Organizations, environments, API keys, audit and usage are kept in --data-dir, or in PostgreSQL with --database. The first start makes an operator's key there, which other commands on this machine use by themselves. With --data-dir none nothing is kept, and only spicepod.yaml is served.

People look after it at /studio: ` + "`adit admin link`" + ` prints the way in.

Callers send API keys that ` + "`adit key create`" + ` made, or those of ADIT_API_KEYS (separated by commas) and --api-keys-file. While there is no key that may call models, a server on loopback without --issuer-url asks for none.

Ctrl-C or SIGTERM lets the requests under way finish; a second one ends Adit at once. Adit reads spicepod.yaml again when it changes, and on SIGHUP.

Examples:

    adit serve --listen 0.0.0.0:8090 --issuer-url https://adit.example.com
    ADIT_API_KEYS=$(openssl rand -hex 24) adit serve --data-dir none --config spicepod.yaml`
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, p *Process, line *kong.Context) error {
	var hangups <-chan os.Signal
	if p.Hangups != nil {
		hangups = p.Hangups() // before anything else: an early SIGHUP must not end the process
	}
	settings, err := c.settings(p)
	if err != nil {
		return err
	}
	p.warnOfVariables(line.Model, settings.Log)
	a, err := app.New(settings)
	if err != nil {
		return err
	}
	if isTerminal(p.Stdout) {
		p.printStart(a, len(settings.APIKeys) > 0)
		p.printFirstLink(ctx, a, settings.Log)
	}
	stop := reloadOn(hangups, a)
	defer stop()
	return errors.Join(a.Run(ctx), a.Close())
}

func (c *serveCmd) settings(p *Process) (app.Settings, error) {
	log := c.logger(p.Stderr)
	keys, err := p.apiKeys(c.APIKeysFile, log)
	if err != nil {
		return app.Settings{}, err
	}
	if c.RequestTimeout == 0 || c.MaxBody == 0 || c.ShutdownGrace == 0 {
		return app.Settings{}, wrongUsage("--request-timeout, --max-body and --shutdown-grace cannot be 0. Leave them out for their defaults.")
	}
	metrics := c.MetricsListen
	if metrics == "none" {
		metrics = ""
	}
	state, err := c.keeps(p)
	if err != nil {
		return app.Settings{}, err
	}
	return app.Settings{
		Config: c.configFile(log), State: state, Listen: c.Listen, MetricsListen: metrics, TLSCert: c.TLSCert, TLSKey: c.TLSKey,
		APIKeys: keys, Timeout: c.RequestTimeout, MaxBody: int64(c.MaxBody), Grace: c.ShutdownGrace,
		Endpoints: c.endpoints(), Environ: p.Environ, Version: p.version(), Log: log,
	}, nil
}

// keeps returns what the server keeps.
func (c *serveCmd) keeps(p *Process) (app.StateSettings, error) {
	s, err := c.state(p)
	if err != nil || s.DataDir == "" {
		return s, err
	}
	s.FileOrganization, s.Stale = c.FileOrganization, c.Stale
	s.Signing = app.Rotation{
		Algorithm: c.Algorithm, TokenTTL: c.TokenTTL, JWKSMaxAge: c.JWKSMaxAge,
		Prepublish: c.Prepublish, ActiveLife: c.ActiveLife, Retire: c.Retire,
	}
	s.StudioURL, s.SignIn = c.StudioURL, c.signIn(p)
	s.Prices, s.KeepUsage = c.Prices, c.KeepUsage
	if s.TrustedProxies, err = networks("--trusted-proxy", c.TrustedProxies); err != nil {
		return s, err
	}
	s.IssuerNetworks, err = networks("--issuer-network", c.IssuerNetworks)
	return s, err
}

func networks(flag string, texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, wrongUsage("%s %s is no network. Write one such as 10.0.0.0/8 or 192.0.2.7/32.", flag, text)
		}
		all = append(all, prefix)
	}
	return all, nil
}

// configFile is the spicepod.yaml; "none" stands for no file, and so does the
// default name where there is no such file: the models then are those of
// environments.
func (c *serveCmd) configFile(log *slog.Logger) string {
	if c.Config == nothing {
		return ""
	}
	if c.Config == defaultConfig && c.DataDir != nothing {
		if _, err := os.Stat(c.Config); errors.Is(err, fs.ErrNotExist) {
			log.Info("there is no spicepod.yaml here: only models of environments are served")
			return ""
		}
	}
	return c.Config
}

// reloadOn reads the configuration again at every hangup, until stop is called
// and the reload under way is done.
func reloadOn(hangups <-chan os.Signal, a *app.App) (stop func()) {
	over := make(chan struct{})
	var task sync.WaitGroup
	task.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-hangups:
				_ = a.Reload() // it reports for itself
			}
		}
	})
	return func() {
		close(over)
		task.Wait()
	}
}
