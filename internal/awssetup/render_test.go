package awssetup_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/awssetup"
)

// everything is a setup with every option.
func everything() (awssetup.Facts, awssetup.Options) {
	f := facts()
	f.Region, f.SessionTags, f.Session, f.Audiences = "eu-west-1", true, 2*time.Hour, []string{"bedrock", "other"}
	f.Thumbprint = "0123456789abcdef0123456789abcdef01234567"
	f.Models = []string{"acme.chat-v1:0", "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/ab12cd34ef56"}
	return f, awssetup.Options{
		RoleName: "Bedrock+Adit@x", Path: "/it's/${odd}/%{path}/`\"/", Boundary: "arn:aws:iam::aws:policy/AmazonBedrockReadOnly", MaxSession: 4 * time.Hour,
		Tags: map[string]string{"cost centre": "4711 + 12 = é"}, FullAccess: true, Marketplace: true, Account: accounts,
	}
}

func TestEveryFormatReadsAsItDid(t *testing.T) {
	all, options := everything()
	for name, c := range map[string]struct {
		facts awssetup.Facts
		opts  awssetup.Options
	}{"plain": {facts(), awssetup.Options{}}, "everything": {all, options}} {
		for _, format := range awssetup.Formats() {
			got, err := awssetup.Render(format, c.facts, c.opts)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+"."+string(format))
			if os.Getenv("ADIT_UPDATE") != "" {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s differs (-want +got); ADIT_UPDATE=1 accepts it:\n%s", golden, diff)
			}
		}
	}
}

func TestAnUnknownFormatNamesTheOthers(t *testing.T) {
	_, err := awssetup.Render("pulumi", facts(), awssetup.Options{})
	if err == nil || !strings.Contains(err.Error(), "Formats: cli, terraform, cloudformation, console.") {
		t.Errorf("got %v", err)
	}
}

// wishes draws facts and options whose texts hold all that IAM allows, the
// characters that shells and templates care for included.
func wishes(t *rapid.T) (awssetup.Facts, awssetup.Options) {
	f := facts()
	f.Region = rapid.SampledFrom([]string{"us-east-1", "eu-west-1", "ap-northeast-1", "sa-east-1"}).Draw(t, "region")
	f.SessionTags = rapid.Bool().Draw(t, "tags")
	f.Session = time.Duration(rapid.IntRange(15, 720).Draw(t, "minutes")) * time.Minute
	f.Models = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"acme.chat-v1:0", "us.acme.chat-v1:0", "cohere.embed-v4:0", "global.cohere.embed-v4:0"}), 0, 3, rapid.ID[string]).Draw(t, "models")
	printable := rapid.StringMatching(`[!-~]{1,40}`)
	tag := rapid.StringMatching(`[\p{L}\p{Z}\p{N}_.:/=+@-]{1,30}`)
	o := awssetup.Options{
		RoleName: rapid.SampledFrom([]string{"", "a=b,c.d@e-f+g_h"}).Draw(t, "role"),
		Path:     rapid.SampledFrom([]string{"", "/" + strings.ReplaceAll(printable.Draw(t, "path"), "/", "'") + "/"}).Draw(t, "which path"),
		Tags:     map[string]string{"k" + tag.Draw(t, "key"): tag.Draw(t, "value")},
	}
	if rapid.Bool().Draw(t, "full") {
		o.FullAccess, o.Marketplace = true, true
	}
	return f, o
}

