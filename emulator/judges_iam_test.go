package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/adit-hq/adit/emulator"
)

// startSetup is a listening emulator with an issuer and nothing in its IAM, and
// the environment of a user who may do everything there.
func startSetup(t *testing.T) (*federation, []string) {
	t.Helper()
	f := &federation{issuer: newIssuer()}
	f.now.Store(time.Now().Unix())
	e, _ := start(t, emulator.WithIssuer(idpHost, f.issuer))
	f.Emulator = e
	return f, judgeKeys(t, e)(userWith(t, e, "admin", allowIAM))
}

const embedStatement = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"arn:aws:bedrock:*::foundation-model/*"}}`

// TestARoleThatTheAWSCLIMadeIsAssumedWithoutAKey sets a keyless role up as an
// administrator would by hand.
func TestARoleThatTheAWSCLIMadeIsAssumedWithoutAKey(t *testing.T) {
	t.Parallel()
	cli := need(t, "aws")
	f, env := startSetup(t)
	for _, c := range []struct {
		command []string
		want    string
	}{
		{[]string{"create-open-id-connect-provider", "--url", idpURL, "--client-id-list", "sts", "--tags", "Key=adit:owner,Value=default", "--query", "OpenIDConnectProviderArn", "--output", "text"}, provider},
		{[]string{"create-open-id-connect-provider", "--url", idpURL, "--client-id-list", "bedrock"}, "(EntityAlreadyExists)"},
		{[]string{"add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn", provider, "--client-id", "bedrock"}, ""},
		{[]string{"create-role", "--role-name", "Embedder", "--path", "/service/", "--assume-role-policy-document", trustDocument(assumeOnly, exact), "--query", "Role.AssumeRolePolicyDocument.Statement[0].Effect"}, "Allow"},
		{[]string{"put-role-policy", "--role-name", "Embedder", "--policy-name", "embed", "--policy-document", embedStatement}, ""},
		{[]string{"delete-role", "--role-name", "Embedder"}, "(DeleteConflict)"},
	} {
		if got := run(t, env, "", cli, append([]string{"iam"}, c.command...)...); !strings.Contains(got, c.want) || (c.want == "" && got != "") {
			t.Errorf("%s: %s, want %s", c.command[0], got, c.want)
		}
	}
	k := f.session(t, f.token(nil))
	if status, answer := f.invoke(t, k, titan2); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
	if outcome, _ := f.exchange(t, f.token(fields{"sub": "env:org_2:env_1"})); !strings.HasPrefix(outcome, "AccessDenied") {
		t.Errorf("another subject: %s", outcome)
	}
}

// iamScript makes boto3 use IAM's exceptions, paginators and waiters.
const iamScript = `
import boto3, json, os
iam = boto3.client("iam")
trust = os.environ["TRUST"]
try:
    iam.create_open_id_connect_provider(Url="https://nobody.adit.test")
except iam.exceptions.OpenIdIdpCommunicationErrorException as e:
    print(e.response["Error"]["Code"])
arn = iam.create_open_id_connect_provider(Url=os.environ["ISSUER"], ClientIDList=["bedrock"])["OpenIDConnectProviderArn"]
for i in range(5):
    iam.create_role(RoleName="r%d" % i, AssumeRolePolicyDocument=trust, Tags=[{"Key": "n", "Value": str(i)}])
iam.get_waiter("role_exists").wait(RoleName="r4", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
print(*[r["RoleName"] for p in iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}) for r in p["Roles"]])
print(iam.get_role(RoleName="r3")["Role"]["AssumeRolePolicyDocument"] == json.loads(trust), iam.list_role_tags(RoleName="r3")["Tags"])
iam.update_role(RoleName="r3", MaxSessionDuration=7200)
print(iam.get_role(RoleName="r3")["Role"]["MaxSessionDuration"])
for name, call in (
    ("NoSuchEntity", lambda: iam.get_role(RoleName="none")),
    ("MalformedPolicyDocument", lambda: iam.update_assume_role_policy(RoleName="r3", PolicyDocument='{"Version":"2012-10-17","Statement":[]}')),
    ("ValidationError", lambda: iam.create_role(RoleName="a b", AssumeRolePolicyDocument=trust)),
    ("EntityAlreadyExists", lambda: iam.create_role(RoleName="R1", AssumeRolePolicyDocument=trust)),
):
    try:
        call()
        print(name, "was expected")
    except iam.exceptions.ClientError as e:
        print(e.response["Error"]["Code"] == name or e)
iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
print(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"])
`

func TestBoto3FindsIAMsExceptionsPaginatorsAndWaiters(t *testing.T) {
	t.Parallel()
	python := need(t, "python3", "-c", "import boto3")
	_, env := startSetup(t)
	env = append(env, "ISSUER="+idpURL, "TRUST="+trustDocument(assumeOnly, exact))
	want := "OpenIdIdpCommunicationError\nr0 r1 r2 r3 r4\nTrue [{'Key': 'n', 'Value': '3'}]\n7200\nTrue\nTrue\nTrue\nTrue\n[]\n"
	if got := run(t, env, "", python, "-c", iamScript); got != want {
		t.Errorf("boto3 said\n%s\nwant\n%s", got, want)
	}
}

func TestAnAccountHoldsAHundredProvidersAndAThousandRoles(t *testing.T) {
	e, client := startIAM(t)
	for i := range 100 {
		if err := e.AddOIDCProvider(emulator.OIDCProvider{ARN: setupARN + "/" + strings.Repeat("a", i+1)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost)}); code(err) != "LimitExceeded" {
		t.Errorf("provider 101: %v", err)
	}
	for i := range 1000 {
		if err := e.AddRole(emulator.IAMRole{ARN: "arn:aws:iam::111122223333:role/r" + time.Duration(i).String(), TrustPolicy: trustSetup}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := createRole(client, "more", trustSetup); code(err) != "LimitExceeded" {
		t.Errorf("role 1001: %v", err)
	}
}
