package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
)

// The way of a platform engineer, and of the tools that she makes keyless.
func TestAnAccountIsSetUpOnceUsedAndUndone(t *testing.T) {
	d := newDesk(t)
	url, _ := d.serve()
	d.adit("env", "create", "prod", "--region", "us-east-1").exits(0)

	d.adit("aws", "setup").exits(2).tells("name the environment")
	d.adit("aws", "setup", "prod", "--environment", "other").exits(2)
	d.adit("aws", "setup", "prod", "--account", "999988887777", "--yes").exits(3).tells("999988887777")
	d.adit("aws", "setup", "prod", "--dry-run").exits(0).says("create  OIDC provider issuer.adit.test", "create  role adit-prod-", "+ ", "Plan: ")
	d.adit("aws", "setup", "prod").exits(2).says("Plan:").tells("Change AWS account 111122223333?", "add --yes")
	if roles := d.aws.IAM().Roles; len(roles) != 0 {
		t.Fatalf("%d roles were made by plans alone", len(roles))
	}
	d.adit("aws", "setup", "prod", "--yes").exits(0).
		says("created OIDC provider", "created role", "stored the role arn:aws:iam::111122223333:role/adit-prod-", "AWS admits the environment prod", "The role refuses everybody else. The environment is ready.").
		tells("Next: adit env models prod")
	d.adit("aws", "setup", "--environment", "prod", "--yes").exits(0).says("Plan: nothing to change.", "is ready")
	d.adit("aws", "verify", "prod").exits(0).says("outcome", "ok", "refuses everybody else")
	d.adit("env", "exchange", "prod").exits(0).says("ok", "111122223333", "env:org_")
	d.adit("env", "models", "prod").exits(0).says("amazon.titan-embed-text-v2:0", "foundation").tells("Read from AWS")
	d.adit("env", "enable", "prod", "amazon.titan-embed-text-v2:0").exits(0)

	d.adit("env", "credentials", "prod").exits(4).tells("--role credentials")
	invoke := strings.TrimSpace(d.adit("key", "create", "search", "--quiet").exits(0).out)
	take := strings.TrimSpace(d.adit("key", "create", "tools", "--role", "credentials", "--env", "prod", "--quiet").exits(0).out)
	d.with("ADIT_API_KEY="+invoke).adit("env", "credentials", "prod").exits(4).tells("credentials")
	for _, at := range []*desk{d.with("ADIT_API_KEY=" + take), {t: t, environ: []string{"ADIT_SERVER=" + url, "ADIT_API_KEY=" + take}}} {
		r := at.adit("env", "credentials").exits(0)
		var got struct {
			Version                                              int
			SecretAccessKey, SessionToken, Expiration, AccountID string
		}
		if err := json.Unmarshal([]byte(r.out), &got); err != nil || got.Version != 1 || got.SessionToken == "" || got.AccountID != "111122223333" || got.Expiration == "" || r.err != "" {
			t.Errorf("no credentials for credential_process: %v, %s", err, r.err)
		}
		at.adit("env", "credentials", "nowhere").exits(3)
	}

	d.adit("aws", "remove", "prod", "--dry-run").exits(0).says("remove  role adit-prod-")
	d.adit("aws", "remove", "prod").exits(2)
	d.adit("aws", "remove", "prod", "--yes").exits(0).says("removed role", "removed OIDC provider", "removed the role from the environment prod")
	d.adit("aws", "remove", "prod", "--yes").exits(0).says("nothing to change")
	d.adit("env", "show", "prod").exits(0).says("none yet")
	d.adit("env", "exchange", "prod").exits(4).tells("no AWS role yet")
}

