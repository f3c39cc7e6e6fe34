package credential_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/aws/aws-sdk-go-v2/config"
)

func TestExplicitKeysAreTheOnlyOnesThatCount(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, s := range setups() {
		s.valid(m)
	}
	m.settings.AccessKeyID, m.settings.SecretAccessKey = secret.New("AKIAEXPLICIT00000001"), secret.New(canarySecret)
	m.settings.Profile = "other"
	got := m.wins(credential.SourceExplicit)
	if got.Identity != "key:AKIAEXPLICIT00000001" || !got.Expires.IsZero() {
		t.Errorf("identity %q, expires %v", got.Identity, got.Expires)
	}

	m.aws.refuse["AKIAEXPLICIT00000001"] = "InvalidClientTokenId"
	f := m.refusal("the model's own keys: AWS refused the key AKIA…0001")
	if strings.Contains(f.Detail, "environment") {
		t.Errorf("another source was tried:\n%s", f.Detail)
	}
}

func TestHalfOfAPairOfKeysIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*machine)
		want   string
	}{
		"id in the environment": {func(m *machine) { m.env("AWS_ACCESS_KEY_ID", "AKIA1") },
			"AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not. Set both, or unset AWS_ACCESS_KEY_ID."},
		"secret in the environment": {func(m *machine) { m.env("AWS_SECRET_ACCESS_KEY", canarySecret) },
			"AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not. Set both, or unset AWS_SECRET_ACCESS_KEY."},
		"token alone": {func(m *machine) { m.env("AWS_SESSION_TOKEN", canaryToken) },
			"there is a session token, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"},
		"explicit id": {func(m *machine) { m.settings.AccessKeyID = secret.New("AKIA1") },
			"aws_access_key_id is set, but aws_secret_access_key is not"},
		"white space": {func(m *machine) {
			m.env("AWS_ACCESS_KEY_ID", "AKIA1 ")
			m.env("AWS_SECRET_ACCESS_KEY", canarySecret)
		}, "has white space in it"},
		"temporary key without token": {func(m *machine) {
			m.env("AWS_ACCESS_KEY_ID", "ASIATEMPORARY0000001")
			m.env("AWS_SECRET_ACCESS_KEY", canarySecret)
			m.aws.refuse["ASIATEMPORARY0000001"] = "InvalidClientTokenId"
		}, "Keys that begin with ASIA are temporary: set their session token too."},
		"expired in the environment": {func(m *machine) {
			m.env("AWS_ACCESS_KEY_ID", "ASIATEMPORARY0000001")
			m.env("AWS_SECRET_ACCESS_KEY", canarySecret)
			m.env("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")
		}, "its credentials expired at 2020-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			c.change(m)
			m.none(c.want)
		})
	}
}

func TestStaticKeysAreValidWhileSTSIsOutOfReach(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*machine){
		"5xx":            func(m *machine) { m.aws.broken["sts"] = true },
		"throttled":      func(m *machine) { m.aws.refuse["AKIAENVIRONMENT00001"] = "Throttling" },
		"nobody listens": func(m *machine) { m.settings.Endpoints.STS = "http://127.0.0.1:1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			setups()[0].valid(m)
			change(m)
			if got := m.wins(credential.SourceEnvironment); got.Account != "" {
				t.Errorf("account = %q, want it unknown", got.Account)
			}
			if !strings.Contains(m.logged.String(), "STS cannot confirm the credentials") {
				t.Errorf("the log does not tell the doubt: %s", m.logged)
			}
		})
	}
}

func TestTheEndpointOfSTSComesFromTheEnvironmentThatWasGiven(t *testing.T) {
	// The process's own variables point nowhere; they must not be read.
	for _, variable := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO"} {
		t.Setenv(variable, "http://127.0.0.1:1")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAPROCESS000000001")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "process")
	t.Setenv("AWS_PROFILE", "process")
	t.Setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-process")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")

	m := newMachine(t)
	m.settings.Endpoints.STS = ""
	m.env("AWS_ENDPOINT_URL_STS", m.aws.URL)
	m.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	setups()[1].valid(m)
	if got := m.wins(credential.SourceProfile); got.Account != account {
		t.Errorf("account = %q", got.Account)
	}
}

func TestTheFilesOfTheProcessAreNotRead(t *testing.T) {
	before := config.DefaultSharedCredentialsFiles
	defer func() { config.DefaultSharedCredentialsFiles = before }() // what the SDK found in the process's home
	m := newMachine(t)
	config.DefaultSharedCredentialsFiles = []string{m.file("process", "[default]\n"+staticDev)}
	m.none("neither")
}

func TestEqualSignersHaveEqualIdentitiesWhereverTheyCameFrom(t *testing.T) {
	t.Parallel()
	env, file := newMachine(t), newMachine(t)
	env.env("AWS_ACCESS_KEY_ID", "AKIAPROFILE000000001")
	env.env("AWS_SECRET_ACCESS_KEY", canarySecret)
	setups()[1].valid(file)
	if a, b := env.wins(credential.SourceEnvironment).Identity, file.wins(credential.SourceProfile).Identity; a != b {
		t.Errorf("the same key has the identities %q and %q", a, b)
	}
}
