// Package signingtest keeps signing keys in memory, for tests of whoever needs
// a signer and no database.
package signingtest
