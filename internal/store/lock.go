package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// lockName is the file of a data directory that its user holds locked.
const lockName = "adit.lock"

// errLocked is the system's word that another process has the lock.
var errLocked = errors.New("another process holds the lock")

// DirLock is a lock on a data directory. The system releases it when the process ends, however that ends.
type DirLock struct{ file *os.File }

// Lock takes the data directory for this process. If another one has it, that
// is a fault of kind Unavailable with the code "data_dir_locked", which names
// that process.
func Lock(dir string) (*DirLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "the data directory %s cannot be used", dir).WithCode("data_dir").
			WithRemedy("Make it and let this user write there, or name another with --data-dir.")
	}
	if err := lockFile(f); err != nil {
		defer f.Close()
		if !errors.Is(err, errLocked) {
			return nil, fault.Wrap(err, fault.Config, "the data directory %s cannot be locked", dir).WithCode("data_dir").
				WithRemedy("Put it on a local disk: not every network file system knows locks.")
		}
		return nil, fault.New(fault.Unavailable, "the data directory %s is in use by %s", dir, holder(f)).WithCode("data_dir_locked").
			WithRemedy("Ask that server (--server URL or ADIT_SERVER), stop it, or name another directory with --data-dir.")
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0) // only for the message of whoever comes second
	}
	return &DirLock{f}, nil
}

// holder reads who has the lock: the process id in the file.
func holder(f *os.File) string {
	b, _ := io.ReadAll(io.LimitReader(f, 20))
	if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && pid > 0 {
		return fmt.Sprintf("process %d", pid)
	}
	return "another process"
}

// Unlock gives the directory back. The file stays: removing it could take the
// lock away from a process that has just opened it.
func (l *DirLock) Unlock() error {
	if err := l.file.Truncate(0); err != nil {
		_ = l.file.Close()
		return err
	}
	return l.file.Close()
}
