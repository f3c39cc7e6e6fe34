// Package secret keeps a secret from printing itself: in a log, an error, a
// JSON body or a test's diff it reads "[redacted]".
//
// It does not encrypt; who needs the value asks for it by name.
package secret
