package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/openai"
	"github.com/adit-hq/adit/internal/store"
)

// keep opens what the server keeps, if it is to keep anything.
func (a *App) keep() error {
	if a.settings.State.DataDir == "" {
		return nil
	}
	at := a.settings.Endpoints
	var err error
	a.state, err = openState(a.life, a.settings.State, surroundings{
		log: a.log, metrics: a.metrics, sts: cmp.Or(at.STS, at.All), transport: a.settings.Transport, studio: a.settings.studioURL(), serving: a.settings.Listen != "",
	})
	if err != nil {
		return err
	}
	if _, err := a.state.fileOrganization(); err != nil && (a.settings.Config != "" || len(a.settings.APIKeys) > 0) {
		return err
	}
	a.state.uses, a.state.changed = a.usesOf, a.reset
	a.gateway.SetMeter(a.count)
	a.gateway.SetAdmission(a.admit)
	return nil
}

// authenticator tells who calls /v1.
func (a *App) authenticator() openai.Authenticator {
	auth := openai.Authenticator{Keys: a.settings.APIKeys, Holder: a.holder(), Refused: a.wrong.refused}
	if a.state == nil {
		return auth
	}
	auth.Identify, auth.Open = a.identify, a.open
	return auth
}

// identify tells whose an API key of the database is, if it may call models, or
// who a token of a trusted issuer is.
func (a *App) identify(ctx context.Context, presented string) (caller.Caller, error) {
	if a.state.issuer != nil && a.state.issuer.IsOwn(presented) {
		return caller.Caller{}, fault.New(fault.Unauthenticated, "this is a token for AWS, not an API key").WithCode("invalid_api_key").
			WithRemedy("Send an API key.")
	}
	if a.state.trusted.Looks(presented) {
		c, err := a.state.trusted.Authenticate(ctx, presented)
		c.User = c.Name // its subject: who it is on behalf of, unless the request names somebody
		return c, err
	}
	p, err := a.state.keys.Authenticate(ctx, presented)
	if err != nil {
		return caller.Caller{}, err
	}
	if !p.May(access.CallModels, p.Key.Organization) {
		return caller.Caller{}, fault.New(fault.Forbidden, "this API key may not call models").WithCode("role_missing").
			WithRemedy("Use a key that has the role invoke.")
	}
	return p.Caller(), nil
}

// open says whether /v1 needs no key: the server listens on loopback, and nobody
// has made a key for calling models. One with a public URL has a proxy before
// it, which lets everybody in and may hide that behind a Host of this machine.
func (a *App) open() bool {
	if len(a.settings.APIKeys) > 0 || !a.onLoopback() || a.settings.Listen != "" && a.state.issuer != nil {
		return false
	}
	return !a.state.callers.Load() && a.state.fresh() == nil
}

// onLoopback says whether only this machine reaches the server.
func (a *App) onLoopback() bool {
	if a.settings.Listen == "" {
		return true // it listens nowhere
	}
	host, _, err := net.SplitHostPort(a.settings.Listen)
	return err == nil && ingress.Loopback(host)
}

// holdDir takes a data directory for this process. The address of a server that
// was killed there goes: another program may have its port by now, and would be
// sent the operator's key.
func holdDir(path string) (*store.DirLock, error) {
	lock, err := store.Lock(path)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(path, addressName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fault.Wrap(err, fault.Config, "the data directory cannot be written to: %v", err).
			WithRemedy("Make it writable, or give another with --data-dir."), lock.Unlock())
	}
	return lock, nil
}

// remember writes the URL under which the CLI of this machine finds the control API.
func (a *App) remember() error {
	path := filepath.Join(a.settings.State.DataDir, addressName)
	err := os.WriteFile(path, []byte("http://"+a.controlAt.Addr().String()+"\n"), 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Config, "the data directory cannot be written to: %v", err).WithRemedy("Make it writable, or give another with --data-dir.")
	}
	return nil
}

// forget takes it away again.
func (a *App) forget() error {
	if a.controlAt == nil {
		return nil
	}
	err := os.Remove(filepath.Join(a.settings.State.DataDir, addressName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
