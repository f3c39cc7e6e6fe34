// Package sealtest keeps sealed records in memory, for tests of whoever needs a
// vault and no database.
package sealtest
