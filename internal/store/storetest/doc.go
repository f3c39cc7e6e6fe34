// Package storetest is the contract suite of the store: what it promises on
// SQLite and on PostgreSQL alike, as stories that both must pass (its tests). It
// also gives empty databases to the tests of other rooms.
//
// It knows nothing that only one engine does; that is tested beside the store.
package storetest
