package emulator_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/adit-hq/adit/emulator"
)

// TestTheGoSDKExchangesATokenUnsigned with its own provider, and with every
// parameter by hand.
func TestTheGoSDKExchangesATokenUnsigned(t *testing.T) {
	f := newFederation(t)
	cfg := configFor(f.Emulator, emulator.Key{})
	cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIACANARY", "canary", "")
	client := sts.NewFromConfig(cfg)
	p := stscreds.NewWebIdentityRoleProvider(client, roleARN, token(f.token(nil)), func(o *stscreds.WebIdentityRoleOptions) {
		o.RoleSessionName, o.Duration, o.Policy = "me", 15*time.Minute, aws.String(document(anyModel))
	})
	if got := identity(t, f.Emulator, p); got != "arn:aws:sts::111122223333:assumed-role/Embedder/me" {
		t.Errorf("got %s", got)
	}
	out, err := client.AssumeRoleWithWebIdentity(context.Background(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(roleARN), RoleSessionName: aws.String("me"), WebIdentityToken: aws.String(f.token(nil)),
		Policy: aws.String(document(anyModel)), PolicyArns: []ststypes.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/AmazonBedrockFullAccess")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if *out.SubjectFromWebIdentityToken != subject || *out.Audience != "bedrock" || *out.Provider != provider || int(*out.SessionTokenSize) != len(*out.Credentials.SessionToken) || !out.Credentials.Expiration.Equal(f.time().Add(time.Hour)) {
		t.Errorf("%+v", out)
	}
	for _, ev := range f.Trail() {
		if ev.AccessKeyID == "AKIACANARY" {
			t.Errorf("%s was signed", ev.Operation)
		}
	}
	_, err = client.AssumeRoleWithWebIdentity(context.Background(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(roleARN), RoleSessionName: aws.String("me"), WebIdentityToken: aws.String(f.token(fields{"sub": "env:org_2:env_1"})),
	})
	if code(err) != "AccessDenied" || !strings.HasSuffix(err.Error(), "Not authorized to perform sts:AssumeRoleWithWebIdentity") {
		t.Error(err)
	}
}

// TestASignedExchangeMustBeSignedWell: nobody's key gets no further because
// the operation would not have needed one.
func TestASignedExchangeMustBeSignedWell(t *testing.T) {
	f := newFederation(t)
	req := signed(t, f.DefaultKey(), f.time(), http.MethodPost, "http://aws.test/", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15")
	if status, _, answer := ask(t, f.Emulator, req); status != 403 || !strings.Contains(answer, "SignatureDoesNotMatch") { // scoped to bedrock
		t.Errorf("%d %s", status, answer)
	}
}

// webScript makes botocore's own web identity provider exchange the token in a
// file, call Bedrock, and show what other tokens get.
const webScript = `
import boto3, sys
from botocore import UNSIGNED
from botocore.config import Config
print(boto3.client("sts").get_caller_identity()["Arn"])
print(len(boto3.client("bedrock").list_foundation_models()["modelSummaries"]) > 0)
sts = boto3.client("sts", config=Config(signature_version=UNSIGNED))
role = sys.argv[1]
for line in sys.stdin:
    try:
        r = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="me", WebIdentityToken=line.strip())
        print("ok", r["SubjectFromWebIdentityToken"], r["Audience"], r["Provider"], r["AssumedRoleUser"]["Arn"])
    except Exception as e:
        print(type(e).__name__, e)
`

// webJudge is a federation with a listener, and the environment in which a
// judge finds the token of a file.
func webJudge(t *testing.T) (*federation, []string) {
	t.Helper()
	f := newFederation(t)
	if err := f.UpdateRole(roleARN, func(r *emulator.IAMRole) { r.Attached = []string{"arn:aws:iam::aws:policy/AmazonBedrockFullAccess"} }); err != nil {
		t.Fatal(err)
	}
	env := judgeKeys(t, f.Emulator)(emulator.Key{})
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(f.token(nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := []string{"AWS_ROLE_ARN=" + roleARN, "AWS_WEB_IDENTITY_TOKEN_FILE=" + file, "AWS_ROLE_SESSION_NAME=me"}
	for _, v := range env {
		if !strings.HasPrefix(v, "AWS_ACCESS_KEY_ID=") && !strings.HasPrefix(v, "AWS_SECRET_ACCESS_KEY=") && !strings.HasPrefix(v, "AWS_SESSION_TOKEN=") {
			kept = append(kept, v)
		}
	}
	return f, kept
}

func TestBoto3ExchangesATokenUnsigned(t *testing.T) {
	t.Parallel()
	python := need(t, "python3", "-c", "import boto3")
	f, env := webJudge(t)
	input := strings.Join([]string{f.token(nil), f.token(fields{"aud": "x"}), f.token(fields{"sub": "x"}), signRSA(2, nil, goodClaims(f.time(), nil)), f.token(fields{"exp": 1})}, "\n")
	got := run(t, env, input, python, "-c", webScript, roleARN)
	const session = "arn:aws:sts::111122223333:assumed-role/Embedder/me"
	for i, want := range []string{
		session, "True", "ok " + subject + " bedrock " + provider + " " + session,
		"InvalidIdentityTokenException An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Incorrect token audience",
		"ClientError An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity",
		"InvalidIdentityTokenException An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Couldn't retrieve verification key",
		"ExpiredTokenException An error occurred (ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: Token expired",
	} {
		if lines := strings.Split(got, "\n"); i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("line %d of\n%s\nlacks %s", i+1, got, want)
		}
	}
}

func TestTheAWSCLIExchangesATokenUnsigned(t *testing.T) {
	t.Parallel()
	aws := need(t, "aws")
	f, env := webJudge(t)
	if out := run(t, env, "", aws, "sts", "get-caller-identity", "--query", "[Arn,UserId]", "--output", "text"); !strings.Contains(out, "assumed-role/Embedder/me\t"+f.Roles(account)[0].RoleID+":me") {
		t.Errorf("its credential chain: %s", out)
	}
	exchange := func(token string) string {
		return run(t, env, "", aws, "sts", "assume-role-with-web-identity", "--role-arn", roleARN, "--role-session-name", "cli", "--web-identity-token", token,
			"--duration-seconds", "900", "--query", "[SubjectFromWebIdentityToken,AssumedRoleUser.Arn]", "--output", "text")
	}
	if out := exchange(f.token(nil)); !strings.Contains(out, subject+"\tarn:aws:sts::111122223333:assumed-role/Embedder/cli") {
		t.Errorf("by hand: %s", out)
	}
	if out := exchange(f.token(fields{"sub": "x"})); !strings.Contains(out, "(AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity") {
		t.Errorf("another subject: %s", out)
	}
}
