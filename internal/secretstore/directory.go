package secretstore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// maxSecret is the largest file of a file store, in bytes. AWS's session
// tokens, the longest secrets Adit uses, take a few thousand.
const maxSecret = 64 << 10

// directory is the file store: one file a secret, as Kubernetes and Docker
// mount them. Kubernetes' links through ..data stay inside the directory and work.
type directory struct {
	path   string
	absent bool
}

func newDirectory(path, dir string) *directory { return &directory{path: under(dir, path)} }

// lookup reads the file called name. Links that leave the directory are
// refused by os.Root; names that could leave it never reach it.
func (d *directory) lookup(name string) (string, bool, error) {
	if !validFileName(name) {
		return "", false, Problems{{Path: d.path, Message: fmt.Sprintf("cannot contain a secret named %q", name),
			Remedy: "A secret here is a file directly in the directory, and its name does not begin with two dots."}}
	}
	root, err := os.OpenRoot(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		d.absent = true
		return "", false, nil
	}
	if err != nil {
		return "", false, Problems{{Path: d.path, Message: "cannot be opened as a directory: " + reason(err)}}
	}
	defer func() { _ = root.Close() }()
	data, err := readFrom(root, name, maxSecret)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, Problems{{Path: filepath.Join(d.path, name), Message: "cannot be read: " + reason(err)}}
	case !utf8.Valid(data) || strings.ContainsRune(string(data), 0):
		return "", false, Problems{{Path: filepath.Join(d.path, name), Message: "is not UTF-8 text"}}
	}
	return strings.TrimRight(string(data), "\r\n"), true, nil
}

func validFileName(name string) bool {
	return name != "" && name != "." && !strings.HasPrefix(name, "..") && !strings.ContainsAny(name, "/\\:\x00")
}

func (d *directory) describe() string {
	if d.absent {
		return "directory " + d.path + ", which does not exist"
	}
	return "directory " + d.path
}

// readFrom reads a file of root that is no larger than limit bytes.
func readFrom(root *os.Root, name string, limit int64) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	return readRegular(info, limit, func() (*os.File, error) { return root.Open(name) })
}

// readRegular looks before it opens: opening a pipe would wait for its writer.
func readRegular(info fs.FileInfo, limit int64, open func() (*os.File, error)) ([]byte, error) {
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("larger than %d bytes", limit)
	}
	return data, nil
}

// reason returns what the system said, without the path that the problem names anyway.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
