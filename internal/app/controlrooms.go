package app

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/usage"
)

// controlRooms answers the control API where the answer takes several rooms.
type controlRooms struct {
	*state
	app    *App
	client *bedrock.Client
}

// List asks AWS what the environment's account has, with the caller's session.
// That it may, the control API has decided; an operator's key is of no organization.
func (c *controlRooms) List(ctx context.Context, e tenant.Environment, who caller.Caller) (bedrock.Listing, error) {
	who.Organization = e.Organization
	creds, err := c.federation.For(e.ID).Credentials(ctx, who)
	if err != nil {
		return bedrock.Listing{}, err
	}
	return c.list(ctx, e, creds)
}

func (c *controlRooms) list(ctx context.Context, e tenant.Environment, creds credential.Credentials) (bedrock.Listing, error) {
	at := c.app.settings.Endpoints
	return bedrock.List(ctx, bedrock.ListSettings{
		Region: e.Region, Credentials: creds, Endpoint: cmp.Or(at.Bedrock, at.All), HTTP: c.app.settings.Transport,
		UserAgent: "adit/" + c.app.settings.Version, Now: c.settings.Now,
	})
}

// Rows reads the audit.
func (c *controlRooms) Rows(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	if err := c.events.Flush(ctx); err != nil {
		return nil, err
	}
	return c.store.Rows(ctx, q)
}

// Verify reads the whole audit and says whether it is as it was written.
func (c *controlRooms) Verify(ctx context.Context) (audit.Verification, error) {
	if err := c.events.Flush(ctx); err != nil {
		return audit.Verification{}, err
	}
	return audit.Verify(ctx, c.store, c.chain)
}

// Prune removes the beginning of the audit.
func (c *controlRooms) Prune(ctx context.Context, before time.Time) (audit.Checkpoint, error) {
	if err := c.events.Flush(ctx); err != nil {
		return audit.Checkpoint{}, err
	}
	return c.store.PruneBefore(ctx, before)
}

// Sums adds up what was used, what this replica has not written yet among it if
// that can be written now: a report without the last moments is better than none.
func (c *controlRooms) Sums(ctx context.Context, q usage.Query, by usage.By, most int) ([]usage.Record, error) {
	if err := c.meter.Flush(ctx); err != nil && ctx.Err() == nil {
		c.log.Warn("usage is shown without the last moments, which cannot be written now", "error", err)
	}
	return c.store.Sums(ctx, q, by, most)
}

// Callable lists what callers of an organization can ask for.
func (c *controlRooms) Callable(_ context.Context, organization string) ([]wire.CallableModel, error) {
	if err := c.fresh(); err != nil {
		return nil, err
	}
	anyone := caller.Caller{Organization: organization}
	infos := c.app.gateway.Models(anyone)
	all := make([]wire.CallableModel, len(infos))
	for i, m := range infos {
		rate := c.app.gateway.Rate(anyone, m.Name)
		all[i] = wire.CallableModel{
			Name: m.Name, ModelID: m.ID, Family: m.Family, Source: "file", Environment: m.Environment, Region: m.Region,
			Dimensions: m.Dimensions, MaxTokens: m.MaxTokens, PerCall: m.PerCall,
			PerMinute: rate.Limit, Used: rate.Used, Waiting: rate.Waiting,
		}
		if !c.app.isOfFile(organization, m.Name) {
			all[i].Source = "environment"
		}
	}
	return all, nil
}

// Database tells how the state is kept.
func (c *controlRooms) Database() control.Database {
	kind := "sqlite"
	if strings.HasPrefix(c.settings.databaseURL(), "postgres") {
		kind = "postgres"
	}
	d := control.Database{Kind: kind}
	if last := c.last.Load(); last != nil {
		d.Revision, d.Err = last.revision, last.err
	}
	if at := c.synced.Load(); at != nil {
		d.Seen = *at
	}
	return d
}

// published is the issuer as the control API sees it, which there may be none.
func (s *state) published() control.Issuer {
	if s.issuer == nil {
		return noIssuer{}
	}
	return s.issuer
}

// URL implements control.Issuer.
func (noIssuer) URL() string { return "" }

// Documents implements control.Issuer.
func (n noIssuer) Documents() (discovery, jwks []byte, err error) { return nil, nil, n.fault() }

// LastFetch implements control.Issuer.
func (noIssuer) LastFetch() map[string]time.Time { return nil }

// IsOwn implements control.Issuer.
func (noIssuer) IsOwn(string) bool { return false }
