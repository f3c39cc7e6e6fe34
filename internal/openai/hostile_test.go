package openai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
)

// hostile returns bodies of about the size, each made to cost as much as it can.
func hostile(size int) map[string]string {
	list := func(element string) string {
		return `{"model":"m","input":[` + strings.Repeat(element+",", size/(len(element)+1)) + element + `]}`
	}
	var names, escapedNames strings.Builder
	for i := 0; names.Len() < size; i++ {
		fmt.Fprintf(&names, `"%x":1,`, i)
		fmt.Fprintf(&escapedNames, `"\n%x":1,`, i)
	}
	long := strings.Repeat("y", size)
	return map[string]string{
		"empty texts":       list(`""`),
		"numbers":           list(`1`),
		"nulls":             list(`null`),
		"lists":             list(`[1]`),
		"objects":           list(`{}`),
		"half pairs":        list(`"\ud83d"`),
		"one null at last":  `{"model":"m","input":[` + strings.Repeat(`"a",`, size/4) + `null]}`,
		"unknown names":     "{" + names.String() + `"model":"m","input":"a"}`,
		"escaped names":     "{" + escapedNames.String() + `"model":"m","input":"a"}`,
		"a long name":       `{"model":"m","input":"a","` + long + `":1}`,
		"a long input_type": `{"model":"m","input":"a","encoding_format":"hex","input_type":"` + long + `"}`,
		"a long format":     `{"model":"m","input":"a","encoding_format":"` + long + `"}`,
		"a long number":     `{"model":"m","input":"a","dimensions":` + strings.Repeat("7", size) + `}`,
		"open brackets":     `{"model":"m","input":` + strings.Repeat("[", size),
		"no end":            `{"model":"m","input":["` + long,
	}
}

func TestABadBodyCostsLittleMemoryAndGetsAShortAnswer(t *testing.T) {
	const size = 1 << 20
	for name, body := range hostile(size) {
		raw := []byte(body)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parseEmbeddings(raw)
		runtime.ReadMemStats(&after)
		f := fault.From(err)
		if f == nil || f.Kind != fault.Invalid || len(f.Sentence()) > 4<<10 || len(f.Param) > 80 {
			t.Errorf("%s: %.200v", name, err)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 3*size {
			t.Errorf("%s: %d bytes were allocated for a body of %d", name, spent, size)
		}
	}
}

func TestComplaintsBeyondTwentyAreCounted(t *testing.T) {
	_, err := parseEmbeddings([]byte(`{"model":"m","input":[` + strings.Repeat(`"",`, 99) + `""],"truncate":1}`))
	if f := fault.From(err); f == nil || f.Param != "input[0]" || !strings.HasSuffix(f.Message, "; input[19] is an empty string; and 81 more") {
		t.Errorf("%v", err)
	}
}

func TestABodyThatSaysItIsTooLargeIsNotRead(t *testing.T) {
	api := New(Settings{Gateway: failing{}, MaxBody: 10})
	body := strings.NewReader(strings.Repeat("x", 11))
	r := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", body)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	api.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || body.Len() != 11 {
		t.Errorf("status %d, %d of 11 bytes left", w.Code, body.Len())
	}
}

func FuzzBodiesAreTakenApartAsTheStandardLibraryDoes(f *testing.F) {
	for _, seed := range []string{
		`{"model":"m","input":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, ` { "input" : [ "a" , "]" , "\\" ] , "user":{"a":["}"]} , "model" : "\u006d" } `,
		`{"inp\u0075t":["a\u005c"],"model":"m","dimensions":-1.5e3}`, `{"model":"m","input":"\\ud83d","user":null}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var want map[string]json.RawMessage
		var c complaints
		got, err := c.object([]byte(body))
		if err != nil || len(c.kept) > 0 {
			return
		}
		if err := json.Unmarshal([]byte(body), &want); err != nil || len(want) != len(got) {
			t.Fatalf("%q: %v, %d members, want %d", body, err, len(got), len(want))
		}
		for name, value := range want {
			if string(got[name]) != string(value) {
				t.Fatalf("%q: %s is %s, want %s", body, name, got[name], value)
			}
		}
		var texts []string
		if list := c.input(got["input"]); len(c.kept) == 0 && got["input"][0] == '[' {
			if err := json.Unmarshal(want["input"], &texts); err != nil || !cmp.Equal(list, texts) {
				t.Fatalf("%q: %q, want %q (%v)", body, list, texts, err)
			}
		}
	})
}

func BenchmarkHostileBodies(b *testing.B) {
	for name, body := range hostile(32 << 20) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parseEmbeddings([]byte(body)); err == nil {
					b.Fatal("it was accepted")
				}
			}
		})
	}
}
