package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestEmbeddingNamesOnlyPricesThatTheServerCountsBy(t *testing.T) {
	const titan, cohere = "amazon.titan-embed-text-v2:0", "cohere.embed-v4:0"
	table := fmt.Sprintf(`{"items":[{"model":%q,"usd_per_million_tokens":"0.05"},{"model":%q,"usd_per_million_tokens":"1"},{"model":%q,"region":"eu-west-1","usd_per_million_tokens":"2"}]}`, titan, cohere, cohere)
	for _, c := range []struct {
		table, id, family string
		want              float64
	}{
		{"", titan, "titan-text-v2", 0.02},
		{"", "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/ab12cd34ef56", "titan-text-v2", 0},
		{"", "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12cd34ef56", "titan-text-v2", 0},
		{"", "arn:aws:bedrock:us-east-1::foundation-model/" + titan, "titan-text-v2", 0.02},
		{table, titan, "titan-text-v2", 0.05},
		{table, cohere, "cohere-v4", 0}, // which region's, the client does not know
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"data":[{"id":"m","bedrock_id":%q,"family":%q}]}`, c.id, c.family)
		})
		if c.table != "" {
			mux.HandleFunc("GET /api/v1/prices", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.table) })
		}
		s := httptest.NewServer(mux)
		client := &embedClient{base: s.URL, http: s.Client()}
		if err := (&embedCmd{}).choose(t.Context(), client); err != nil || client.price != c.want {
			t.Errorf("a million tokens of %s cost %v (%v), want %v", c.id, client.price, err, c.want)
		}
		s.Close()
	}
}
