package price_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
)

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func read(t fataler, text string) price.Table {
	t.Helper()
	table, err := price.Read("prices.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

const overrides = `# what our contract says
date: 2026-11-01
prices:
  - model: amazon.titan-embed-text-v2:0
    region: eu-central-1
    usd_per_million_tokens: 0.024
  - model: arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3
    usd_per_million_tokens: "0.09"
  - model: global.cohere.embed-v4:0
    usd_per_million_tokens: 0.11
  - model: arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12cd34ef56
    usd_per_million_tokens: 7
  - model: amazon.nova-2-multimodal-embeddings-v1:0
    region: us-east-1
    usd_per_million_tokens: 0.2
  - model: amazon.nova-2-multimodal-embeddings-v1:0
    usd_per_million_tokens: 0.3
`

func TestTheOperatorsRowsComeBeforeTheBuiltInOnes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prices.yaml")
	if err := os.WriteFile(path, []byte("\ufeff"+overrides), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := price.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ id, region, want string }{
		{"amazon.titan-embed-text-v2:0", "eu-central-1", "0.024"},
		{"arn:aws:bedrock:eu-central-1::foundation-model/amazon.titan-embed-text-v2:0", "eu-central-1", "0.024"},
		{"amazon.titan-embed-text-v2:0", "us-east-1", "0.02"},
		{"amazon.titan-embed-text-v2:0", "", "0.02"},
		{"cohere.embed-english-v3", "us-east-1", "0.09"},
		{"cohere.embed-english-v3", "eu-west-1", "0.1"},
		{"cohere.embed-multilingual-v3", "us-east-1", "0.1"},
		{"global.cohere.embed-v4:0", "us-east-1", "0.11"},
		{"arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.cohere.embed-v4:0", "us-east-1", "0.11"},
		{"us.cohere.embed-v4:0", "us-east-1", "0.12"},
		{"arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12cd34ef56", "us-east-1", "7"},
		{"amazon.nova-2-multimodal-embeddings-v1:0", "us-east-1", "0.2"},
		{"amazon.nova-2-multimodal-embeddings-v1:0", "eu-north-1", "0.3"},
	} {
		if got, known := table.PerMillion(c.id, c.region); !known || price.FormatUSD(got) != c.want {
			t.Errorf("%s in %q costs %s (known: %v), want %s", c.id, c.region, price.FormatUSD(got), known, c.want)
		}
	}
	var theirs []price.Row
	for _, r := range table.Rows() {
		if r.Source == price.Operator {
			theirs = append(theirs, r)
		}
		if r.Source == price.BuiltIn && r.Model == "amazon.nova-2-multimodal-embeddings-v1:0" {
			t.Error("a row that was replaced is still there")
		}
	}
	if len(theirs) != 6 || theirs[0].Date != "2026-11-01" || table.Date() != price.Date {
		t.Errorf("the operator's rows: %+v", theirs)
	}
}

func TestThePriceOfAnARNHoldsInTheRegionOfTheARN(t *testing.T) {
	const model = "amazon.titan-embed-text-v2:0"
	const of = ":foundation-model/" + model
	table := read(t, `date: 2026-11-01
prices:
  - {model: "arn:aws:bedrock:eu-central-1:`+of+`", usd_per_million_tokens: 5}
  - {model: "arn:aws:bedrock:us-east-1:`+of+`", region: us-east-1, usd_per_million_tokens: 4}
  - {model: "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.cohere.embed-v4:0", usd_per_million_tokens: 3}
`)
	for _, c := range []struct{ id, region, want string }{
		{model, "eu-central-1", "5"}, {"arn:aws:bedrock:eu-central-1:" + of, "eu-central-1", "5"},
		{model, "us-east-1", "4"}, {model, "eu-north-1", "0.02"},
		{"eu.cohere.embed-v4:0", "eu-west-1", "3"}, {"eu.cohere.embed-v4:0", "eu-north-1", "0.12"}, {"cohere.embed-v4:0", "eu-west-1", "0.12"},
	} {
		if got, _ := table.PerMillion(c.id, c.region); price.FormatUSD(got) != c.want {
			t.Errorf("%s in %s costs %s, want %s", c.id, c.region, price.FormatUSD(got), c.want)
		}
	}
}

func TestAFileOfPricesMayBeJSON(t *testing.T) {
	table := read(t, `{"date": "2026-11-01", "prices": [{"model": "cohere.embed-v4:0", "usd_per_million_tokens": 0.5}, {"model": "cohere.embed-v4:0", "region": "us-east-1", "usd_per_million_tokens": "0.25"}]}`)
	for region, want := range map[string]int64{"us-east-1": 250, "eu-west-1": 500} {
		if got, _ := table.Cost("us.cohere.embed-v4:0", region, 1); got != want {
			t.Errorf("a token in %s costs %d, want %d", region, got, want)
		}
	}
}

func TestAllThatIsWrongWithAFileIsToldAtOnceWithItsLines(t *testing.T) {
	for name, c := range map[string]struct {
		file  string
		tells []string
	}{
		"everything": {`date: tomorrow
prize: 1
prices:
  - model: amazon.titan-embed-txt-v2:0
    usd_per_million_tokens: 0.02
  - region: Frankfurt
    usd_per_million_tokens: -1
  - model: cohere.embed-v4:0
  - model: "no model"
    usd_per_million_tokens: [1]
    currency: EUR
  - just text
  - {model: cohere.embed-english-v3, region: us-east-1,
     usd_per_million_tokens: 1}
  - model: arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3
    usd_per_million_tokens: 1
  - model: cohere.embed-multilingual-v3
    model: cohere.embed-multilingual-v3
    usd_per_million_tokens:
`, []string{
			"line 1: date:", "line 2: unknown key \"prize\"", "line 4: model: Adit knows no embedding model", "Did you mean amazon.titan-embed-text-v2:0?",
			"line 6: model: is missing", "line 6: region:", "line 7: usd_per_million_tokens: this is not an amount", "line 8: usd_per_million_tokens: is missing",
			"line 9: model: \"no model\" is no Bedrock model id", "line 10: usd_per_million_tokens: must be a single value", "line 11: unknown key \"currency\"",
			"line 12: this row is not a mapping", "line 15: the price of cohere.embed-english-v3 us-east-1 is already on line 13", "line 18: model: is given twice",
			"line 19: usd_per_million_tokens: has no value",
		}},
		"regions that are not the ARN's": {`date: 2026-11-01
prices:
  - model: arn:aws:bedrock:eu-west-1::foundation-model/cohere.embed-v4:0
    region: us-east-1
    usd_per_million_tokens: 1
  - model: arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12cd34ef56
    region: eu-west-1
    usd_per_million_tokens: 1
`, []string{"line 4: region: \"us-east-1\" is not that of the ARN, eu-west-1", "line 7: region: \"eu-west-1\" is not that of the ARN, us-east-1"}},
		"nothing":          {"", []string{"it is empty"}},
		"a comment":        {"# prices", []string{"it is empty"}},
		"a list":           {"- 1", []string{"line 1: it is not a mapping"}},
		"no date":          {"prices:\n  - model: cohere.embed-v4:0\n    usd_per_million_tokens: 1", []string{"line 1: date: is missing"}},
		"no prices":        {"date: 2026-11-01", []string{"line 1: prices: is missing"}},
		"prices of no row": {"date: 2026-11-01\nprices: []", []string{"line 2: prices: must be a list"}},
		"two documents":    {overrides + "---\n" + overrides, []string{"a second YAML document"}},
		"a tab":            {"date: 2026-11-01\nprices:\n\t- model: x", []string{"line 3: this is not valid YAML"}},
		"an alias":         {"date: &d 2026-11-01\nprices: *d", []string{"date: must be a single value", "prices: must be a list"}},
		"an exponent":      {"date: 2026-11-01\nprices: [{model: cohere.embed-v4:0, usd_per_million_tokens: 2e-2}]", []string{"usd_per_million_tokens: this is not an amount"}},
		"ten decimals":     {"date: 2026-11-01\nprices: [{model: cohere.embed-v4:0, usd_per_million_tokens: 0.0000000001}]", []string{"nine decimal places"}},
		"bytes":            {"date: \xff", []string{"not UTF-8"}},
		"too much":         {strings.Repeat("#", 300<<10), []string{"larger than"}},
		"too many parts":   {"prices: [" + strings.Repeat("1,", 30_000) + "1]", []string{"parts"}},
		"many faults":      {"date: 2026-11-01\nprices:\n" + strings.Repeat("  - 1\n", 80), []string{"line 52: this row", "and 30 more"}},
	} {
		_, err := price.Read("prices.yaml", []byte(c.file))
		f := fault.From(err)
		if err == nil || f.Kind != fault.Config || f.Code != "prices" || !strings.Contains(f.Message, "prices.yaml") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.tells {
			if !strings.Contains(f.Message, want) {
				t.Errorf("%s: %q is not told: %s", name, want, f.Message)
			}
		}
		if found := strings.Count(f.Message, "line "); name == "everything" && found != 14+1 { // one names another line
			t.Errorf("%d faults are told, not 14: %s", found-1, f.Message)
		}
	}
	if _, err := price.Load(filepath.Join(t.TempDir(), "missing.yaml")); fault.KindOf(err) != fault.Config {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A file that is taken changes nothing but what it names, and one that is not is
// refused with words; neither breaks the reader.
func FuzzRead(f *testing.F) {
	f.Add(overrides)
	f.Add(`{"date": "2026-11-01", "prices": [{"model": "cohere.embed-v4:0", "usd_per_million_tokens": 0.5}]}`)
	f.Add("date: &d [*d]\n<<: *d\n? a\n: b")
	f.Add("prices:\n  -\n  - !!map {}\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := price.Read("prices.yaml", []byte(text))
		if err != nil {
			if f := fault.From(err); f.Kind != fault.Config || f.Message == "" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		theirs := 0
		for _, r := range table.Rows() {
			if r.Source == price.Operator {
				theirs++
			}
			if got, known := table.PerMillion(r.Model, r.Region); !known || got != r.PerMillion {
				t.Fatalf("%+v is found as %d, %v", r, got, known)
			}
		}
		if theirs == 0 {
			t.Fatal("a file without a row was taken")
		}
		if d := cmp.Diff(table.Rows(), read(t, text).Rows()); d != "" {
			t.Fatal(d)
		}
	})
}
