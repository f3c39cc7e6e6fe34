// Package usage knows who used how much: sums by hour, organization,
// environment, model, caller and the caller's tags.
//
// A [Meter] adds up on the hot path without waiting for anybody, and writes
// what it has from time to time. [Rollup] turns stored sums into reports. A
// [Pruner] removes what is older than it has to be kept.
//
// Costs come with what is added: the package does not know prices, budgets,
// limits, or where sums are kept, and it never sees a text.
package usage
