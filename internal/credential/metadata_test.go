package credential_test

import (
	"net"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
)

func anybody() caller.Caller { return caller.Local() }

func TestTheContainerEndpointInAllItsSpellings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*machine)
		none   string // "" = it wins
	}{
		"full URI and token": {func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", m.aws.URL+"/v2/credentials/task")
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", canaryECSToken)
		}, ""},
		"the token file wins over the token": {func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", m.aws.URL+"/v2/credentials/task")
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "stale")
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", m.file("ecs-token", canaryECSToken+"\n"))
		}, ""},
		"the relative URI wins over the full one": {func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/task")
			m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", canaryECSToken)
		}, ""},
		"plain http to another machine": {func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/creds")
		}, "names 192.0.2.1 over plain http"},
		"not a URL": {func(m *machine) { m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "file:///etc/passwd") },
			"AWS_CONTAINER_CREDENTIALS_FULL_URI is not an http or https URL"},
		"no slash":       {func(m *machine) { m.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "v2") }, "does not begin with a slash"},
		"nobody listens": {func(m *machine) { m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/") }, "cannot reach 127.0.0.1:1"},
		"a lost token file": {func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", m.aws.URL)
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", m.home+"/gone")
		}, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read"},
		"a token of two lines": {func(m *machine) {
			m.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", m.aws.URL)
			m.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", canaryECSToken+"\n"+canaryECSToken)
		}, "AWS_CONTAINER_AUTHORIZATION_TOKEN has a line break in its token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			c.change(m)
			if c.none == "" {
				m.wins(credential.SourceECS)
				return
			}
			m.none(c.none)
		})
	}
}

func TestWebIdentitySaysWhatItLacks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*machine)
		want   string
	}{
		"no role":      {func(m *machine) { m.env("AWS_WEB_IDENTITY_TOKEN_FILE", m.file("t", canaryJWT)) }, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"},
		"no file":      {func(m *machine) { m.webIdentity(m.home + "/gone") }, "the web identity token file cannot be read"},
		"an empty one": {func(m *machine) { m.webIdentity(m.file("t", "\n")) }, "is empty"},
		"out of reach": {func(m *machine) {
			m.webIdentity(m.file("t", canaryJWT))
			m.settings.Endpoints.STS = "http://127.0.0.1:1"
		}, "cannot reach 127.0.0.1:1: connection refused. Check that STS can be reached from here."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			c.change(m)
			m.none(c.want)
		})
	}
}

func (m *machine) webIdentity(file string) {
	m.env("AWS_WEB_IDENTITY_TOKEN_FILE", file)
	m.env("AWS_ROLE_ARN", "arn:aws:iam::"+account+":role/Bedrock")
}

func TestTheSessionNameIsTheEnvironmentsOrAdits(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "adit", "pod-1": "pod-1"} {
		m := newMachine(t)
		m.webIdentity(m.file("t", canaryJWT))
		m.env("AWS_ROLE_SESSION_NAME", given)
		if got := m.wins(credential.SourceWebIdentity); got.Identity != "role:arn:aws:iam::"+account+":role/Bedrock/"+want {
			t.Errorf("identity = %q", got.Identity)
		}
		if m.aws.assumed[0] != want {
			t.Errorf("session = %q, want %q", m.aws.assumed[0], want)
		}
	}
}

func TestAMetadataServiceThatSwallowsPacketsIsGivenUpInTime(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	m := newMachine(t)
	m.env("AWS_EC2_METADATA_DISABLED", "false")
	m.budget = 300 * time.Millisecond
	m.settings.Endpoints.IMDS = ""
	m.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://"+silent.Addr().String())
	m.none("the EC2 metadata service at http://"+silent.Addr().String()+" does not answer", "AWS_EC2_METADATA_DISABLED=true")
}
