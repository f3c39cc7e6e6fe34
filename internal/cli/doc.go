// Package cli knows Adit's commands: their flags, what they print and the code
// that they exit with. One file holds one command.
//
// It does not know how anything is done: commands hand settings to app, read
// files with spicepod and start the emulator. It reads no variable, stream or
// signal of the process itself; all of that comes in a Process.
package cli
