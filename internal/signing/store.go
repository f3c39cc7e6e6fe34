package signing

import (
	"context"

	"github.com/adit-hq/adit/internal/audit"
)

// Store keeps the keys of issuers. Each issuer's keys have one version, so that
// of several replicas that would rotate one does.
type Store interface {
	// SigningKeys returns the issuer's keys that are not gone, oldest first, and their version; 0 when there were never any.
	SigningKeys(ctx context.Context, issuer string) ([]Key, int64, error)
	// ChangeSigningKeys writes the keys (new ones or new states of known ones) and the
	// events if the version is still the one given, and raises it; otherwise
	// it writes nothing and returns false.
	ChangeSigningKeys(ctx context.Context, issuer string, version int64, keys []Key, events ...audit.Event) (bool, error)
}
