package price_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
)

func TestTheDateOfAPriceIsThatOfTheRowThatCounts(t *testing.T) {
	table := read(t, `
date: 2026-11-01
prices:
  - {model: amazon.titan-embed-text-v2:0, region: eu-west-1, usd_per_million_tokens: 1}
  - {model: cohere.embed-v4:0, usd_per_million_tokens: 1, date: 2026-11-15}
`)
	for _, c := range []struct{ model, region, want string }{
		{"amazon.titan-embed-text-v2:0", "eu-west-1", "2026-11-01"},
		{"amazon.titan-embed-text-v2:0", "us-east-1", price.Date},
		{"eu.cohere.embed-v4:0", "eu-west-1", "2026-11-15"},
		{"no model at all", "eu-west-1", ""},
	} {
		if row, _ := table.Nearest(c.model, c.region); row.Date != c.want {
			t.Errorf("the price of %s in %s is of %q, want %q", c.model, c.region, row.Date, c.want)
		}
	}
	_, err := price.Read("prices.yaml", []byte("date: 2026-11-01\nprices: [{model: cohere.embed-v4:0, usd_per_million_tokens: 1, date: soon}]"))
	if fault.From(err) == nil || fault.From(err).Code != "prices" {
		t.Errorf("a row's date may be anything: %v", err)
	}
}
