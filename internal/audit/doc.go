// Package audit knows what happened: events, who did them, and a chain of MACs
// over the stored rows by which an altered, removed, reordered or cut-off row is
// found.
//
// Events that belong to a change are written by the store in the change's own
// transaction. Events without a change (tokens, exchanges) go through a [Log],
// which writes them in batches and bridges a database that is away.
//
// The package does not know where rows are kept, what the actions mean, or who
// may read them.
package audit
