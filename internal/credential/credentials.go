package credential

import (
	"time"

	"github.com/adit-hq/adit/internal/secret"
)

// Credentials sign calls to AWS. It is a value: copy it, keep it, hand it back to [Chain.Drop].
type Credentials struct {
	// AccessKeyID is public: AWS shows it in its logs.
	AccessKeyID string
	// SecretAccessKey signs.
	SecretAccessKey secret.String
	// SessionToken is empty for long-lived keys.
	SessionToken secret.String
	// Expires is when AWS stops accepting them; zero means never.
	Expires time.Time
	// Identity is the credential identity: equal if and only if AWS sees the
	// same signer. A refresh keeps it. "key:AKIA..." for keys that somebody
	// wrote down, "role:ARN/SESSION" for a role that Adit assumes.
	Identity string
	// Account is the AWS account that pays, twelve digits; empty while unknown.
	Account string
	// Source is the name of the source that gave them, such as "environment".
	Source string
}

// fresh reports whether AWS still accepts the credentials at the time now.
func (c *Credentials) fresh(now time.Time) bool {
	return c.Expires.IsZero() || now.Before(c.Expires)
}

// same reports whether both are the very same keys, whatever else is known of them.
func (c *Credentials) same(other *Credentials) bool {
	return c.AccessKeyID == other.AccessKeyID &&
		c.SecretAccessKey.Equal(other.SecretAccessKey.Reveal()) &&
		c.SessionToken.Equal(other.SessionToken.Reveal())
}
