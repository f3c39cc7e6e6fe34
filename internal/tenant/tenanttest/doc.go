// Package tenanttest keeps organizations and environments in memory, for the
// tests of rooms that need a registry of them.
//
// It does not survive the process, and production code does not import it.
package tenanttest
