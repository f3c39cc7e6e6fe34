package awssetup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/awssetup"
)

// need skips where a judge is not installed; that of bash and the AWS CLI never
// on CI, which other judges need too. Judges take seconds a call, so they speak
// where `make test` asks them to.
func need(t *testing.T, name string, args ...string) string {
	t.Helper()
	if os.Getenv("ADIT_JUDGES") == "" && os.Getenv("CI") == "" {
		t.Skip("judges speak through `make test`, or where ADIT_JUDGES is set")
	}
	path, err := exec.LookPath(name)
	if err == nil && len(args) > 0 {
		err = exec.Command(path, args...).Run()
	}
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" && (name == "bash" || name == "aws") {
		t.Fatalf("%s %v is needed on CI: %v", name, args, err)
	}
	t.Skipf("needs %s %v: %v", name, args, err)
	return ""
}

// listen lets programs in other processes reach the account, and returns their
// environment: the administrator's keys and nothing of this machine's.
func (w *world) listen() []string {
	w.t.Helper()
	if err := w.aws.Start("127.0.0.1:0"); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.aws.Close() })
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.t.TempDir(), "PYENV_VERSION=" + os.Getenv("PYENV_VERSION"),
		"AWS_ENDPOINT_URL=" + w.aws.URL(), "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "NO_PROXY=127.0.0.1",
		"AWS_ACCESS_KEY_ID=" + w.key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + w.key.SecretAccessKey, "AWS_SESSION_TOKEN=" + w.key.SessionToken,
	}
}

