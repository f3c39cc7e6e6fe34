package signin

import (
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
)

// Person is somebody who signs in.
type Person struct {
	ID string // usr_…
	// Login is what a local administrator types; "" for a person of the OIDC
	// provider. Unique among those who are not removed.
	Login string
	// Issuer and Subject are the OIDC provider's, which together name a person
	// for ever; "" for a local one.
	Issuer, Subject string
	// Name is what pages call the person; Email is shown and never trusted.
	Name, Email string
	// Password is the argon2id hash in PHC's format; "" when there is none, and only a link signs in.
	Password string
	// Roles are what the person may do where. Of an OIDC person they are what
	// the rules gave at the last sign-in.
	Roles   []Membership
	Created time.Time
	Updated time.Time
	// SignedIn is when a session was last begun; zero: never.
	SignedIn time.Time
	Removed  time.Time // not zero: a tombstone
	// Version counts changes; an update of another version is refused.
	Version int64
}

// Membership is a role in an organization.
type Membership struct {
	// Organization is an id; "" with the role operator, which holds on the whole server.
	Organization string      `json:"organization,omitempty"`
	Role         access.Role `json:"role"`
}

// Session is one sign-in. Who presents its token is its person until it ends.
type Session struct {
	ID     string // ses_…, for lists; it opens nothing
	Hash   []byte // SHA-256 of the token
	Person string // id
	// Method is how it was begun: "password", "link" or "oidc".
	Method string
	// Address and Agent are where it was begun, for the person to recognise it.
	Address, Agent string
	Created        time.Time
	// Seen is when it was last used, to the minute; it ends Idle after.
	Seen time.Time
	// Ends is when it ends however much it is used.
	Ends time.Time
}

// Ends says which sessions and links end with a change of a person; the
// zero value, none.
type Ends struct {
	All bool
	// But is the id of one that goes on nevertheless; "" spares none.
	But string
	// Links are the hashes of links that end too.
	Links [][]byte
}

// Of reports whether the session with that id ends.
func (e Ends) Of(session string) bool { return e.All && (e.But == "" || session != e.But) }

// Link signs in once, within minutes: the way in for who has no password yet,
// or has lost it.
type Link struct {
	Hash []byte // SHA-256 of the token
	// Login is whose it is; there may be no such person yet.
	Login string
	// Roles are what a person gets who is made by it; nil for one who is there.
	Roles []Membership
	// Version is the person's when it was made; 0 where nobody had the login.
	Version int64
	Created time.Time
	Expires time.Time
	// By is who made it, as the audit names them.
	By audit.Actor
}

// Attempts are the failed sign-ins of one name: "address:ADDRESS", where of IPv6
// the network stands, or "login:" and a keyed hash of what was typed.
type Attempts struct {
	Failures int
	// Last is when the last one was; they are forgotten an hour after.
	Last time.Time
	// Until is how long nobody is let in under the name; zero: not locked.
	Until time.Time
}
