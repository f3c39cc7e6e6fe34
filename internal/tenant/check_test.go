package tenant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// create tries an input without keeping what it makes.
func create(t *testing.T, in tenant.EnvironmentInput) (tenant.Environment, error) {
	t.Helper()
	s := newServer(t)
	e, _, err := s.CreateEnvironment(t.Context(), admin(), s.acme.ID, in)
	return e, err
}

func TestNameAndRegionSuffice(t *testing.T) {
	e, err := create(t, tenant.EnvironmentInput{Name: "prod", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	want := tenant.Environment{
		Name: "prod", Provider: "bedrock", Region: "us-east-1", Audiences: []string{"bedrock"}, Session: time.Hour,
		SessionName: tenant.ByKey, State: tenant.Pending, Version: 1,
	}
	if d := cmp.Diff(want, e, cmpopts.IgnoreFields(tenant.Environment{}, "ID", "Organization", "OrganizationName", "Created", "Updated")); d != "" {
		t.Error(d)
	}
}

func TestRegionAndRoleComeUnderTheirSecondNamesToo(t *testing.T) {
	e, err := create(t, tenant.EnvironmentInput{Name: "prod", EndpointURL: " eu-west-1\n", APIKey: roleARN + " "})
	if err != nil || e.Region != "eu-west-1" || e.RoleARN != roleARN {
		t.Errorf("%q %q %v", e.Region, e.RoleARN, err)
	}
	if _, err := create(t, tenant.EnvironmentInput{Name: "prod", Region: "eu-west-1", EndpointURL: "eu-west-1"}); err != nil {
		t.Errorf("both the same: %v", err)
	}
	_, err = create(t, tenant.EnvironmentInput{Name: "prod", Region: "eu-west-1", EndpointURL: "eu-west-2", RoleARN: roleARN, APIKey: roleARN + "x"})
	if d := cmp.Diff([]string{"endpoint_url", "api_key"}, places(err)); d != "" {
		t.Errorf("both different: %s", d)
	}
}

func TestAllFaultsOfAnEnvironmentAreToldAtOnce(t *testing.T) {
	_, err := create(t, tenant.EnvironmentInput{
		Name: "-Prod", Description: "a\x1b[31m", Provider: "vertex", Region: "us-east", RoleARN: "role", Audiences: []string{"a b"},
		Session: time.Minute, Models: []string{"nonsense"}, Limits: caller.Limits{PerMinute: -1, Concurrent: -2}, SessionName: "color",
		Tags: map[string]string{"aws:x": "y"},
	})
	want := []string{
		"name", "description", "provider", "region", "role_arn", "audiences", "session_seconds", "models",
		"limits.requests_per_minute", "limits.max_concurrent", "session_name", "tags",
	}
	if d := cmp.Diff(want, places(err)); d != "" {
		t.Error(d)
	}
}

func TestANameThatIsTakenIsToldWithTheOtherFaults(t *testing.T) {
	s := newServer(t)
	taken, other, mars := s.environment("taken"), s.environment("other"), "mars"
	_, _, created := s.CreateEnvironment(t.Context(), admin(), s.acme.ID, tenant.EnvironmentInput{Name: taken.Name, Region: mars})
	_, _, changed := s.UpdateEnvironment(t.Context(), admin(), s.acme.ID, other.ID, tenant.EnvironmentPatch{Name: &taken.Name, Region: &mars})
	for _, err := range []error{created, changed} {
		if d := cmp.Diff([]string{"region", "name"}, places(err)); d != "" {
			t.Error(d)
		}
	}
	_, _, same := s.UpdateEnvironment(t.Context(), admin(), s.acme.ID, taken.ID, tenant.EnvironmentPatch{Name: &taken.Name, Region: &mars})
	if d := cmp.Diff([]string{"region"}, places(same)); d != "" {
		t.Error("the name is its own", d)
	}
}

func TestNames(t *testing.T) {
	for name, good := range map[string]bool{
		"a": true, "prod": true, "eu-1": true, strings.Repeat("a", 63): true, "0": true,
		"": false, "-a": false, "a-": false, "A": false, "a_b": false, "a.b": false, "a/b": false, "ü": false, "a b": false, "a\n": false,
		strings.Repeat("a", 64): false, "0123456789abcdef01234567": false, "env_0123456789abcdef01234567": false,
	} {
		_, err := create(t, tenant.EnvironmentInput{Name: name, Region: "us-east-1"})
		if (err == nil) != good {
			t.Errorf("environment %q: %v", name, err)
		}
		s := newServer(t)
		_, err = s.CreateOrganization(t.Context(), admin(), tenant.OrganizationInput{Name: name})
		if (err == nil) != good {
			t.Errorf("organization %q: %v", name, err)
		}
	}
}

func TestRolesAreOfTheRegionsPartition(t *testing.T) {
	for _, c := range []struct {
		region, arn string
		good        bool
	}{
		{"eu-central-1", "arn:aws:iam::123456789012:role/x", true},
		{"eu-central-1", "arn:aws:iam::123456789012:role/a/b/c/x+=,.@-_9", true},
		{"cn-north-1", "arn:aws-cn:iam::123456789012:role/x", true},
		{"us-gov-west-1", "arn:aws-us-gov:iam::123456789012:role/x", true},
		{"cn-north-1", "arn:aws:iam::123456789012:role/x", false},
		{"us-gov-west-1", "arn:aws-cn:iam::123456789012:role/x", false},
		{"us-east-1", "arn:aws-us-gov:iam::123456789012:role/x", false},
		{"us-east-1", "arn:aws-iso:iam::123456789012:role/x", false},
		{"us-east-1", "arn:aws:iam::12345678901:role/x", false},
		{"us-east-1", "arn:aws:iam::123456789012:user/x", false},
		{"us-east-1", "arn:aws:iam::123456789012:role/", false},
		{"us-east-1", "arn:aws:iam::123456789012:role//x", false},
		{"us-east-1", "arn:aws:iam::123456789012:role/*", false},
		{"us-east-1", "arn:aws:iam::123456789012:role/" + strings.Repeat("x", 65), false},
		{"us-east-1", "arn:aws:iam::123456789012:role/x\n", true}, // copied with its line break
		{"us-east-1", "arn:aws:sts::123456789012:assumed-role/x/y", false},
		{"us-east-1", "arn:aws:iam:us-east-1:123456789012:role/x", false},
	} {
		if _, err := create(t, tenant.EnvironmentInput{Name: "x", Region: c.region, RoleARN: c.arn}); (err == nil) != c.good {
			t.Errorf("%s in %s: %v", c.arn, c.region, err)
		}
	}
}

func TestARoleIsTakenApart(t *testing.T) {
	got, err := tenant.ParseRole(roleARN)
	want := tenant.Role{Partition: "aws", Account: "123456789012", Path: "/teams/search/", Name: "adit-prod"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestASecretThatCameAsAnAPIKeyIsNotRepeated(t *testing.T) {
	const leaked = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	_, err := create(t, tenant.EnvironmentInput{Name: "x", Region: "us-east-1", APIKey: leaked})
	if f := fault.From(err); f == nil || f.Param != "api_key" || strings.Contains(err.Error(), leaked) || !strings.Contains(f.Message, "arn:aws:iam::ACCOUNT") {
		t.Errorf("%v", err)
	}
}

func TestRegions(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "aws", "ap-southeast-7": "aws", "mx-central-1": "aws", "cn-northwest-1": "aws-cn", "us-gov-east-1": "aws-us-gov",
		"us-iso-east-1": "", "us-isob-east-1": "", "eu-isoe-west-1": "", "us-isof-south-1": "",
		"": "", "us-east": "", "us-east-12": "", "US-EAST-1": "", "us_east_1": "", "us-east-1a": "", "us--1": "",
	} {
		if got, err := tenant.Partition(region); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", region, got, err)
		}
	}
	_, err := create(t, tenant.EnvironmentInput{Name: "x", EndpointURL: "us-iso-east-1"})
	if err == nil || !strings.Contains(err.Error(), "isolated AWS partition") {
		t.Errorf("%v", err)
	}
}

// What could lead a server to an address that its tenant chose.
func hostile() []string {
	return []string{
		"http://169.254.169.254/latest/meta-data/", "http://169.254.169.254", "169.254.169.254", "http://[::ffff:169.254.169.254]/",
		"http://[fd00:ec2::254]/", "http://169.254.170.2/v2/credentials", "http://127.0.0.1", "http://127.0.0.1:8080", "http://127.1",
		"http://localhost", "https://localhost:443", "http://[::1]/", "[::ffff:127.0.0.1]", "http://2130706433/", "2130706433",
		"http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://0.0.0.0:22", "http://10.0.0.1", "http://172.16.0.1",
		"http://192.168.1.1", "http://100.64.0.1", "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://224.0.0.1/",
		"https://bedrock-runtime.us-east-1.amazonaws.com", "https://user:password@bedrock-runtime.us-east-1.amazonaws.com",
		"https://us-east-1", "us-east-1.evil.example", "us-east-1@evil.example", "us-east-1/..", "us-east-1#", "us-east-1?", "us-east-1:443",
		"us-east-1%00", "us-east-1\x00", "us-east-1\r\nHost: evil.example", "us-east-1\t", "us-east-1.", ".us-east-1", "us-east-1\\evil",
		"x.us-east-1", "evil.example/us-east-1", "//evil.example", "file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "ftp://10.0.0.1",
		"dict://127.0.0.1:11211/stat", "ldap://127.0.0.1", "jar:http://127.0.0.1!/", "data:text/plain,x", "javascript:alert(1)",
		"http://metadata.google.internal/", "http://169.254.169.254.nip.io/", "http://localtest.me", "http://evil.example#@us-east-1",
		"ｕｓ-east-1", "us‐east‐1", "us-east-①", "us-east-1\u200b", "http://①②⑦.⓪.⓪.①/", "us-east-" + strings.Repeat("1", 5000),
		"us-" + strings.Repeat("east-", 1000) + "1", "${jndi:ldap://127.0.0.1/a}", "$(curl evil.example)", "'; DROP TABLE environments;--",
	}
}

func TestAnAddressInsteadOfARegionIsRefusedWithAnExplanationAndNotRepeated(t *testing.T) {
	if n := len(hostile()); n < 60 {
		t.Fatalf("only %d", n)
	}
	s := newServer(t)
	for _, address := range hostile() {
		if strings.TrimSpace(address) == "us-east-1" {
			continue // what copying leaves around a region is cut off
		}
		for field, in := range map[string]tenant.EnvironmentInput{
			"endpoint_url": {Name: "x", EndpointURL: address}, "region": {Name: "x", Region: address},
		} {
			_, _, err := s.CreateEnvironment(t.Context(), admin(), s.acme.ID, in)
			f := fault.From(err)
			if f == nil || f.Kind != fault.Invalid || !slices.Contains(places(err), field) || !strings.Contains(f.Message, "us-east-1") {
				t.Errorf("%s %.80q: %v", field, address, err)
				continue
			}
			if len(address) > 12 && strings.Contains(err.Error(), address) {
				t.Errorf("%s %.80q: the fault repeats it", field, address)
			}
			if field == "endpoint_url" && len(address) < 100 && !strings.Contains(f.Message, "not an address") {
				t.Errorf("%s %.80q: %v", field, address, err)
			}
		}
	}
	if kept, err := s.Environments(s.acme.ID); err != nil || len(kept) != 0 {
		t.Errorf("%d kept, %v", len(kept), err)
	}
}

func TestBoundsOfAudiencesSessionsAndModels(t *testing.T) {
	many := func(n int) (list []string) {
		for i := range n {
			list = append(list, strings.Repeat("a", i+1))
		}
		return list
	}
	good := tenant.EnvironmentInput{Name: "x", Region: "eu-central-1"}
	for name, c := range map[string]struct {
		change func(*tenant.EnvironmentInput)
		place  string // "" is good
	}{
		"20 audiences":    {func(in *tenant.EnvironmentInput) { in.Audiences = many(20) }, ""},
		"21 audiences":    {func(in *tenant.EnvironmentInput) { in.Audiences = many(21) }, "audiences"},
		"long audience":   {func(in *tenant.EnvironmentInput) { in.Audiences = []string{strings.Repeat("a", 256)} }, "audiences"},
		"audience twice":  {func(in *tenant.EnvironmentInput) { in.Audiences = []string{"a", "a"} }, "audiences"},
		"NUL audience":    {func(in *tenant.EnvironmentInput) { in.Audiences = []string{"a\x00"} }, "audiences"},
		"other cloud":     {func(in *tenant.EnvironmentInput) { in.Audiences = []string{"bedrock", "//iam.googleapis.com/x"} }, ""},
		"15 minutes":      {func(in *tenant.EnvironmentInput) { in.Session = 15 * time.Minute }, ""},
		"12 hours":        {func(in *tenant.EnvironmentInput) { in.Session = 12 * time.Hour }, ""},
		"too short":       {func(in *tenant.EnvironmentInput) { in.Session = 15*time.Minute - time.Second }, "session_seconds"},
		"too long":        {func(in *tenant.EnvironmentInput) { in.Session = 12*time.Hour + time.Second }, "session_seconds"},
		"no whole second": {func(in *tenant.EnvironmentInput) { in.Session = time.Hour + time.Millisecond }, "session_seconds"},
		"models": {func(in *tenant.EnvironmentInput) {
			in.Models = []string{"amazon.titan-embed-text-v2:0", "eu.cohere.embed-v4:0"}
		}, ""},
		"model twice": {func(in *tenant.EnvironmentInput) { in.Models = []string{"cohere.embed-v4:0", "cohere.embed-v4:0"} }, "models"},
		"model of elsewhere": {func(in *tenant.EnvironmentInput) {
			in.Models = []string{"arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-v4:0"}
		}, "models"},
		"model of here": {func(in *tenant.EnvironmentInput) {
			in.Models = []string{"arn:aws:bedrock:eu-central-1::foundation-model/cohere.embed-v4:0"}
		}, ""},
		"tags with unicode":   {func(in *tenant.EnvironmentInput) { in.Tags = map[string]string{"équipe": "Suche & Co"} }, "tags"},
		"tags as AWS's":       {func(in *tenant.EnvironmentInput) { in.Tags = map[string]string{"équipe": "a/b c"} }, ""},
		"long description":    {func(in *tenant.EnvironmentInput) { in.Description = strings.Repeat("ä", 1001) }, "description"},
		"description of 1000": {func(in *tenant.EnvironmentInput) { in.Description = strings.Repeat("ä", 1000) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := good
			c.change(&in)
			_, err := create(t, in)
			if got := strings.Join(places(err), ","); got != c.place {
				t.Errorf("faults at %q, want %q: %v", got, c.place, err)
			}
		})
	}
}
