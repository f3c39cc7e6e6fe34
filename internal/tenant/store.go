package tenant

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// Store keeps organizations and environments. A change and the events that
// tell of it are written together or not at all. A name that is taken is a
// fault of kind Invalid with the code "name_taken"; an update or deletion of
// another Version than the stored one is one with the code "conflict".
type Store interface {
	CreateOrganization(ctx context.Context, o Organization, events ...audit.Event) error
	UpdateOrganization(ctx context.Context, o Organization, events ...audit.Event) error
	// DeleteOrganization leaves a tombstone, and tombstones of its environments; its API keys are revoked.
	// If it has other environments than those seen, or, unless forced, API keys, that is a "conflict".
	DeleteOrganization(ctx context.Context, o Organization, d Deletion, events ...audit.Event) error

	CreateEnvironment(ctx context.Context, e Environment, events ...audit.Event) error
	UpdateEnvironment(ctx context.Context, e Environment, events ...audit.Event) error
	// DeleteEnvironment leaves a tombstone. If an API key names it that is a "conflict", unless forced.
	DeleteEnvironment(ctx context.Context, e Environment, d Deletion, events ...audit.Event) error

	// SetActivity notes what environments did last; the revision stays. Absent ids are left out.
	// A zero Succeeded keeps the one that is there: a failure does not make the last success forgotten.
	SetActivity(ctx context.Context, byEnvironment map[string]Activity) error
	// Activity returns what the organization's environments did last, by id: of
	// those with the ids, or of all where ids is nil.
	Activity(ctx context.Context, organization string, ids []string) (map[string]Activity, error)
}

// Deletion is how something is deleted, and what was seen of it: another replica
// may have made more in it by then, which is not to go unasked or unheard of.
type Deletion struct {
	At time.Time
	// Seen are the ids of an organization's environments, in any order.
	Seen []string
	// Force deletes also what is in use.
	Force bool
}
