package credential_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/google/go-cmp/cmp"
)

// verdicts returns what the report says of every source, in its order.
func verdicts(r credential.Report) [][2]string {
	var all [][2]string
	for _, o := range r.Sources {
		all = append(all, [2]string{o.Source, string(o.Verdict)})
	}
	return all
}

func TestTheReportShowsEverySourceAndTheWinner(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	all := setups()
	all[0].invalid(m)
	all[2].valid(m)
	all[3].valid(m)
	report := m.chain().Walk(t.Context())

	want := [][2]string{
		{"environment", "invalid"}, {"profile", "nothing"}, {"web_identity", "won"},
		{"ecs_container", "valid-but-later"}, {"ec2_metadata", "nothing"},
	}
	if diff := cmp.Diff(want, verdicts(report)); diff != "" {
		t.Error(diff)
	}
	w := report.Winner
	if w == nil || w.Source != "web_identity" || w.Account != account || w.ARN == "" || w.Expires == nil || w.AccessKeyID != "ASIA…0001" {
		t.Errorf("winner = %+v", w)
	}
	if len(report.Warnings) > 0 {
		t.Errorf("warnings = %q", report.Warnings)
	}
	body, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"region":"us-east-1"`, `"verdict":"won"`, `"access_key_id":"ASIA…0001"`, `"account":"111122223333"`} {
		if !strings.Contains(string(body), field) {
			t.Errorf("the JSON lacks %s: %s", field, body)
		}
	}
}

func TestTheReportOfASourceThatSTSCannotJudgeTellsTheDoubt(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	setups()[0].valid(m)
	m.aws.broken["sts"] = true
	report := m.chain().Walk(t.Context())
	if report.Winner == nil || report.Winner.Account != "" || report.Winner.Identity != "key:AKIA…0001" {
		t.Errorf("winner = %+v", report.Winner)
	}
	if got := report.Sources[0].Reason; got != "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set; STS cannot confirm the credentials: ServiceUnavailable: later" {
		t.Errorf("reason = %q", got)
	}
}

func TestSourcesThatTheSettingsLeaveOutAreSkippedWithTheReason(t *testing.T) {
	t.Parallel()
	skip := func(tried ...string) [][2]string {
		var all [][2]string
		for _, s := range setups() {
			verdict := "skipped"
			for _, name := range tried {
				if name == s.source {
					verdict = "nothing"
				}
			}
			all = append(all, [2]string{s.source, verdict})
		}
		return all
	}
	for name, c := range map[string]struct {
		change func(*credential.Settings)
		want   [][2]string
		reason string
	}{
		"explicit keys": {func(s *credential.Settings) {
			s.AccessKeyID, s.SecretAccessKey = secret.New("AKIAEXPLICIT00000001"), secret.New(canarySecret)
		}, append([][2]string{{"explicit", "won"}}, skip()...), "the model has its own keys"},
		"env":      {func(s *credential.Settings) { s.RoleSource = "env" }, skip("environment"), "aws_iam_role_source is env"},
		"metadata": {func(s *credential.Settings) { s.RoleSource = "metadata" }, skip("web_identity", "ecs_container", "ec2_metadata"), "aws_iam_role_source is metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			c.change(&m.settings)
			report := m.chain().Walk(t.Context())
			if diff := cmp.Diff(c.want, verdicts(report)); diff != "" {
				t.Error(diff)
			}
			for _, o := range report.Sources {
				if o.Verdict == credential.VerdictSkipped && o.Reason != c.reason {
					t.Errorf("%s is skipped because %q", o.Source, o.Reason)
				}
			}
		})
	}
}

func TestSettingsThatDoNotDoWhatTheySeemToAreWarnedOf(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.env("AWS_REGION", "eu-west-1")
	m.env("AWS_DEFAULT_REGION", "us-east-1")
	m.env("AWS_BEARER_TOKEN_BEDROCK", canaryToken)
	m.file(".aws/credentials", "[default]\n"+staticDev+"region = ap-south-1\n"+legacySSO)
	report := m.chain().Walk(t.Context())
	want := []string{
		"AWS_REGION is eu-west-1, but this model uses us-east-1",
		"profile default says region ap-south-1, but this model uses us-east-1",
		"[profile sso-profile], which AWS tools ignore in the credentials file",
		"AWS_BEARER_TOKEN_BEDROCK is set; Adit ignores it",
	}
	if len(report.Warnings) != len(want) {
		t.Fatalf("warnings = %q", report.Warnings)
	}
	for i, w := range want {
		if !strings.Contains(report.Warnings[i], w) {
			t.Errorf("warning %d = %q, want %q", i, report.Warnings[i], w)
		}
	}
	m.assertNoSecrets(credential.Credentials{}, nil)
	if report.Winner == nil || report.Winner.Source != credential.SourceProfile {
		t.Errorf("winner = %+v", report.Winner)
	}
}

func TestAWalkForTheDoctorLeavesTheChainAsItIs(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	setups()[3].valid(m)
	c := m.chain()
	before, err := c.Credentials(t.Context(), anybody())
	if err != nil {
		t.Fatal(err)
	}
	m.aws.set(func() { m.aws.broken["ecs"] = true })
	if report := c.Walk(t.Context()); report.Winner != nil {
		t.Errorf("winner = %+v", report.Winner)
	}
	after, err := c.Credentials(t.Context(), anybody())
	if err != nil || after != before {
		t.Errorf("the credentials changed: %v", err)
	}
}
