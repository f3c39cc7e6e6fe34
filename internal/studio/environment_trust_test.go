package studio

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheTrustPolicyLetsInThisEnvironmentOnly(t *testing.T) {
	want := `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Adit0a9b5f0c2d1e9a7b4c3d2e1f",
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:aws:iam::111122223333:oidc-provider/adit.example.com"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "adit.example.com:aud": "bedrock",
          "adit.example.com:sub": "env:org_5f0c2d1e9a7b4c3d2e1f0a9b:env_0a9b5f0c2d1e9a7b4c3d2e1f"
        }
      }
    }
  ]
}`
	if diff := cmp.Diff(want, trustPolicy(prod())); diff != "" {
		t.Error(diff)
	}
}

func TestATrustPolicyWithSessionTagsAllowsThem(t *testing.T) {
	e := prod()
	e.SessionTags, e.RoleARN, e.Region = true, `nonsense"`, "us-gov-west-1"
	var got struct {
		Statement []struct {
			Action    []string
			Principal struct{ Federated string }
		}
	}
	if err := json.Unmarshal([]byte(trustPolicy(e)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession"}, got.Statement[0].Action); diff != "" {
		t.Error(diff)
	}
	if want := "arn:aws-us-gov:iam::YOUR_AWS_ACCOUNT_ID:oidc-provider/adit.example.com"; got.Statement[0].Principal.Federated != want {
		t.Errorf("principal %s, want %s", got.Statement[0].Principal.Federated, want)
	}
}

func TestAnARNThatIsNoneHasNoAccountAndIsShownAsItIs(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:iam::111122223333:role/adit-prod":         {"111122223333", "adit-prod"},
		"arn:aws-cn:iam::111122223333:role/teams/a/search": {"111122223333", "search"},
		"<img onerror=alert(1)>":                           {"", "<img onerror=alert(1)>"},
		"arn:aws:iam::12345:role/x":                        {"", "x"},
		"":                                                 {"", ""},
	} {
		if got := [2]string{accountOf(arn), roleOf(arn)}; got != want {
			t.Errorf("%q: %q, want %q", arn, got, want)
		}
	}
}
