package model_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/model"
)

func find(t testing.TB, id string) *model.Family {
	t.Helper()
	parsed, err := model.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Find(parsed, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheBodyOfEachFamilyIsAsBedrockDocumentsIt(t *testing.T) {
	two := []string{"hello \"world\"", "line\nend\t\u2028é\x01"}
	for _, c := range []struct {
		id    string
		set   map[string]string
		texts []string
		want  string
	}{
		{"amazon.titan-embed-text-v1", nil, two[:1], `{"inputText":"hello \"world\""}`},
		{"amazon.titan-embed-g1-text-02", nil, two[:1], `{"inputText":"hello \"world\""}`},
		{"amazon.titan-embed-text-v2:0", nil, two[:1], `{"inputText":"hello \"world\"","dimensions":1024,"normalize":true}`},
		{"amazon.titan-embed-text-v2:0", map[string]string{"dimensions": "256", "normalize": "false"}, two[1:], "{\"inputText\":\"line\\nend\\t\u2028é\\u0001\",\"dimensions\":256,\"normalize\":false}"},
		{"amazon.titan-embed-image-v1", map[string]string{"dimensions": "384"}, two[:1], `{"inputText":"hello \"world\"","embeddingConfig":{"outputEmbeddingLength":384}}`},
		{"cohere.embed-english-v3", nil, []string{"a", "b"}, `{"texts":["a","b"],"input_type":"search_document","truncate":"NONE"}`},
		{"cohere.embed-multilingual-v3", map[string]string{"input_type": "classification", "truncate_mode": "END"}, []string{"a"}, `{"texts":["a"],"input_type":"classification","truncate":"END"}`},
		{"eu.cohere.embed-v4:0", nil, []string{"a"}, `{"texts":["a"],"input_type":"search_document","truncate":"NONE","output_dimension":1536}`},
		{"us.cohere.embed-v4:0", map[string]string{"truncate": "START", "dimensions": "256", "input_type": "clustering"}, []string{"a"}, `{"texts":["a"],"input_type":"clustering","truncate":"LEFT","output_dimension":256}`},
		{"global.cohere.embed-v4:0", map[string]string{"truncate": "END"}, []string{"a"}, `{"texts":["a"],"input_type":"search_document","truncate":"RIGHT","output_dimension":1536}`},
		{"amazon.nova-2-multimodal-embeddings-v1:0", map[string]string{"embedding_purpose": "TEXT_RETRIEVAL", "truncate": "START", "dimensions": "384"}, []string{"a"},
			`{"schemaVersion":"nova-multimodal-embed-v1","taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"TEXT_RETRIEVAL","embeddingDimension":384,"text":{"truncationMode":"START","value":"a"}}}`},
	} {
		f := find(t, c.id)
		p, err := f.Resolve(c.set)
		if err != nil {
			t.Errorf("%s: %v", c.id, err)
			continue
		}
		got := string(f.Codec.AppendRequest(nil, c.texts, p))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.id, diff)
		}
	}
}

