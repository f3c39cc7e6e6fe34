package wire

import "time"

// SigningKey is the public side of a key of the issuer.
type SigningKey struct {
	KID       string     `json:"kid"`
	Algorithm string     `json:"algorithm"`
	State     string     `json:"state" enum:"next,active,retiring,gone"`
	Created   time.Time  `json:"created" doc:"When it was first published"`
	Activated *time.Time `json:"activated,omitempty"`
	Demoted   *time.Time `json:"demoted,omitempty"`
	Removed   *time.Time `json:"removed,omitempty"`
	// What becomes of it by itself, each of keys in one state.
	Ripens  *time.Time `json:"ripens,omitempty" doc:"When a next key has been published long enough to sign"`
	Rotates *time.Time `json:"rotates,omitempty" doc:"When the next key takes over from the active one"`
	Leaves  *time.Time `json:"leaves,omitempty" doc:"When a retiring key leaves the JWKS"`
	Unripe  string     `json:"unripe,omitempty" doc:"Why it signs before the end of its prepublish time: first or forced"`
}

// SigningKeys are the issuer's keys that are published.
type SigningKeys struct {
	Issuer string       `json:"issuer"`
	Items  []SigningKey `json:"items" nullable:"false"`
}

// RevocationInput allows what revoking would otherwise refuse.
type RevocationInput struct {
	Force bool `json:"force,omitempty" doc:"Sign with a key that AWS may not know yet"`
}

// Revocation is what revoking a signing key came to.
type Revocation struct {
	KID      string    `json:"kid"`
	Was      string    `json:"was" doc:"Its state before"`
	At       time.Time `json:"at"`
	Promoted string    `json:"promoted,omitempty" doc:"The key that signs instead"`
	Unripe   bool      `json:"unripe,omitempty" doc:"AWS may refuse its tokens until it has fetched the key"`
	Next     string    `json:"next,omitempty" doc:"The newly created next key"`
	// TrustedUntil is how long AWS may still take tokens of the key; AWS tells no number.
	TrustedUntil time.Time `json:"trusted_until"`
	// Environments had exchanges by the key while it signed, as far as the audit goes back.
	Environments []string `json:"environments,omitempty" doc:"Ids of the environments with exchanges signed by the key"`
	// EnvironmentsWhy says why the list is not whole; "" when it is.
	EnvironmentsWhy string      `json:"environments_why,omitempty"`
	Advice          string      `json:"advice,omitempty" doc:"What to tell the owners of the AWS accounts"`
	Keys            SigningKeys `json:"keys"`
}

// Documents are the issuer's static files.
type Documents struct {
	Issuer string         `json:"issuer"`
	Files  []DocumentFile `json:"files" nullable:"false"`
}

// DocumentFile is one file, by its path below the issuer's URL.
type DocumentFile struct {
	Path string `json:"path" example:"/.well-known/openid-configuration"`
	Body string `json:"body" doc:"The file, byte for byte"`
}
