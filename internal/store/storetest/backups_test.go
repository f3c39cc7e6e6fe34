package storetest

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/usage"
)

func TestABackupOfEitherEngineIsRestoredIntoEither(t *testing.T) {
	each(t, func(t *testing.T, from Engine) {
		for _, to := range []Engine{SQLite(), Postgres()} {
			t.Run("into "+to.Name, func(t *testing.T) {
				source, path := fill(t, Open(t, from.New(t))), filepath.Join(t.TempDir(), "adit backup?.db")
				must(t, source.Backup(t.Context(), path))
				target := Open(t, to.New(t))
				must(t, target.Restore(t.Context(), path))

				want, got := everything(t, source), everything(t, target)
				if want.Snapshot.Revision >= got.Snapshot.Revision {
					t.Errorf("the revision went from %d to %d: a server that had read the former would not look", want.Snapshot.Revision, got.Snapshot.Revision)
				}
				got.Snapshot.Revision = want.Snapshot.Revision
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the restored database is another (-want +got):\n%s", diff)
				}
				wantSound(t, target, int64(len(want.Rows)))
				goOn(t, target)
				wantFault(t, target.Restore(t.Context(), path), fault.Invalid, "database_not_empty")
			})
		}
	})
}

// fill puts something into every table.
func fill(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	o, gone := newOrganization(t, s, "acme"), newOrganization(t, s, "gone")
	env, key := Environment(o.ID, "production"), Key(o.ID, "ci")
	env.ID, key.ID = "env_restored", "key_restored"
	must(t, s.CreateEnvironment(t.Context(), env, Event(o.ID, "environment.create")))
	must(t, s.CreateKey(t.Context(), key, Event(o.ID, "apikey.create")))
	must(t, s.DeleteOrganization(t.Context(), gone, forced(Now())))
	must(t, s.SetActivity(t.Context(), map[string]tenant.Activity{env.ID: {Exchanged: Now(), Outcome: "ok", Succeeded: Now()}}))
	must(t, s.SetLastUsed(t.Context(), map[string]time.Time{key.ID: Now()}))
	old, active := signingKey("kid-1", signing.Retiring), signingKey("kid-2", signing.Active)
	old.Sealed = nil
	put(t, s, 0, old, active)
	_, err := s.AddSealedRecord(t.Context(), seal.Record{ID: "sec_1", Purpose: "pepper", State: "sealed", Sealed: []byte{0, 1, 255}})
	must(t, err)
	tagged := record(Now(), "titan", key.ID)
	tagged.Tags = usage.TagText(key.Tags)
	must(t, s.AddBatch(t.Context(), usage.Batch{Writer: "replica", Number: 1, Records: []usage.Record{tagged}}))
	fillPeople(t, s, o.ID)
	issuer := Trust(o.ID, "cluster")
	must(t, s.CreateTrust(t.Context(), issuer))
	must(t, s.SetTrustUsed(t.Context(), map[string]time.Time{issuer.ID: Now()}))
	must(t, s.CreateBudget(t.Context(), Budget(o.ID, env.ID)))
	_, _, err = s.Remember(t.Context(), []byte("key"), []byte("asked"), Now())
	must(t, err)
	must(t, s.Answer(t.Context(), []byte("key"), 201, []byte{0, 1, 255}))
	must(t, s.SetSetting(t.Context(), "issuer-url", "https://adit.example"))
	_, err = s.Claim(t.Context(), "probe", Now(), time.Hour)
	must(t, err)
	batch := make([]audit.Event, 120) // more than one statement carries
	for i := range batch {
		batch[i] = Event(o.ID, "exchange.ok")
		batch[i].Time = Now().AddDate(0, 0, i/40)
	}
	must(t, s.AppendEvents(t.Context(), batch))
	_, err = s.PruneBefore(t.Context(), Now().AddDate(0, 0, 1))
	must(t, err)
	return s
}

// fillPeople adds somebody who is signed in, somebody who was removed, a link, and a failure.
func fillPeople(t *testing.T, s *store.Store, organization string) {
	t.Helper()
	p, gone := Person("ada", signin.Membership{Organization: organization, Role: access.Owner}), Person("bob", in(organization, access.Auditor))
	must(t, s.CreatePerson(t.Context(), p))
	must(t, s.CreatePerson(t.Context(), gone))
	gone.Removed = Now()
	must(t, s.UpdatePerson(t.Context(), gone, signin.Ends{}))
	must(t, s.CreateSession(t.Context(), Session(p.ID), 1))
	must(t, s.CreateLink(t.Context(), Link("carol"), nil))
	_, err := s.Fail(t.Context(), "login:ada", failed(Now()))
	must(t, err)
}

// all is what the store gives back.
type all struct {
	Snapshot   store.Snapshot
	Rows       []audit.Row
	Head       audit.Head
	Checkpoint audit.Checkpoint
	Usage      []usage.Record
	Sealed     []seal.Record
	Activity   map[string]tenant.Activity
	LastUsed   map[string]time.Time
	Sums       []usage.Record
	People     []signin.Person
	TrustUsed  map[string]time.Time
	Attempts   signin.Attempts
	Remembered store.Remembered
}

