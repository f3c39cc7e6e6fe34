// Package client speaks to an Adit server's control API: one method for each
// operation, with the wire's types in and out. Answers that are problems come
// back as [fault.Error] with their kind, so that exit codes can be chosen by it.
//
// It does not know where the server's address and key come from. A call that
// makes something is sent once more when the connection broke, with the same
// idempotency key; no other call is repeated.
package client
