// Package signing knows the key pairs that sign Adit's tokens: which is next,
// which is active, which are retiring, and when each moves on.
//
// A key is published long before it signs, because AWS caches the published
// keys, and stays published until the last token that it signed is dead. Its
// private half is sealed in the store and erased in the change that ends its
// signing. States and times are in the store and move by compare-and-set, so of
// several replicas one rotates and the others follow.
//
// It does not know what the tokens say, nor how keys are published, and it
// gives no private key to anyone.
package signing
