package storetest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/store/migrations"
)

// damage runs a statement on a SQLite file behind the store's back.
func damage(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), statement)
	must(t, err)
}

// TestACopyOfTheDatabaseHoldsNoUsableKey looks for the private key, the pepper
// and an API key's secret in every form that somebody with the file could read.
func TestACopyOfTheDatabaseHoldsNoUsableKey(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		url := e.New(t)
		s := Open(t, url)
		master := seal.NewMaster()
		v, err := seal.OpenVault(t.Context(), master, s)
		must(t, err)
		pepper, err := v.Secret(t.Context(), "api-key-pepper")
		must(t, err)
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		must(t, err)
		pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
		must(t, err)
		k := signingKey("kid-1", signing.Active)
		k.Sealed, err = v.Seal(k.ID, "signing-key", string(k.State), pkcs8)
		must(t, err)
		put(t, s, 0, k)
		key := Key(newOrganization(t, s, "acme").ID, "ci")
		must(t, s.CreateKey(t.Context(), key))

		path := filepath.Join(t.TempDir(), "copy.db")
		must(t, s.Backup(t.Context(), path))
		files, err := filepath.Glob(strings.TrimPrefix(url, "sqlite:") + "*") // with -wal and -shm; none on PostgreSQL
		must(t, err)
		asPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
		for _, file := range append(files, path) {
			content, err := os.ReadFile(file)
			must(t, err)
			for what, forbidden := range map[string][]byte{
				"PEM": []byte("PRIVATE KEY"), "PEM's body": asPEM[30:90], "PKCS#8": pkcs8[:32], "PKCS#8's object id": {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01},
				"the exponent": private.D.Bytes(), "a prime": private.Primes[0].Bytes(), "a private JWK": []byte(`"d":`),
				"the exponent in base64": []byte(base64.RawURLEncoding.EncodeToString(private.D.Bytes())),
				"the pepper":             pepper, "the pepper in hex": []byte(hex.EncodeToString(pepper)), "the pepper in base64": []byte(base64.StdEncoding.EncodeToString(pepper)),
				"the master key": []byte(master.Encode().Reveal()),
			} {
				if bytes.Contains(content, forbidden) {
					t.Errorf("%s holds %s", filepath.Base(file), what)
				}
			}
			if !bytes.Contains(content, []byte("kid-1")) && file == path {
				t.Error("the copy does not hold the key at all, so the test shows nothing")
			}
		}
	})
}

// TestEveryTableOfTheSchemaIsCopied reads the migrations: a table or column that
// a backup forgets would be found by nobody until it is needed.
func TestEveryTableOfTheSchemaIsCopied(t *testing.T) {
	s := fill(t, Open(t, SQLite().New(t)))
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, s.Backup(t.Context(), path))
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	names, err := migrations.Files().ReadDir(".")
	must(t, err)
	tables := 0
	for _, name := range names {
		text, err := migrations.Files().ReadFile(name.Name())
		must(t, err)
		for line := range strings.Lines(string(text)) {
			table, found := strings.CutPrefix(line, "CREATE TABLE ")
			if !found {
				continue
			}
			tables++
			table = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(table), "("))
			var n int
			must(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
			if n == 0 {
				t.Errorf("fill puts nothing into %s, so the tests of backups show nothing of it", table)
			}
		}
	}
	if tables < 10 {
		t.Errorf("found %d tables", tables)
	}
}
