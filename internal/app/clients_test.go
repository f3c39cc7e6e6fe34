package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/adit-hq/adit/internal/app"
)

// unhurried is everyFamily with limits that let 2,048 single calls pass at once,
// and short vectors where there is a choice.
func unhurried() string {
	var b strings.Builder
	for line := range strings.Lines(everyFamily) {
		b.WriteString(line)
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "name: ")
		if !ok || name == "test" {
			continue
		}
		b.WriteString("    params:\n      requests_per_min_limit: 100000\n      max_concurrent_invocations: 64\n")
		if name != "titan-v1" && name != "cohere" {
			b.WriteString("      dimensions: 256\n")
		}
	}
	return b.String()
}

func families() []string {
	return []string{"titan", "titan-v1", "titan-mm", "cohere", "cohere-v4", "nova"}
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("text number %d", i)
	}
	return out
}

func TestOpenAIsGoClientGetsTheSameVectorsAsFloatAndAsBase64(t *testing.T) {
	s := start(t, unhurried(), nil)
	client := openai.NewClient(option.WithBaseURL(s.URL()+"/v1/"), option.WithAPIKey("any"), option.WithMaxRetries(0))
	for _, family := range families() {
		for _, n := range []int{1, 97, 2048} {
			texts := numbered(n)
			floats := goVectors(t, client, family, texts, openai.EmbeddingNewParamsEncodingFormatFloat)
			coded := goVectors(t, client, family, texts, openai.EmbeddingNewParamsEncodingFormatBase64)
			if len(floats) != n || len(coded) != n {
				t.Fatalf("%s: %d and %d vectors for %d texts", family, len(floats), len(coded), n)
			}
			for i := range floats {
				if !same(floats[i], coded[i]) {
					t.Fatalf("%s: vector %d of %d differs between float and base64", family, i, n)
				}
			}
			if n > 1 && same(floats[0], floats[n-1]) {
				t.Errorf("%s: different texts got one vector", family)
			}
		}
	}
}

// goVectors returns the vectors in the order of their index, rounded to float32.
func goVectors(t *testing.T, client openai.Client, family string, texts []string, format openai.EmbeddingNewParamsEncodingFormat) [][]float32 {
	t.Helper()
	resp, err := client.Embeddings.New(context.Background(), openai.EmbeddingNewParams{
		Model: family, Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts}, EncodingFormat: format,
	})
	if err != nil {
		t.Fatalf("%s: %v", family, err)
	}
	out := make([][]float32, len(resp.Data))
	for i, d := range resp.Data {
		if d.Index != int64(i) {
			t.Fatalf("%s: element %d has index %d", family, i, d.Index)
		}
		if format == openai.EmbeddingNewParamsEncodingFormatFloat {
			for _, v := range d.Embedding {
				out[i] = append(out[i], float32(v))
			}
			continue
		}
		// The Go client types embeddings as numbers and keeps the raw JSON beside them.
		var text string
		if err := json.Unmarshal([]byte(d.JSON.Embedding.Raw()), &text); err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		for ; len(raw) >= 4; raw = raw[4:] {
			out[i] = append(out[i], math.Float32frombits(binary.LittleEndian.Uint32(raw)))
		}
	}
	return out
}

func same(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return len(a) > 0
}

// javascript asks for every family and size in both formats through OpenAI's
// client, and prints one line for each pair with what it saw.
const javascript = `
import OpenAI from "openai";
const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
for (const model of process.env.MODELS.split(",")) {
  for (const n of [1, 97, 2048]) {
    const input = Array.from({ length: n }, (_, i) => "text number " + i);
    const unasked = await client.embeddings.create({ model, input });                        // base64 on the wire
    const floats = await client.embeddings.create({ model, input, encoding_format: "float" });
    let same = unasked.data.length === n && floats.data.length === n;
    for (let i = 0; i < n && same; i++) {
      const a = unasked.data[i], b = floats.data[i];
      same = a.index === i && b.index === i && a.embedding.length === b.embedding.length && a.embedding.length > 0 &&
        a.embedding.some((x) => x !== 0) && a.embedding.every((x, k) => Object.is(Math.fround(b.embedding[k]), x));
    }
    console.log(model, n, same ? "same" : "different", floats.usage.total_tokens > 0 ? "counted" : "uncounted");
  }
}
`

// judges returns the folder of the JavaScript clients, or skips.
func judges(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ADIT_JUDGES")
	switch {
	case dir != "":
	case os.Getenv("CI") == "true":
		t.Fatal("ADIT_JUDGES is not set: `make test` sets it to where scripts/judges.sh installed OpenAI's JavaScript client")
	default:
		t.Skip("needs OpenAI's JavaScript client: run through `make test`, which installs it, or set ADIT_JUDGES")
	}
	return dir
}

func TestOpenAIsJavaScriptClientGetsTheSameVectorsAsFloatAndAsBase64(t *testing.T) {
	dir := judges(t)
	s := start(t, unhurried(), nil)
	cmd := exec.Command("node", "--input-type=module")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(javascript)
	cmd.Env = append(os.Environ(), "BASE_URL="+s.URL()+"/v1", "API_KEY=any", "MODELS="+strings.Join(families(), ","))
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3*len(families()) {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	for _, line := range lines {
		if !strings.HasSuffix(line, " same counted") {
			t.Error(line)
		}
	}
}

func TestAClientWithAWrongKeyIsToldSo(t *testing.T) {
	s := start(t, everyFamily, func(s *app.Settings) { s.APIKeys = apiKeys("sk-right-key-of-this-test") })
	client := openai.NewClient(option.WithBaseURL(s.URL()+"/v1/"), option.WithAPIKey("sk-wrong"), option.WithMaxRetries(0))
	_, err := client.Embeddings.New(context.Background(), openai.EmbeddingNewParams{Model: "titan", Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String("a")}})
	var said *openai.Error
	if !errors.As(err, &said) || said.StatusCode != 401 || !strings.Contains(said.Message, "API key is unknown") || said.Code != "invalid_api_key" {
		t.Errorf("%v", err)
	}
}
