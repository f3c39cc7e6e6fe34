// Package issuer is the identity provider that AWS trusts: its URL, the two
// documents that it publishes, and the tokens that it makes.
//
// Tokens hold identifiers of organizations and environments and nothing that a
// request could choose. Both documents are made once for every change of the
// keys and served from memory, under limits of their own and whatever else is
// down. The URL comes from the configuration, never from a request.
//
// It does not know private keys, environments or AWS: it is told what to say,
// and has it signed.
package issuer
