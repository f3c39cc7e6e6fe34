package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/price"
)

func TestPricesAsAFileKeepTheDatesOfTheOperatorsRows(t *testing.T) {
	table, err := price.Read("prices.yaml", []byte("date: 2026-11-01\nprices: [{model: cohere.embed-v4:0, region: eu-west-1, usd_per_million_tokens: 0.1}]"))
	if err != nil {
		t.Fatal(err)
	}
	dates := func(t price.Table) map[string]string {
		out := map[string]string{}
		for _, r := range t.Rows() {
			out[r.Model+" "+r.Region] = r.Date
		}
		return out
	}
	text := pricesFile(pricesOf(table))
	again, err := price.Read("prices.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(dates(table), dates(again)); d != "" || strings.Count(text, "date:") != 2 {
		t.Errorf("%s\n%s", d, text)
	}
}
