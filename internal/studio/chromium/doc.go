// Package chromium has the stories of Studio that a real browser tells: a whole
// server and an emulator of AWS on one side, Chromium on the other.
//
// It has tests only. Without Chromium they skip; `make test` in CI has it.
package chromium
