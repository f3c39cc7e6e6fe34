package seal

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// maxFile is more than a key and an editor's line end need.
const maxFile = 1 << 10

// LoadFile reads the master key of a file that only its owner may read. A file
// that is absent gives an error that is [fs.ErrNotExist].
func LoadFile(path string) (Master, error) {
	f, err := os.Open(path)
	if err != nil {
		return Master{}, fault.Wrap(err, fault.Config, "the master key file %s cannot be opened", path).WithCode("no_master_key")
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return Master{}, fault.Wrap(err, fault.Config, "the status of the master key file %s cannot be read", path)
	}
	if !info.Mode().IsRegular() {
		return Master{}, fault.New(fault.Config, "the master key %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return Master{}, fault.New(fault.Config, "the master key file %s can be read by users other than its owner (its mode is %04o)", path, mode).
			WithCode("loose_master_key").
			WithRemedy("Run `chmod 0400 %s`; if others may have read it, change the key with `adit issuer rewrap`.", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return Master{}, fault.Wrap(err, fault.Config, "the master key file %s cannot be read", path)
	}
	m, err := ParseMaster(secret.New(string(text)))
	if err != nil {
		e := fault.From(err)
		return Master{}, fault.New(e.Kind, "master key file %s: %s", path, e.Message).WithCode(e.Code).WithRemedy("%s", e.Remedy)
	}
	return m, nil
}

// CreateFile makes a master key and writes it to a new file with mode 0400. A
// file that is there already is left as it is, and the error is [fs.ErrExist].
func CreateFile(path string) (Master, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return Master{}, fault.Wrap(err, fault.Config, "the master key file %s cannot be created", path)
	}
	m := NewMaster()
	_, err = f.WriteString(m.Encode().Reveal() + "\n")
	// What gets sealed is lost without the key: it must be on the disk first.
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		err = errors.Join(err, ignoreAbsent(os.Remove(path)))
		return Master{}, fault.Wrap(err, fault.Config, "the master key file %s cannot be written", path)
	}
	return m, nil
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
