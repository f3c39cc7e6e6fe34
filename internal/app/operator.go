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

// firstOperator makes the operator's key and its file, if there is no such
// file: on the first start, and where the file was lost or a backup restored.
// A server on PostgreSQL makes one only if no operator has any: other replicas
// have files of their own machines.
func (s *state) firstOperator(ctx context.Context) error {
	path := OperatorKeyFile(s.settings.DataDir)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	keys, err := s.keys.Keys("")
	if err != nil || len(keys) > 0 && s.settings.Database != "" {
		return err
	}
	name := "operator"
	if len(keys) > 0 {
		name = "operator-" + strings.ToLower(s.settings.Now().UTC().Format("20060102t150405z"))
	}
	// The file comes first: a key that nobody knows would lock everybody out.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return fault.Wrap(err, fault.Config, "the operator's key cannot be written: %v", err).WithRemedy("Make the data directory writable.")
	}
	err = s.writeOperator(ctx, f, name)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	s.log.Info("the operator's API key was made; the CLI on this machine uses it by itself", "file", path)
	return nil
}

func (s *state) writeOperator(ctx context.Context, f *os.File, name string) error {
	by := access.By{Principal: access.System()}
	_, key, err := s.keys.Create(ctx, by, access.Input{Name: name, Roles: []access.Role{access.Operator}})
	if err != nil {
		return err
	}
	_, err = f.WriteString(key.Reveal() + "\n")
	return errors.Join(err, f.Sync())
}
