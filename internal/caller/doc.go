// Package caller says who makes a request: a plain value that every room from
// the API to the accounting takes.
//
// It does not know how a caller proved who it is.
package caller
