// Package app puts the rooms together and runs them: it is the only room that
// knows everyone.
//
// A program, a test or a command makes one with New, runs it with Run, and is
// done with it after Close.
package app
