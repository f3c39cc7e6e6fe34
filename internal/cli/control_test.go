package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/app"
)

func TestOrganizationsAreMadeChangedAndDeletedWithNoServerRunning(t *testing.T) {
	d := newDesk(t)
	d.adit("org", "create", "research", "--description", "The research team").exits(0).says("research", "The research team", "hashed")
	d.adit("org", "list").exits(0).says("NAME", "default", "org_")
	d.adit("org", "create", "research").exits(3).tells("the name is taken")
	d.adit("org", "update", "research").exits(2).tells("adit org update --help")
	d.adit("org", "update", "research", "--name", "science", "--plain-users").exits(0).says("science", "plain text")
	d.adit("org", "update", "science", "--no-plain-users", "--description", "").exits(0).says("hashed")
	if o := d.adit("org", "show", "science", "-o", "json").exits(0).json(); o["name"] != "science" || o["plain_users"] != false {
		t.Errorf("%v", o)
	}
	d.adit("org", "delete", "science").exits(2).tells("Delete the organization science (org_", "add --yes")
	d.adit("org", "delete", "science", "--yes").exits(0).tells("Organization science deleted.")
	d.adit("org", "show", "science").exits(3).tells("organization")
	d.adit("org", "show", "default").exits(0) // and the deletion was of one only
}

func TestAnEnvironmentIsShownWithWhatAWSMustTrust(t *testing.T) {
	d := newDesk(t)
	d.adit("env", "create", "prod").exits(2).tells("--region")
	d.adit("env", "create", "prod", "--region", "us-east-1", "--session", "30m", "--rpm", "600", "--tag", "team=search").exits(0).
		says("pending", "us-east-1", "https://issuer.adit.test", "env:org_", "bedrock", "30m, named after the key", "600 calls a minute", "team=search", "none yet").
		tells("Next: adit aws setup prod")
	d.adit("env", "list").exits(0).says("prod", "pending", "never", "none yet")
	d.adit("env", "update", "prod", "--concurrent", "4").exits(0).says("600 calls a minute, 4 at once")
	d.adit("env", "update", "prod", "--no-tags", "--session-tags", "--audience", "bedrock,other").exits(0).says("bedrock, other", "session tags   yes")
	d.adit("env", "update", "prod").exits(2)
	d.adit("env", "update", "prod", "--role-arn", "nonsense").exits(3).tells("role_arn")
	d.adit("env", "enable", "prod", "amazon.titan-embed-text-v2:0").exits(0).says("amazon.titan-embed-text-v2:0 is enabled in prod.")
	d.adit("env", "enable", "prod", "amazon.titan-embed-text-v2:0").exits(0).says("is already enabled")
	d.adit("env", "show", "prod").exits(0).says("prod/amazon.titan-embed-text-v2:0")
	d.adit("env", "disable", "prod", "amazon.titan-embed-text-v2:0").exits(0).says("is disabled in prod.")
	d.adit("env", "accept", "prod", "--reason", "because of reasons").exits(3).tells("pending")
	d.adit("key", "create", "search", "--env", "prod").exits(0)
	d.adit("env", "delete", "prod", "--yes").exits(3).tells("search")
	d.adit("env", "delete", "prod", "--yes", "--force").exits(0)
	d.adit("env", "list", "--org", "nobody").exits(3)
}

func TestATokenStandsAloneOnStandardOutput(t *testing.T) {
	d := newDesk(t)
	d.adit("env", "create", "prod", "--region", "us-east-1").exits(0)
	r := d.adit("env", "token", "prod").exits(0).tells("Keep this secret", "five minutes longer")
	if !regexp.MustCompile(`^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$`).MatchString(r.out) {
		t.Error("it is no token, or not alone")
	}
	d.adit("env", "token", "prod", "--audience", "sts.example.com").exits(3).tells("bedrock")
	d.adit("audit", "list", "--action", "token.").exits(0).says("token.show", "aud=bedrock")
}

var apiKey = regexp.MustCompile(`adit_[0-9a-f]{24}_[0-9A-Za-z]{49}`)

