package trust

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
)

// Issuer is one rule: tokens of this issuer, whose subject fits, are this caller.
type Issuer struct {
	ID           string // tru_…
	Organization string // id
	Name         string // unique among the organization's live ones
	// URL is the issuer, exactly as its tokens say it in iss.
	URL string
	// Subject is the pattern that sub must fit as a whole: "*" stands for any
	// characters but ":" and "/"; a bare "*" is refused.
	Subject string
	// Environments are the ids of those its callers may use; nil means all.
	Environments []string
	// Models are the names that they may ask for; nil means all.
	Models  []string
	Limits  caller.Limits // of all its callers together, as of one key
	Tags    map[string]string
	Created time.Time
	Updated time.Time
	Revoked time.Time // not zero: a tombstone
	// Version counts changes; an update of another version is refused.
	Version int64
}

// Audience returns what a token must be made for to be taken in the organization.
func Audience(organization string) string { return "adit:" + organization }

// Store keeps the trusted issuers; they are in the snapshot. A name that a live
// one of the organization has is Invalid, "name_taken"; an update of another
// Version than the stored one is Invalid, "conflict".
type Store interface {
	CreateTrust(ctx context.Context, i Issuer, events ...audit.Event) error
	// UpdateTrust also revokes.
	UpdateTrust(ctx context.Context, i Issuer, events ...audit.Event) error
	// SetTrustUsed notes when they last let somebody in; the revision stays. An earlier time changes nothing.
	SetTrustUsed(ctx context.Context, byID map[string]time.Time) error
	// TrustUsed returns when the organization's were last used, by id.
	TrustUsed(ctx context.Context, organization string) (map[string]time.Time, error)
}
