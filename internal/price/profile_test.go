package price_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/price"
)

func TestAPriceIsThatOfTheRegionAndOfTheModelBehindAName(t *testing.T) {
	const titan, cohere = "amazon.titan-embed-text-v2:0", "cohere.embed-v4:0"
	table, err := price.Read("prices.yaml", []byte(`date: 2026-11-01
prices:
  - {model: "`+titan+`", usd_per_million_tokens: "1"}
  - {model: "`+titan+`", region: eu-west-1, usd_per_million_tokens: "2"}
  - {model: "us.`+cohere+`", usd_per_million_tokens: "3"}
  - {model: "`+cohere+`", region: eu-west-1, usd_per_million_tokens: "5"}
  - {model: "`+cohere+`", usd_per_million_tokens: "4"}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		model, region string
		want          int64 // of a million tokens
	}{
		{titan, "us-east-1", 1e9}, {titan, "eu-west-1", 2e9}, {"eu." + titan, "eu-west-1", 2e9},
		{"arn:aws:bedrock:eu-west-1::foundation-model/" + titan, "eu-west-1", 2e9},
		{"us." + cohere, "us-east-1", 3e9}, {cohere, "eu-west-1", 5e9}, {cohere, "us-east-1", 4e9}, {"eu." + cohere, "us-east-1", 4e9},
		{"a.other", "eu-west-1", 0}, {"titan-embed-text-v2:0", "", 0},
	} {
		if got, known := table.Cost(c.model, c.region, 1_000_000); got != c.want || known != (c.want > 0) {
			t.Errorf("%s in %s: %d, %v", c.model, c.region, got, known)
		}
	}
}
