package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/store"
)

// ActionRewrap is the audit action of a changed master key.
const ActionRewrap = "master-key.change"

// Rewrapping is what changing the master key came to.
type Rewrapping struct {
	// Records is how many sealed things have a new seal: the server's secrets
	// and the private halves of signing keys.
	Records int
	// File is the master key file of the data directory that holds the new key;
	// "" where the operator keeps it elsewhere and must hand it to every server.
	File string
	// Finished says that an earlier run had sealed everything, and only its last
	// step was left.
	Finished bool
}

// Rewrap seals everything in the database under another master key: the one in
// the file newKey or, with newKey "" and a master key that Adit made itself, a
// fresh one. What is sealed does not change, so that issuer, API keys and audit
// go on. No server may run on the database.
//
// Where the master key is the data directory's own, its file is replaced too:
// the new key is written beside it, the database is sealed anew in one
// transaction, and then the new file takes the old one's name. Whatever breaks
// off in between, the next Rewrap or start of a server completes.
func Rewrap(ctx context.Context, s StateSettings, newKey string, log *slog.Logger) (_ Rewrapping, err error) {
	s = s.withDefaults()
	unlock, err := s.holdFile()
	if err != nil {
		return Rewrapping{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := s.mustExist(); err != nil {
		return Rewrapping{}, err
	}
	db, err := store.Open(ctx, s.databaseURL(), store.Options{Log: log, Now: s.Now})
	if err != nil {
		return Rewrapping{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	records, err := db.SealedRecords(ctx)
	if err != nil {
		return Rewrapping{}, err
	}
	if len(records) == 0 {
		return Rewrapping{}, fault.New(fault.Config, "nothing is sealed in this database yet").WithCode("nothing_sealed").
			WithRemedy("Just start the server with the new master key.")
	}
	if s.ownMasterKey() {
		return s.rewrapOwn(ctx, db, newKey)
	}
	to, err := readNewKey(newKey)
	if err != nil {
		return Rewrapping{}, err
	}
	from, err := s.masterKey(ctx, db)
	if err != nil {
		return Rewrapping{}, err
	}
	n, err := s.reseal(ctx, db, from, to)
	return Rewrapping{Records: n}, err
}

// ownMasterKey says that the master key is the one that Adit keeps in the data directory.
func (s StateSettings) ownMasterKey() bool {
	return s.MasterKey.Empty() && s.MasterKeyFile == "" && s.Database == ""
}

func readNewKey(path string) (seal.Master, error) {
	if path == "" {
		return seal.Master{}, fault.New(fault.Config, "no new master key is given").WithCode("no_master_key").
			WithRemedy("Generate one with `(umask 077; openssl rand -hex 32 > FILE)` and give the file with --new-master-key-file.")
	}
	return seal.LoadFile(path)
}

// newMasterKeyName is the file of a data directory in which the new master key
// waits until everything is sealed under it.
const newMasterKeyName = "master.key.new"

// rewrapOwn changes the key of the data directory.
func (s StateSettings) rewrapOwn(ctx context.Context, db *store.Store, newKey string) (Rewrapping, error) {
	current := filepath.Join(s.DataDir, masterKeyName)
	finished, err := s.finishRewrap(ctx, db)
	if finished || err != nil {
		return Rewrapping{File: current, Finished: finished}, err
	}
	from, err := s.masterKey(ctx, db)
	if err != nil {
		return Rewrapping{}, err
	}
	waiting := filepath.Join(s.DataDir, newMasterKeyName)
	to, err := layBeside(waiting, newKey, from)
	if err != nil {
		return Rewrapping{}, err
	}
	n, err := s.reseal(ctx, db, from, to)
	if err != nil {
		// Whether the transaction was kept may be unknown: the file stays, and
		// the next run finds out.
		return Rewrapping{}, err
	}
	return Rewrapping{Records: n, File: current}, replaceKey(waiting, current)
}

// finishRewrap completes what an earlier Rewrap began: if the database is sealed
// under the key that waits, that becomes the key; else nothing is sealed under it,
// and its file goes. It does nothing where no key waits, or where it must not judge.
func (s StateSettings) finishRewrap(ctx context.Context, db seal.Store) (finished bool, err error) {
	waiting := filepath.Join(s.DataDir, newMasterKeyName)
	if _, err := os.Stat(waiting); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	records, err := db.SealedRecords(ctx)
	if err != nil || len(records) == 0 { // a vault would be made under whichever key is tried
		return false, err
	}
	current := filepath.Join(s.DataDir, masterKeyName)
	if m, err := seal.LoadFile(waiting); err == nil { // one that was cut off while it was written is no key
		if _, err := seal.OpenVault(ctx, m, db); err == nil {
			return true, replaceKey(waiting, current)
		}
	}
	m, err := seal.LoadFile(current)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // and masterKey says what that means
	}
	if err != nil {
		return false, err
	}
	if _, err := seal.OpenVault(ctx, m, db); err != nil {
		return false, err // neither opens: both files stay, for whoever finds out why
	}
	return false, removeKey(waiting)
}

// layBeside writes the new master key to a file of its own.
func layBeside(path, newKey string, former seal.Master) (seal.Master, error) {
	if newKey == "" {
		return seal.CreateFile(path)
	}
	m, err := seal.LoadFile(newKey)
	if err != nil {
		return m, err
	}
	if err := mustDiffer(former, m); err != nil {
		return m, err
	}
	return m, writeKey(path, m.Encode())
}

func mustDiffer(a, b seal.Master) error {
	if a.Encode().Reveal() != b.Encode().Reveal() {
		return nil
	}
	return fault.New(fault.Invalid, "the database is already sealed under this master key").WithCode("same_master_key").
		WithRemedy("Use another one.")
}

func writeKey(path string, key secret.String) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return cannotWriteKey(err)
	}
	_, err = f.WriteString(key.Reveal() + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return cannotWriteKey(errors.Join(err, os.Remove(path)))
	}
	return nil
}

// replaceKey gives the new key the old one's name, in one step.
func replaceKey(waiting, current string) error {
	_ = os.Chmod(current, 0o600) // Windows replaces no file that is read-only; should it fail, so does the rename
	if err := os.Rename(waiting, current); err != nil {
		return cannotWriteKey(err)
	}
	return syncDir(filepath.Dir(current))
}

func removeKey(path string) error {
	if err := os.Remove(path); err != nil {
		return cannotWriteKey(err)
	}
	return nil
}

func cannotWriteKey(err error) error {
	return fault.Wrap(err, fault.Config, "the data directory's master key cannot be replaced: %v", err).
		WithRemedy("Make the data directory writable and run `adit issuer rewrap` again: it continues where it stopped.")
}

// reseal gives everything a seal under the new key, and says so in the audit.
func (s StateSettings) reseal(ctx context.Context, db *store.Store, from, to seal.Master) (records int, err error) {
	vault, err := seal.OpenVault(ctx, from, db)
	if err != nil {
		return 0, err
	}
	key, err := vault.Secret(ctx, auditPurpose)
	if err != nil {
		return 0, err
	}
	db.UseChain(audit.NewChain(key))
	if err := mustDiffer(from, to); err != nil {
		return 0, err
	}
	err = db.Rewrap(ctx, func(r seal.Record) (seal.Record, error) {
		records++
		return vault.Rewrap(to, r)
	}, audit.Event{Time: s.Now(), Actor: audit.System(), Action: ActionRewrap, Outcome: "ok"})
	return records, err
}