func TestAnAPIKeysSecretIsShownOnce(t *testing.T) {
	d := newDesk(t)
	d.adit("env", "create", "prod", "--region", "us-east-1").exits(0)
	r := d.adit("key", "create", "search", "--env", "prod", "--model", "titan", "--rpm", "60", "--tag", "team=search", "--expires", "90d").exits(0).
		says("search", "invoke", "prod", "titan", "60 calls a minute", "team=search", "secret").tells("cannot be shown again")
	secret := apiKey.FindString(r.out)
	if secret == "" || strings.Contains(r.err, secret) {
		t.Errorf("the secret is not on standard output alone:\n%s", r.err)
	}
	if alone := d.adit("key", "create", "ci", "--role", "credentials", "--role", "invoke", "-q").exits(0); !apiKey.MatchString(alone.out) || len(strings.TrimSpace(alone.out)) != len(secret) || alone.err != "" {
		t.Errorf("not alone: %d characters, and on standard error: %s", len(alone.out), alone.err)
	}
	for _, args := range [][]string{{"key", "list"}, {"key", "show", "search"}, {"key", "show", "search", "-o", "json"}, {"audit", "list"}} {
		if got := d.adit(args...).exits(0); strings.Contains(got.out+got.err, secret) {
			t.Errorf("%s shows the secret", got.line)
		}
	}
	d.adit("key", "update", "search", "--concurrent", "2", "--env", "*", "--never-expires").exits(0).says("60 calls a minute, 2 at once", "environments  all", "expires       never")
	d.adit("key", "update", "search").exits(2)
	d.adit("key", "update", "search", "--expires", "2020-01-01").exits(3).tells("is in the past")
	d.adit("key", "create", "late", "--expires", "soon").exits(2).tells("is not a time")
	rotated := d.adit("key", "rotate", "search", "--overlap", "1h", "--quiet").exits(0)
	if fresh := apiKey.FindString(rotated.out); fresh == "" || fresh == secret {
		t.Error("no new secret")
	}
	d.adit("key", "show", "search").exits(0).says("old secret", "works until")
	d.adit("key", "revoke", "search").exits(2).tells("add --yes")
	d.adit("key", "delete", "search", "--yes").exits(0).tells("API key search revoked.")
	d.adit("key", "show", "search").exits(3)
	d.adit("key", "list", "--operators").exits(0).says("operator")
	d.adit("key", "list", "--operators", "--org", "default").exits(2)
}

func TestSigningKeysAreListedRotatedRevokedAndExported(t *testing.T) {
	d := newDesk(t)
	d.adit("org", "create", "research").exits(0)
	r := d.adit("issuer", "keys", "list", "-o", "json").exits(0).json()
	items := r["items"].([]any)
	active := items[0].(map[string]any)
	for _, k := range items {
		if k.(map[string]any)["state"] == "active" {
			active = k.(map[string]any)
		}
	}
	kid := active["kid"].(string)
	d.adit("issuer", "keys", "list").exits(0).says("active (first)", "next", kid)
	d.adit("issuer", "keys", "rotate").exits(3).tells("published")
	d.adit("issuer", "keys", "revoke", kid).exits(2)
	d.adit("issuer", "keys", "revoke", kid, "--yes").exits(3).tells("force")
	d.adit("issuer", "keys", "revoke", kid, "--yes", "--force").exits(0).says("which was active", "signs now", "AWS may refuse", "AWS may trust it until")
	d.adit("issuer", "keys", "revoke", "nobody", "--yes").exits(3)
	d.adit("issuer", "keys", "revoke", "--yes", "--", "-nobody").exits(3).tells(`no signing key "-nobody"`)
	dir := t.TempDir()
	d.adit("issuer", "export", dir).exits(0).says("jwks.json", "openid-configuration").tells("Serve them at https://issuer.adit.test.")
	if jwks := readFile(t, filepath.Join(dir, ".well-known", "jwks.json")); strings.Contains(jwks, kid) || !strings.Contains(jwks, `"keys"`) {
		t.Errorf("the revoked key is exported, or none: %s", jwks)
	}
	d.adit("status").exits(0).says("sqlite", "https://issuer.adit.test", "organizations   2", "none")
	nowhere := filepath.Join(t.TempDir(), "misspelt")
	bare := d.with("ADIT_ISSUER_URL=", "ADIT_DATA_DIR="+nowhere)
	for _, command := range [][]string{{"issuer", "export", dir}, {"audit", "export"}, {"env", "models", "prod"}, {"doctor", "--environment", "prod"}, {"status"}} {
		if r := bare.adit(command...); r.code == 0 || !strings.Contains(r.err, "there is no data directory yet") {
			t.Errorf("%v: %d %s", command, r.code, r.err)
		}
	}
	bare.adit("prices").exits(0).says("amazon.titan-embed-text-v2:0", "built-in")
	if left, err := os.ReadDir(nowhere); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("commands that only show something made %v, %v", left, err)
	}
	bare.adit("org", "create", "first").exits(0)
	bare.adit("issuer", "export", dir).exits(3).tells("--issuer-url")
}

