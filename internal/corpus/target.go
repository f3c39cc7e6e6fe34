package corpus

import (
	"errors"
	"io/fs"
	"os"

	"github.com/adit-hq/adit/internal/fault"
)

// Target is a file that gets its name when it is whole. Until then it is called
// as it will be, with ".partial" behind.
type Target struct {
	path string
	file *os.File
}

// Create opens a target. A file of that name, whole or partial, is kept unless
// force is set.
func Create(path string, force bool) (*Target, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
		if _, err := os.Stat(path); err == nil {
			return nil, fault.New(fault.Config, "%s exists", path).WithRemedy("Choose another name, or overwrite it with --force.")
		}
	}
	f, err := os.OpenFile(path+".partial", flags, 0o666) //nolint:gosec // the person's umask decides, as for any file a command writes
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fault.New(fault.Config, "%s.partial exists: another run is writing it, or one was interrupted", path).
			WithRemedy("Move it away if you want to keep its rows, or overwrite it with --force.")
	case err != nil:
		return nil, fault.Wrap(err, fault.Config, "%s.partial cannot be written: %v", path, err).WithRemedy("Check the folder and its permissions.")
	}
	return &Target{path: path, file: f}, nil
}

// Write implements io.Writer.
func (t *Target) Write(b []byte) (int, error) { return t.file.Write(b) }

// Commit puts everything on the disk and gives the file its name.
func (t *Target) Commit() error {
	if err := errors.Join(t.file.Sync(), t.file.Close()); err != nil {
		return err
	}
	return os.Rename(t.file.Name(), t.path)
}

// Leave closes the file under its partial name, and returns that; an empty one
// is removed, and the name is "" then.
func (t *Target) Leave() (name string, err error) {
	info, err := t.file.Stat()
	if err = errors.Join(err, t.file.Close()); err != nil {
		return t.file.Name(), err
	}
	if info.Size() == 0 {
		return "", os.Remove(t.file.Name())
	}
	return t.file.Name(), nil
}
