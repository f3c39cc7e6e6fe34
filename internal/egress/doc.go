// Package egress knows which addresses the server may call on a tenant's word: no
// loopback, private, link-local or shared ones, whatever a name resolves to, and
// only https on port 443, unless whoever runs the server allows more. It makes
// the HTTP client that holds to it when it dials.
//
// It does not know what is fetched, and has no say over addresses that come
// from the operator's own settings.
package egress
