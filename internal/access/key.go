package access

import (
	"time"

	"github.com/adit-hq/adit/internal/caller"
)

// Key is an API key as it is kept: whose it is and what it may do, and how its
// secrets are recognised, never the secrets.
type Key struct {
	ID           string
	Organization string // id; "" for a key of the server's operator
	Name         string // unique among the live keys of its organization
	Roles        []Role
	// Environments are the ids of those it may use; nil means all.
	Environments []string
	// Models are the names that it may ask for; nil means all.
	Models  []string
	Limits  caller.Limits
	Tags    map[string]string
	Secrets []Secret // newest first; all but that are former ones in their overlap
	Created time.Time
	Updated time.Time
	Expires time.Time // zero: never
	Revoked time.Time // not zero: a tombstone
	// Version counts changes; an update of another version is refused.
	Version int64
}

// Secret recognises one secret of a key.
type Secret struct {
	MAC     []byte    `json:"mac"` // HMAC-SHA-256 under the pepper
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"` // zero: with its key
}
