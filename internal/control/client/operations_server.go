package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

// keysOf is the path of an organization's API keys; "" means the operators'.
func keysOf(org string) []string {
	if org == "" {
		return []string{"operator", "keys"}
	}
	return []string{organizations, org, "keys"}
}

// Keys walks an organization's API keys by name; "" means the operators'.
func (c *Client) Keys(ctx context.Context, org string) iter.Seq2[wire.Key, error] {
	return all[wire.Key](ctx, c, at(keysOf(org)...), nil)
}

// CreateKey makes an API key, whose secret is in this answer only.
func (c *Client) CreateKey(ctx context.Context, org string, in wire.KeyInput) (wire.NewKey, error) {
	return create[wire.NewKey](ctx, c, at(keysOf(org)...), in)
}

// Key shows one by id or name.
func (c *Client) Key(ctx context.Context, org, key string) (wire.Key, error) {
	return get[wire.Key](ctx, c, at(append(keysOf(org), key)...), nil)
}

// UpdateKey changes what the patch names.
func (c *Client) UpdateKey(ctx context.Context, org, key string, p wire.KeyPatch) (wire.Key, error) {
	return patch[wire.Key](ctx, c, at(append(keysOf(org), key)...), p)
}

// RevokeKey ends a key at once.
func (c *Client) RevokeKey(ctx context.Context, org, key string) error {
	return c.remove(ctx, at(append(keysOf(org), key)...), false)
}

// RotateKey gives a key a new secret; the former one goes on for the overlap.
func (c *Client) RotateKey(ctx context.Context, org, key string, in wire.RotationInput) (wire.NewKey, error) {
	return create[wire.NewKey](ctx, c, at(append(keysOf(org), key, "rotate")...), in)
}

// SigningKeys lists the issuer's published keys.
func (c *Client) SigningKeys(ctx context.Context) (wire.SigningKeys, error) {
	return get[wire.SigningKeys](ctx, c, "/issuer/keys", nil)
}

// RotateSigningKeys lets the next key sign from now on.
func (c *Client) RotateSigningKeys(ctx context.Context) (wire.SigningKeys, error) {
	return create[wire.SigningKeys](ctx, c, "/issuer/keys/rotate", nil)
}

// RevokeSigningKey takes a key out of the JWKS now.
func (c *Client) RevokeSigningKey(ctx context.Context, kid string, force bool) (wire.Revocation, error) {
	return post[wire.Revocation](ctx, c, at("issuer", "keys", kid, "revoke"), wire.RevocationInput{Force: force})
}

// IssuerDocuments gives the issuer's public files, byte for byte.
func (c *Client) IssuerDocuments(ctx context.Context) (wire.Documents, error) {
	return get[wire.Documents](ctx, c, "/issuer/documents", nil)
}

// AuditFilter chooses events; zero fields choose all.
type AuditFilter struct {
	// Organization by id or name; "" means the whole server's, which is for operators.
	Organization          string
	Action, Actor, Target string
	// Outcome is "ok", "failed" for everything else, or a word such as AWS's error code.
	Outcome  string
	From, To time.Time
}

func (f AuditFilter) path(more ...string) string {
	parts := []string{"audit"}
	if f.Organization != "" {
		parts = []string{organizations, f.Organization, "audit"}
	}
	return at(append(parts, more...)...)
}

func (f AuditFilter) query() url.Values {
	q := url.Values{}
	set(q, map[string]string{"action": f.Action, "actor": f.Actor, "target": f.Target, "outcome": f.Outcome, "from": stamp(f.From), "to": stamp(f.To)})
	return q
}

// Events walks events, the newest first.
func (c *Client) Events(ctx context.Context, f AuditFilter) iter.Seq2[wire.AuditRow, error] {
	return all[wire.AuditRow](ctx, c, f.path(), f.query())
}

// ExportEvents walks all events, the oldest first, as one stream.
func (c *Client) ExportEvents(ctx context.Context, f AuditFilter) iter.Seq2[wire.AuditRow, error] {
	return lines[wire.AuditRow](ctx, c, request{method: http.MethodGet, path: f.path("export"), query: f.query()})
}

// VerifyAudit looks for rows that were altered, removed, moved or cut off.
func (c *Client) VerifyAudit(ctx context.Context) (wire.AuditVerification, error) {
	return post[wire.AuditVerification](ctx, c, "/audit/verify", nil)
}

// PruneAudit removes the audit's rows of before a moment.
func (c *Client) PruneAudit(ctx context.Context, in wire.AuditPruneInput) (wire.AuditCheckpoint, error) {
	return post[wire.AuditCheckpoint](ctx, c, "/audit/prune", in)
}

// UsageFilter chooses and groups sums; zero fields choose all.
type UsageFilter struct {
	// Organization by id or name; "" means the whole server's, which is for operators.
	Organization string
	// Own is only what this key asked.
	Own                     bool
	Environment, Model, Key string // ids
	From, To                time.Time
	// Group is of hour, day, organization, environment, model, key, tag:NAME; none: environment and model.
	Group []string
}

// Usage sums up.
func (c *Client) Usage(ctx context.Context, f UsageFilter) (wire.Usage, error) {
	parts := []string{"usage"}
	if f.Organization != "" {
		parts = []string{organizations, f.Organization, "usage"}
	}
	if f.Own {
		parts = append(parts, "own")
	}
	q := url.Values{}
	set(q, map[string]string{
		"environment": f.Environment, "model": f.Model, "key": f.Key, "from": stamp(f.From), "to": stamp(f.To), "group": strings.Join(f.Group, ","),
	})
	return get[wire.Usage](ctx, c, at(parts...), q)
}

func set(q url.Values, values map[string]string) {
	for name, v := range values {
		if v != "" {
			q.Set(name, v)
		}
	}
}

// stamp writes a time as the API reads it; "" for the zero one.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
