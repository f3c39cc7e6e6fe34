// Package seal knows the server's master key, and how the few secrets that the
// database must keep are encrypted under it: signing keys, and the random keys
// that other rooms hash with.
//
// Every record has a data key of its own, which the master key wraps. Both are
// AES-256-GCM, and both are bound to the record's id, purpose and state: a
// ciphertext that was altered, moved to another row or kept from another state
// does not open. A known record tells a wrong master key at start, before
// anything is made.
//
// It does not know what the secrets are for, nor where they are stored.
package seal