func everything(t *testing.T, s *store.Store) (a all) {
	t.Helper()
	var errs [12]error
	a.Snapshot = snapshot(t, s)
	organization := a.Snapshot.Organizations[0].ID
	a.Rows, errs[0] = s.Rows(t.Context(), audit.Query{})
	a.Head, errs[1] = s.Head(t.Context())
	a.Checkpoint, errs[2] = s.Checkpoint(t.Context())
	a.Usage, errs[3] = s.Usage(t.Context(), usage.Query{})
	a.Sealed, errs[4] = s.SealedRecords(t.Context())
	a.Activity, errs[5] = s.Activity(t.Context(), organization, nil)
	a.LastUsed, errs[6] = s.LastUsed(t.Context(), organization)
	a.Sums, errs[7] = s.Sums(t.Context(), usage.Query{}, usage.By{Day: true, Key: true, Tag: "team"}, 0)
	a.People, errs[8] = s.People(t.Context(), &organization)
	a.TrustUsed, errs[9] = s.TrustUsed(t.Context(), organization)
	a.Attempts, errs[10] = s.Attempts(t.Context(), "login:ada")
	a.Remembered, _, errs[11] = s.Remember(t.Context(), []byte("key"), []byte("asked"), Now())
	for _, err := range errs {
		must(t, err)
	}
	if len(a.Snapshot.Trusted) == 0 || len(a.Snapshot.Budgets) == 0 || len(a.Sums) == 0 || a.Sums[0].Tags == "" || len(a.People) == 0 ||
		len(a.TrustUsed) == 0 || a.Attempts.Failures == 0 || a.Remembered.Status == 0 {
		t.Fatalf("something is empty, so the test shows nothing of it: %+v", a)
	}
	if len(a.Rows) == 0 || len(a.Usage) == 0 || len(a.Sealed) == 0 || len(a.Activity) == 0 || len(a.LastUsed) == 0 || a.Checkpoint.Seq == 0 {
		t.Fatalf("something is empty, so the test shows nothing of it: %+v", a)
	}
	return a
}

// goOn uses a restored database: tombstones hold, claims hold, keys rotate.
func goOn(t *testing.T, s *store.Store) {
	t.Helper()
	o := newOrganization(t, s, "new")
	env := Environment(o.ID, "production")
	env.ID = "env_restored"
	wantFault(t, s.CreateEnvironment(t.Context(), env), fault.Internal, "id_taken")
	if mine, err := s.Claim(t.Context(), "probe", Now(), time.Hour); mine || err != nil {
		t.Errorf("a claim was forgotten: %v, %v", mine, err)
	}
	put(t, s, 1, signingKey("kid-3", signing.Next))
	p, err := s.PersonByLogin(t.Context(), "ada")
	must(t, err)
	if sessions, err := s.Sessions(t.Context(), p.ID); len(sessions) != 0 || err != nil {
		t.Errorf("a session came back with the backup: %v, %v", sessions, err)
	}
	must(t, s.CreatePerson(t.Context(), Person("bob"))) // the name was free when the backup was made
}

func TestABackupIsOnePrivateFileThatReplacesNone(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		s, dir := fill(t, Open(t, e.New(t))), t.TempDir()
		path := filepath.Join(dir, "a.db")
		must(t, s.Backup(t.Context(), path))
		files, err := os.ReadDir(dir)
		must(t, err)
		if len(files) != 1 {
			t.Errorf("beside the backup lie %v", files)
		}
		info, err := os.Stat(path)
		must(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("its mode is %v, want 0600", mode)
		}
		before, err := os.ReadFile(path)
		must(t, err)
		wantFault(t, s.Backup(t.Context(), path), fault.Invalid, "backup_exists")
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Error("the second backup changed the first")
		}
		wantFault(t, s.Backup(t.Context(), filepath.Join(dir, "absent", "a.db")), fault.Invalid, "backup_path")
	})
}

func TestABadBackupChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		good := filepath.Join(t.TempDir(), "good.db")
		must(t, fill(t, Open(t, SQLite().New(t))).Backup(t.Context(), good))
		bytesOf, err := os.ReadFile(good)
		must(t, err)

		empty := Open(t, e.New(t))
		before := snapshot(t, empty)
		for name, backup := range map[string]struct {
			content []byte
			damage  string // done by SQL to the good one
			code    string
		}{
			"an empty file":         {content: []byte{}, code: "backup_broken"},
			"a text":                {content: []byte("Dear backup,"), code: "backup_broken"},
			"the first half":        {content: bytesOf[:len(bytesOf)/2], code: "backup_broken"},
			"a newer schema":        {content: bytesOf, damage: `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`, code: "database_newer"},
			"a gap in the audit":    {content: bytesOf, damage: `DELETE FROM audit_rows WHERE seq = 77`, code: "backup_broken"},
			"an audit without end":  {content: bytesOf, damage: `DELETE FROM audit_rows WHERE seq > 100`, code: "backup_broken"},
			"an audit without head": {content: bytesOf, damage: `UPDATE audit_head SET last = NULL`, code: "backup_broken"},
		} {
			t.Run(name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "bad.db")
				must(t, os.WriteFile(path, backup.content, 0o600))
				if backup.damage != "" {
					damage(t, path, backup.damage)
				}
				kept, err := os.ReadFile(path)
				must(t, err)
				err = empty.Restore(t.Context(), path)
				if f := fault.From(err); err == nil || f.Code != backup.code || f.Remedy == "" {
					t.Errorf("got %v, want the code %q and a remedy", err, backup.code)
				}
				if diff := cmp.Diff(before, snapshot(t, empty)); diff != "" {
					t.Errorf("the database changed (-before +after):\n%s", diff)
				}
				if after, _ := os.ReadFile(path); !bytes.Equal(kept, after) {
					t.Error("the file was changed")
				}
			})
		}
		wantFault(t, empty.Restore(t.Context(), filepath.Join(t.TempDir(), "absent.db")), fault.Invalid, "backup_path")
		must(t, empty.Restore(t.Context(), good))
	})
}
