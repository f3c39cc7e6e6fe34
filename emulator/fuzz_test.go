package emulator

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParseAuthorization: whatever arrives in the header, the parser answers a
// complete signature or an error, and never accepts two spellings of one.
func FuzzParseAuthorization(f *testing.F) {
	const good = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature="
	f.Add(good + strings.Repeat("a", 64))
	f.Add(good)
	f.Add("AWS4-HMAC-SHA256 ,,==")
	f.Add("Bearer x")
	f.Fuzz(func(t *testing.T, header string) {
		s, err := parseAuthorization(header)
		if err != nil {
			return
		}
		if s.keyID == "" || len(s.value) != 64 || len(s.signed) == 0 || strings.Contains(s.keyID, "/") {
			t.Errorf("accepted %q as %+v", header, s)
		}
		again := algorithm + " Credential=" + s.keyID + "/" + s.scope() + ",SignedHeaders=" + strings.Join(s.signed, ";") + ",Signature=" + s.value
		if back, err := parseAuthorization(again); err != nil || back.scope() != s.scope() {
			t.Errorf("%q was read, but not %q: %v", header, again, err)
		}
	})
}

// FuzzParseJSON holds the strict reader against encoding/json: all that it
// accepts is JSON and says the same; what it refuses beyond is a repeated key,
// a lone surrogate, bytes that are not UTF-8, or too deep.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,null,true],"b":"\ud83d\ude00\n"}`, `[`, `01`, `{"a":1,"a":2}`, `"\ud800"`, "\"\xff\"", ` [] `, `1e`, `-`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parseJSON(b)
		if err != nil {
			text := err.Error()
			beyond := strings.Contains(text, "duplicate") || strings.Contains(text, "surrogate") || strings.Contains(text, "UTF-8") || strings.Contains(text, "deeply")
			if json.Valid(b) && !beyond {
				t.Errorf("refused %q: %v", b, err)
			}
			return
		}
		if !json.Valid(b) || !utf8.Valid(b) {
			t.Fatalf("accepted %q", b)
		}
		again := appendValue(nil, v)
		if back, err := parseJSON(again); err != nil || string(appendValue(nil, back)) != string(again) {
			t.Errorf("%q became %q: %v", b, again, err)
		}
	})
}

// FuzzBody: no body makes a family panic; it answers valid JSON or a
// ValidationException.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"inputText":"x","dimensions":256,"embeddingTypes":["binary"]}`,
		`{"texts":["a","b"],"input_type":"clustering","truncate":"END","embedding_types":["int8","ubinary"]}`,
		`{"input_type":"search_query","inputs":[{"content":[{"type":"text","text":"a"}]}],"output_dimension":256}`,
		`{"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"CLUSTERING","text":{"truncationMode":"END","value":"a"}}}`,
	} {
		for i := range byte(6) {
			f.Add(i, i%2 == 0, []byte(seed))
		}
	}
	families := []family{titanV1, titanV2, titanImage, cohereV3, cohereV4, nova}
	f.Fuzz(func(t *testing.T, which byte, short bool, body []byte) {
		v, err := parseJSON(body)
		if err != nil {
			return
		}
		r, refusal := families[int(which)%len(families)](job{body: v, short: short})
		if refusal != nil {
			if refusal.status != 400 || refusal.code != "ValidationException" || refusal.message == "" {
				t.Errorf("refused %q with %+v", body, refusal)
			}
			return
		}
		if !json.Valid(r.body) || r.texts == 0 || r.tokens < r.texts {
			t.Errorf("%q became %.200q, %d texts, %d tokens", body, r.body, r.texts, r.tokens)
		}
	})
}
