package app

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// listen opens the listeners, so that their addresses are known before Run.
func (a *App) listen() error {
	var err error
	if a.api, err = net.Listen("tcp", a.settings.Listen); err != nil {
		return cannotListen(err, "--listen", a.settings.Listen)
	}
	api := a.server(a.handler)
	if a.settings.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(a.settings.TLSCert, a.settings.TLSKey)
		if err != nil {
			return fault.Wrap(err, fault.Config, "the TLS certificate and key cannot be used: %v", err).WithRemedy("Use a certificate and a key in PEM format that belong together.")
		}
		api.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	a.servers = append(a.servers, api)
	if err := a.listenForMetrics(); err != nil {
		return err
	}
	return a.listenForControl()
}

func (a *App) listenForMetrics() error {
	if a.settings.MetricsListen == "" {
		return nil
	}
	var err error
	if a.metricsAt, err = net.Listen("tcp", a.settings.MetricsListen); err != nil {
		return cannotListen(err, "--metrics-listen", a.settings.MetricsListen)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.Handler())
	a.servers = append(a.servers, a.server(mux))
	return nil
}

// listenForControl serves everything to this machine besides, without TLS and
// whatever the API's address is: the CLI finds it through the data directory.
func (a *App) listenForControl() error {
	if a.state == nil {
		return nil
	}
	var err error
	if a.controlAt, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return cannotListen(err, "--listen", "127.0.0.1:0")
	}
	a.servers = append(a.servers, a.server(a.handler))
	return a.remember()
}

func cannotListen(err error, flag, address string) error {
	return fault.Wrap(err, fault.Config, "cannot listen on %s: %v", address, err).
		WithRemedy("Another program may be using the port: choose another with %s, or 127.0.0.1:0 for any free port.", flag)
}

// server returns a server that speaks HTTP/1.1 and HTTP/2, with TLS and without:
// some AWS clients speak only HTTP/2 (JavaScript v3).
func (a *App) server(h http.Handler) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: a.underway.counted(h), Protocols: &protocols,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
}

// serveFuncs returns one function for each server, which serves until it is shut down.
func (a *App) serveFuncs() []func() error {
	api := func() error { return a.servers[0].Serve(a.api) }
	if a.settings.TLSCert != "" {
		api = func() error { return a.servers[0].ServeTLS(a.api, "", "") }
	}
	all := []func() error{api}
	for _, l := range []net.Listener{a.metricsAt, a.controlAt} {
		if l != nil {
			server := a.servers[len(all)]
			all = append(all, func() error { return server.Serve(l) })
		}
	}
	return all
}
