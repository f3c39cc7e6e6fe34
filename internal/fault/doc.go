// Package fault knows what went wrong: a kind, a sentence for the person who
// gets it, a remedy, and the cause.
//
// It does not know HTTP or exit codes. Edges turn a [Kind] into those.
package fault
