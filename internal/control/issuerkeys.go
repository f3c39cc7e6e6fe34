package control

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/signing"
)

// SigningKeys are the issuer's keys.
type SigningKeys interface {
	// Keys returns those that are published, the active one first.
	Keys(issuer string) []signing.Key
	// Ripens tells when a key may sign, Rotates when the next one takes over from an
	// active one, Leaves when a retiring one leaves the JWKS; zero for other keys.
	Ripens(signing.Key) time.Time
	Rotates(signing.Key) time.Time
	Leaves(signing.Key) time.Time
	// Rotate lets the next key sign from now on, if it is ripe.
	Rotate(ctx context.Context, actor audit.Actor) error
	// Revoke takes a key out of the JWKS at once.
	Revoke(ctx context.Context, actor audit.Actor, kid string, force bool) (signing.Revocation, error)
}

// revokeTime leaves room to look through the audit.
const revokeTime = 2 * time.Minute

func (a *api) issuerRoutes() []route {
	return []route{
		{"GET", "/issuer/keys", "list-signing-keys", "List the keys that the issuer publishes", access.ReadIssuer, ofServer, 0, on(a.listSigningKeys)},
		{"POST", "/issuer/keys/rotate", "rotate-signing-keys", "Rotate: the next key signs from now on", access.WriteIssuer, ofServer, 0, on(once(http.StatusOK, a.rotateSigningKeys))},
		{"POST", "/issuer/keys/{kid}/revoke", "revoke-signing-key", "Revoke a key: remove it from the JWKS now", access.WriteIssuer, ofServer, revokeTime, on(a.revokeSigningKey)},
		{"GET", "/issuer/documents", "show-issuer-documents", "Get the issuer's public files, for a bucket or a CDN", access.ReadIssuer, ofServer, 0, on(a.issuerDocuments)},
	}
}

func (a *api) signingKeys() wire.SigningKeys {
	all := wire.SigningKeys{Issuer: a.s.Issuer.URL(), Items: []wire.SigningKey{}}
	for _, k := range a.s.SigningKeys.Keys(signing.DefaultIssuer) {
		w := wire.SigningKey{
			KID: k.ID, Algorithm: k.Algorithm, State: string(k.State), Created: k.Created.UTC(),
			Activated: moment(k.Activated), Demoted: moment(k.Demoted), Removed: moment(k.Removed), Unripe: k.Unripe,
			Rotates: moment(a.s.SigningKeys.Rotates(k)), Leaves: moment(a.s.SigningKeys.Leaves(k)),
		}
		if k.State == signing.Next {
			w.Ripens = moment(a.s.SigningKeys.Ripens(k))
		}
		all.Items = append(all.Items, w)
	}
	return all
}

func (a *api) listSigningKeys(_ context.Context, _ *call, _ *struct{}) (wire.SigningKeys, error) {
	return a.signingKeys(), nil
}

func (a *api) rotateSigningKeys(ctx context.Context, c *call, _ *struct{}) (wire.SigningKeys, error) {
	if err := a.s.SigningKeys.Rotate(ctx, c.actor()); err != nil {
		return wire.SigningKeys{}, err
	}
	return a.signingKeys(), nil
}

type revokeSigningKeyInput struct {
	KID  string `path:"kid" maxLength:"128" doc:"Id of the key"`
	Body *wire.RevocationInput
}

func (a *api) revokeSigningKey(ctx context.Context, c *call, in *revokeSigningKeyInput) (wire.Revocation, error) {
	r, err := a.s.SigningKeys.Revoke(ctx, c.actor(), in.KID, in.Body != nil && in.Body.Force)
	if err != nil {
		return wire.Revocation{}, err
	}
	w := a.showRevocation(r)
	w.Environments, w.EnvironmentsWhy = a.exchangedBy(ctx, r)
	return w, nil
}

// maxExchanges is how many exchanges are looked through for those of a key.
const maxExchanges = 200_000

// exchangedBy returns the environments that had exchanges by a revoked key, from
// the audit, and why the list is not whole. The key is gone already: whatever is
// wrong with the audit now, that must be told.
func (a *api) exchangedBy(ctx context.Context, r signing.Revocation) (environments []string, why string) {
	if r.Signed.IsZero() {
		return nil, "" // it never signed
	}
	q := audit.Query{Action: federation.ActionExchange, From: r.Signed, Newest: true, Limit: exportBatch}
	for seen := 0; seen < maxExchanges; seen += exportBatch {
		rows, err := a.s.Audit.Rows(ctx, q)
		if err != nil {
			return slices.Sorted(slices.Values(environments)), "the audit could not be read: " + fault.From(err).Sentence()
		}
		for _, row := range rows {
			if row.Details["kid"] == r.KID && !slices.Contains(environments, row.Target) {
				environments = append(environments, row.Target)
			}
			q.After = row.Seq
		}
		if len(rows) < exportBatch {
			return slices.Sorted(slices.Values(environments)), ""
		}
	}
	return slices.Sorted(slices.Values(environments)), fmt.Sprintf("only the last %d exchanges were searched", maxExchanges)
}

func (a *api) showRevocation(r signing.Revocation) wire.Revocation {
	return wire.Revocation{
		KID: r.KID, Was: string(r.Was), At: r.At.UTC(), Promoted: r.Promoted, Unripe: r.Unripe, Next: r.Next,
		TrustedUntil: r.TrustedUntil.UTC(), Advice: r.Advice(), Keys: a.signingKeys(),
	}
}
