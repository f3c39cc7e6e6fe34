package app_test

import (
	"crypto/sha1" // the AWS CLI names its token cache so
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
)

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"*"}]}`

// machine is a place to run in: an environment, a home, and an AWS beside it.
type machine struct {
	t       *testing.T
	aws     *emulator.Emulator
	home    string
	environ []string
}

func (m *machine) set(pairs ...string) { m.environ = append(m.environ, pairs...) }

func (m *machine) write(path, content string) string {
	m.t.Helper()
	full := filepath.Join(m.home, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return full
}

func (m *machine) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// sso writes a profile and the token that `aws sso login` would have cached.
func (m *machine) sso(session bool) {
	const start = "https://portal.awsapps.com/start"
	profile, cached := "sso_start_url = "+start+"\nsso_region = us-east-1\n", start
	if session {
		profile, cached = "sso_session = corp\n", "corp"
	}
	config := "[default]\n" + profile + "sso_account_id = 111122223333\nsso_role_name = Embedder\nregion = us-east-1\n"
	if session {
		config += "[sso-session corp]\nsso_start_url = " + start + "\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"
	}
	m.write(".aws/config", config)
	expires := time.Now().Add(time.Hour)
	m.ok(m.aws.AddSSOSession(emulator.SSOSession{AccessToken: "sso-access-token", Expires: expires, Roles: []emulator.Role{{Name: "Embedder", Policies: []string{allowAll}}}}))
	token, err := json.Marshal(map[string]string{"accessToken": "sso-access-token", "expiresAt": expires.UTC().Format(time.RFC3339), "region": "us-east-1", "startUrl": start})
	m.ok(err)
	sum := sha1.Sum([]byte(cached))
	m.write(".aws/sso/cache/"+hex.EncodeToString(sum[:])+".json", string(token))
}

// sources set up one credential source each, and say whom AWS must see.
func sources() map[string]func(*machine) (principal string) {
	staticKey := func(m *machine) emulator.Key { return m.aws.DefaultKey() }
	role := emulator.Role{Name: "Workload", Policies: []string{allowAll}}
	const assumed = "assumed-role/"
	return map[string]func(*machine) string{
		"environment": func(m *machine) string {
			k := staticKey(m)
			m.set("AWS_ACCESS_KEY_ID="+k.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+k.SecretAccessKey)
			return k.Principal
		},
		"shared credentials file": func(m *machine) string {
			k := staticKey(m)
			m.write(".aws/credentials", "[default]\naws_access_key_id = "+k.AccessKeyID+"\naws_secret_access_key = "+k.SecretAccessKey+"\n")
			return k.Principal
		},
		"SSO with its own start URL": func(m *machine) string { m.sso(false); return assumed },
		"SSO session":                func(m *machine) string { m.sso(true); return assumed },
		"web identity": func(m *machine) string {
			const arn = "arn:aws:iam::111122223333:role/Workload"
			m.ok(m.aws.AddWebIdentity(emulator.WebIdentity{RoleARN: arn, Token: "header.payload.signature", Policies: []string{allowAll}}))
			m.set("AWS_ROLE_ARN="+arn, "AWS_WEB_IDENTITY_TOKEN_FILE="+m.write("token", "header.payload.signature"))
			return assumed + "Workload"
		},
		"ECS container": func(m *machine) string {
			m.ok(m.aws.AddContainer(emulator.Container{Path: "/v2/credentials/task", Token: "Basic container", Role: role}))
			m.set("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1/v2/credentials/task", "AWS_CONTAINER_AUTHORIZATION_TOKEN=Basic container")
			return assumed + "Workload"
		},
		"EC2 instance metadata": func(m *machine) string {
			m.ok(m.aws.SetInstanceRole(role, "us-east-1"))
			m.set("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1")
			return assumed + "Workload"
		},
	}
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	aws, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	return &machine{t: t, aws: aws, home: home, environ: []string{"HOME=" + home, "USERPROFILE=" + home}}
}

func TestEachCredentialSourceWinsWhenItIsTheOnlyValidOne(t *testing.T) {
	for name, setUp := range sources() {
		for _, before := range []string{"", "keys that AWS does not know"} {
			if before != "" && name == "environment" {
				continue
			}
			t.Run(strings.TrimSpace(name+" "+before), func(t *testing.T) {
				m := newMachine(t)
				principal := setUp(m)
				if before != "" {
					m.set("AWS_ACCESS_KEY_ID=AKIAUNKNOWNUNKNOWN00", "AWS_SECRET_ACCESS_KEY=unknown")
				}
				if !strings.Contains(strings.Join(m.environ, " "), "METADATA") {
					m.set("AWS_EC2_METADATA_DISABLED=true")
				}
				s := start(t, everyFamily, func(s *app.Settings) { s.Environ, s.Transport = m.environ, m.aws.Transport() })
				status, _, out := s.post(t, `{"model":"titan","input":"a"}`)
				if status != 200 {
					t.Fatalf("status %d: %v", status, out)
				}
				trail := m.aws.Trail()
				if last := trail[len(trail)-1]; last.Operation != "InvokeModel" || !strings.Contains(last.Principal, principal) {
					t.Errorf("AWS saw %s as %s, want %s", last.Operation, last.Principal, principal)
				}
			})
		}
	}
}

func TestWithoutCredentialsTheCallerIsToldShortlyAndTheLogEverySource(t *testing.T) {
	m := newMachine(t)
	m.set("AWS_EC2_METADATA_DISABLED=true")
	s := start(t, everyFamily, func(s *app.Settings) { s.Environ, s.Transport = m.environ, m.aws.Transport() })
	status, header, out := s.post(t, `{"model":"titan","input":"a"}`)
	message := out["error"].(map[string]any)["message"].(string)
	if status != 502 || header.Get("X-Should-Retry") != "false" || strings.Contains(message, m.home) {
		t.Errorf("status %d: %s", status, message)
	}
}
