// Package signintest keeps people, sessions and links in memory, and plays an
// OIDC provider with a page that a browser can use, for the tests of rooms that
// sign people in.
//
// Nothing of it survives the process, and production code does not import it.
package signintest