func TestAnswersAreReadInEveryShapeThatBedrockSends(t *testing.T) {
	counted := http.Header{"X-Amzn-Bedrock-Input-Token-Count": {"7"}}
	for _, c := range []struct {
		name, id, body string
		header         http.Header
		want           []string
		tokens         int
	}{
		{"titan v2 sends its vector twice", "amazon.titan-embed-text-v2:0", `{"embedding":[0.5,-1.5E-4],"embeddingsByType":{"float":[0.5,-1.5E-4]},"inputTextTokenCount":3}`, nil, []string{"[0.5,-1.5E-4]"}, 3},
		{"titan v2 in the documented order", "amazon.titan-embed-text-v2:0", `{"embedding":[0.5],"inputTextTokenCount":3,"embeddingsByType":{"float":[0.5]}}`, nil, []string{"[0.5]"}, 3},
		{"titan v2 by type alone", "amazon.titan-embed-text-v2:0", ` { "embeddingsByType" : { "binary":[1,0], "float" : [ 0.5 ] } , "inputTextTokenCount" : 3 } `, nil, []string{"[ 0.5 ]"}, 3},
		{"titan v2 by type first", "amazon.titan-embed-text-v2:0", `{"embeddingsByType":{"float":[0.5]},"embedding":[0.5],"inputTextTokenCount":3}`, nil, []string{"[0.5]"}, 3},
		{"titan v2 with null for one of the two", "amazon.titan-embed-text-v2:0", `{"embedding":null,"embeddingsByType":{"binary":null,"float":[0.5]},"inputTextTokenCount":3}`, nil, []string{"[0.5]"}, 3},
		{"titan v2 with null for the other", "amazon.titan-embed-text-v2:0", `{"embeddingsByType":null,"embedding":[0.5],"inputTextTokenCount":3}`, nil, []string{"[0.5]"}, 3},
		{"titan v2 counted in the header", "amazon.titan-embed-text-v2:0", `{"embedding":[0.5],"embeddingsByType":{"float":[0.5]}}`, counted, []string{"[0.5]"}, 7},
		{"titan multimodal counted in the header", "amazon.titan-embed-image-v1", `{"embedding":[1],"message":null}`, counted, []string{"[1]"}, 7},
		{"titan v1 counted before its vector", "amazon.titan-embed-text-v1", `{"inputTextTokenCount":2,"embedding":[1]}`, counted, []string{"[1]"}, 2},
		{"titan v1 counted nowhere", "amazon.titan-embed-text-v1", `{"embedding":[1]}`, nil, []string{"[1]"}, -1},
		{"titan v1", "amazon.titan-embed-text-v1", `{"embedding":[1],"inputTextTokenCount":2}`, nil, []string{"[1]"}, 2},
		{"titan multimodal", "amazon.titan-embed-image-v1", `{"embedding":[1],"inputTextTokenCount":2,"message":null}`, nil, []string{"[1]"}, 2},
		{"cohere array", "cohere.embed-english-v3", `{"embeddings":[[1.9264221E-4,2],[3,4]],"id":"x","response_type":"embeddings_floats","texts":["a ] } \" \\","[1]"]}`, counted, []string{"[1.9264221E-4,2]", "[3,4]"}, 7},
		{"cohere texts first", "cohere.embed-english-v3", `{"texts":["\\\"embeddings\":[["],"embeddings":[[1]]}`, counted, []string{"[1]"}, 7},
		{"cohere by type", "us.cohere.embed-v4:0", `{"id":"x","embeddings":{"int8":[[1],[2]],"float":[[0.1],[0.2]]},"response_type":"embeddings_by_type"}`, nil, []string{"[0.1]", "[0.2]"}, -1},
		{"nova", "amazon.nova-2-multimodal-embeddings-v1:0", `{"embeddings":[{"embeddingType":"TEXT","embedding":[0.25],"truncatedCharLength":5}]}`, counted, []string{"[0.25]"}, 7},
	} {
		answer, err := find(t, c.id).Codec.ReadResponse([]byte(c.body), c.header)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, v := range answer.Vectors {
			got = append(got, string(v))
		}
		if diff := cmp.Diff(c.want, got); diff != "" || answer.Tokens != c.tokens {
			t.Errorf("%s: tokens %d, want %d; vectors (-want +got):\n%s", c.name, answer.Tokens, c.tokens, diff)
		}
	}
}

