// Package model is the catalogue: which embedding models Bedrock has, how they
// are named, what they take, what they answer, and what they cost.
//
// A family is whole in one file: its ids, limits, parameters, and the bodies
// that it shares. The room sends nothing and knows no credentials.
package model
