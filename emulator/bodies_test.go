package emulator_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
)

const (
	titan1 = "amazon.titan-embed-text-v1"
	titan2 = "amazon.titan-embed-text-v2:0"
	titanM = "amazon.titan-embed-image-v1"
	coh3   = "cohere.embed-english-v3"
	coh4   = "us.cohere.embed-v4:0"
	novaID = "amazon.nova-2-multimodal-embeddings-v1:0"
)

// post signs and sends one body.
func post(t testing.TB, e *emulator.Emulator, model, body string) (int, string, string) {
	t.Helper()
	return ask(t, e, signed(t, e.DefaultKey(), time.Now(), "POST", "http://aws.test/model/"+model+"/invoke", body))
}

func cohereBody(more string, texts ...string) string {
	list, _ := json.Marshal(texts) //nolint:errchkjson // texts are texts
	return `{"input_type":"search_document","texts":` + string(list) + more + `}`
}

func novaBody(more, text string) string {
	quoted, _ := json.Marshal(text) //nolint:errchkjson // a text is a text
	return `{"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"GENERIC_INDEX","text":{"truncationMode":"NONE","value":` + string(quoted) + `}` + more + `}}`
}

// TestABadBodyIsRefusedInBedrocksWords: every body here is one that a careless
// gateway might send.
func TestABadBodyIsRefusedInBedrocksWords(t *testing.T) {
	e, _ := start(t)
	for _, c := range []struct{ model, body, want string }{
		{titan2, ``, "expected a value at byte 0"},
		{titan2, `{"inputText":"x"} x`, "expected the end"},
		{titan2, `[]`, "#: expected type: JSONObject, found: JSONArray"},
		{titan2, `{"inputText":"a","inputText":"b"}`, "duplicate key [inputText]"},
		{titan2, "{\"inputText\":\"\xff\"}", "a text is not UTF-8"},
		{titan2, `{}`, "#: required key [inputText] not found"},
		{titan2, `{"inputText":7}`, "#/inputText: expected type: String, found: Integer"},
		{titan2, `{"inputText":""}`, "#/inputText: expected minLength: 1, actual: 0"},
		{titan2, `{"inputText":"x","dimensions":1536}`, "#/dimensions: 1536 is not a valid enum value"},
		{titan2, `{"inputText":"x","dimensions":"256"}`, "#/dimensions: expected type: Integer, found: String"},
		{titan2, `{"inputText":"x","dimensions":256.0}`, "#/dimensions: expected type: Integer, found: Number"},
		{titan2, `{"inputText":"x","normalize":"true"}`, "#/normalize: expected type: Boolean, found: String"},
		{titan2, `{"inputText":"x","embeddingTypes":["int8"]}`, "#/embeddingTypes/0: int8 is not a valid enum value"},
		{titan2, `{"inputText":"` + strings.Repeat("é", 50_001) + `"}`, "Malformed input request: expected maxLength: 50000, actual: 50001"},
		{titan2, `{"inputText":"` + strings.Repeat("a ", 8_193) + `"}`, "Max input tokens: 8192, request input token count: 8193"},
		{titan1, `{"inputText":"x","dimensions":256}`, "#: extraneous key [dimensions] is not permitted"},
		{titanM, `{"inputImage":"aGk="}`, "embeds text only"},
		{titanM, `{"inputText":"x","embeddingConfig":{"outputEmbeddingLength":512}}`, "#/embeddingConfig/outputEmbeddingLength: 512 is not a valid enum value"},
		{coh3, `{"inputText":"x"}`, "#: required key [texts] not found#: required key [input_type] not found#: extraneous key [inputText] is not permitted"},
		{coh3, cohereBody(""), "#/texts: expected type: JSONArray, found: Null"},
		{coh3, cohereBody("", strings.Split(strings.Repeat("a", 97), "")...), "#/texts: expected maximum item count: 96, found: 97"},
		{coh3, cohereBody("", "a", ""), "#/texts/1: expected minLength: 1, actual: 0"},
		{coh3, cohereBody(`,"truncate":"END"`, strings.Repeat("x", 2_049)), "#/texts/0: expected maxLength: 2048, actual: 2049"},
		{coh3, cohereBody(``, strings.Repeat("a ", 600)), "Input is too long for requested model."},
		{coh3, cohereBody(`,"truncate":"LEFT"`, "a"), "#/truncate: LEFT is not a valid enum value"},
		{coh3, cohereBody(`,"embedding_types":["float","float"]`, "a"), "#/embedding_types: array items are not unique"},
		{coh3, `{"input_type":"passage","texts":["a"]}`, "#/input_type: passage is not a valid enum value"},
		{coh3, cohereBody("", make([]string, 96)...), "96 schema violations found"},
		{coh4, cohereBody(`,"truncate":"END"`, "a"), "#/truncate: END is not a valid enum value"},
		{coh4, cohereBody(`,"output_dimension":384`, "a"), "#/output_dimension: 384 is not a valid enum value"},
		{coh4, `{"input_type":"search_query"}`, "exactly one of [texts], [images], [inputs]"},
		{coh4, cohereBody(`,"max_tokens":2`, "one two three"), "Input is too long"},
		{novaID, strings.Replace(novaBody("", "x"), `"truncationMode":"NONE",`, "", 1), "#/singleEmbeddingParams/text: required key [truncationMode] not found"},
		{novaID, strings.Replace(novaBody("", "x"), `"embeddingPurpose":"GENERIC_INDEX",`, "", 1), "required key [embeddingPurpose] not found"},
		{novaID, novaBody(`,"embeddingDimension":512`, "x"), "embeddingDimension: 512 is not a valid enum value"},
		{novaID, novaBody("", strings.Repeat("x", 8_193)), "expected maxLength: 8192, actual: 8193"},
		{novaID, novaBody(`,"image":{}`, "x"), "embeds text only"},
		{"cohere.embed-v4:0", cohereBody("", "a"), "Invocation of model ID cohere.embed-v4:0 with on-demand throughput isn't supported."},
		{"amazon.titan-embed-text-v1:2:8k", `{"inputText":"x"}`, "on-demand throughput isn't supported"},
		{"eu.cohere.embed-v4:0", cohereBody("", "a"), "The provided model identifier is invalid."},
	} {
		status, code, body := post(t, e, c.model, c.body)
		if status != 400 || code != "ValidationException" || !strings.Contains(body, c.want) {
			t.Errorf("%s %.80s: got %d %s %.300s, want %s", c.model, c.body, status, code, body, c.want)
		}
	}
}

