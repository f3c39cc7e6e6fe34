// Package docs is the user's manual, compiled in: its pages as they are written,
// and cut into paragraphs that can be read, and found, each for itself.
//
// It knows Markdown as far as these pages use it. It knows nothing of what they
// describe, and imports nothing of this module.
package docs
