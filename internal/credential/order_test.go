package credential_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/adit-hq/adit/internal/credential"
)

// setup makes one source of the machine valid or invalid.
type setup struct {
	source  string
	valid   func(*machine)
	invalid func(*machine)
}

// setups are the five sources in the document's order.
func setups() []setup {
	return []setup{
		{credential.SourceEnvironment, func(m *machine) {
			m.env("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT00001")
			m.env("AWS_SECRET_ACCESS_KEY", canarySecret)
		}, func(m *machine) {
			m.env("AWS_ACCESS_KEY_ID", "AKIAREFUSED000000001")
			m.env("AWS_SECRET_ACCESS_KEY", canarySecret)
			m.env("AWS_SESSION_TOKEN", canaryToken)
			m.aws.refuse["AKIAREFUSED000000001"] = "InvalidClientTokenId"
		}},
		{credential.SourceProfile, func(m *machine) {
			m.file(".aws/credentials", "[default]\naws_access_key_id = AKIAPROFILE000000001\naws_secret_access_key = "+canarySecret+"\n")
		}, func(m *machine) {
			m.file(".aws/credentials", "[default]\naws_access_key_id = AKIAPROFILEREFUSED01\naws_secret_access_key = "+canarySecret+"\n")
			m.aws.refuse["AKIAPROFILEREFUSED01"] = "SignatureDoesNotMatch"
		}},
		{credential.SourceWebIdentity, func(m *machine) {
			m.env("AWS_WEB_IDENTITY_TOKEN_FILE", m.file("token", canaryJWT+"\n"))
			m.env("AWS_ROLE_ARN", "arn:aws:iam::"+account+":role/Bedrock")
		}, func(m *machine) {
			m.env("AWS_WEB_IDENTITY_TOKEN_FILE", m.file("token", canaryJWT))
			m.env("AWS_ROLE_ARN", "arn:aws:iam::"+account+":role/Bedrock")
			m.aws.broken["web_identity"] = true
		}},
		{credential.SourceECS, func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/task")
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", canaryECSToken)
		}, func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/task")
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", canaryECSToken)
			m.aws.broken["ecs"] = true
		}},
		{credential.SourceIMDS, func(m *machine) {
			m.env("AWS_EC2_METADATA_DISABLED", "false")
		}, func(m *machine) {
			m.env("AWS_EC2_METADATA_DISABLED", "false")
			m.aws.broken["imds"] = true
		}},
	}
}

func TestEachSourceWinsWhenItIsTheOnlyValidOne(t *testing.T) {
	t.Parallel()
	for _, only := range setups() {
		t.Run(only.source, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			only.valid(m)
			got := m.wins(only.source)
			if got.Account != account {
				t.Errorf("account = %q, want %s", got.Account, account)
			}
			if got.Identity == "" {
				t.Error("there is no credential identity")
			}
		})
	}
}

func TestAnInvalidEarlierSourceDoesNotStopALaterOne(t *testing.T) {
	t.Parallel()
	all := setups()
	for i, earlier := range all {
		for _, later := range all[i+1:] {
			t.Run(fmt.Sprintf("%s then %s", earlier.source, later.source), func(t *testing.T) {
				t.Parallel()
				m := newMachine(t)
				earlier.invalid(m)
				later.valid(m)
				m.wins(later.source)
			})
		}
	}
}

func TestTheEarlierOfTwoValidSourcesWins(t *testing.T) {
	t.Parallel()
	all := setups()
	for i, earlier := range all {
		for _, later := range all[i+1:] {
			t.Run(fmt.Sprintf("%s before %s", earlier.source, later.source), func(t *testing.T) {
				t.Parallel()
				m := newMachine(t)
				earlier.valid(m)
				later.valid(m)
				m.wins(earlier.source)
			})
		}
	}
}

func TestAllSourcesInvalidAreAllListed(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, s := range setups() {
		s.invalid(m)
	}
	f := m.refusal(
		"1. environment variables: AWS refused the key AKIA…0001: InvalidClientTokenId: refused x-amz-security-token:[redacted]",
		"2. shared config and credentials files: AWS refused the key AKIA…ED01: SignatureDoesNotMatch",
		"The secret does not belong to the access key",
		"3. web identity token file: STS returned no credentials for role arn:aws:iam::111122223333:role/Bedrock for the web identity token: InvalidIdentityToken",
		"IAM has an OIDC provider",
		"4. ECS container endpoint: the container credential endpoint returned none: AccessDenied: not with [redacted]",
		"5. EC2 instance metadata (IMDSv2): the EC2 instance has no role",
	)
	if want := "Adit has no valid AWS credentials for this model. Ask Adit's operator to run `adit doctor`."; f.Sentence() != want {
		t.Errorf("the caller reads %q", f.Sentence())
	}
}

func TestNothingSetUpIsListedWithWhatToDo(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.none(
		"1. environment variables: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set.",
		"2. shared config and credentials files: neither "+filepath.Join(m.home, ".aws", "config")+" nor "+filepath.Join(m.home, ".aws", "credentials")+" exists. Run `aws configure`",
		"3. web identity token file: AWS_WEB_IDENTITY_TOKEN_FILE is not set.",
		"4. ECS container endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set.",
		"5. EC2 instance metadata (IMDSv2): AWS_EC2_METADATA_DISABLED is true.",
	)
}

func TestTheRoleSourceNarrowsTheChain(t *testing.T) {
	t.Parallel()
	for roleSource, want := range map[string]string{
		"":         credential.SourceEnvironment,
		"auto":     credential.SourceEnvironment,
		"env":      credential.SourceEnvironment,
		"metadata": credential.SourceWebIdentity,
	} {
		t.Run(roleSource, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			for _, s := range setups() {
				s.valid(m)
			}
			m.settings.RoleSource = roleSource
			m.wins(want)
		})
	}
	t.Run("env alone does not fall through", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		all := setups()
		all[0].invalid(m)
		all[1].valid(m)
		m.settings.RoleSource = "env"
		if f := m.refusal("1. environment variables"); len(f.Detail) == 0 {
			t.Error("no detail")
		}
	})
}
