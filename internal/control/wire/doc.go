// Package wire knows the shapes in which the control API speaks: what clients
// send and get as JSON. Times are RFC 3339 in UTC, and durations whole seconds.
//
// It does not know what any of it means; the rooms do.
package wire
