// Package architecture knows which room may import which, and what every room
// must look like. Its tests read the whole tree and fail with the file, the
// import and the way out.
//
// It holds no code of the program and imports none of it: the table of arrows is
// in table_test.go, the rules are in rules_test.go.
package architecture
