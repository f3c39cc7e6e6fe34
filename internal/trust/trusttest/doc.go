// Package trusttest keeps trusted issuers in memory and is an issuer itself: a
// server with a discovery document and keys, that makes tokens such as GitHub
// Actions and Kubernetes make, and such as nobody should take. It is for the tests
// of rooms that take such tokens.
//
// It does not survive the process, and production code does not import it.
package trusttest
