// Package price knows what AWS charges for embedding: a table with its date,
// which whoever runs the server can override, and what a number of tokens costs
// by it, in billionths of a US dollar.
//
// Every amount is a whole number of billionths, read from a decimal and written
// as one, so that sums are exact. The package does not know who used the tokens,
// nor what may be spent.
package price
