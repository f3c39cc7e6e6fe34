package credential_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/credential"
)

const staticDev = "aws_access_key_id = AKIADEV0000000000001\naws_secret_access_key = " + canarySecret + "\n"

// legacySSO is the SSO profile of the document that Adit follows, in the config file, where AWS tools read it.
const legacySSO = `[profile sso-profile]
sso_start_url = https://my-sso-portal.awsapps.com/start
sso_region = us-west-2
sso_account_id = 123456789012
sso_role_name = MyRole
region = us-west-2
`

const sessionSSO = `[profile team]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = MyRole

[sso-session corp]
sso_region = us-west-2
sso_start_url = https://my-sso-portal.awsapps.com/start
sso_registration_scopes = sso:account:access
`

func TestEveryKindOfProfileGivesCredentials(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(*machine)
		identity string
	}{
		"static keys in the config file": {func(m *machine) {
			m.file(".aws/config", "[profile dev]\n"+staticDev)
			m.env("AWS_PROFILE", "dev")
		}, "key:AKIADEV0000000000001"},
		"AWS_DEFAULT_PROFILE": {func(m *machine) {
			m.file(".aws/credentials", "[dev]\n"+staticDev)
			m.env("AWS_DEFAULT_PROFILE", "dev")
		}, "key:AKIADEV0000000000001"},
		"files named by variables": {func(m *machine) {
			m.file("elsewhere", "[default]\n"+staticDev)
			m.env("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere")
		}, "key:AKIADEV0000000000001"},
		"source_profile and role_arn": {func(m *machine) {
			m.file(".aws/credentials", "[base]\n"+staticDev)
			m.file(".aws/config", "[profile role]\nsource_profile = base\nrole_arn = arn:aws:iam::111122223333:role/R\n")
			m.env("AWS_PROFILE", "role")
		}, "role:arn:aws:iam::111122223333:role/R/adit"},
		"web identity in a profile": {func(m *machine) {
			m.file(".aws/config", "[default]\nrole_session_name = me\nrole_arn = arn:aws:iam::111122223333:role/R\nweb_identity_token_file = "+m.file("jwt", canaryJWT)+"\n")
		}, "role:arn:aws:iam::111122223333:role/R/me"},
		"credential_source EcsContainer": {func(m *machine) {
			setups()[3].valid(m)
			m.file(".aws/config", "[default]\ncredential_source = EcsContainer\nrole_arn = arn:aws:iam::111122223333:role/R\n")
		}, "role:arn:aws:iam::111122223333:role/R/adit"},
		"SSO, the older kind": {func(m *machine) {
			m.file(".aws/config", legacySSO)
			m.env("AWS_PROFILE", "sso-profile")
			m.ssoToken("https://my-sso-portal.awsapps.com/start", time.Now().Add(time.Hour))
		}, "sso:https://my-sso-portal.awsapps.com/start:123456789012:MyRole"},
		"SSO session": {func(m *machine) {
			m.file(".aws/config", sessionSSO)
			m.env("AWS_PROFILE", "team")
			m.ssoToken("corp", time.Now().Add(time.Hour))
		}, "sso:https://my-sso-portal.awsapps.com/start:123456789012:MyRole"},
		"SSO session whose token is renewed": {func(m *machine) {
			m.file(".aws/config", sessionSSO)
			m.env("AWS_PROFILE", "team")
			m.ssoToken("corp", time.Now().Add(-time.Hour))
		}, "sso:https://my-sso-portal.awsapps.com/start:123456789012:MyRole"},
		"SSO session, then a role": {func(m *machine) {
			m.file(".aws/config", sessionSSO+"[profile role]\nsource_profile = team\nrole_arn = arn:aws:iam::111122223333:role/R\n")
			m.env("AWS_PROFILE", "role")
			m.ssoToken("corp", time.Now().Add(time.Hour))
		}, "role:arn:aws:iam::111122223333:role/R/adit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			c.change(m)
			if got := m.wins(credential.SourceProfile); got.Identity != c.identity {
				t.Errorf("identity = %q, want %q", got.Identity, c.identity)
			}
			for _, session := range m.aws.assumed {
				if !strings.HasSuffix(c.identity, "/"+session) {
					t.Errorf("AWS sees the session %q, which the identity %q does not name", session, c.identity)
				}
			}
		})
	}
}

func TestAFaultyProfileSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*machine)
		want   []string
	}{
		"the document's own example": {func(m *machine) {
			m.file(".aws/credentials", "[default]\n"+staticDev+"\n# SSO profile\n"+legacySSO)
			m.env("AWS_PROFILE", "sso-profile")
		}, []string{"credentials line 6 has [profile sso-profile]: AWS tools ignore that spelling in the credentials file", "Move the section to "}},
		"only such a section": {func(m *machine) { m.file(".aws/credentials", legacySSO) },
			[]string{"line 1 has [profile sso-profile]: AWS tools ignore"}},
		"the other way round": {func(m *machine) {
			m.file(".aws/config", "[dev]\n"+staticDev)
			m.env("AWS_PROFILE", "dev")
		}, []string{"config line 1 has [dev]: AWS tools ignore that spelling in the config file. Write [profile dev]."}},
		"an unknown profile": {func(m *machine) {
			m.file(".aws/credentials", "[dev]\n"+staticDev)
			m.env("AWS_PROFILE", "pord")
		}, []string{"profile pord (AWS_PROFILE) is neither in", "Set AWS_PROFILE or aws_profile to one of: dev."}},
		"no default": {func(m *machine) { m.file(".aws/credentials", "[dev]\n"+staticDev) },
			[]string{"there is no default profile. Set AWS_PROFILE or aws_profile to one of: dev."}},
		"an empty profile": {func(m *machine) { m.file(".aws/config", "[default]\nregion = eu-west-1\n") },
			[]string{"profile default has no credentials in it", "aws configure"}},
		"one key": {func(m *machine) { m.file(".aws/credentials", "[default]\naws_access_key_id = AKIA1\n") },
			[]string{"line 1: [default] has aws_access_key_id and no aws_secret_access_key"}},
		"a lost source_profile": {func(m *machine) {
			m.file(".aws/config", "[default]\nsource_profile = gone\nrole_arn = arn:aws:iam::1:role/R\n")
		}, []string{"source_profile = gone, which does not exist"}},
		"a source without a role": {func(m *machine) { m.file(".aws/config", "[default]\nsource_profile = x\n") },
			[]string{"credential type source_profile requires role_arn"}},
		"a refused role": {func(m *machine) {
			m.file(".aws/credentials", "[default]\n"+staticDev+"aws_session_token = "+canaryToken+"\n")
			m.file(".aws/config", "[profile role]\nsource_profile = default\nrole_arn = arn:aws:iam::1:role/R\n")
			m.env("AWS_PROFILE", "role")
			m.aws.broken["assume_role"] = true
		}, []string{"STS returned no credentials for role arn:aws:iam::1:role/R of profile role: AccessDenied", "token [redacted]", "trust policy"}},
		"MFA": {func(m *machine) {
			m.file(".aws/config", "[default]\nsource_profile = default\nmfa_serial = arn:aws:iam::1:mfa/me\nrole_arn = arn:aws:iam::1:role/R\n"+staticDev)
		}, []string{"asks for an MFA code"}},
		"credential_source with nothing behind it": {func(m *machine) {
			m.file(".aws/config", "[default]\ncredential_source = Environment\nrole_arn = arn:aws:iam::1:role/R\n")
		}, []string{"takes credentials from Environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"}},
		"aws login": {func(m *machine) { m.file(".aws/config", "[default]\nlogin_session = arn:aws:iam::1:user/me\n") },
			[]string{"uses a session of `aws login`"}},
		"no home": {func(m *machine) { m.settings.Environ = []string{"AWS_EC2_METADATA_DISABLED=true"} },
			[]string{"HOME is not set"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			c.change(m)
			m.none(c.want...)
		})
	}
}

func TestAFileThatMayNotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	// A directory in the file's place cannot be read by anybody, not even by root.
	path := filepath.Join(m.home, ".aws", "credentials")
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	m.none("cannot read "+path, "Make the file readable by Adit's user")

	m = newMachine(t)
	path = m.file(".aws/credentials", "[default]\n"+staticDev)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && os.Geteuid() != 0 {
		m.none("cannot read " + path + ": permission denied")
	}
}

func TestANamedProfileIsTheOnlyOneThatCounts(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, s := range setups() {
		s.valid(m)
	}
	m.settings.Profile = "dev"
	m.none("1. shared config and credentials files: profile dev (aws_profile) is neither in", "one of: default")

	m.file(".aws/config", "[profile dev]\n"+staticDev)
	if got := m.wins(credential.SourceProfile); got.AccessKeyID != "AKIADEV0000000000001" {
		t.Errorf("key = %s", got.AccessKeyID)
	}
}

func TestTheTokenOfASignInThatEndedAsksForANewOne(t *testing.T) {
	t.Parallel()
	past := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		config, profile string
		change          func(*machine)
		want            string
	}{
		"older kind, expired": {legacySSO, "sso-profile", func(m *machine) { m.ssoToken("https://my-sso-portal.awsapps.com/start", past) },
			"the SSO token of profile sso-profile expired at 2026-01-02T03:04:05Z. Run `aws sso login --profile sso-profile`."},
		"session, cannot be renewed": {sessionSSO, "team", func(m *machine) { m.ssoToken("corp", past); m.aws.broken["oidc"] = true },
			"the SSO token of profile team expired at 2026-01-02T03:04:05Z. Run `aws sso login --profile team`."},
		"never signed in": {sessionSSO, "team", func(*machine) {},
			"nobody has signed in to SSO for profile team"},
		"revoked": {sessionSSO, "team", func(m *machine) { m.ssoToken("corp", time.Now().Add(time.Hour)); m.aws.broken["sso"] = true },
			"UnauthorizedException: Session token not found or invalid [redacted]. Run `aws sso login --profile team`."},
		"portal out of reach": {sessionSSO, "team", func(m *machine) {
			m.ssoToken("corp", time.Now().Add(time.Hour))
			m.settings.Endpoints.SSO = "http://127.0.0.1:1"
		}, "cannot reach 127.0.0.1:1"},
		"half a profile": {"[profile team]\nsso_start_url = https://x\nsso_region = us-west-2\n", "team", func(*machine) {},
			"profile team uses SSO but lacks sso_account_id, sso_role_name. Run `aws configure sso --profile team`."},
		"a session that is not there": {"[profile team]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n", "team", func(*machine) {},
			"profile team cannot be used: failed to find SSO session section, corp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.file(".aws/config", c.config)
			m.env("AWS_PROFILE", c.profile)
			c.change(m)
			m.none(c.want)
		})
	}
}
