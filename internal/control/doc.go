// Package control speaks the control API over HTTP: /api/v1 and its OpenAPI
// document. It knows routes, who may call which, and how answers and faults
// look on the wire; every change to organizations, environments and keys comes
// through here.
//
// It does not know the rules of what it serves, nor how anything is kept: the
// rooms do, and it asks each of them through a small interface of its own.
package control
