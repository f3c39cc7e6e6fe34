package emulator_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
)

// judgeKeys registers the keys that the judges use and returns an environment
// for each, free of the machine's own AWS settings.
func judgeKeys(t *testing.T, e *emulator.Emulator) func(k emulator.Key) []string {
	t.Helper()
	if err := e.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	home := t.TempDir()
	return func(k emulator.Key) []string {
		return []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + home, "PYENV_VERSION=" + os.Getenv("PYENV_VERSION"),
			"AWS_ENDPOINT_URL=" + e.URL(), "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
			"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "NO_PROXY=127.0.0.1",
			"AWS_ACCESS_KEY_ID=" + k.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + k.SecretAccessKey, "AWS_SESSION_TOKEN=" + k.SessionToken,
		}
	}
}

// need skips where a judge is not installed, but never on CI.
func need(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil && len(args) > 0 {
		err = exec.Command(path, args...).Run()
	}
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s %v is needed on CI: %v", name, args, err)
	}
	t.Skipf("needs %s %v: %v", name, args, err)
	return ""
}

// run is one command's output, whatever its exit code.
func run(t *testing.T, env []string, stdin, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Stdin = env, strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); ctx.Err() != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return out.String()
}

func texts(n int) string {
	return strings.TrimSuffix(strings.Repeat(`"a mine",`, n), ",")
}

// refusals are what every judge must see.
func refusals(t *testing.T, e *emulator.Emulator) []struct {
	name, model, body, want string
	key                     emulator.Key
} {
	good := e.DefaultKey()
	wrong := good
	wrong.SecretAccessKey += "x"
	denied, err := e.AddUser("outsider", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"arn:aws:bedrock:*::foundation-model/amazon.*"}}`)
	if err != nil {
		t.Fatal(err)
	}
	stale := emulator.Key{AccessKeyID: "ASIASTALE", SecretAccessKey: "s", SessionToken: "t", Expires: time.Now(), Principal: "arn:aws:sts::111122223333:assumed-role/Stale/s"}
	if err := e.AddKey(stale); err != nil {
		t.Fatal(err)
	}
	const titan, cohere = "amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"
	two := `{"input_type":"search_document","texts":[` + texts(2) + `]}`
	return []struct {
		name, model, body, want string
		key                     emulator.Key
	}{
		{"wrong signature", titan, `{"inputText":"x"}`, "(InvalidSignatureException) when calling the InvokeModel operation: The request signature we calculated does not match", wrong},
		{"expired key", titan, `{"inputText":"x"}`, "(ExpiredTokenException) when calling the InvokeModel operation: The security token included in the request is expired", stale},
		{"denied model", cohere, two, "(AccessDeniedException) when calling the InvokeModel operation: User: arn:aws:iam::111122223333:user/outsider is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3 because no identity-based policy allows the bedrock:InvokeModel action", denied},
		{"97 texts", cohere, `{"input_type":"search_document","texts":[` + texts(97) + `]}`, "(ValidationException) when calling the InvokeModel operation: Malformed input request: #/texts: expected maximum item count: 96, found: 97, please reformat your input and try again.", good},
		{"unknown key", titan, `{"inputText":"x","colour":1}`, "(ValidationException) when calling the InvokeModel operation: Malformed input request: #: extraneous key [colour] is not permitted, please reformat your input and try again.", good},
	}
}

func TestTheAWSCLIWorksUnchanged(t *testing.T) {
	t.Parallel()
	aws := need(t, "aws")
	e, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	env := judgeKeys(t, e)
	good := env(e.DefaultKey())
	if out := run(t, good, "", aws, "bedrock", "list-foundation-models", "--by-output-modality", "EMBEDDING", "--query", "modelSummaries[].modelId", "--output", "text"); !strings.Contains(out, "amazon.titan-embed-text-v2:0") {
		t.Errorf("the listing says %s", out)
	}
	file, input := filepath.Join(t.TempDir(), "answer"), filepath.Join(t.TempDir(), "body")
	invoke := func(env []string, model, body string) string {
		if err := os.WriteFile(input, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return run(t, env, "", aws, "bedrock-runtime", "invoke-model", "--model-id", model, "--body", "fileb://"+input, file)
	}
	out := invoke(good, "amazon.titan-embed-text-v2:0", `{"inputText":"x"}`)
	if answer, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(answer, []byte(`{"embedding":[`)) {
		t.Errorf("%v, %s", err, out)
	}
	for _, c := range refusals(t, e) {
		if out := invoke(env(c.key), c.model, c.body); !strings.Contains(out, c.want) {
			t.Errorf("%s: got %swant %s", c.name, out, c.want)
		}
	}
}

// script makes boto3 list, ask who it is, and invoke every line of its input:
// model, body, key id, secret and session token with tabs between.
const script = `
import boto3, json, sys
print(*[m["modelId"] for m in boto3.client("bedrock").list_foundation_models(byProvider="Cohere")["modelSummaries"]])
print(*[p["inferenceProfileId"] for p in boto3.client("bedrock").list_inference_profiles()["inferenceProfileSummaries"]])
print(boto3.client("sts").get_caller_identity()["Arn"])
for line in sys.stdin:
    model, body, key, secret, token = line.rstrip("\n").split("\t")
    c = boto3.client("bedrock-runtime", aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token or None)
    try:
        r = c.invoke_model(modelId=model, body=body)
        h = r["ResponseMetadata"]["HTTPHeaders"]
        print("ok", sorted(json.loads(r["body"].read())), h.get("x-amzn-bedrock-input-token-count"))
    except Exception as e:
        print(type(e).__name__, e)
`

func TestBoto3WorksUnchanged(t *testing.T) {
	t.Parallel()
	python := need(t, "python3", "-c", "import boto3")
	e, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	env := judgeKeys(t, e)
	profile, err := e.AddApplicationProfile("us-east-1", "abcdef123456", "cohere.embed-multilingual-v3")
	if err != nil {
		t.Fatal(err)
	}
	line := func(model, body string, k emulator.Key) string {
		return strings.Join([]string{model, body, k.AccessKeyID, k.SecretAccessKey, k.SessionToken}, "\t") + "\n"
	}
	good := e.DefaultKey()
	input := line("amazon.titan-embed-text-v1", `{"inputText":"x"}`, good) +
		line(profile, `{"input_type":"clustering","texts":["one","two"]}`, good)
	want := []string{
		"cohere.embed-english-v3 cohere.embed-multilingual-v3 cohere.embed-v4:0",
		"us.cohere.embed-v4:0 global.cohere.embed-v4:0 abcdef123456",
		"arn:aws:iam::111122223333:user/adit",
		"ok ['embedding', 'inputTextTokenCount'] None",
		"ok ['embeddings', 'id', 'response_type', 'texts'] 2",
	}
	for _, c := range refusals(t, e) {
		input += line(c.model, c.body, c.key)
		want = append(want, c.want)
	}
	got := strings.Split(run(t, env(good), input, python, "-c", script), "\n")
	for i, w := range want {
		if i >= len(got) || !strings.Contains(got[i], w) {
			t.Fatalf("line %d of\n%s\nlacks %s", i+1, strings.Join(got, "\n"), w)
		}
	}
}
