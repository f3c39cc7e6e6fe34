package emulator_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
)

// javaScript invokes a model with AWS's JavaScript SDK, which speaks HTTP/2
// without TLS to an http endpoint, and prints what came of it.
const javaScript = `
import { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
const client = new BedrockRuntimeClient({ maxAttempts: 1 });
const invoke = async (modelId, body) => {
  try {
    const out = await client.send(new InvokeModelCommand({ modelId, contentType: "application/json", body: JSON.stringify(body) }));
    const answer = JSON.parse(new TextDecoder().decode(out.body));
    console.log(modelId, "answered", (answer.embedding ?? answer.embeddings[0]).length);
  } catch (e) {
    console.log(modelId, e.name, e.message);
  }
};
await invoke("amazon.titan-embed-text-v2:0", { inputText: "a" });
await invoke("cohere.embed-english-v3", { texts: ["a"], input_type: "search_query" });
await invoke("cohere.embed-english-v3", { texts: Array(97).fill("a"), input_type: "search_query" });
await invoke("amazon.titan-embed-text-v1", { inputText: "a", dimensions: 5 });
client.destroy();
`

func TestAWSsJavaScriptSDKCallsTheEmulatorUnchanged(t *testing.T) {
	dir := os.Getenv("ADIT_JUDGES")
	switch {
	case dir != "":
	case os.Getenv("CI") == "true":
		t.Fatal("ADIT_JUDGES is not set: `make test` sets it to where scripts/judges.sh installed AWS's JavaScript client")
	default:
		t.Skip("needs AWS's JavaScript client: run through `make test`, which installs it, or set ADIT_JUDGES")
	}
	e, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	env := judgeKeys(t, e)
	cmd := exec.Command("node", "--input-type=module")
	cmd.Dir, cmd.Env, cmd.Stdin = dir, env(e.DefaultKey()), strings.NewReader(javaScript)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"amazon.titan-embed-text-v2:0 answered 1024", "cohere.embed-english-v3 answered 1024",
		"cohere.embed-english-v3 ValidationException", "amazon.titan-embed-text-v1 ValidationException",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}
