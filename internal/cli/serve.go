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
	Listen           string        `default:"127.0.0.1:8090" placeholder:"ADDRESS" setting:"ADIT_LISTEN" help:"Address that the API listens on (default ${default}; port 0 picks a free one)."`
	MetricsListen    string        `default:"127.0.0.1:9464" placeholder:"ADDRESS" setting:"ADIT_METRICS_LISTEN" help:"Address that serves /metrics for Prometheus (default ${default}; none to disable)."`
	TLSCert          string        `name:"tls-cert" placeholder:"FILE" setting:"ADIT_TLS_CERT" help:"PEM file with the certificate chain."`
	TLSKey           string        `name:"tls-key" placeholder:"FILE" setting:"ADIT_TLS_KEY" help:"PEM file with the certificate's private key."`
	APIKeysFile      string        `name:"api-keys-file" placeholder:"FILE" setting:"ADIT_API_KEYS_FILE" help:"File with API keys, one per line; # begins a comment."`
	RequestTimeout   time.Duration `default:"10m" placeholder:"DURATION" setting:"ADIT_REQUEST_TIMEOUT" help:"Maximum time for a request (default ${default})."`
	MaxBody          byteSize      `default:"32MiB" placeholder:"SIZE" setting:"ADIT_MAX_BODY" help:"Maximum size of a request body (default ${default})."`
	ShutdownGrace    time.Duration `default:"30s" placeholder:"DURATION" setting:"ADIT_SHUTDOWN_GRACE" help:"How long to wait at shutdown for requests in flight (default ${default})."`
	FileOrganization string        `name:"file-organization" default:"default" placeholder:"NAME" setting:"ADIT_FILE_ORGANIZATION" help:"Organization, by name or id, that owns the models of spicepod.yaml and the keys of ADIT_API_KEYS, even after it is renamed (default ${default})." group:"Data:"`
	Stale            time.Duration `default:"5m" placeholder:"DURATION" setting:"ADIT_STALE" help:"How long to keep serving from memory while the database is down (default ${default})." group:"Data:"`
	TrustedProxies   []string      `name:"trusted-proxy" placeholder:"CIDR" setting:"ADIT_TRUSTED_PROXY" help:"Network of proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted, such as 10.0.0.0/8; may be repeated (default: none)." group:"Data:"`
	KeepUsage        time.Duration `name:"keep-usage" default:"19200h" placeholder:"DURATION" setting:"ADIT_KEEP_USAGE" help:"How long to keep daily usage, at least 840h (default ${default}); hourly usage is kept for an eighth of it." group:"Data:"`
	Prices           string        `placeholder:"FILE" setting:"ADIT_PRICES" help:"File of prices that override the built-in ones (adit prices shows its format)." group:"Data:"`
	IssuerNetworks   []string      `name:"issuer-network" placeholder:"CIDR" setting:"ADIT_ISSUER_NETWORK" help:"Private network where trusted issuers are allowed, such as 10.20.0.0/16; may be repeated (default: none)." group:"Data:"`
	stateFlags
	studioFlags
	signingFlags
	logFlags
	endpointFlags
}

// signingFlags say how the issuer's keys live.
type signingFlags struct {
	Algorithm  string        `name:"signing-algorithm" enum:"RS256,ES256" default:"RS256" placeholder:"NAME" setting:"ADIT_SIGNING_ALGORITHM" help:"Algorithm of new keys: RS256 or ES256 (default ${default})." group:"Signing keys:"`
	TokenTTL   time.Duration `name:"token-ttl" default:"5m" placeholder:"DURATION" setting:"ADIT_TOKEN_TTL" help:"Lifetime of a token (default ${default})." group:"Signing keys:"`
	JWKSMaxAge time.Duration `name:"jwks-max-age" default:"5m" placeholder:"DURATION" setting:"ADIT_JWKS_MAX_AGE" help:"How long verifiers may cache the public keys (default ${default})." group:"Signing keys:"`
	Prepublish time.Duration `name:"key-prepublish" default:"24h" placeholder:"DURATION" setting:"ADIT_KEY_PREPUBLISH" help:"How long a key is published before it signs (default ${default})." group:"Signing keys:"`
	ActiveLife time.Duration `name:"key-life" default:"720h" placeholder:"DURATION" setting:"ADIT_KEY_LIFE" help:"How long a key signs (default ${default})." group:"Signing keys:"`
	Retire     time.Duration `name:"key-retire" default:"24h" placeholder:"DURATION" setting:"ADIT_KEY_RETIRE" help:"How long a key stays published after it stops signing (default ${default})." group:"Signing keys:"`
}

// Help is the text under the usage line.
func (serveCmd) Help() string {
	return `Serves the models of environments as ENVIRONMENT/MODEL_ID, and those of spicepod.yaml by their names. Programs send requests to /v1/embeddings, with any OpenAI client.

With --issuer-url it is also an identity provider that AWS trusts, so that nobody needs AWS keys: create an environment with ` + "`adit env create`" + `, then run ` + "`adit aws setup`" + ` once. AWS fetches the public keys from that URL, so it must reach this server, over https on port 443.

Organizations, environments, API keys, the audit log and usage are stored in --data-dir, or in PostgreSQL with --database. The first start creates an operator's key in --data-dir, which other commands on this machine use automatically. With --data-dir none nothing is stored, and only spicepod.yaml is served.

The web interface, Studio, is at /studio: ` + "`adit admin link`" + ` prints a link to sign in.

Callers send API keys from ` + "`adit key create`" + `, from ADIT_API_KEYS (separated by commas) or from --api-keys-file. As long as no key may call models, a server on loopback without --issuer-url requires none.

Ctrl-C or SIGTERM stops the server once requests in flight are done; a second one stops it immediately. It reloads spicepod.yaml when the file changes, and on SIGHUP.

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
		return app.Settings{}, wrongUsage("--request-timeout, --max-body and --shutdown-grace must be above zero. Omit them for the defaults.")
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
			return nil, wrongUsage("%s %s is not a network. Use CIDR notation, such as 10.0.0.0/8 or 192.0.2.7/32.", flag, text)
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
