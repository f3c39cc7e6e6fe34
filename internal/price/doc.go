// Package price knows what AWS charges for embedding: a table with its date,
// which whoever runs the server can override, and what a number of tokens costs
// by it, in billionths of a US dollar.
//
// It does not know who used the tokens.
package price
