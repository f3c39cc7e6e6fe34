// Package ingress knows what all edges read of a request alike: which key it
// presents, which address it comes from through trusted proxies, whether it names
// this machine; and what status it was answered with.
//
// It does not know whose a key is, or what is answered.
package ingress