// state is the IAM of one world after a plan was applied, which all formats must equal.
func state(t testing.TB, f awssetup.Facts, o awssetup.Options) emulator.IAMState {
	t.Helper()
	e, admin := newAccount(t)
	plan, err := awssetup.NewPlan(t.Context(), f, o, admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return e.IAM()
}

// made is what a format says, as IAM is asked for it.
type made struct {
	provider *iam.CreateOpenIDConnectProviderInput
	role     *iam.CreateRoleInput
	policies []*iam.PutRolePolicyInput
	attached []*iam.AttachRolePolicyInput
}

// state is the IAM of a new account in which it was made.
func (m made) state(t testing.TB) emulator.IAMState {
	t.Helper()
	e, admin := newAccount(t)
	_, err := admin.IAM.CreateOpenIDConnectProvider(t.Context(), m.provider)
	if err == nil {
		_, err = admin.IAM.CreateRole(t.Context(), m.role)
	}
	for _, p := range m.policies {
		if err == nil {
			_, err = admin.IAM.PutRolePolicy(t.Context(), p)
		}
	}
	for _, a := range m.attached {
		if err == nil {
			_, err = admin.IAM.AttachRolePolicy(t.Context(), a)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return e.IAM()
}

// few checks a property n times: each takes an account of its own.
func few(t *testing.T, n int, property func(*rapid.T)) {
	rapid.Check(t, func(rt *rapid.T) {
		if n--; n >= 0 {
			property(rt)
		}
	})
}

func TestTheTemplateSaysWhatThePlanDoes(t *testing.T) {
	few(t, 30, func(rt *rapid.T) {
		f, o := wishes(rt)
		got := fromTemplate(t, f, o)
		if diff := cmp.Diff(state(t, f, o), got); diff != "" {
			rt.Fatalf("CloudFormation differs (-plan +template):\n%s", diff)
		}
	})
}

// optional is nil for a text that a format leaves out.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// fromTemplate does what CloudFormation would.
func fromTemplate(t testing.TB, f awssetup.Facts, o awssetup.Options) emulator.IAMState {
	t.Helper()
	text, err := awssetup.Render(awssetup.CloudFormation, f, o)
	if err != nil {
		t.Fatal(err)
	}
	var raw any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	resolved, err := json.Marshal(resolve(raw))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Resources struct {
			Provider struct {
				Condition, DeletionPolicy string
				Properties                struct {
					URL            string `json:"Url"`
					ClientIDList   []string
					ThumbprintList []string
					Tags           []types.Tag
				}
			}
			Role struct {
				Properties struct {
					RoleName, Path, Description, PermissionsBoundary string
					MaxSessionDuration                               int32
					AssumeRolePolicyDocument                         json.RawMessage
					Policies                                         []struct {
						PolicyName     string
						PolicyDocument json.RawMessage
					}
					ManagedPolicyArns []string
					Tags              []types.Tag
				}
			}
		}
	}
	if err := json.Unmarshal(resolved, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Resources.Provider.Condition != "CreateProvider" || doc.Resources.Provider.DeletionPolicy != "Retain" {
		t.Errorf("the provider is %+v", doc.Resources.Provider)
	}
	p, r := doc.Resources.Provider.Properties, doc.Resources.Role.Properties
	m := made{
		provider: &iam.CreateOpenIDConnectProviderInput{Url: &p.URL, ClientIDList: p.ClientIDList, ThumbprintList: p.ThumbprintList, Tags: p.Tags},
		role: &iam.CreateRoleInput{
			RoleName: &r.RoleName, Path: &r.Path, Description: &r.Description, PermissionsBoundary: optional(r.PermissionsBoundary),
			MaxSessionDuration: &r.MaxSessionDuration, AssumeRolePolicyDocument: aws.String(string(r.AssumeRolePolicyDocument)), Tags: r.Tags,
		},
	}
	for _, i := range r.Policies {
		m.policies = append(m.policies, &iam.PutRolePolicyInput{RoleName: &r.RoleName, PolicyName: &i.PolicyName, PolicyDocument: aws.String(string(i.PolicyDocument))})
	}
	for _, arn := range r.ManagedPolicyArns {
		m.attached = append(m.attached, &iam.AttachRolePolicyInput{RoleName: &r.RoleName, PolicyArn: &arn})
	}
	return m.state(t)
}

// resolve does what CloudFormation's functions do in a stack that creates the provider.
func resolve(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = resolve(v[i])
		}
	case map[string]any:
		if text, ok := v["Fn::Sub"].(string); ok {
			return strings.ReplaceAll(strings.ReplaceAll(text, "${AWS::AccountId}", accounts), "${!", "${")
		}
		if branches, ok := v["Fn::If"].([]any); ok && branches[0] == "CreateProvider" {
			return resolve(branches[1])
		}
		if v["Ref"] == "Provider" { // a provider's Ref is its ARN
			return provider
		}
		for k := range v {
			v[k] = resolve(v[k])
		}
	}
	return v
}

// awsStub stands for the AWS CLI: it writes its arguments down, each ended by a
// NUL and each call by another, and knows who calls.
const awsStub = `#!/bin/sh
for a in "$@"; do printf '%s\0' "$a" >>"$CALLS"; done
printf '\0' >>"$CALLS"
if [ "$1 $2" = "${REFUSED:-}" ]; then
  echo "An error occurred (AccessDenied) when calling it" >&2
  exit 254
fi
case "$1 $2" in
  "sts get-caller-identity") echo 111122223333 ;;
  "iam get-role") echo arn:aws:iam::111122223333:role/x ;;
esac
`

func TestTheScriptSaysWhatThePlanDoes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(awsStub), 0o700); err != nil {
		t.Fatal(err)
	}
	few(t, 6, func(rt *rapid.T) { // each starts a dozen processes
		f, o := wishes(rt)
		got := fromScript(t, bash, dir, f, o)
		if diff := cmp.Diff(state(t, f, o), got); diff != "" {
			rt.Fatalf("the script differs (-plan +script):\n%s", diff)
		}
	})
	f, o := everything()
	f.Thumbprint = ""
	if diff := cmp.Diff(state(t, f, o), fromScript(t, bash, dir, f, o)); diff != "" {
		t.Fatalf("the script differs (-plan +script):\n%s", diff)
	}
}