// run is one command's output and whether it ended well.
func run(t *testing.T, dir string, env []string, stdin []byte, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, env, bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// setups are what every judge sees. The account of the private chain is left
// out: the emulator's issuer has no certificate.
func setups() map[string]func() (awssetup.Facts, awssetup.Options) {
	return map[string]func() (awssetup.Facts, awssetup.Options){
		"plain": func() (awssetup.Facts, awssetup.Options) { return facts(), awssetup.Options{} },
		"everything": func() (awssetup.Facts, awssetup.Options) {
			f, o := everything()
			f.Thumbprint = ""
			return f, o
		},
	}
}

func TestAWSsOwnCLIMakesOfTheScriptWhatThePlanMakes(t *testing.T) {
	bash, _ := need(t, "bash"), need(t, "aws", "--version")
	for name, setup := range setups() {
		if name == "plain" { // a dozen calls of a second each; the other setup has all that this one has
			continue
		}
		f, o := setup()
		text, err := awssetup.Render(awssetup.CLI, f, o)
		if err != nil {
			t.Fatal(err)
		}
		want := state(t, f, o)
		w := newWorld(t)
		env := w.listen()
		for _, which := range []string{"first", "second"} {
			out, err := run(t, t.TempDir(), env, text, bash)
			if err != nil {
				t.Fatalf("%s, %s run: %v\n%s", name, which, err, out)
			}
			if !strings.Contains(out, w.plan(f, o).RoleARN) {
				t.Errorf("%s, %s run does not tell the role:\n%s", name, which, out)
			}
			if diff := cmp.Diff(want, w.aws.IAM()); diff != "" {
				t.Errorf("%s: after the %s run (-plan +script):\n%s", name, which, diff)
			}
		}
		if p := w.plan(f, o); !p.Empty() {
			t.Errorf("%s: setup after the script would %v", name, steps(p))
		}
	}
}

func TestTheScriptStopsAtARoleThatIsNotOnlyItsOwn(t *testing.T) {
	bash, _ := need(t, "bash"), need(t, "aws", "--version")
	for name, change := range map[string]func(*emulator.IAMRole){
		"another's role":      func(r *emulator.IAMRole) { r.Tags = nil },
		"another's statement": func(r *emulator.IAMRole) { r.TrustPolicy = strangers },
	} {
		w := newWorld(t)
		p := w.setup(facts(), awssetup.Options{})
		if err := w.aws.UpdateRole(p.RoleARN, change); err != nil {
			t.Fatal(err)
		}
		before := w.aws.IAM()
		text, err := awssetup.Render(awssetup.CLI, facts(), awssetup.Options{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := run(t, t.TempDir(), w.listen(), text, bash)
		if err == nil || !strings.Contains(out, "is not used by this environment only") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if diff := cmp.Diff(before, w.aws.IAM()); diff != "" {
			t.Errorf("%s: changed all the same:\n%s", name, diff)
		}
	}
}

func TestCfnLintAcceptsTheTemplate(t *testing.T) {
	lint := need(t, "cfn-lint", "--version")
	for name, setup := range setups() {
		f, o := setup()
		text, err := awssetup.Render(awssetup.CloudFormation, f, o)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "template.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := run(t, t.TempDir(), os.Environ(), nil, lint, "--", file); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// needPlugins is a folder that holds Terraform's AWS provider as a filesystem
// mirror: ADIT_TERRAFORM_PLUGINS, or "terraform" below ADIT_JUDGES. Nothing is
// fetched, so without one the test is skipped.
func needPlugins(t *testing.T) string {
	t.Helper()
	plugins := os.Getenv("ADIT_TERRAFORM_PLUGINS")
	if judges := os.Getenv("ADIT_JUDGES"); plugins == "" && judges != "" {
		plugins = filepath.Join(judges, "terraform")
	}
	if _, err := os.Stat(filepath.Join(plugins, "registry.terraform.io", "hashicorp", "aws")); plugins == "" || err != nil {
		t.Skip("needs Terraform's AWS provider: set ADIT_TERRAFORM_PLUGINS to a folder that holds it as a filesystem mirror")
	}
	return plugins
}

func TestTerraformMakesOfTheModuleWhatThePlanMakes(t *testing.T) {
	terraform, plugins := need(t, "terraform", "version"), needPlugins(t)
	for name, setup := range setups() {
		f, o := setup()
		text, err := awssetup.Render(awssetup.Terraform, f, o)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		w := newWorld(t)
		env := append(w.listen(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color")
		do := func(args ...string) {
			t.Helper()
			if out, err := run(t, dir, env, nil, terraform, args...); err != nil {
				t.Fatalf("%s: terraform %v: %v\n%s", name, args, err, out)
			}
		}
		do("fmt", "-check", "-diff")
		do("init", "-input=false", "-plugin-dir="+plugins)
		do("apply", "-input=false", "-auto-approve")
		if diff := cmp.Diff(state(t, f, o), w.aws.IAM()); diff != "" {
			t.Errorf("%s (-plan +terraform):\n%s", name, diff)
		}
		if p := w.plan(f, o); !p.Empty() {
			t.Errorf("%s: setup after terraform would %v", name, steps(p))
		}
		do("plan", "-input=false", "-detailed-exitcode") // 2 would mean that something is left to change
	}
}

func TestTerraformFindsAProviderThatIsThere(t *testing.T) {
	terraform, plugins := need(t, "terraform", "version"), needPlugins(t)
	text, err := awssetup.Render(awssetup.Terraform, facts(), awssetup.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for audience, works := range map[string]bool{"bedrock": true, "other": false} {
		w := newWorld(t, emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{audience}}))
		env := append(w.listen(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color", "TF_VAR_create_provider=false")
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := run(t, dir, env, nil, terraform, "init", "-input=false", "-plugin-dir="+plugins); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		out, err := run(t, dir, env, nil, terraform, "apply", "-input=false", "-auto-approve")
		if (err == nil) != works || (!works && !strings.Contains(out, "lacks the audience bedrock")) {
			t.Errorf("audience %s: %v\n%s", audience, err, out)
		}
		if got := w.aws.IAM(); works && (len(got.Roles) != 1 || !strings.Contains(string(got.Roles[0].Trust), provider)) {
			t.Errorf("made %+v", got)
		}
	}
}

func TestThePlanIsReadableJSON(t *testing.T) {
	w := newWorld(t)
	text, err := json.Marshal(w.plan(facts(), awssetup.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"action":"create"`, `"kind":"OIDC provider"`, `"mark":"+"`, `"role_arn":"arn:aws:iam::111122223333:role/adit-prod-89abcdef"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the plan lacks %s: %s", want, text)
		}
	}
}
