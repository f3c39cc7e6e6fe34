package price_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
)

func TestDollarsAreReadExactly(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "40": 40_000_000_000, "0.02": 20_000_000, "0.135": 135_000_000, "0.000000001": 1, "00.10": 100_000_000,
		"1000000000": 1_000_000_000_000_000_000, "999999999.999999999": 999_999_999_999_999_999,
	} {
		if got, err := price.ParseUSD(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestWhatIsNoPlainDecimalIsNoAmount(t *testing.T) {
	for _, text := range []string{
		"", " ", "-1", "+1", ".5", "5.", ".", "1e3", "1,5", "1_000", "1 000", "$5", "5 USD", "0x10", "NaN", "Inf", "1.2.3", "٣", "1\x00",
		"0.0000000001", "1000000000.000000001", "1000000001", "9223372036854775808", strings.Repeat("9", 100),
	} {
		got, err := price.ParseUSD(text)
		if f := fault.From(err); err == nil || f.Kind != fault.Invalid || f.Code != "invalid_input" || f.Remedy == "" {
			t.Errorf("%q is taken for %d: %v", text, got, err)
		}
	}
}

func TestDollarsAreWrittenExactlyAndShortly(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 1: "0.000000001", 20_000_000: "0.02", 40_000_000_000: "40", 1_500_000_000: "1.5", -1_500_000_000: "-1.5", -1: "-0.000000001",
		math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808",
	} {
		if got := price.FormatUSD(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
}

func TestEveryAmountIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.Int64Range(0, price.MaxUSD*1_000_000_000).Draw(r, "billionths")
		text := price.FormatUSD(n)
		if got, err := price.ParseUSD(text); err != nil || got != n {
			r.Errorf("%d is written %q and read as %d, %v", n, text, got, err)
		}
	})
}

// What is read is what the text says as a rational number, and written it is the
// shortest text of that number.
func FuzzParseUSD(f *testing.F) {
	for _, seed := range []string{"40", "0.02", "00.10", "999999999.999999999", "1e3", "-1", ".5", "1.0000000000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := price.ParseUSD(text)
		if err != nil {
			return
		}
		said, ok := new(big.Rat).SetString(text)
		if !ok || said.Cmp(big.NewRat(n, 1_000_000_000)) != 0 {
			t.Fatalf("%q is read as %d", text, n)
		}
		short := price.FormatUSD(n)
		if again, err := price.ParseUSD(short); err != nil || again != n || len(short) > len(text) {
			t.Fatalf("%q is written %q", text, short)
		}
	})
}
