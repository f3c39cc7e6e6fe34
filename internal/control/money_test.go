package control

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
)

func TestMoneyIsWrittenAsAnExactDecimal(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 1: "0.000000001", 20_000: "0.00002", nano: "1", 41_500_000_000: "41.5", -1: "-0.000000001", -3 * nano: "-3",
		math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808",
	} {
		if got := usd(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if bound(0) != "" || bound(nano) != "1" {
		t.Error("no bound is not a bound of 0")
	}
}

func TestMoneyThatIsReadIsWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.Int64Range(0, 999_999_999*int64(nano)).Draw(r, "n")
		var f fault.Inputs
		if got := nanos(&f, "hard_usd", usd(n)); got != n || len(f) > 0 {
			r.Fatalf("%s: %d %v", usd(n), got, f)
		}
	})
}

func TestWhatIsNoAmountIsAFaultOfItsField(t *testing.T) {
	for _, text := range []string{
		"-1", "+1", " 1", "1 ", "1,5", "1.", ".5", "1.2.3", "1e3", "0x10", "NaN", "Inf", "€5", "1_000", "1000000000", "0.0000000001", "٣", "1\x00", "$5",
	} {
		var f fault.Inputs
		if got := nanos(&f, "hard_usd", text); got != 0 || len(f) != 1 || fault.From(f[0]).Param != "hard_usd" {
			t.Errorf("%q: %d %v", text, got, f)
		}
	}
}
