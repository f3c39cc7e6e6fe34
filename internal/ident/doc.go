// Package ident makes and checks identifiers: a short prefix that tells what
// is named, an underscore, and 24 random hexadecimal digits.
//
// Identifiers carry no meaning and no order, and are never chosen by a client.
// Names are; how a command line names an environment is here too.
package ident