func TestEachFamilyAnswersInItsOwnShape(t *testing.T) {
	e, _ := start(t)
	for _, c := range []struct {
		model, body string
		vectors     int
		dims        int
		tokens      string // of the header
	}{
		{titan1, `{"inputText":"x"}`, 1, 1536, ""},
		{"amazon.titan-embed-g1-text-02", `{"inputText":"x"}`, 1, 1536, ""},
		{titan2, `{"inputText":"x","embeddingTypes":["binary"],"normalize":false}`, 1, 1024, ""},
		{titanM, `{"inputText":"x","embeddingConfig":{"outputEmbeddingLength":384}}`, 1, 384, ""},
		{coh3, cohereBody(`,"truncate":"START"`, "one two", strings.Repeat("a ", 600)), 2, 1024, "514"},
		{coh3, cohereBody(`,"embedding_types":["float","binary"]`, "one"), 1, 1024, "1"},
		{coh4, cohereBody(`,"output_dimension":256,"truncate":"RIGHT","max_tokens":2`, "one two three"), 1, 256, "2"},
		{"global.cohere.embed-v4:0", `{"input_type":"search_query","inputs":[{"content":[{"type":"text","text":"one"}]}]}`, 1, 1536, "1"},
		{novaID, novaBody(`,"embeddingDimension":384`, "one"), 1, 384, "1"},
	} {
		req := signed(t, e.DefaultKey(), time.Now(), "POST", "http://aws.test/model/"+c.model+"/invoke", c.body)
		resp, err := e.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Embedding  []float32
			Embeddings json.RawMessage
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != 200 {
			t.Errorf("%s: %d %v", c.model, resp.StatusCode, err)
			continue
		}
		vectors := vectorsOf(t, answer.Embedding, answer.Embeddings)
		if len(vectors) != c.vectors || len(vectors[0]) != c.dims || resp.Header.Get("X-Amzn-Bedrock-Input-Token-Count") != c.tokens {
			t.Errorf("%s: %d vectors of %d, %s tokens", c.model, len(vectors), len(vectors[0]), resp.Header.Get("X-Amzn-Bedrock-Input-Token-Count"))
		}
		if resp.Header.Get("X-Amzn-Bedrock-Invocation-Latency") == "" || resp.Header.Get("X-Amzn-Requestid") == "" || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: headers %v", c.model, resp.Header)
		}
	}
}

// vectorsOf reads the three places where families put their vectors.
func vectorsOf(t *testing.T, one []float32, many json.RawMessage) [][]float32 {
	t.Helper()
	if many == nil {
		return [][]float32{one}
	}
	var array [][]float32
	if json.Unmarshal(many, &array) == nil {
		return array
	}
	var byType struct{ Float [][]float32 }
	if many[0] == '{' {
		if err := json.Unmarshal(many, &byType); err != nil {
			t.Fatal(err)
		}
		return byType.Float
	}
	var nova []struct{ Embedding []float32 }
	if err := json.Unmarshal(many, &nova); err != nil {
		t.Fatal(err)
	}
	return [][]float32{nova[0].Embedding}
}

func TestCohereV4AnswersAnObjectWhereAsked(t *testing.T) {
	e, _ := start(t, emulator.WithCohereV4Object(), emulator.WithCohereV4OnDemand())
	if _, _, body := post(t, e, "cohere.embed-v4:0", cohereBody("", "a")); !strings.HasPrefix(body, `{"embeddings":{"float":[[`) {
		t.Errorf("got %.40s", body)
	}
}

func TestCohereEchoesTextsAndWritesJavaExponents(t *testing.T) {
	e, _ := start(t)
	_, _, body := post(t, e, coh3, cohereBody("", "a \"mine\"\n", "日本"))
	if !strings.HasSuffix(body, `"response_type":"embeddings_floats","texts":["a \"mine\"\u000a","日本"]}`) {
		t.Errorf("ends in %s", body[len(body)-120:])
	}
	if !strings.Contains(body, "E-4,") || strings.ContainsAny(strings.Split(body, `"id"`)[0], "+") {
		t.Error("no number is written as Java writes small ones")
	}
}

func TestAContentTypeOtherThanJSONIsRefused(t *testing.T) {
	e, _ := start(t)
	for _, h := range [][2]string{{"Content-Type", "text/plain"}, {"Accept", "image/png"}} {
		req := signed(t, e.DefaultKey(), time.Now(), "POST", titanURL, `{"inputText":"x"}`, h[0], h[1])
		if status, code, body := ask(t, e, req); status != 400 || code != "ValidationException" {
			t.Errorf("%v: %d %s %s", h, status, code, body)
		}
	}
}