func TestTheScriptStopsWhereAWSRefuses(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(awsStub), 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := awssetup.Render(awssetup.CLI, facts(), awssetup.Options{FullAccess: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, refused := range []string{"sts get-caller-identity", "iam create-open-id-connect-provider", "iam create-role", "iam put-role-policy", "iam attach-role-policy", "iam get-role"} {
		cmd := exec.CommandContext(t.Context(), bash)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(text)
		cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "CALLS=" + filepath.Join(dir, "calls"), "REFUSED=" + refused}
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "AccessDenied") || strings.Contains(string(out), "Ready") {
			t.Errorf("%s refused: %v\n%s", refused, err, out)
		}
	}
}

// fromScript runs the script with the stub and does what it asked for.
func fromScript(t testing.TB, bash, dir string, f awssetup.Facts, o awssetup.Options) emulator.IAMState {
	t.Helper()
	text, err := awssetup.Render(awssetup.CLI, f, o)
	if err != nil {
		t.Fatal(err)
	}
	calls := filepath.Join(dir, "calls")
	_ = os.Remove(calls)
	cmd := exec.CommandContext(t.Context(), bash)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(text)
	cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "CALLS=" + calls}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	written, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	var m made
	for _, call := range strings.Split(strings.TrimSuffix(string(written), "\x00\x00"), "\x00\x00") {
		args := strings.Split(call, "\x00")
		m.take(t, args[1], options(args[2:]))
	}
	return m.state(t)
}

func options(args []string) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		out[args[i]] = args[i+1]
	}
	return out
}

// take does what one call of the AWS CLI does.
func (m *made) take(t testing.TB, operation string, o map[string]string) {
	t.Helper()
	var tags []types.Tag
	if o["--tags"] != "" {
		if err := json.Unmarshal([]byte(o["--tags"]), &tags); err != nil {
			t.Fatal(err)
		}
	}
	switch operation {
	case "create-open-id-connect-provider":
		m.provider = &iam.CreateOpenIDConnectProviderInput{Url: optional(o["--url"]), ClientIDList: []string{o["--client-id-list"]}, Tags: tags}
	case "create-role":
		seconds, err := strconv.ParseInt(o["--max-session-duration"], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		m.role = &iam.CreateRoleInput{
			RoleName: optional(o["--role-name"]), Path: optional(o["--path"]), Description: optional(o["--description"]), PermissionsBoundary: optional(o["--permissions-boundary"]),
			MaxSessionDuration: aws.Int32(int32(seconds)), AssumeRolePolicyDocument: optional(o["--assume-role-policy-document"]), Tags: tags,
		}
	case "put-role-policy":
		m.policies = append(m.policies, &iam.PutRolePolicyInput{RoleName: m.role.RoleName, PolicyName: optional(o["--policy-name"]), PolicyDocument: optional(o["--policy-document"])})
	case "attach-role-policy":
		m.attached = append(m.attached, &iam.AttachRolePolicyInput{RoleName: m.role.RoleName, PolicyArn: optional(o["--policy-arn"])})
	case "get-role", "get-caller-identity":
	default:
		t.Fatalf("the script called %s", operation)
	}
}

func TestTheClicksSayWhatThePlanDoes(t *testing.T) {
	few(t, 20, func(rt *rapid.T) {
		f, o := wishes(rt)
		o.Account = accounts
		text, err := awssetup.Render(awssetup.Console, f, o)
		if err != nil {
			rt.Fatal(err)
		}
		var documents []any
		rest := string(text)
		for {
			at := strings.Index(rest, "\n     {\n")
			if at < 0 {
				break
			}
			rest = rest[at:]
			var doc any
			d := json.NewDecoder(strings.NewReader(rest))
			if err := d.Decode(&doc); err != nil {
				rt.Fatal(err)
			}
			documents = append(documents, lists(doc))
			rest = rest[d.InputOffset():]
		}
		role := state(t, f, o).Roles[0]
		var want []any
		for _, raw := range append([]json.RawMessage{role.Trust}, role.Inline["adit-bedrock-89abcdef0123456789abcdef"]) {
			var doc any
			if err := json.Unmarshal(raw, &doc); err != nil {
				rt.Fatal(err)
			}
			want = append(want, lists(doc))
		}
		if diff := cmp.Diff(want, documents); diff != "" {
			rt.Fatalf("the console's policies differ (-plan +console):\n%s", diff)
		}
		for _, value := range []string{f.Subject(), issuer, role.Description} {
			if !strings.Contains(string(text), value) {
				rt.Fatalf("the console steps lack %q", value)
			}
		}
	})
}

// lists makes every text that may be a list a list of one.
func lists(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = lists(v[i])
		}
	case map[string]any:
		for k, one := range v {
			switch k {
			case "Sid", "Effect", "Version", "Id":
				continue
			}
			if text, ok := one.(string); ok {
				v[k] = []any{text}
				continue
			}
			v[k] = lists(one)
		}
	}
	return v
}
