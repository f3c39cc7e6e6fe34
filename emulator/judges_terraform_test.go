package emulator_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// terraform is one working directory with the AWS provider.
type terraform struct {
	t    *testing.T
	path string
	dir  string
	env  []string
}

// needTerraform initialises a directory from a folder that holds the AWS
// provider as a filesystem mirror: ADIT_TERRAFORM_PLUGINS, or "terraform" below
// ADIT_JUDGES. Nothing is fetched, so without one the test is skipped.
func needTerraform(t *testing.T, env []string, config string) terraform {
	t.Helper()
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("needs terraform")
	}
	plugins := os.Getenv("ADIT_TERRAFORM_PLUGINS")
	if judges := os.Getenv("ADIT_JUDGES"); plugins == "" && judges != "" {
		plugins = filepath.Join(judges, "terraform")
	}
	if _, err := os.Stat(filepath.Join(plugins, "registry.terraform.io", "hashicorp", "aws")); plugins == "" || err != nil {
		t.Skip("needs Terraform's AWS provider: set ADIT_TERRAFORM_PLUGINS to a folder that holds it as a filesystem mirror")
	}
	tf := terraform{t: t, path: path, dir: t.TempDir(), env: append(env, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color")}
	if err := os.WriteFile(filepath.Join(tf.dir, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	tf.run("init", "-input=false", "-plugin-dir="+plugins)
	return tf
}

// run fails the test unless the command ends with 0.
func (tf terraform) run(args ...string) {
	tf.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tf.path, args...)
	cmd.Dir, cmd.Env = tf.dir, tf.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		tf.t.Fatalf("terraform %v: %v\n%s", args, err, out.String())
	}
}

const terraformConfig = `
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
provider "aws" {}
data "aws_caller_identity" "me" {}
resource "aws_iam_openid_connect_provider" "adit" {
  url            = "https://setup.adit.test"
  client_id_list = ["bedrock"]
  tags           = { "adit:owner" = "default" }
}
resource "aws_iam_role" "adit" {
  name                 = "Adit"
  path                 = "/platform/"
  description          = "Embeddings"
  max_session_duration = 7200
  permissions_boundary = "arn:aws:iam::aws:policy/AmazonBedrockReadOnly"
  tags                 = { "adit:owner" = "default" }
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.adit.arn }
      Action    = ["sts:AssumeRoleWithWebIdentity"]
      Condition = { StringEquals = { "setup.adit.test:aud" = ["bedrock"], "setup.adit.test:sub" = "env:org:env" } }
    }]
  })
}
resource "aws_iam_role_policy" "adit" {
  name   = "embed"
  role   = aws_iam_role.adit.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = "arn:aws:bedrock:*::foundation-model/*" }]
  })
}
resource "aws_iam_policy" "more" {
  name   = "More"
  policy = aws_iam_role_policy.adit.policy
}
resource "aws_iam_role_policy_attachment" "more" {
  role       = aws_iam_role.adit.name
  policy_arn = aws_iam_policy.more.arn
}
output "account" { value = data.aws_caller_identity.me.account_id }
`

func TestTerraformMakesTheSameAsTheAPIAndFindsNothingToChange(t *testing.T) {
	t.Parallel()
	e, _ := startIAM(t)
	env := judgeKeys(t, e)(userWith(t, e, "terraform", allowIAM))
	tf := needTerraform(t, env, terraformConfig)
	tf.run("apply", "-input=false", "-auto-approve")
	tf.run("plan", "-input=false", "-detailed-exitcode") // 2 when something would change
	other, client := startIAM(t)
	makeByAPI(t, client)
	if diff := cmp.Diff(other.IAM(), e.IAM()); diff != "" {
		t.Error(diff)
	}
	tf.run("destroy", "-input=false", "-auto-approve")
	if left := e.IAM(); len(left.Providers)+len(left.Roles)+len(left.Policies) != 0 {
		t.Errorf("destroyed, and yet there is %+v", left)
	}
}

// makeByAPI makes what terraformConfig describes.
func makeByAPI(t *testing.T, client *iam.Client) {
	t.Helper()
	ctx, owner := context.Background(), []types.Tag{{Key: aws.String("adit:owner"), Value: aws.String("default")}}
	_, err := client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), ClientIDList: []string{"bedrock"}, Tags: owner})
	if err != nil {
		t.Fatal(err)
	}
	_, err = createRole(client, "Adit", trustSetup, func(in *iam.CreateRoleInput) {
		in.Path, in.Description, in.MaxSessionDuration, in.Tags = aws.String("/platform/"), aws.String("Embeddings"), aws.Int32(7200), owner
		in.PermissionsBoundary = aws.String(bedrockReader)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Adit"), PolicyName: aws.String("embed"), PolicyDocument: aws.String(embedOnly)}); err != nil {
		t.Fatal(err)
	}
	p, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("More"), PolicyDocument: aws.String(embedOnly)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("Adit"), PolicyArn: p.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
}