func TestThePlanIsWrittenForOthersToCarryOut(t *testing.T) {
	d := newDesk(t)
	d.adit("env", "create", "prod", "--region", "us-east-1").exits(0)
	for format, part := range map[string]string{"cli": "aws iam", "terraform": "resource", "cloudformation": "AWS::IAM::Role", "console": "issuer.adit.test"} {
		d.adit("aws", "setup", "prod", "--format", format).exits(0).says(part, "env:org_")
	}
	file := filepath.Join(t.TempDir(), "adit.tf")
	d.adit("aws", "setup", "prod", "--format", "terraform", "--account", "111122223333", "--out", file).exits(0).tells("adit env update prod --role-arn")
	if !strings.Contains(readFile(t, file), "111122223333") {
		t.Error("the account is not in the module")
	}
	d.adit("aws", "setup", "prod", "--out", file).exits(2)
	d.adit("aws", "setup", "prod", "--format", "pulumi").exits(2)
	d.with("ADIT_ISSUER_URL=", "ADIT_DATA_DIR="+t.TempDir()).without("prod")
	if n := len(d.aws.Trail()); n != 0 {
		t.Errorf("AWS was asked %d times", n)
	}
}

// without looks at what an account is told of a server that has no public URL.
func (d *desk) without(env string) {
	d.t.Helper()
	d.adit("env", "create", env, "--region", "us-east-1").exits(0).says("the server has no --issuer-url")
	d.adit("aws", "setup", env).exits(3).tells("--issuer-url https://HOST")
}

func TestWhatAWSRefusesIsToldWithThePolicyToPaste(t *testing.T) {
	d := newDesk(t)
	d.serve()
	d.adit("env", "create", "prod", "--region", "us-east-1", "--role-arn", "arn:aws:iam::111122223333:role/nobody").exits(0).tells("Next: adit aws verify prod")
	d.adit("env", "exchange", "prod").exits(5).says("InvalidIdentityToken").tells("adit aws setup", `"sts:AssumeRoleWithWebIdentity"`, "env:org_")
	d.adit("aws", "verify", "prod").exits(5).tells("InvalidIdentityToken")
	d.adit("aws", "verify", "prod", "-o", "json").exits(5).says(`"verdict": "undecided"`)
}

func TestNobodyServesTheIssuerAndSetupSaysSo(t *testing.T) {
	d := newDesk(t)
	d.adit("env", "create", "prod", "--region", "us-east-1").exits(0)
	d.adit("aws", "setup", "prod", "--yes").exits(5).tells("AWS could not reach the issuer")
	d.serve()
	d.adit("aws", "setup", "prod", "--yes").exits(0).says("created role", "is ready")
}

func TestAnUnsafeRoleIsNotUsedUntilSomebodyAnswersForIt(t *testing.T) {
	d := newDesk(t)
	d.serve()
	provider := "arn:aws:iam::111122223333:oidc-provider/" + issuerHost
	if err := d.aws.AddOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"bedrock"}}); err != nil {
		t.Fatal(err)
	}
	trusting := func(name, condition string) string {
		arn := "arn:aws:iam::111122223333:role/" + name
		if err := d.aws.AddRole(emulator.IAMRole{ARN: arn, TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider +
			`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + issuerHost + `:aud":"bedrock"}` + condition + `}}]}`}); err != nil {
			t.Fatal(err)
		}
		return arn
	}
	d.adit("env", "create", "lab", "--region", "us-east-1", "--role-arn", trusting("open", "")).exits(0)
	d.adit("aws", "verify", "lab").exits(4).tells("unsafe and blocked", "adit aws setup lab", "adit env accept lab --reason")
	d.adit("env", "list").exits(0).says("unsafe")
	d.adit("env", "accept", "lab").exits(2).tells("--reason")
	d.adit("env", "accept", "lab", "--reason", "Shared role of the lab, ends with project 7").exits(0).says("unsafe, accepted", "ends with project 7")
	d.adit("aws", "verify", "lab").exits(0).says("unsafe, accepted")

	wide := trusting("wide", `,"StringLike":{"`+issuerHost+`:sub":"env:org_*"}`)
	d.adit("env", "create", "wide", "--region", "us-east-1", "--role-arn", wide).exits(0)
	d.adit("aws", "verify", "wide").exits(4)
	d.adit("aws", "setup", "wide", "--dry-run").exits(0).says("Plan: ")
}
