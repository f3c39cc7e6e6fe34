// Package access knows who may do what: API keys, the roles that they have,
// and the permissions that a role is made of.
//
// A key is adit_ID_SECRET. The database has its id and a MAC of its secret
// under a pepper that lies there only sealed, so a copy of the database lets
// nobody in. Keys are read from memory; who presents an unknown, wrong,
// revoked or expired one learns only that it does not work.
//
// The package does not know HTTP, routes, or where keys are kept, and it does
// not know environments beyond their ids.
package access