func TestABrokenAnswerIsAnErrorAndNeverAVector(t *testing.T) {
	for _, c := range []struct{ id, body string }{
		{"amazon.titan-embed-text-v2:0", ``},
		{"amazon.titan-embed-text-v2:0", `null`},
		{"amazon.titan-embed-text-v2:0", `[]`},
		{"amazon.titan-embed-text-v2:0", `{"embedding":[0.5`},
		{"amazon.titan-embed-text-v2:0", `{"embedding":[0.5,],"inputTextTokenCount":1}`},
		{"amazon.titan-embed-text-v2:0", `{"embedding":[NaN],"inputTextTokenCount":1}`},
		{"amazon.titan-embed-text-v2:0", `{"embedding":"x","inputTextTokenCount":1}`},
		{"amazon.titan-embed-text-v2:0", `{"embedding":[1],"inputTextTokenCount":"many"}`},
		{"amazon.titan-embed-image-v1", `{"embedding":null,"message":"the model is not well"}`},
		{"cohere.embed-english-v3", `{"embeddings":[[1],[2]`},
		{"cohere.embed-english-v3", `{"embeddings":[[1] [2]]}`},
		{"cohere.embed-english-v3", `{"embeddings":[1,2]}`},
		{"cohere.embed-english-v3", `{"embeddings":{"float":{}}}`},
		{"amazon.nova-2-multimodal-embeddings-v1:0", `{"embeddings":[[1]]}`},
	} {
		if got, err := find(t, c.id).Codec.ReadResponse([]byte(c.body), nil); err == nil {
			t.Errorf("%s %s gave %d vectors", c.id, c.body, len(got.Vectors))
		}
	}
}

func TestTheModelsOwnWordsAreForTheCallerAndNotInTheError(t *testing.T) {
	_, err := find(t, "amazon.titan-embed-image-v1").Codec.ReadResponse([]byte(`{"embedding":null,"message":"CANARY is too long"}`), nil)
	var said *model.AnswerError
	if !errors.As(err, &said) || said.Message != "CANARY is too long" || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("%v, %+v", err, said)
	}
}

func FuzzAnswersNeverPanicAndVectorsAreJSON(f *testing.F) {
	f.Add(`{"embedding":[0.5,-1.5E-4],"embeddingsByType":{"float":[0.5]},"inputTextTokenCount":3}`)
	f.Add(`{"embeddings":[[1.9264221E-4,2],[3,4]],"texts":["a ] } \" \\","[1]"]}`)
	f.Add(`{"embeddings":{"int8":[[1]],"float":[[0.1]]}}`)
	f.Add(`{"embeddings":[{"embeddingType":"TEXT","embedding":[0.25]}]}`)
	families := model.Families()
	f.Fuzz(func(t *testing.T, body string) {
		for _, family := range families {
			answer, err := family.Codec.ReadResponse([]byte(body), nil)
			if err != nil {
				continue
			}
			for i, v := range answer.Vectors {
				var numbers []json.Number
				if err := json.Unmarshal(v, &numbers); err != nil || len(numbers) != answer.Dimensions[i] {
					t.Fatalf("%s took %q for a vector of %d numbers: %v", family.Name, v, answer.Dimensions[i], err)
				}
			}
		}
	})
}

func FuzzTextsComeBackFromTheBodyUnchanged(f *testing.F) {
	f.Add("hello \"world\"\\ \x00 \u2028 \xff é")
	cohere, titan := find(f, "cohere.embed-english-v3"), find(f, "amazon.titan-embed-text-v2:0")
	cp, _ := cohere.Resolve(nil)
	tp, _ := titan.Resolve(nil)
	f.Fuzz(func(t *testing.T, text string) {
		want := strings.ToValidUTF8(text, "\uFFFD")
		if !utf8.ValidString(text) {
			want = string([]rune(text)) // one replacement for each bad byte
		}
		var c struct{ Texts []string }
		if err := json.Unmarshal(cohere.Codec.AppendRequest(nil, []string{text, text}, cp), &c); err != nil || len(c.Texts) != 2 || c.Texts[1] != want {
			t.Fatalf("cohere: %q came back as %q: %v", text, c.Texts, err)
		}
		var one struct{ InputText string }
		if err := json.Unmarshal(titan.Codec.AppendRequest(nil, []string{text}, tp), &one); err != nil || one.InputText != want {
			t.Fatalf("titan: %q came back as %q: %v", text, one.InputText, err)
		}
	})
}
