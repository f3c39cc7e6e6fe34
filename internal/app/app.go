package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/openai"
	"github.com/adit-hq/adit/internal/spicepod"
	"github.com/adit-hq/adit/internal/telemetry"
)

// App is a server: made by New, run by Run, ended by Close.
type App struct {
	settings Settings
	log      *slog.Logger
	metrics  *telemetry.Metrics
	gateway  *gateway.Gateway
	chains   chains
	state    *state // nil: nothing is kept
	wrong    *wrongKeys
	handler  http.Handler
	control  http.Handler // nil: nothing is kept

	api, metricsAt, controlAt net.Listener
	servers                   []*http.Server
	underway                  underway
	stopTracing               func(context.Context) error
	closeIdle                 func() // the idle connections to Bedrock, where they are the App's own

	life       context.Context //nolint:containedctx // ends with Close; work in the background lives by it
	end        context.CancelFunc
	stopping   context.Context //nolint:containedctx // ends when the server is to stop, and streams with it
	stop       context.CancelCauseFunc
	background sync.WaitGroup // grows only under reloading, while life lasts

	reloading sync.Mutex
	inForce   []spicepod.Model
	missing   map[string]bool // environments that the file names and that are not there; told once
}

// New reads the configuration, builds the rooms and opens the listeners. The
// error lists every fault of settings or file.
func New(s Settings) (*App, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	a, err := build(s)
	if err != nil {
		return nil, err
	}
	if a.state != nil { // commands without a server know of no provider, and end nobody's session
		if err := a.state.followRules(a.life); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	if err := a.listen(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// build makes everything but the listeners.
func build(s Settings) (*App, error) {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Grace == 0 {
		s.Grace = 30 * time.Second
	}
	stopTracing, tracer, err := telemetry.StartTracing(context.Background(), s.Environ, s.Version, s.Log)
	if err != nil {
		return nil, err
	}
	a := &App{settings: s, log: s.Log, metrics: telemetry.NewMetrics(), stopTracing: stopTracing}
	a.life, a.end = context.WithCancel(context.Background())
	a.stopping, a.stop = context.WithCancelCause(a.life)
	transport := s.Transport
	if transport == nil {
		own := bedrock.NewTransport()
		transport, a.closeIdle = own, own.CloseIdleConnections
	}
	client := bedrock.NewClient(bedrock.Options{Transport: transport, Log: s.Log, UserAgent: "adit/" + s.Version, Tracer: tracer})
	a.gateway, a.wrong = gateway.New(client, limit.New(s.Log), a.metrics, s.Log), newWrongKeys(s.State)
	a.chains.settings = s
	if err := a.keep(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	err = a.load()
	a.metrics.Reloaded(err == nil)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.handler, err = a.routes(openai.New(openai.Settings{
		Gateway: a.gateway, Auth: a.authenticator(), Timeout: s.Timeout, MaxBody: s.MaxBody,
		Metrics: a.metrics, Tracer: tracer, Log: s.Log,
	}).Handler(), client)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Handler returns the API, for who wants to serve it by other means.
func (a *App) Handler() http.Handler { return a.handler }

// URL returns the API's base URL, such as "http://127.0.0.1:8090".
func (a *App) URL() string {
	scheme := "http"
	if a.settings.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + a.api.Addr().String()
}

// MetricsURL returns the URL of the metrics, or "".
func (a *App) MetricsURL() string {
	if a.metricsAt == nil {
		return ""
	}
	return "http://" + a.metricsAt.Addr().String() + "/metrics"
}

// Models returns the names of the models in force.
func (a *App) Models() []string {
	var names []string
	for _, m := range a.gateway.Models(a.holder()) {
		names = append(names, m.Name)
	}
	return names
}

// Run serves until ctx ends, then lets the requests under way finish within the
// grace, and returns nil; or an error when serving failed. The state works until
// the last request is finished: a kill in the grace loses no more than one before.
func (a *App) Run(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	working, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	var tasks sync.WaitGroup
	defer tasks.Wait()
	watcher := a.watcher() // before the first answer: whoever changes the file after it is heard
	tasks.Go(func() { a.watch(watching, watcher) })
	tasks.Go(func() { a.prepare(watching) })
	if a.state != nil {
		tasks.Go(func() { a.state.run(working) })
	}

	failed := make(chan error, len(a.servers))
	for i, serve := range a.serveFuncs() {
		tasks.Go(func() {
			if err := serve(); !errors.Is(err, http.ErrServerClosed) {
				a.log.Error("a listener stopped", "listener", i, "error", err)
				failed <- err
			}
		})
	}
	a.log.Info("listening", "url", a.URL(), "metrics", a.MetricsURL(), "models", len(a.gateway.Models(a.holder())), "keys", len(a.settings.APIKeys))
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	err = errors.Join(err, a.drain())
	rest()
	return err
}

// Close releases what New opened. It may be called more than once.
func (a *App) Close() error {
	var errs []error
	for _, s := range a.servers {
		errs = append(errs, s.Close())
	}
	for _, l := range []net.Listener{a.api, a.metricsAt, a.controlAt} {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	a.end()
	a.reloading.Lock() // a reload that goes on may still start something, none after it does
	a.chains.close()
	a.reloading.Unlock()
	a.background.Wait()
	if a.state != nil {
		errs = append(errs, a.forget(), a.state.close(context.Background()))
	}
	if a.closeIdle != nil {
		a.closeIdle()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(append(errs, a.stopTracing(ctx))...)
}
