package emulator_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
)

// BenchmarkInvoke measures what the emulator itself costs, with a bearer token
// so that no client-side signing is in the figure.
func BenchmarkInvoke(b *testing.B) {
	e, err := emulator.New()
	if err != nil {
		b.Fatal(err)
	}
	if err := e.AddBearerToken(emulator.BearerToken{Token: "t", Policies: e.DefaultKey().Policies}); err != nil {
		b.Fatal(err)
	}
	text := `"` + strings.Repeat("a level passage into a mine ", 10) + `"`
	for _, c := range []struct{ name, model, body string }{
		{"titan-v2", "amazon.titan-embed-text-v2:0", `{"inputText":` + text + `}`},
		{"cohere-96", "cohere.embed-english-v3", `{"input_type":"search_document","texts":[` + strings.TrimSuffix(strings.Repeat(text+",", 96), ",") + `]}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				req, _ := http.NewRequest(http.MethodPost, "http://aws/model/"+c.model+"/invoke", bytes.NewReader([]byte(c.body)))
				req.Header.Set("Authorization", "Bearer t")
				resp, err := e.Transport().RoundTrip(req)
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Fatal(resp, err)
				}
				n, _ := io.Copy(io.Discard, resp.Body)
				b.SetBytes(n)
			}
		})
	}
}
