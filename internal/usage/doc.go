// Package usage knows who used how much: sums by hour, organization,
// environment, model and caller.
//
// A [Meter] adds up on the hot path without waiting for anybody, and writes
// what it has from time to time. [Rollup] turns stored sums into reports.
//
// The package does not know prices, limits, or where sums are kept, and it
// never sees a text.
package usage
