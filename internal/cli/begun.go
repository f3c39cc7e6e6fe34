package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/fault"
)

// creates reports whether the command of that name creates something that needs
// nothing to be there before. Without a server only such a command makes a data
// directory: with any other a misspelt --data-dir would look like a server that
// lost everything.
func creates(command string) bool { return command == "create" || command == "link" }

// noDataDir is the code of the error of [begun].
const noDataDir = "no_data_dir"

// begun is the error of a data directory that no server was started on, and no
// command has begun.
func begun(dir string) error {
	for _, file := range []string{app.OperatorKeyFile(dir), filepath.Join(dir, "adit.db")} {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			return nil // what else is wrong with it is said where it is opened
		}
	}
	return fault.New(fault.Config, "no server is running, and there is no data directory yet: %s", dir).WithCode(noDataDir).
		WithRemedy("`adit serve` creates it, and so does a command that creates something, such as `adit org create`. If the server's data is elsewhere, give --data-dir or --server.")
}
