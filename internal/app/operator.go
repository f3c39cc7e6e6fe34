package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// The files of a data directory that the CLI on the same machine reads.
const (
	operatorKeyName = "operator.key"
	addressName     = "control.url"
)

// OperatorKeyFile is where a data directory keeps the operator's API key.
func OperatorKeyFile(dataDir string) string { return filepath.Join(dataDir, operatorKeyName) }

// OperatorKey returns the operator's API key of a data directory; the error is
// fs.ErrNotExist where there is none.
func OperatorKey(dataDir string) (secret.String, error) {
	text, err := os.ReadFile(OperatorKeyFile(dataDir))
	if err != nil {
		return secret.String{}, err
	}
	return secret.New(strings.TrimSpace(string(text))), nil
}

// RunningServer returns the URL under which the server that holds the data
// directory serves the control API to this machine, or "".
func RunningServer(dataDir string) string {
	text, err := os.ReadFile(filepath.Join(dataDir, addressName))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// firstOperator makes the operator's key and its file: on the first start, where
// the file was lost or a backup restored, and where a start was cut off before
// the file was whole. Where operators have lost their key otherwise, or had it
// revoked, no start gives it back to them.
func (s *state) firstOperator(ctx context.Context) error {
	path := OperatorKeyFile(s.settings.DataDir)
	keys, err := s.keys.Keys("")
	if err != nil {
		return err
	}
	switch has, err := OperatorKey(s.settings.DataDir); {
	case errors.Is(err, fs.ErrNotExist):
		// Other replicas on a PostgreSQL database have files of their own machines.
		if len(keys) > 0 && s.settings.Database != "" {
			return nil
		}
	case errors.Is(err, fs.ErrPermission):
		return nil // another user's, who can read it
	case err != nil:
		return err
	case !has.Empty() && len(keys) > 0:
		return nil
	}
	name := "operator"
	if len(keys) > 0 {
		name = "operator-" + strings.ToLower(s.settings.Now().UTC().Format("20060102t150405z"))
	}
	if err := s.writeOperator(ctx, path, name); err != nil {
		return fault.Wrap(err, fault.Config, "the operator's API key cannot be created: %v", err).WithRemedy("Make the data directory writable, and restart the server.")
	}
	s.log.Info("the operator's API key was created; the CLI on this machine uses it automatically", "file", path)
	return nil
}

// writeOperator makes a key and puts it into the file. An empty file comes
// first: should the key be made and never be written, the next start sees that
// nobody has it. The whole one takes its place in one step.
func (s *state) writeOperator(ctx context.Context, path, name string) error {
	if err := writeNew(path, ""); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	whole := path + ".new"
	if err := os.Remove(whole); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, key, err := s.keys.Create(ctx, access.By{Principal: access.System()}, access.Input{Name: name, Roles: []access.Role{access.Operator}})
	if err != nil {
		return err
	}
	if err := writeNew(whole, key.Reveal()+"\n"); err != nil {
		return err
	}
	_ = os.Chmod(path, 0o600) // Windows replaces no file that is read-only; should it fail, so does the rename
	if err := os.Rename(whole, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// writeNew makes a file that only its owner reads.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}
