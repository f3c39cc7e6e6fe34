// Package cli knows Adit's commands: their flags, what they print and the code
// that they exit with. A file holds one command, or a few small ones of one noun.
//
// It does not know how anything is done: commands ask the control API's client,
// hand settings to app, read files with spicepod, have awssetup speak with AWS,
// and start the emulator. It reads no variable, stream or signal of the process
// itself; all of that comes in a Process.
package cli
