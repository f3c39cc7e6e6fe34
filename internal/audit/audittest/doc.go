// Package audittest keeps an audit in memory, for the tests of rooms that write events.
//
// It does not survive the process, and production code does not import it.
package audittest
