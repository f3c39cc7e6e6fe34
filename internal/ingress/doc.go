// Package ingress knows what all edges read of a request alike: which key it
// presents, which address it comes from through trusted proxies, whether it names
// this machine; what status it was answered with; and how one that goes on is asked
// about again.
//
// It does not know whose a key is, or what is answered.
package ingress
