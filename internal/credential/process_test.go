package credential_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/credential"
)

// program writes a shell script that prints the JSON and ends with the status,
// and makes it the default profile's credential_process.
func (m *machine) program(body string) {
	m.t.Helper()
	if runtime.GOOS == "windows" {
		m.t.Skip("the test's programs are shell scripts")
	}
	m.file(".aws/config", "[default]\ncredential_process = sh "+m.file("program.sh", body)+"\n")
}

func TestCredentialProcess(t *testing.T) {
	t.Parallel()
	t.Run("temporary credentials", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		m.env("SEEN_BY_THE_PROGRAM", "ASIAPROCESS000000001")
		m.program(`printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"` + canarySecret + `","SessionToken":"` + canaryToken + `","Expiration":"2126-01-02T03:04:05Z"}' "$SEEN_BY_THE_PROGRAM"`)
		got := m.wins(credential.SourceProfile)
		if got.AccessKeyID != "ASIAPROCESS000000001" || got.Identity != "process:default" || got.Expires.Year() != 2126 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("long-lived keys are judged by STS", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		m.program(`echo '{"Version":1,"AccessKeyId":"AKIAPROCESS000000001","SecretAccessKey":"` + canarySecret + `"}'`)
		m.aws.refuse["AKIAPROCESS000000001"] = "InvalidClientTokenId"
		m.none("AWS refused the key AKIA…0001")
	})
	for name, c := range map[string]struct{ body, want string }{
		"a failing program":       {"echo " + canaryProcess + "; exit 7", "credential_process of profile default failed: it exited with status 7"},
		"output that is not JSON": {"echo " + canaryProcess, "what it printed is not the JSON that AWS tools expect"},
		"expired credentials":     {`echo '{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"` + canarySecret + `","SessionToken":"t","Expiration":"2020-01-01T00:00:00Z"}'`, "its credentials expired at 2020-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.program(c.body)
			f := m.refusal(c.want)
			if strings.Contains(f.Detail, "program.sh") {
				t.Errorf("the command line is shown: %s", f.Detail)
			}
		})
	}
}

func TestAProgramThatHangsCostsOnlyItsBudget(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.budget = 300 * time.Millisecond
	m.program("sleep 60; echo done")
	setups()[3].valid(m)
	m.wins(credential.SourceECS)
}
