package openai

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
)

func TestAWholeRequestIsRead(t *testing.T) {
	req, err := parseEmbeddings([]byte(`{"model":"m","input":["a","é\n"],"encoding_format":"base64","dimensions":256,"input_type":"search_query","truncate":"END","user":"u"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"dimensions": "256", "input_type": "search_query", "truncate": "END"}
	if req.Model != "m" || !req.base64 || !cmp.Equal(req.Texts, []string{"a", "é\n"}) || !cmp.Equal(req.Params, want) {
		t.Errorf("%+v", req)
	}
	if req, err := parseEmbeddings([]byte(` {"input":"alone","model":"m","encoding_format":null,"dimensions":null} `)); err != nil || !cmp.Equal(req.Texts, []string{"alone"}) || req.base64 {
		t.Errorf("%+v, %v", req, err)
	}
}

func TestEverythingWrongWithARequestIsSaidAtOnce(t *testing.T) {
	_, err := parseEmbeddings([]byte(`{"moddel":"m","input":["a","",null],"encoding_format":"hex","dimensions":-1,"truncate":7}`))
	f := fault.From(err)
	for _, want := range []string{`unknown parameter "moddel"`, "model is missing", "input[2] must be a string, not null", "encoding_format", "dimensions must be a positive whole number", "truncate must be a string, not a number"} {
		if !strings.Contains(f.Message, want) {
			t.Errorf("%q is missing in %q", want, f.Message)
		}
	}
	if f.Kind != fault.Invalid || f.Param != "moddel" {
		t.Errorf("%+v", f)
	}
}

func TestTokenArraysAreRefusedWithLangChainsSetting(t *testing.T) {
	for _, input := range []string{"[1,2,3]", "[[1,2],[3]]", `["a",7]`} {
		_, err := parseEmbeddings([]byte(`{"model":"m","input":` + input + `}`))
		if f := fault.From(err); f.Kind != fault.Invalid || f.Param != "input" || !strings.Contains(f.Message, "check_embedding_ctx_length=False") {
			t.Errorf("%s: %v", input, err)
		}
	}
}

func FuzzRequestsAreReadOrRefusedAndNeverQuoted(f *testing.F) {
	for _, seed := range []string{`{"model":"m","input":"a"}`, `{"model":"m","input":["a",null,1,[2],{}]}`, `{"input":"\ud800"}`, `[]`, `{"dimensions":1e3}`, "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		req, err := parseEmbeddings([]byte(body))
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		if req.Model == "" || len(req.Texts) == 0 {
			t.Fatalf("accepted without model or input: %q", body)
		}
		var plain struct{ Input any }
		if json.Unmarshal([]byte(body), &plain) != nil {
			t.Fatalf("accepted what is no JSON: %q", body)
		}
		for _, text := range req.Texts {
			if text == "" {
				t.Fatalf("accepted an empty text: %q", body)
			}
		}
	})
}