func TestTheAuditIsListedVerifiedAndExported(t *testing.T) {
	d := newDesk(t)
	d.adit("org", "create", "research").exits(0)
	d.adit("audit", "list", "--limit", "1").exits(0).says("organization.create", "operator")
	d.adit("audit", "list", "--from", "1h", "--action", "organization.").exits(0).says("research")
	d.adit("audit", "list", "--to", "2020-01-01", "-o", "json").exits(0).says("[]")
	d.adit("audit", "verify").exits(0).says("The audit log is intact")
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	d.adit("audit", "export", "--out", file).exits(0).tells("events")
	d.adit("audit", "export", "--out", file).exits(3).tells("new file")
	first, _, _ := strings.Cut(readFile(t, file), "\n")
	var row map[string]any
	if err := json.Unmarshal([]byte(first), &row); err != nil || row["seq"] != 1.0 {
		t.Errorf("%v in %s", err, first)
	}
	d.adit("usage").exits(0).says("REQUESTS", "total")
	d.adit("usage", "--by", "day,key", "-o", "json").exits(0).says(`"items": []`)
	d.adit("usage", "--by", "week").exits(2)
	d.adit("usage", "--environment", "prod").exits(2).tells("--org")
}

func TestTheDatabaseIsBackedUpRestoredAndSealedAnew(t *testing.T) {
	d := newDesk(t)
	d.adit("db", "backup", "nowhere.db").exits(3).tells("no database")
	d.adit("db", "migrate").exits(0).says("Created the schema")
	d.adit("db", "migrate").exits(0).says("up to date")
	d.adit("org", "create", "research").exits(0)
	backup := filepath.Join(t.TempDir(), "adit.db")
	d.adit("db", "backup", backup).exits(0).says("does NOT contain the master key")
	d.adit("db", "backup", backup).exits(3).tells("never replaces")
	d.adit("db", "restore", backup).exits(3).tells("not empty", "--data-dir")
	dir := filepath.Join(t.TempDir(), "other")
	other := d.with("ADIT_DATA_DIR=" + dir)
	other.adit("db", "restore", backup).exits(0).says("Restored ", "master.key")
	other.adit("org", "list").exits(3).tells("master key", "is missing")
	if err := os.WriteFile(filepath.Join(dir, "master.key"), []byte(readFile(t, filepath.Join(d.dir, "master.key"))), 0o400); err != nil {
		t.Fatal(err)
	}
	other.adit("org", "list").exits(0).says("research")
	d.adit("issuer", "rewrap").exits(2).tells("add --yes")
	d.adit("issuer", "rewrap", "--yes").exits(0).says("secrets with the new master key", "master.key")
	d.adit("org", "list").exits(0).says("research")
	d.adit("audit", "list", "--action", "master-key.").exits(0).says("master-key.change", "system")
	d.adit("audit", "verify").exits(0)
	if runtime.GOOS != "windows" {
		loose := filepath.Join(t.TempDir(), "loose.key")
		if err := os.WriteFile(loose, []byte(strings.Repeat("0123456789abcdef", 4)), 0o644); err != nil {
			t.Fatal(err)
		}
		d.adit("issuer", "rewrap", "--yes", "--new-master-key-file", loose).exits(3).tells("chmod 0400")
	}
	d.with("ADIT_DATA_DIR=none").adit("db", "migrate").exits(2)
}

func TestACommandAsksTheServerThatRunsHereOrARemoteOne(t *testing.T) {
	d := newDesk(t)
	d.adit("org", "create", "before").exits(0)
	url, stop := d.serve()
	d.adit("org", "list").exits(0).says("before")
	d.adit("org", "create", "during").exits(0)
	d.adit("issuer", "rewrap", "--yes").exits(6).tells("Stop the server first")
	d.adit("db", "backup", filepath.Join(t.TempDir(), "b.db")).exits(0)
	key := d.adit("key", "create", "remote", "--role", "admin", "--quiet").exits(0)
	away := &desk{t: t, environ: []string{"ADIT_SERVER=" + url, "ADIT_API_KEY=" + strings.TrimSpace(key.out)}}
	away.adit("env", "create", "prod", "--region", "us-east-1").exits(0).says("pending")
	away.adit("env", "list").exits(0).says("prod")
	away.adit("org", "create", "mine").exits(4)
	away.adit("status").exits(4)
	away.adit("audit", "list").exits(0).says("environment.create", "remote")
	away.with("ADIT_API_KEY=adit_wrong").adit("env", "list").exits(4)
	away.with("ADIT_API_KEY=").adit("env", "list").exits(4).tells("ADIT_API_KEY")
	away.with("ADIT_SERVER=http://127.0.0.1:1").adit("env", "list").exits(6).tells("cannot be reached")
	away.with("ADIT_SERVER=nonsense").adit("env", "list").exits(3).tells("--server")
	stop()
	d.adit("org", "list").exits(0).says("before", "during")
}

func TestAServerWithoutADataDirectoryLeavesNothingToAsk(t *testing.T) {
	d := newDesk(t)
	d.with("ADIT_DATA_DIR=none").adit("org", "list").exits(2).tells("--data-dir none")
	if _, err := os.Stat(app.OperatorKeyFile(d.dir)); err == nil {
		t.Error("something was made all the same")
	}
}
