package signing

import "time"

// DefaultIssuer is the id of the server's own issuer.
const DefaultIssuer = "default"

// State is where a key stands in its life.
type State string

// The states, in order. Only Active signs. Gone is no longer published.
const (
	Next     State = "next"
	Active   State = "active"
	Retiring State = "retiring"
	Gone     State = "gone"
)

// Key is a key pair of an issuer.
type Key struct {
	ID        string // kid: the RFC 7638 thumbprint
	Issuer    string
	Algorithm string // "RS256" or "ES256"
	State     State
	Public    []byte // JWK as JSON: public numbers, kid, use, alg
	Sealed    []byte // the private half, sealed; nil once erased
	// Created is when it was first published.
	Created time.Time
	// Activated, Demoted and Removed are when it began to sign, stopped signing and left the JWKS; zero: not yet.
	Activated, Demoted, Removed time.Time
	// Unripe says why it signed before its prepublish time was over: "first" or "forced"; else "".
	Unripe string
}
