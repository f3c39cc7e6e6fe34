package migrations

import "embed"

// Files returns the migrations by their numbers. A released one never changes.
func Files() embed.FS { return files }

//go:embed *.sql
var files embed.FS
