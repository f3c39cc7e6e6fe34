package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
)

// masterKeyName is the file of a data directory that holds the master key that Adit made.
const masterKeyName = "master.key"

// masterKey returns the key that the operator gave, or that of the data
// directory. Only a SQLite database in which nothing is sealed yet gets a new
// one: replicas must share theirs, and a lost one is not made anew.
func (s StateSettings) masterKey(ctx context.Context, sealed seal.Store) (seal.Master, error) {
	switch {
	case !s.MasterKey.Empty() && s.MasterKeyFile != "":
		return seal.Master{}, fault.New(fault.Config, "a master key and a master key file are both given").WithRemedy("Keep only one of ADIT_MASTER_KEY and --master-key-file.")
	case !s.MasterKey.Empty():
		return seal.ParseMaster(s.MasterKey)
	case s.MasterKeyFile != "":
		return seal.LoadFile(s.MasterKeyFile)
	case s.Database != "":
		return seal.Master{}, fault.New(fault.Config, "no master key is set, and every replica on this database needs the same one").WithCode("no_master_key").
			WithRemedy("Generate one with `openssl rand -hex 32` and set it on all of them with --master-key-file or ADIT_MASTER_KEY.")
	}
	if _, err := s.finishRewrap(ctx, sealed); err != nil {
		return seal.Master{}, err
	}
	path := filepath.Join(s.DataDir, masterKeyName)
	m, err := seal.LoadFile(path)
	// An empty file is what is left of a first start that was cut off.
	info, none := os.Stat(path)
	cut := none == nil && info.Mode().IsRegular() && info.Size() == 0
	if err == nil || !cut && !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	switch records, err := sealed.SealedRecords(ctx); {
	case err != nil:
		return seal.Master{}, err
	case cut && len(records) == 0:
		if err := removeKey(path); err != nil {
			return seal.Master{}, err
		}
	case len(records) > 0:
		return seal.Master{}, fault.New(fault.Config, "the master key %s is missing, and the database is sealed under it", path).WithCode("no_master_key").
			WithRemedy("Restore it, or set it with --master-key-file or ADIT_MASTER_KEY. Without it the signing keys cannot be opened: start over with another --data-dir.")
	}
	return seal.CreateFile(path)
}
