package price_test

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/price"
)

const account = "111122223333"

func TestEveryFamilyHasAPrice(t *testing.T) {
	table := price.Builtin()
	n := 0
	for _, f := range model.Families() {
		for _, id := range f.IDs {
			n++
			got, known := table.PerMillion(id, "us-east-1")
			if !known || strconv.FormatFloat(f.USDPerMillionTokens, 'f', -1, 64) != price.FormatUSD(got) {
				t.Errorf("%s costs %s (known: %v), and its family says %v", id, price.FormatUSD(got), known, f.USDPerMillionTokens)
			}
		}
	}
	rows := table.Rows()
	if len(rows) != n || table.Date() != "2026-09-30" {
		t.Errorf("%d rows of %s, want %d", len(rows), table.Date(), n)
	}
	for _, r := range rows {
		if r.Source != price.BuiltIn || r.Date != table.Date() || r.Region != "" {
			t.Errorf("%+v", r)
		}
	}
	if !slices.IsSortedFunc(rows, func(a, b price.Row) int {
		return slices.Compare([]string{a.Model, a.Region}, []string{b.Model, b.Region})
	}) {
		t.Error("the rows are in no order")
	}
}

func TestEverySpellingOfAModelHasItsPrice(t *testing.T) {
	table := price.Builtin()
	const titan, cohere = 20, 120 // billionths a token
	for id, want := range map[string]int64{
		"amazon.titan-embed-text-v2:0": titan,
		"cohere.embed-v4:0":            cohere,
		"us.cohere.embed-v4:0":         cohere,
		"eu.cohere.embed-v4:0":         cohere,
		"apac.cohere.embed-v4:0":       cohere,
		"global.cohere.embed-v4:0":     cohere,
		"us-gov.cohere.embed-v4:0":     cohere,
		"arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0":                         titan,
		"arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0":              titan,
		"arn:aws:bedrock:us-east-1:" + account + ":inference-profile/us.cohere.embed-v4:0":                 cohere,
		"arn:aws:bedrock:eu-west-1:" + account + ":inference-profile/global.cohere.embed-v4:0":             cohere,
		"arn:aws:bedrock:us-east-1:" + account + ":application-inference-profile/ab12cd34ef56":             -1,
		"arn:aws:bedrock:us-east-1:" + account + ":provisioned-model/ab12cd34ef56":                         -1,
		"arn:aws:bedrock:us-east-1:" + account + ":custom-model/amazon.titan-embed-text-v2:0/ab12cd34ef56": -1,
		"arn:aws:sagemaker:us-east-1:" + account + ":endpoint/my-endpoint":                                 -1,
		"anthropic.claude-v2": -1, "no model at all": -1, "": -1, "us.": -1,
	} {
		got, known := table.Cost(id, "eu-central-1", 1000)
		if known != (want >= 0) || known && got != 1000*want {
			t.Errorf("1000 tokens of %q cost %d (known: %v), want %d", id, got, known, 1000*want)
		}
	}
	if _, known := (price.Table{}).Cost("cohere.embed-v4:0", "", 1); known {
		t.Error("a table without rows knows a price")
	}
}

func TestACostIsRoundedOnceAHalfUp(t *testing.T) {
	table := read(t, `
date: 2026-11-01
prices:
  - {model: cohere.embed-v4:0, usd_per_million_tokens: 0.0005}
  - {model: cohere.embed-english-v3, usd_per_million_tokens: 0.000499999}
  - {model: cohere.embed-multilingual-v3, usd_per_million_tokens: 1000000000}
  - {model: amazon.titan-embed-image-v1, usd_per_million_tokens: 0}
`)
	for _, c := range []struct {
		id           string
		tokens, want int64
	}{
		{"cohere.embed-v4:0", 1, 1}, // 0.5
		{"cohere.embed-v4:0", 2, 1}, // 1.0, where rounding each would make 2
		{"cohere.embed-v4:0", 3, 2}, // 1.5
		{"cohere.embed-v4:0", 0, 0},
		{"cohere.embed-v4:0", -5, 0},
		{"cohere.embed-english-v3", 1, 0},
		{"cohere.embed-multilingual-v3", 1, 1_000_000_000_000},
		{"cohere.embed-multilingual-v3", 10_000_000, math.MaxInt64}, // more than there is
		{"cohere.embed-multilingual-v3", math.MaxInt64, math.MaxInt64},
		{"cohere.embed-v4:0", math.MaxInt64, 4611686018427387904},
		{"amazon.titan-embed-image-v1", math.MaxInt64, 0},
	} {
		if got, known := table.Cost(c.id, "us-east-1", c.tokens); got != c.want || !known {
			t.Errorf("%d tokens of %s cost %d, want %d", c.tokens, c.id, got, c.want)
		}
	}
}

func TestCostsAreWhatArithmeticWithoutBoundsSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		perMillion := rapid.Int64Range(0, price.MaxUSD*1_000_000_000).Draw(r, "price")
		tokens := rapid.OneOf(rapid.Int64Range(0, 1_000_000), rapid.Int64Min(0)).Draw(r, "tokens")
		table := read(r, "date: 2026-11-01\nprices: [{model: cohere.embed-v4:0, usd_per_million_tokens: "+price.FormatUSD(perMillion)+"}]")
		got, _ := table.Cost("cohere.embed-v4:0", "us-east-1", tokens)
		want := new(big.Int).Mul(big.NewInt(tokens), big.NewInt(perMillion))
		want.Add(want, big.NewInt(500_000)).Div(want, big.NewInt(1_000_000))
		if !want.IsInt64() {
			want.SetInt64(math.MaxInt64)
		}
		if got != want.Int64() {
			r.Errorf("%d tokens at %d a million cost %d, want %v", tokens, perMillion, got, want)
		}
	})
}

func BenchmarkCost(b *testing.B) {
	table := price.Builtin()
	for _, id := range []string{"amazon.titan-embed-text-v2:0", "us.cohere.embed-v4:0", "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"} {
		b.Run(id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Cost(id, "us-east-1", 1000)
			}
		})
	}
}
