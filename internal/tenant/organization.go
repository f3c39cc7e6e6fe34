package tenant

import "time"

// Organization is a tenant. Its id stands in the subject of its tokens and is
// never used again, not even after deletion.
type Organization struct {
	ID          string
	Name        string // unique on the server; [a-z0-9-], 1 to 63
	Description string
	// PlainUsers lets the names of users reach AWS as they are; otherwise they are hashed.
	PlainUsers bool
	// File says that spicepod.yaml and the keys of the settings belong to it. It is
	// the server's, and not stored with the organization.
	File    bool
	Created time.Time
	Updated time.Time
	Deleted time.Time // not zero: a tombstone
	// Version counts changes; an update of another version is refused.
	Version int64
}
