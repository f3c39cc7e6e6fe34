package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Migration is one step of the schema.
type Migration struct {
	Number     int64
	Statements []string
}

// All returns the migrations in order. A released one never changes.
func All() ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, name := range names { // sorted, as their numbers are
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s has no number", name)
		}
		statements, rest := split(string(text))
		if rest != "" {
			return nil, fmt.Errorf("%s: the last statement has no end", name)
		}
		all = append(all, Migration{number, statements})
	}
	return all, nil
}

// Files returns the migrations as they are written, as goose's own reader takes them too.
func Files() embed.FS { return files }

// split takes a text apart. A statement ends with the line whose last sign,
// comments aside, is a semicolon; what follows the last one is the rest.
func split(text string) (statements []string, rest string) {
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		code = strings.TrimRight(code, " \t\r\n")
		if code == "" {
			continue
		}
		if rest += code + "\n"; strings.HasSuffix(code, ";") {
			statements, rest = append(statements, rest), ""
		}
	}
	return statements, rest
}

//go:embed *.sql
var files embed.FS
