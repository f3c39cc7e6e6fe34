package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/price"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/usage"
)

// state is what a server keeps, and the rooms that live of it.
type state struct {
	settings StateSettings
	log      *slog.Logger
	started  time.Time

	dir        *store.DirLock
	store      *store.Store
	chain      *audit.Chain
	events     *audit.Log
	signer     *signing.Signer
	issuer     *issuer.Issuer // nil: no public URL is known
	tenants    *tenant.Registry
	keys       *access.Registry
	meter      *usage.Meter
	federation *federation.Federation
	people     *signin.Registry
	trusted    *trust.Registry
	budgets    *budget.Registry
	prices     price.Table
	pruner     *usage.Pruner
	metrics    *telemetry.KeylessMetrics

	// uses names what of spicepod.yaml knows an environment; changed is told when
	// organizations or environments changed. Both are set before the state is used.
	uses    func(tenant.Environment) []string
	changed func()

	file   string // id of the organization of spicepod.yaml, which keeps it under another name too
	noFile error  // why there is none

	lastStudio string // URL of Studio as the last server knew it, for a command that finds none

	refreshing chan struct{}    // holds one while the state is read; who waits for it may leave
	revision   int64            // of what the rooms have; refreshing guards it
	known      map[string]int64 // versions of API keys by id; refreshing guards it
	signed     string           // the key that signed; refreshing guards it
	strange    string           // another replica's public URL, as it was told; refreshing guards it
	mark       uint64           // of organizations and environments; refreshing guards it
	// callers says that there is an API key that may call models: every request asks.
	callers atomic.Bool
	last    atomic.Pointer[reading]
	// synced is when the database last answered, with the monotonic clock; nil: not yet.
	synced atomic.Pointer[time.Time]
}

// The purposes of the secrets that are sealed beside the signing keys.
const (
	pepperPurpose = "api-key-pepper"
	auditPurpose  = "audit-chain"
	userPurpose   = "user-hash"
	signInPurpose = "sign-in"
)

// surroundings are what the state takes of the App.
type surroundings struct {
	log       *slog.Logger
	metrics   *telemetry.Metrics
	sts       string // replaces AWS's endpoint
	transport http.RoundTripper
	studio    string // URL of Studio as people see it; "" unknown
	serving   bool   // a server starts, and no command that found none
}

// openState opens what the settings name, makes what a first start needs, and
// reads everything once. On an error nothing stays open.
func openState(ctx context.Context, s StateSettings, around surroundings) (_ *state, err error) {
	s = s.withDefaults()
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := makeDataDir(s.DataDir); err != nil {
		return nil, err
	}
	st := &state{
		settings: s, log: around.log, started: s.Now(), refreshing: make(chan struct{}, 1),
		uses: func(tenant.Environment) []string { return nil }, changed: func() {},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, st.close(ctx))
		}
	}()
	if st.dir, err = holdDir(s.DataDir); err != nil {
		return nil, err
	}
	if st.store, err = store.Open(ctx, s.databaseURL(), store.Options{Log: around.log, Now: s.Now}); err != nil {
		return nil, err
	}
	if err := st.asServed(ctx, around.serving, around.studio); err != nil {
		return nil, err
	}
	master, err := s.masterKey(ctx, st.store)
	if err != nil {
		return nil, err
	}
	vault, err := seal.OpenVault(ctx, master, st.store)
	if err != nil {
		return nil, err
	}
	if err := st.furnish(ctx, vault, around); err != nil {
		return nil, err
	}
	return st, st.begin(ctx)
}

// furnish makes the rooms, in the order in which they need each other.
func (s *state) furnish(ctx context.Context, vault *seal.Vault, around surroundings) error {
	secrets := map[string][]byte{}
	for _, purpose := range []string{auditPurpose, pepperPurpose, userPurpose, signInPurpose} {
		secret, err := vault.Secret(ctx, purpose)
		if err != nil {
			return err
		}
		secrets[purpose] = secret
	}
	s.chain = audit.NewChain(secrets[auditPurpose])
	s.store.UseChain(s.chain)
	now, log := s.settings.Now, around.log
	s.events = audit.NewLog(s.store, audit.Settings{Now: now, Log: log})
	s.meter = usage.NewMeter(s.store, usage.Settings{Now: now, Log: log})
	s.tenants = tenant.NewRegistry(tenant.Settings{
		Store: s.store, Refresh: s.Refresh, Fresh: s.fresh, Now: now, Log: log,
		Uses:             func(e tenant.Environment) []string { return append(s.callersOf(e), s.uses(e)...) },
		OrganizationUses: s.callersOfOrganization,
		File:             func() string { return s.file },
	})
	var err error
	s.keys, err = access.NewRegistry(access.Settings{
		Store: s.store, Pepper: secrets[pepperPurpose], Tenants: s.tenants, Refresh: s.Refresh, Fresh: s.fresh, Now: now, Log: log,
	})
	if err != nil {
		return err
	}
	if err := s.openSignIn(secrets[signInPurpose], around.studio); err != nil {
		return err
	}
	s.openTrust()
	if err := s.openSpending(); err != nil {
		return err
	}
	rotation := s.settings.rotation(s.Refresh, log)
	s.signer = signing.New(rotation, s.store, vault)
	if err := s.openIssuer(ctx, rotation, log); err != nil {
		return err
	}
	s.metrics = around.metrics.Keyless(func() int { return s.federation.Live() })
	s.federation = federation.New(federation.Settings{
		Issuer: s.minter(), Environment: s.tenants.EnvironmentByID, Organization: s.tenants.Organization,
		Ledger: s.tenants, Audit: s.events, Observe: observer{s.metrics}, UserHashKey: secrets[userPurpose],
		Endpoint: around.sts, HTTP: around.client(), Now: now, Log: log,
	})
	return nil
}

func (a surroundings) client() *http.Client {
	if a.transport == nil {
		return nil
	}
	return &http.Client{Transport: a.transport}
}

// begin reads everything, and makes what a first start needs.
func (s *state) begin(ctx context.Context) error {
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	if err := s.firstOrganization(ctx); err != nil {
		return err
	}
	if err := s.firstOperator(ctx); err != nil {
		return err
	}
	if len(s.signer.Keys(signing.DefaultIssuer)) > 0 {
		return nil // a server's loop steps at once, and a command rotates nothing unasked
	}
	return s.signer.Step(ctx)
}

// writeLast writes what waits, in the order in which it would be missed: when
// AWS failed ten thousand environments, their states may not be through in time.
func (s *state) writeLast(ctx context.Context) error {
	return errors.Join(s.events.Flush(ctx), s.meter.Flush(ctx), s.keys.Flush(ctx), s.trusted.Flush(ctx), s.tenants.Flush(ctx))
}

// close ends the rooms, writes what waits, and lets go of the database. It may
// be called on a state that is not whole.
func (s *state) close(ctx context.Context) error {
	var errs []error
	if s.federation != nil {
		s.federation.Close()
	}
	if s.store != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if s.federation != nil {
			errs = append(errs, s.writeLast(ctx))
		}
		errs = append(errs, s.store.Close())
	}
	if s.dir != nil {
		errs = append(errs, s.dir.Unlock())
	}
	return errors.Join(errs...)
}
