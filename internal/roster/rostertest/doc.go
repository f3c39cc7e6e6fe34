// Package rostertest keeps the things of a roster in memory, for the stores that
// tests of registries use in place of a database.
//
// It does not survive the process, and production code does not import it.
package rostertest
